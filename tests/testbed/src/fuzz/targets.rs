//! The targets: each takes any bytes, and fails by a panic.

use crate::places;
use fluxr::testing::cluster::judge_selector;
use fluxr::testing::cluster::kubeconfig;
use fluxr::testing::git::GitUrl;
use fluxr::testing::git::sign::OpenPgpKey;
use fluxr::testing::git::ssh::PrivateKey;
use fluxr::testing::oci;
use fluxr::testing::oci::Places;
use fluxr::testing::oci::Reference;
use fluxr::testing::ops::plugins;
use fluxr::testing::render::Memory;
use fluxr::testing::render::Missing;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::report;
use fluxr::testing::render::report::Paint;
use fluxr::testing::render::substitute;
use fluxr::testing::text::GoDuration;
use fluxr::testing::text::GoUrl;
use fluxr::testing::text::IgnoreRules;
use fluxr::testing::text::Secret;
use fluxr::testing::text::SemverRange;
use fluxr::testing::text::csv;
use fluxr::testing::text::jsonpath;
use fluxr::testing::text::strvals;
use fluxr::testing::text::yaml;
use fluxr::testing::text::yaml::edit::Manifest;
use fluxr::testing::text::yaml::edit::Step;
use serde_json::Value;
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;
use std::sync::OnceLock;

/// What an input is given to.
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    Target { name: "archive", run: archive },
    Target { name: "challenge", run: challenge },
    Target { name: "csv", run: csv_record },
    Target { name: "docker_config", run: docker_config },
    Target { name: "duration", run: duration },
    Target { name: "envsubst", run: envsubst },
    Target { name: "ignore_rules", run: ignore_rules },
    Target { name: "image_reference", run: image_reference },
    Target { name: "json6902", run: json_patch },
    Target { name: "jsonpath", run: json_path },
    Target { name: "kubeconfig", run: kubeconfig_file },
    Target { name: "kustomization", run: kustomization },
    Target { name: "openpgp", run: openpgp },
    Target { name: "plugin_catalog", run: plugin_catalog },
    Target { name: "private_key", run: private_key },
    Target { name: "replacement", run: replacement },
    Target { name: "report", run: differences },
    Target { name: "selector", run: selector },
    Target { name: "semver_range", run: semver_range },
    Target { name: "strvals", run: assignments },
    Target { name: "url", run: url },
    Target { name: "yaml", run: yaml_value },
    Target { name: "yaml_edit", run: yaml_edit },
    Target { name: "yaml_nodes", run: yaml_nodes },
];

/// The target that `FUZZ_TARGET` names.
#[must_use]
pub fn chosen() -> Option<&'static Target> {
    let name = places::fuzz_target()?;
    TARGETS.iter().find(|target| name.to_str() == Some(target.name))
}

/// The inputs of a target that are kept.
#[must_use]
pub fn corpus(target: &Target) -> PathBuf {
    places::checkout().join("tests/testbed/corpus").join(target.name)
}

/// Runs `read` on the input when that is text.
fn text(input: &[u8], read: impl FnOnce(&str)) {
    if let Ok(text) = std::str::from_utf8(input) {
        read(text);
    }
}

/// The input is the archive before compression, so that what changes in it is its content.
fn archive(input: &[u8]) {
    let mut encoder = flate2::read::GzEncoder::new(input, flate2::Compression::none());
    let mut compressed = Vec::new();
    encoder.read_to_end(&mut compressed).expect("a slice is read");
    let walked = oci::walk(&compressed[..], compressed.len() as u64, |entry| {
        assert!(!entry.name.starts_with('/') && !entry.name.split('/').any(|part| part == ".."));
        if let Some(content) = entry.content {
            std::io::copy(content, &mut std::io::sink())?;
        }
        Ok(())
    });
    drop(walked);
}

fn challenge(input: &[u8]) {
    text(input, |text| drop(oci::choose(text.split('\n'))));
}

/// Configurations that name credential helpers are left out: those are programs that would be run.
fn docker_config(input: &[u8]) {
    text(input, |text| {
        if text.contains("cred") {
            return;
        }
        let places = Places::of(|name| (name == "DOCKER_AUTH_CONFIG").then_some(text));
        let reference = Reference::parse("oci://ghcr.io/acme/app").expect("a reference");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        drop(runtime.expect("a runtime").block_on(places.credentials(&reference.repository, |_| ())));
    });
}

fn csv_record(input: &[u8]) {
    text(input, |text| drop(csv::first_record(text)));
}

