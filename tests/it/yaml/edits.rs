//! Edits of YAML: every byte that was not meant stays, and what is read afterwards is the edited value.

use super::odd;
use super::odd::Dice;
use fluxr::testing::text::yaml::edit::Manifest;
use fluxr::testing::text::yaml::edit::NotEditable;
use fluxr::testing::text::yaml::edit::Step;
use fluxr::testing::text::yaml::edit::keys;
use serde_json::Value;
use serde_json::json;

fn manifest(text: &str) -> Manifest {
    Manifest::parse(text, "app.yaml").unwrap()
}

#[track_caller]
fn set(text: &str, path: &[Step], value: Value) -> String {
    manifest(text).set(0, path, &value).unwrap().text().to_owned()
}

const RELEASE: &str = "\
# The shop, see wiki
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease   # v2
metadata:
    name: \"shop\"
    labels: {team: web}

spec:
    # every so often
    interval: 10m
    chart:
        spec:
            version: '1.2.3' # renovate
    dependsOn:
      - name: db
      # the cache comes later
      - name: cache # soon
";

#[test]
fn a_value_is_replaced_in_its_quotes_and_its_comment_stays() {
    let path = keys(["spec", "chart", "spec", "version"]);
    let edited = set(RELEASE, &path, json!("2.0.0"));
    assert_eq!(edited, RELEASE.replace("'1.2.3'", "'2.0.0'"));
    assert_eq!(set(RELEASE, &path, json!("1.2.3")), RELEASE, "the same value changes nothing");
}

#[test]
fn a_new_field_is_written_as_its_neighbours_are() {
    let edited = set(RELEASE, &keys(["spec", "suspend"]), json!(true));
    assert_eq!(edited, format!("{RELEASE}    suspend: true\n"));
    let edited = set(RELEASE, &keys(["metadata", "labels", "app"]), json!("yes"));
    assert_eq!(edited, RELEASE.replace("{team: web}", "{team: web, app: \"yes\"}"));
    let edited = set(RELEASE, &keys(["metadata", "annotations", "a/b"]), json!("c"));
    let wanted = "    labels: {team: web}\n    annotations:\n        a/b: c\n";
    assert_eq!(edited, RELEASE.replace("    labels: {team: web}\n", wanted));
    let edited = set(RELEASE, &keys(["spec", "values"]), json!({"list": [{"a": 1, "b": [2]}]}));
    let added = "    values:\n        list:\n          - a: 1\n            b:\n              - 2\n";
    assert_eq!(edited, format!("{RELEASE}{added}"));
}

#[test]
fn an_item_is_added_and_removed_with_its_line() {
    let path = keys(["spec", "dependsOn"]);
    let edited = manifest(RELEASE).append(0, &path, &json!({"name": "queue", "namespace": "x"})).unwrap();
    assert_eq!(edited.text(), format!("{RELEASE}      - name: queue\n        namespace: x\n"));
    let item = |at: usize| [path.clone(), vec![Step::Item(at)]].concat();
    let edited = edited.remove(0, &item(2)).unwrap();
    assert_eq!(edited.text(), RELEASE);
    let edited = edited.remove(0, &item(1)).unwrap();
    assert_eq!(edited.text(), RELEASE.replace("      - name: cache # soon\n", ""));
    let edited = edited.remove(0, &item(0)).unwrap();
    assert!(edited.text().contains("    dependsOn: []\n"), "{}", edited.text());
}

#[test]
fn line_ends_and_a_missing_one_at_the_end_are_kept() {
    let text = "resources:\r\n- a.yaml # one\r\n- b.yaml";
    let edited = manifest(text).append(0, &keys(["resources"]), &json!("c.yaml")).unwrap();
    assert_eq!(edited.text(), "resources:\r\n- a.yaml # one\r\n- b.yaml\r\n- c.yaml");
    let back = edited.remove(0, &[keys(["resources"]), vec![Step::Item(2)]].concat()).unwrap();
    assert_eq!(back.text(), text);
    let edited = set(text, &keys(["namespace"]), json!("x"));
    assert_eq!(edited, format!("{text}\r\nnamespace: x"));
    assert_eq!(
        manifest(text).add_document(&json!({"a": {"b": 1}})).unwrap().text(),
        format!("{text}\r\n---\r\na:\r\n  b: 1\r\n")
    );
}

