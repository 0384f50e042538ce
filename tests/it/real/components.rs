//! Our manifests of the controllers against those of the release, as the Flux Operator's Go module carries them.

use fluxr::testing::distribution::ComponentOptions;
use fluxr::testing::distribution::distribution;
use fluxr::testing::distribution::generate;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

/// The module holds, for each release, one file per controller and the rules, as they are published.
const MODULE: &str = "github.com/controlplaneio-fluxcd/flux-operator@v0.58.0";

fn release_folder() -> PathBuf {
    let mut last = String::new();
    let folder = (0..3).find_map(|_| {
        let output = Command::new("go")
            .args(["mod", "download", "-json", MODULE])
            .env("GOFLAGS", "-mod=mod")
            .env("GOTOOLCHAIN", "local")
            .current_dir(std::env::temp_dir())
            .output()
            .expect("go runs");
        last = String::from_utf8_lossy(&output.stdout).into_owned();
        let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
        Some(PathBuf::from(answer.get("Dir")?.as_str()?))
    });
    folder
        .unwrap_or_else(|| panic!("{MODULE}: {last}"))
        .join("config/data/flux")
        .join(&distribution().version)
}

fn documents(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    yaml::documents(&text, &path.display().to_string()).unwrap()
}

fn id(object: &Value) -> String {
    format!("{}/{}", object["kind"].as_str().unwrap(), object["metadata"]["name"].as_str().unwrap())
}

/// What `install` adds to the published files is taken off ours, so that the rest can be compared as it is.
fn as_published(mut object: Value) -> Value {
    let published = ["app.kubernetes.io/component", "app.kubernetes.io/part-of", "control-plane", "app"];
    for pointer in ["/metadata", "/spec/template/metadata"] {
        let Some(metadata) = object.pointer_mut(pointer).and_then(Value::as_object_mut) else { continue };
        metadata.remove("namespace");
        if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
            labels.retain(|name, _| {
                published.contains(&name.as_str()) || name.starts_with("rbac.authorization.k8s.io/")
            });
            if labels.is_empty() {
                metadata.remove("labels");
            }
        }
    }
    if object["kind"] == "Deployment" {
        // Labels of pods differ between the ways of installing; the selector's label is compared below `spec.selector`.
        object["spec"]["template"]["metadata"]["labels"] = Value::Null;
        object["spec"]["template"]["spec"]["nodeSelector"] = Value::Null;
        let container = &mut object["spec"]["template"]["spec"]["containers"][0];
        let image = container["image"].as_str().unwrap();
        container["image"] = image.rsplit('/').next().unwrap().into();
        // These `install` fills in; the command line's tests look at them.
        let filled = [
            "--events-addr",
            "--watch-all-namespaces",
            "--log-level",
            "--storage-adv-addr",
            "--feature-gates",
        ];
        if let Some(arguments) = container["args"].as_array_mut() {
            arguments
                .retain(|argument| !filled.iter().any(|flag| argument.as_str().unwrap().starts_with(flag)));
        }
    }
    without_descriptions(object)
}

fn without_descriptions(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, value)| !(key == "description" && value.is_string()))
            .filter(|(key, _)| key != "controller-gen.kubebuilder.io/version")
            .map(|(key, value)| (key, without_descriptions(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_descriptions).collect(),
        scalar => scalar,
    }
}

/// The lines that only one of two objects has.
fn difference(ours: &Value, theirs: &Value) -> String {
    let (ours_text, theirs_text) =
        (serde_json::to_string_pretty(ours).unwrap(), serde_json::to_string_pretty(theirs).unwrap());
    let only = |sign: &str, one: &str, other: &str| -> String {
        let others: Vec<&str> = other.lines().collect();
        one.lines().filter(|line| !others.contains(line)).map(|line| format!("{sign}{line}\n")).collect()
    };
    format!(
        "{}\n{}{}",
        id(ours),
        only("ours   ", &ours_text, &theirs_text),
        only("theirs ", &theirs_text, &ours_text)
    )
}

#[test]
#[ignore = "needs the testbed"]
fn our_manifests_are_those_of_the_release() {
    let folder = release_folder();
    let components = distribution().components.iter().map(|component| component.name.clone()).collect();
    let options = ComponentOptions { components, ..ComponentOptions::default() };
    let ours: BTreeMap<String, Value> =
        generate(&options).unwrap().into_iter().map(|object| (id(&object), as_published(object))).collect();
    let mut compared = 0;
    let mut differences = Vec::new();
    for component in &distribution().components {
        for theirs in documents(&folder.join(format!("{}.yaml", component.name))) {
            let mine = ours.get(&id(&theirs)).unwrap_or_else(|| panic!("{} is missing", id(&theirs)));
            let theirs = as_published(theirs);
            if mine != &theirs {
                differences.push(difference(mine, &theirs));
            }
            compared += 1;
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // Fifteen definitions, seven accounts, four Services, seven Deployments.
    assert_eq!(compared, 33);
}

#[test]
#[ignore = "needs the testbed"]
fn our_rules_are_those_of_the_release() {
    let folder = release_folder();
    let ours = generate(&ComponentOptions::default()).unwrap();
    let mut compared = 0;
    for theirs in ["rbac.yaml", "policies.yaml"].iter().flat_map(|file| documents(&folder.join(file))) {
        let suffixed = format!("{}-flux-system", id(&theirs));
        let mine = ours.iter().find(|mine| id(mine) == id(&theirs) || id(mine) == suffixed);
        let mine = mine.unwrap_or_else(|| panic!("{} is missing", id(&theirs)));
        for part in ["rules", "spec", "subjects"] {
            assert_eq!(
                without_namespaces(&mine[part]),
                without_namespaces(&theirs[part]),
                "{part} of {}",
                id(&theirs)
            );
        }
        compared += 1;
    }
    // Three policies, a quota, three roles, two bindings.
    assert_eq!(compared, 9);
}

#[test]
#[ignore = "needs the testbed"]
fn the_published_files_of_a_release_give_the_same_manifests_as_the_embedded_ones() {
    let folder = release_folder();
    let published: fluxr::testing::distribution::Published = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    let components: Vec<String> =
        distribution().components.iter().map(|component| component.name.clone()).collect();
    for chosen in [
        ComponentOptions { components, ..Default::default() },
        ComponentOptions {
            namespace: "apps".into(),
            components: vec!["source-controller".into()],
            registry: "registry.local".into(),
            image_pull_secret: "pull".into(),
            log_level: "debug".into(),
            cluster_domain: "corp.local".into(),
            watch_all_namespaces: false,
            network_policy: false,
            toleration_keys: vec!["a".into()],
            ..Default::default()
        },
    ] {
        let with_published = ComponentOptions { published: Some(published.clone()), ..chosen.clone() };
        let (ours, theirs) = (generate(&chosen).unwrap(), generate(&with_published).unwrap());
        assert_eq!(ours.len(), theirs.len());
        for (mine, theirs) in ours.into_iter().zip(theirs) {
            let (mine, theirs) = (without_descriptions(mine), without_descriptions(theirs));
            assert!(mine == theirs, "{}", difference(&mine, &theirs));
        }
    }
}

fn without_namespaces(part: &Value) -> Value {
    let mut part = part.clone();
    for subject in part.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        subject.remove("namespace");
    }
    part
}