/// What is read is written in a form that is read as the same.
fn duration(input: &[u8]) {
    text(input, |text| {
        if let Ok(read) = text.parse::<GoDuration>() {
            assert_eq!(read.to_string().parse(), Ok(read));
        }
    });
}

/// A text with variables, of which some are set. What has none is not changed.
fn envsubst(input: &[u8]) {
    let value = |name: &str| match name {
        "empty" => Some(""),
        "one" => Some("value"),
        "path" => Some("/a/b.c/a/b.c"),
        "wide" => Some("äöü${one}"),
        _ => None,
    };
    for missing in [Missing::Empty, Missing::Error] {
        let written = substitute(input, missing, value);
        assert!(input.contains(&b'$') || written.is_ok_and(|written| written == input));
    }
}

/// Patterns; what follows a line `===` is a path.
fn ignore_rules(input: &[u8]) {
    text(input, |text| {
        let (patterns, path) = text.split_once("\n===\n").unwrap_or((text, "a/b.yaml"));
        let path: Vec<&str> = path.split('/').collect();
        let rules = IgnoreRules::read([patterns]);
        let _ = (rules.excludes(&path, true), rules.excludes(&path, false));
    });
}

/// What is read is a reference when it is written again.
fn image_reference(input: &[u8]) {
    text(input, |text| {
        if let Ok(read) = Reference::parse(text) {
            drop((read.tag(), read.only_repository()));
            // With the folder that Docker Hub adds, the name may be longer than what may be written.
            if read.repository.path().len() > 255 {
                return;
            }
            let again = read.repository.at(read.identifier.as_str());
            let again = Reference::parse(&format!("oci://{again}")).expect("what was written is read");
            assert_eq!(again.repository.to_string(), read.repository.to_string());
            assert_eq!(again.identifier, read.identifier);
        }
    });
}

fn json_path(input: &[u8]) {
    static OBJECT: OnceLock<Value> = OnceLock::new();
    let object = OBJECT.get_or_init(|| {
        json!({
            "kind": "List",
            "items": [
                {"metadata": {"name": "one", "labels": {"a.b/c": "d"}}, "spec": {"n": 1, "f": 1.5, "on": true, "none": null}},
                {"metadata": {"name": "two"}, "spec": {"n": 2, "list": [[1, 2], [], "x"]}},
            ],
        })
    });
    text(input, |text| {
        if let Ok(template) = jsonpath::Template::parse(text) {
            drop(template.render(object));
            drop(template.render_json(object));
        }
        if let Ok(path) = jsonpath::Template::parse_path(text) {
            drop(path.values(object));
        }
    });
}

fn kubeconfig_file(input: &[u8]) {
    text(input, |text| drop(kubeconfig::parse(text, None)));
}

/// A kustomization; what follows a line `===` is the file `resources.yaml` beside it.
fn kustomization(input: &[u8]) {
    text(input, |text| {
        let (kustomization, resources) = text.split_once("\n===\n").unwrap_or((text, ""));
        let files = [("kustomization.yaml", kustomization), ("resources.yaml", resources)];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
        let tree = Memory(files.into());
        let built = kustomize::build(&tree, "", kustomize::Options::default());
        if let Ok(objects) = built {
            drop(kustomize::render(&objects));
        }
    });
}

/// An object for patches and replacements.
const OBJECT: &str = "\
apiVersion: example.com/v1
kind: Thing
metadata: {name: thing, labels: {a: b}, annotations: {x/y: z}}
spec:
  list: [one, {name: two, deep: [1, 2]}, [3, null]]
  map: {a: 1, b: {c: x}, 'd.e': y}
  text: '{\"json\": {\"a\": [1, \"x\"]}}'
  yaml: |
    a: b
    list: [c]
";

fn build_with(kustomization: &Value) {
    let files = [("kustomization.yaml", kustomization.to_string()), ("resources.yaml", OBJECT.to_owned())];
    let tree = Memory(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into());
    if let Ok(objects) = kustomize::build(&tree, "", kustomize::Options::default()) {
        drop(kustomize::render(&objects));
    }
}

/// A JSON 6902 patch.
fn json_patch(input: &[u8]) {
    text(input, |text| {
        let patch = json!({"patch": text, "target": {"kind": "Thing"}});
        build_with(&json!({"resources": ["resources.yaml"], "patches": [patch]}));
    });
}