#[test]
fn a_document_goes_and_the_others_stay() {
    let text = "# licence\n---\n# one\na: 1\n---\nb: 2 # two\n--- # third\nc: 3\n";
    let without = |at: usize| manifest(text).remove_document(at).unwrap().text().to_owned();
    assert_eq!(without(0), "# licence\n---\nb: 2 # two\n--- # third\nc: 3\n");
    assert_eq!(without(1), "# licence\n---\n# one\na: 1\n--- # third\nc: 3\n");
    assert_eq!(without(2), "# licence\n---\n# one\na: 1\n---\nb: 2 # two\n");
    assert_eq!(manifest(text).line(1), 6);
    assert!(manifest("a: 1\n").remove_document(0).unwrap().is_empty());
}

#[test]
fn empty_places_are_filled() {
    for (text, wanted) in [
        ("spec:\n", "spec:\n  suspend: true\n"),
        ("spec: {} # none\n", "spec: # none\n  suspend: true\n"),
        ("spec: # all\n  a: 1\n", "spec: # all\n  a: 1\n  suspend: true\n"),
        ("spec: ~\nz: 1\n", "spec:\n  suspend: true\nz: 1\n"),
        ("{\"spec\": {\"a\": 1}}\n", "{\"spec\": {\"a\": 1, \"suspend\": true}}\n"),
        (
            "{\n  \"spec\": {\n    \"a\": 1\n  }\n}\n",
            "{\n  \"spec\": {\n    \"a\": 1,\n    \"suspend\": true\n  }\n}\n",
        ),
        ("- x\n", ""),
    ] {
        match manifest(text).set(0, &keys(["spec", "suspend"]), &json!(true)) {
            Ok(edited) => assert_eq!(edited.text(), wanted),
            Err(error) => {
                assert_eq!((wanted, error.to_string().contains("is a list")), ("", true), "{error}")
            }
        }
    }
}

#[test]
fn what_an_edit_could_break_is_refused_with_its_line() {
    let refused = |text: &str, path: &[Step]| -> NotEditable {
        manifest(text).set(0, path, &json!("new")).unwrap_err()
    };
    for (text, path, message) in [
        (
            "a: 1\nspec: &s\n  b: 1\nc: *s\n",
            keys(["spec", "b"]),
            "app.yaml, line 2: .spec has the anchor or tag \"&s\"",
        ),
        ("x: &s {b: 1}\nspec: *s\n", keys(["spec", "b"]), "line 2: .spec is an alias"),
        ("x: &s {b: 1}\nspec:\n  <<: *s\n", keys(["spec", "b"]), "line 3: .spec is merged"),
        ("spec: {b: 1}\nspec: {b: 2}\n", keys(["spec", "b"]), "line 2: .spec is written more than once"),
        (
            "spec:\n  b: ${VALUE}\n",
            keys(["spec", "b"]),
            "line 2: .spec.b is a variable or a template (\"${VALUE}\")",
        ),
        ("spec: {b: 1}\nsops:\n  mac: x\n", keys(["spec", "b"]), "line 1: the file is encrypted by SOPS"),
        ("spec: text\n", keys(["spec", "b"]), "line 1: .spec is a scalar, not a mapping"),
        ("spec: {\n  b: 1 # last\n}\n", keys(["spec", "c"]), "line 2: .spec.c is laid out"),
    ] {
        let error = refused(text, &path);
        assert!(error.to_string().contains(message), "{error}");
    }
    let error = manifest("a: 1\n").remove(0, &keys(["b"])).unwrap_err();
    assert_eq!(error.to_string(), "app.yaml, line 1: there is no .b");
}

#[test]
fn a_value_is_brought_to_another_by_the_lines_that_differ() {
    let mut wanted = manifest(RELEASE).documents().next().unwrap().clone();
    wanted["spec"]["interval"] = json!("5m");
    wanted["spec"]["chart"]["spec"]["chart"] = json!("shop");
    wanted["metadata"]["labels"] = Value::Null;
    wanted["spec"]["dependsOn"][1] = json!({"name": "cache", "namespace": "web"});
    wanted["metadata"].as_object_mut().unwrap().remove("labels");
    let edited = manifest(RELEASE).merge(0, &[], &wanted).unwrap();
    let expected = RELEASE
        .replace("interval: 10m", "interval: 5m")
        .replace("'1.2.3' # renovate\n", "'1.2.3' # renovate\n            chart: shop\n")
        .replace("    labels: {team: web}\n", "")
        .replace("cache # soon\n", "cache # soon\n        namespace: web\n");
    assert_eq!(edited.text(), expected);
}

