//! Names, kinds and keys that no one would choose, and objects that change meanwhile.

use super::Stage;
use super::WARNING;
use super::config_map;
use crate::support::Fault;
use serde_json::json;

#[test]
fn names_kinds_and_keys_do_not_break_out_of_a_comment_either() {
    let stage = Stage::with(json!({}));
    let odd = "a`b</code></summary></details>\n```\n# A heading\n@everyone | <b>";
    let mut object = config_map("a", "1");
    object["data"] = json!({ odd: "1" });
    object["metadata"]["annotations"] = json!({ odd: odd });
    stage.write("apps/a.yaml", &object);
    stage.write("apps/b.yaml", &config_map(odd, "1"));
    stage.write(
        "apps/c.yaml",
        &json!({"apiVersion": "v1", "kind": odd, "metadata": {"name": odd, "namespace": "web"}}),
    );
    stage.live(config_map("d", "1"), "apps");
    let mut drifted = config_map("d", "1");
    drifted["data"] = json!({ odd: "2" });
    stage.write("apps/d.yaml", &drifted);
    let run = stage.cli.run(&["diff", "ks", "apps", "--path=apps", "-o", "markdown"]);
    let (mut fence, mut fences) = (None, 0);
    for line in run.out.lines() {
        let ticks = line.chars().take_while(|letter| *letter == '`').count();
        match fence {
            Some(length) if ticks >= length && line.len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 => (fence, fences) = (Some(ticks), fences + 1),
            None => {
                assert!(!line.starts_with("# ") && !line.starts_with("@everyone"), "{line}\n{}", run.out);
                let closing = line.matches("</summary>").count() + line.matches("</details>").count();
                assert!(closing <= 1 && !line.contains("<b>"), "{line}\n{}", run.out);
            }
        }
    }
    // One for what is created, one for what has drifted, two for what failed.
    assert_eq!((fence, fences), (None, 4), "{}", run.out);
    let outside = |mark: &str| run.out.lines().filter(|line| line.starts_with(mark)).count();
    assert_eq!((outside("<details>"), outside("</details>")), (2, 2), "{}", run.out);
}

#[test]
fn an_object_that_changes_while_it_is_compared_is_looked_at_again() {
    let stage = Stage::with(json!({}));
    stage.live(config_map("a", "1"), "apps");
    stage.write("apps/a.yaml", &config_map("a", "2"));
    let mut before = stage.server.get("ConfigMap", "web", "a").unwrap();
    before["metadata"]["resourceVersion"] = json!("1");
    before["data"]["a"] = json!("0");
    let tried = || stage.server.requests().iter().filter(|line| line.starts_with("PATCH")).count();
    // What is read first is gone when the dry run comes.
    stage.server.fail("GET", "/configmaps/a", 1, Fault::Instead(before.clone()));
    let report =
        |was: &str| format!("► ConfigMap/web/a drifted\n\ndata.a\n± value change\n- {was}\n+ 2\n\n{WARNING}");
    assert_eq!(stage.diff("apps --path=apps"), (report("1"), 1));
    assert_eq!(tried(), 2);
    // One that changes each time is compared as it was last read.
    stage.server.fail("GET", "/configmaps/a", 99, Fault::Instead(before));
    let (said, code) = stage.diff("apps --path=apps");
    assert!(code == 1 && said.contains("\ndata.a\n± value change\n- 0\n+ 2\n"), "{said}");
    assert!((4..=7).contains(&tried()), "{}", tried());
}