/// The path of a replacement: where its value is taken from, and where it is put, made or not.
fn replacement(input: &[u8]) {
    text(input, |text| {
        let target = |create: bool| json!({"select": {"kind": "Thing"}, "fieldPaths": [text], "options": {"create": create}});
        let replacements = [
            json!({"source": {"kind": "Thing", "fieldPath": text}, "targets": [target(false)]}),
            json!({"sourceValue": "v", "targets": [target(false)]}),
            json!({"sourceValue": "v", "targets": [target(true)]}),
        ];
        for replacement in replacements {
            build_with(&json!({"resources": ["resources.yaml"], "replacements": [replacement]}));
        }
    });
}

fn openpgp(input: &[u8]) {
    drop(OpenPgpKey::load(input, None, &Secret::new("passphrase")));
}

fn plugin_catalog(input: &[u8]) {
    text(input, |text| {
        drop(plugins::Entry::read_all(text));
        if let Ok(manifest) = plugins::Manifest::read("tool", text) {
            drop((manifest.newest(), manifest.offer("")));
        }
    });
}

fn private_key(input: &[u8]) {
    text(input, |text| {
        let _ = PrivateKey::is_encrypted(text);
        drop(PrivateKey::parse(text, None, "key"));
    });
}

/// Two documents in JSON, one a line. What is shown of their differences adds nothing that a terminal would obey but colours.
fn differences(input: &[u8]) {
    text(input, |text| {
        let documents = text.split_once('\n').map(|(from, to)| (from.parse(), to.parse()));
        let Some((Ok(from), Ok(to))) = documents else { return };
        let found = report::compare(&from, &to);
        for paint in [Paint::Plain, Paint::Sixteen, Paint::True] {
            let shown = report::human(&found, report::WIDTH, paint);
            assert!(
                paint == Paint::Plain
                    || shown.chars().all(|letter| !letter.is_control() || "\n\t\u{1b}".contains(letter))
            );
        }
    });
}

fn selector(input: &[u8]) {
    text(input, |text| drop(judge_selector(text)));
}

/// A range; what follows a line feed is a version.
fn semver_range(input: &[u8]) {
    text(input, |text| {
        let (range, version) = text.split_once('\n').unwrap_or((text, "1.2.3"));
        if let Ok(range) = SemverRange::parse(range) {
            let _ = range.contains(version);
        }
    });
}

fn assignments(input: &[u8]) {
    text(input, |text| {
        for as_text in [false, true] {
            drop(strvals::assign(text, &strvals::Layered::empty_map(), as_text));
        }
    });
}

fn url(input: &[u8]) {
    text(input, |text| {
        drop(GoUrl::parse(text));
        let _ = GitUrl::instead_of_scp_form(text);
        if let Ok(url) = GitUrl::of_repository(text) {
            let _ = (url.authority(), url.user(), url.password(), url.path());
        }
    });
}

/// What is read is written in a form that is read as the same.
fn yaml_value(input: &[u8]) {
    text(input, |text| {
        let Ok(documents) = yaml::documents(text, "input") else { return };
        for document in documents {
            // Go's library, and so this one, writes this line break as a blank, a negative zero as zero, and `<<` without quotes.
            let json = document.to_string();
            if json.contains('\u{85}') || json.contains("-0.0") || json.contains("\"<<\"") {
                continue;
            }
            let written = yaml::to_string(&document);
            let read = yaml::document(&written, "what was written").expect("what was written is read");
            assert_eq!(read, document, "{written}");
        }
    });
}

/// A field's name, a line feed, and a file: what an edit leaves reads as it should.
fn yaml_edit(input: &[u8]) {
    text(input, |text| {
        let (name, text) = text.split_once('\n').unwrap_or(("spec", text));
        let Ok(manifest) = Manifest::parse(text, "input") else { return };
        let path: Vec<Step> = name.split('.').map(|key| Step::Key(key.to_owned())).collect();
        for at in 0..manifest.documents().count() {
            let value = json!({"a": ["b", {"c": "d: e"}]});
            let edits = [
                manifest.set(at, &path, &json!("x: y")),
                manifest.set(at, &path, &value),
                manifest.append(at, &path, &json!("item")),
                manifest.append(at, &path, &value),
                manifest.remove(at, &path),
                manifest.remove_document(at),
                manifest.add_document(&value),
            ];
            for edited in edits.into_iter().flatten() {
                let read = Manifest::parse(edited.text(), "edited").expect("what was edited is read");
                assert!(read.documents().eq(edited.documents()), "{}", edited.text());
            }
        }
    });
}

fn yaml_nodes(input: &[u8]) {
    text(input, |text| drop(yaml::nodes(text, "input")));
}