/// A file as people write it, by chance: indentation, comments, quotes, empty lines, line ends.
fn written(dice: &mut Dice) -> String {
    let (step, dash) = (2 + 2 * dice.below(2), 2 * dice.below(2));
    let mut text = String::new();
    for number in 0..=dice.below(3) {
        if number > 0 || dice.one_in(2) {
            text.push_str(dice.pick(&["---\n", "--- # next\n", "# before\n---\n"]));
        }
        mapping(dice, &mut text, 0, step, dash, 3);
    }
    if dice.one_in(4) {
        text.pop();
    }
    if dice.one_in(4) { text.replace('\n', "\r\n") } else { text }
}

const SCALARS: &[&str] =
    &["one", "'two'", "\"three\"", "4", "true", "10m", "a b", "'a: b'", "null", "ünï", "1.5"];

fn mapping(dice: &mut Dice, text: &mut String, column: usize, step: usize, dash: usize, deep: usize) {
    for number in 0..=dice.below(4) {
        if dice.one_in(5) {
            text.push_str(&format!("{}# note {number}\n", " ".repeat(column)));
        }
        text.push_str(&format!("{}{}{number}:", " ".repeat(column), dice.pick(&["key", "a", "z"])));
        below(dice, text, column, step, dash, deep);
        if dice.one_in(8) {
            text.push('\n');
        }
    }
}

fn below(dice: &mut Dice, text: &mut String, column: usize, step: usize, dash: usize, deep: usize) {
    match dice.below(if deep == 0 { 4 } else { 8 }) {
        0 => text.push_str(&format!(" {} # why\n", dice.pick(SCALARS))),
        1 => text.push_str(dice.pick(&[" [a, 'b']\n", " {a: 1, b: [c]}\n", " {}\n", " []\n", "\n"])),
        2 => {
            let margin = " ".repeat(column + step);
            text.push_str(&format!(
                " {}\n{margin}lines\n\n{margin}more\n",
                dice.pick(&["|", ">-", "|+", "|-"])
            ));
        }
        3 => text.push_str(&format!(" {}\n", dice.pick(SCALARS))),
        4 | 5 => {
            text.push_str(dice.pick(&["\n", " # inner\n"]));
            mapping(dice, text, column + step, step, dash, deep - 1);
        }
        _ => {
            text.push('\n');
            for _ in 0..=dice.below(3) {
                text.push_str(&format!("{}- ", " ".repeat(column + dash)));
                if dice.one_in(2) {
                    text.push_str(&format!("{} # item\n", dice.pick(SCALARS)));
                } else {
                    let mut inner = String::new();
                    mapping(dice, &mut inner, column + dash + 2, step, dash, deep - 1);
                    // There cannot be a comment before the first key of an item.
                    let inner = inner.trim_start();
                    let inner = if inner.starts_with('#') { "plain\n" } else { inner };
                    text.push_str(inner);
                }
            }
        }
    }
}

/// A way to some node of a value.
fn way(dice: &mut Dice, value: &Value) -> Vec<Step> {
    let mut path = Vec::new();
    let mut at = value;
    loop {
        match at {
            Value::Object(fields) if !fields.is_empty() => {
                let key = fields.keys().nth(dice.below(fields.len())).unwrap();
                path.push(Step::Key(key.clone()));
                at = &fields[key];
            }
            Value::Array(items) if !items.is_empty() => {
                let item = dice.below(items.len());
                path.push(Step::Item(item));
                at = &items[item];
            }
            _ => return path,
        }
        if dice.one_in(3) {
            return path;
        }
    }
}

fn at<'v>(root: &'v mut Value, path: &[Step]) -> &'v mut Value {
    path.iter().fold(root, |value, step| match step {
        Step::Key(key) => &mut value[key.as_str()],
        Step::Item(item) => &mut value[*item],
    })
}

/// Whether all lines of the one are in the other, in their order.
fn are_within(lines: &str, of: &str) -> bool {
    let mut others = of.lines();
    lines.lines().all(|line| others.any(|other| other == line))
}

