//! Our CRDs against those of the pinned controllers, as their Go modules hold them.

use fluxr::kind::KINDS;
use fluxr::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Modules with their CRDs. The one of source-watcher v2.2.3 cannot be had from the proxy; its neighbour differs in two places (below).
const MODULES: [&str; 7] = [
    "github.com/fluxcd/source-controller@v1.9.4",
    "github.com/fluxcd/kustomize-controller@v1.9.4",
    "github.com/fluxcd/helm-controller@v1.6.3",
    "github.com/fluxcd/notification-controller@v1.9.3",
    "github.com/fluxcd/image-reflector-controller@v1.2.4",
    "github.com/fluxcd/image-automation-controller@v1.2.4",
    "github.com/fluxcd/source-watcher/v2@v2.2.2",
];

/// Where v2.2.3 of source-watcher's API is narrower than v2.2.2, as its Go types say.
const NARROWER_SINCE: [&str; 2] = [
    "ArtifactGenerator.spec.artifacts[].copy[].to.pattern",
    "ArtifactGenerator.spec.artifacts[].copy[].exclude[].maxLength",
];

fn upstream() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for module in MODULES {
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
            Some(answer.get("Dir")?.as_str()?.to_owned())
        });
        let folder = folder.unwrap_or_else(|| panic!("{module}: {last}"));
        for entry in std::fs::read_dir(Path::new(&folder).join("config/crd/bases")).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for document in yaml::documents(&text, &path.display().to_string()).unwrap() {
                found.insert(document["spec"]["names"]["kind"].as_str().unwrap().to_owned(), document);
            }
        }
    }
    found
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
    let stamp = format!("{kind}.metadata.annotations.controller-gen.kubebuilder.io/version");
    found.remove(&stamp);
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
        let (ours, theirs) = (comparable(&(kind.crd)()), comparable(&upstream[kind.kind]));
        for path in ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path))) {
            if ours.get(path) != theirs.get(path) && !NARROWER_SINCE.contains(&path.as_str()) {
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
