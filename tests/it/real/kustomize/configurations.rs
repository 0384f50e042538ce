//! Layers with configurations.

use super::generate::things;
use super::generate::write;
use super::generate::write_all;
use super::random::Random;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

const KINDS: [&str; 6] = ["Deployment", "ConfigMap", "Service", "Thing", "StatefulSet", ""];

fn field_spec(random: &mut Random, paths: &[&str]) -> Value {
    let mut spec = json!({"path": random.choose(paths)});
    for (field, choices) in [
        ("kind", &KINDS[..]),
        ("group", &["", "", "", "apps", "example.com"][..]),
        ("version", &["", "", "", "v1"][..]),
    ] {
        let chosen = random.choose(choices);
        if !chosen.is_empty() {
            spec[field] = json!(chosen);
        }
    }
    if random.percent(40) {
        spec["create"] = json!(random.percent(80));
    }
    spec
}

fn configuration(random: &mut Random) -> Value {
    let mut configuration = json!({});
    let names = ["metadata/name", "spec/name", "spec/more/name", "spec/items/name", "spec/items[]/name"];
    let pairs = [
        "metadata/labels",
        "spec/labels",
        "spec/template/metadata/labels",
        "spec/more/pairs",
        "spec/selector",
    ];
    let plain = [
        "spec/namespace",
        "metadata/namespace",
        "metadata/name",
        "spec/items/namespace",
        "subjects/namespace",
    ];
    let counts = ["spec/replicas", "spec/more/count"];
    let images =
        ["spec/image", "spec/items/image", "spec/items[]/image", "spec/template/spec/containers[]/image"];
    for (field, paths) in [
        ("namePrefix", &names[..]),
        ("nameSuffix", &names[..]),
        ("namespace", &plain[..]),
        ("commonLabels", &pairs[..]),
        ("labels", &pairs[..]),
        ("templateLabels", &pairs[..]),
        ("commonAnnotations", &["metadata/annotations", "spec/annotations", "spec/more/pairs"][..]),
        ("images", &images[..]),
        ("replicas", &counts[..]),
        ("varReference", &names[..]),
    ] {
        if random.percent(35) {
            configuration[field] = Value::Array(random.some(3, |random| field_spec(random, paths)));
        }
    }
    if random.percent(40) {
        let references =
            ["spec/ref/name", "spec/refs", "spec/ref", "spec/items/ref", "metadata/annotations/ref"];
        configuration["nameReference"] = Value::Array(random.some(2, |random| {
            let specs = random.some(3, |random| field_spec(random, &references));
            json!({"kind": random.choose(&KINDS[..5]), "fieldSpecs": specs})
        }));
    }
    configuration
}

fn transformed(random: &mut Random, folder: &Path, kustomization: &mut Value) {
    for (field, value) in [
        ("namePrefix", json!("p-")),
        ("nameSuffix", json!("-s")),
        ("namespace", json!("apps")),
        ("commonLabels", json!({"team": "a"})),
        ("commonAnnotations", json!({"note": "b"})),
        ("images", json!([{"name": "nginx", "newTag": "9"}])),
    ] {
        if random.percent(40) {
            kustomization[field] = value;
        }
    }
    if random.percent(40) {
        let paths = ["metadata/labels", "spec/labels", "spec/more/pairs"];
        kustomization["labels"] = Value::Array(random.some(2, |random| {
            let mut label = json!({"pairs": {"tier": "x"}});
            if random.percent(40) {
                label["fields"] = Value::Array(random.some(2, |random| field_spec(random, &paths)));
            }
            if random.percent(40) {
                label[random.choose(&["includeSelectors", "includeTemplates"])] = json!(true);
            }
            label
        }));
    }
    let files = random.below(3);
    let names: Vec<String> = (0..files).map(|index| format!("fields-{index}.yaml")).collect();
    for name in &names {
        write(folder, name, &configuration(random));
    }
    if files > 0 {
        kustomization["configurations"] = json!(names);
    }
}

/// Layers whose configurations add fields to every transformer.
pub fn configurations(random: &mut Random, folder: &Path) {
    let mut top = json!({"resources": ["things.yaml"]});
    write_all(folder, "things.yaml", &things(random, ""));
    if random.percent(40) {
        let base = folder.join("base");
        let mut kustomization = json!({"resources": ["things.yaml"]});
        write_all(&base, "things.yaml", &things(random, "-base"));
        transformed(random, &base, &mut kustomization);
        write(&base, "kustomization.yaml", &kustomization);
        top["resources"] = json!(["base", "things.yaml"]);
    }
    if random.percent(30) {
        let component = folder.join("component");
        let mut kustomization =
            json!({"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"});
        transformed(random, &component, &mut kustomization);
        write(&component, "kustomization.yaml", &kustomization);
        top["components"] = json!(["component"]);
    }
    transformed(random, folder, &mut top);
    if random.percent(30) {
        top["replicas"] = json!([{"name": "web", "count": 5}]);
    }
    write(folder, "kustomization.yaml", &top);
}