/// Does an edit to text and value, by chance; what should be read, and whether lines only came or only went.
fn edit(
    dice: &mut Dice,
    before: &Manifest,
    document: usize,
    path: &[Step],
) -> (Result<Manifest, NotEditable>, Value, &'static str) {
    let mut value = before.documents().nth(document).unwrap().clone();
    let new = [json!("new"), json!(7), json!({"x": ["y: z", {}]}), json!(["i", {"j": "k"}]), json!("l\nm\n")];
    let new = &new[dice.below(new.len())];
    let target = at(&mut value, path);
    if dice.one_in(4) {
        let edited = before.remove(document, path);
        let (last, above) = path.split_last().unwrap();
        let parent = at(&mut value, above);
        let is_alone = match (last, parent) {
            (Step::Key(key), Value::Object(fields)) => (fields.remove(key), fields.is_empty()).1,
            (Step::Item(item), Value::Array(items)) => (items.remove(*item), items.is_empty()).1,
            _ => unreachable!("the way leads through collections"),
        };
        return (edited, value, if is_alone { "any" } else { "went" });
    }
    match target {
        Value::Array(items) if dice.one_in(2) => {
            let kind = if items.is_empty() { "any" } else { "came" };
            items.push(new.clone());
            (before.append(document, path, new), value, kind)
        }
        Value::Object(fields) if dice.one_in(2) => {
            let kind = if fields.is_empty() { "any" } else { "came" };
            fields.insert("new".to_owned(), new.clone());
            (before.set(document, &[path, &keys(["new"])].concat(), new), value, kind)
        }
        target => {
            *target = new.clone();
            (before.set(document, path, new), value, "any")
        }
    }
}

#[test]
fn edited_files_read_as_the_edited_values_and_keep_all_other_lines() {
    let (mut done, mut refused) = (0, Vec::new());
    for seed in 0..6000 {
        let dice = &mut Dice::new(seed);
        let text = written(dice);
        let before = manifest(&text);
        let document = dice.below(before.documents().count());
        let path = way(dice, before.documents().nth(document).unwrap());
        let (edited, value, kind) = edit(dice, &before, document, &path);
        let edited = match edited {
            Ok(edited) => edited,
            // Nothing would be left of it.
            Err(error) if error.to_string().contains("the document is laid out") => continue,
            Err(error) => {
                refused.push(format!("{error}\n{text}"));
                continue;
            }
        };
        done += 1;
        let mut wanted: Vec<Value> = before.documents().cloned().collect();
        wanted[document] = value;
        let shown = format!("seed {seed}, {path:?}:\n{text}\n== became ==\n{}", edited.text());
        assert!(edited.documents().eq(&wanted), "{shown}");
        let is_flow = edited.text().lines().count() == text.lines().count();
        match kind {
            "came" if !is_flow => assert!(are_within(&text, edited.text()), "{shown}"),
            "went" if !is_flow => {
                // The entry after one that shares its line with a dash moves there.
                let moved = |text: &str| text.replace("- ", "  ");
                assert!(are_within(&moved(edited.text()), &moved(&text)), "{shown}");
            }
            _ => {}
        }
        let bare = edited.text().replace("\r\n", "");
        let foreign = if text.contains("\r\n") { '\n' } else { '\r' };
        assert!(!bare.contains(foreign), "{shown}");
    }
    let shown = refused.iter().take(5).cloned().collect::<Vec<_>>().join("\n====\n");
    assert!(refused.len() * 20 < done, "{} of {done} were refused, e.g.\n{shown}", refused.len());
}

#[test]
fn odd_documents_are_edited_or_refused_but_never_broken() {
    let mut done = 0;
    for seed in 0..3000 {
        let text = odd::document(seed);
        let Ok(before) = Manifest::parse(text.as_str(), "odd.yaml") else { continue };
        let dice = &mut Dice::new(seed);
        for document in 0..before.documents().count() {
            let path = way(dice, before.documents().nth(document).unwrap());
            if path.is_empty() {
                continue;
            }
            let (edited, value, _) = edit(dice, &before, document, &path);
            if let Ok(edited) = edited {
                done += 1;
                assert_eq!(edited.documents().nth(document), Some(&value), "seed {seed}:\n{text}");
            }
        }
    }
    assert!(done > 500, "only {done} edits were made");
}
