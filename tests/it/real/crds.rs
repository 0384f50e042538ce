//! Our CRDs against those of the pinned controllers, as their Go modules hold them.

use fluxr::testing::kind::KINDS;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// Modules with the CRDs of the pinned controllers, and where in them.
///
/// That of source-watcher v2.2.3 cannot be had from the Go module proxy; its CRD is taken from the rendered release instead,
/// which another project keeps in its module.
const MODULES: [(&str, &str); 7] = [
    ("github.com/fluxcd/source-controller@v1.9.4", "config/crd/bases"),
    ("github.com/fluxcd/kustomize-controller@v1.9.4", "config/crd/bases"),
    ("github.com/fluxcd/helm-controller@v1.6.3", "config/crd/bases"),
    ("github.com/fluxcd/notification-controller@v1.9.3", "config/crd/bases"),
    ("github.com/fluxcd/image-reflector-controller@v1.2.4", "config/crd/bases"),
    ("github.com/fluxcd/image-automation-controller@v1.2.4", "config/crd/bases"),
    ("github.com/controlplaneio-fluxcd/flux-operator@v0.58.0", "config/data/flux/v2.9.4/source-watcher.yaml"),
];

/// The folder of a module in Go's cache.
fn download(module: &str) -> PathBuf {
    let mut last = String::new();
    let folder = (0..3).find_map(|_| {
        let output = Command::new("go")
            .args(["mod", "download", "-json", module])
            .env("GOFLAGS", "-mod=mod")
            .env("GOTOOLCHAIN", "local")
            .current_dir(std::env::temp_dir())
            .output()
            .expect("go runs");
        last = String::from_utf8_lossy(&output.stdout).into_owned();
        let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
        Some(PathBuf::from(answer.get("Dir")?.as_str()?))
    });
    folder.unwrap_or_else(|| panic!("{module}: {last}"))
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Upstream's definitions, by kind.
fn upstream() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for path in MODULES.iter().flat_map(|(module, inside)| files(&download(module).join(inside))) {
        let text = std::fs::read_to_string(&path).unwrap();
        for document in yaml::documents(&text, &path.display().to_string()).unwrap() {
            if document["kind"] == "CustomResourceDefinition" {
                found.insert(document["spec"]["names"]["kind"].as_str().unwrap().to_owned(), document);
            }
        }
    }
    found
}

/// A text without what two people could write differently by chance.
fn letters_of(text: &str) -> String {
    text.to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// All descriptions of a document.
fn descriptions(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str().filter(|_| key == "description") {
                    Some(text) => found.extend([letters_of(text)]),
                    None => descriptions(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| descriptions(item, found)),
        _ => {}
    }
}

/// All leaves of a document but descriptions, by path.
fn leaves(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            if map.is_empty() {
                found.insert(path.to_owned(), "{}".to_owned());
            }
            for (key, inner) in map {
                if key == "description" && inner.is_string() {
                    continue;
                }
                leaves(inner, &format!("{path}.{key}"), found);
            }
        }
        // Lists whose order means nothing are compared as sets.
        Value::Array(items) if path.ends_with("required") || path.ends_with("enum") => {
            let mut texts: Vec<String> = items.iter().map(Value::to_string).collect();
            texts.sort();
            found.insert(path.to_owned(), texts.join(","));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{path}[{index}]"), found);
            }
        }
        scalar => {
            found.insert(path.to_owned(), scalar.to_string());
        }
    }
}

fn comparable(document: &Value) -> BTreeMap<String, String> {
    let kind = document["spec"]["names"]["kind"].as_str().unwrap();
    let mut found = BTreeMap::new();
    leaves(document, kind, &mut found);
    // The generator's stamp, and the labels that a release puts on everything.
    found.remove(&format!("{kind}.metadata.annotations.controller-gen.kubebuilder.io/version"));
    found.retain(|path, _| !path.starts_with(&format!("{kind}.metadata.labels.app.kubernetes.io/")));
    found
        .into_iter()
        .map(|(path, value)| {
            let short = path
                .replace(".spec.versions[0].schema.openAPIV3Schema.properties", "")
                .replace(".properties.", ".")
                .replace(".items.", "[].");
            (short, value)
        })
        .collect()
}

#[test]
#[ignore = "needs the testbed"]
fn our_definitions_mean_the_same_as_those_of_the_pinned_controllers() {
    let upstream = upstream();
    assert_eq!(upstream.len(), KINDS.len());
    let mut differences = Vec::new();
    for kind in KINDS {
        let (ours, theirs) =
            (comparable(&fluxr::testing::kind::definition(kind)), comparable(&upstream[kind.kind]));
        for path in ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path))) {
            if ours.get(path) != theirs.get(path) {
                differences.push(format!(
                    "{path}\n  ours   {:?}\n  theirs {:?}",
                    ours.get(path),
                    theirs.get(path)
                ));
            }
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

#[test]
#[ignore = "needs the testbed"]
fn our_descriptions_are_our_own() {
    let (mut ours, mut theirs) = (BTreeSet::new(), BTreeSet::new());
    KINDS.iter().for_each(|kind| descriptions(&fluxr::testing::kind::definition(kind), &mut ours));
    upstream().values().for_each(|document| descriptions(document, &mut theirs));
    assert!(ours.len() > 300 && theirs.len() > 300, "{} and {}", ours.len(), theirs.len());
    let copied: Vec<_> = ours.intersection(&theirs).collect();
    assert!(copied.is_empty(), "{copied:#?}");
}
