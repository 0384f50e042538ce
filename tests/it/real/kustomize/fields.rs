//! Kustomizations that are spelled oddly.

use super::generate::scalar;
use super::generate::things;
use super::generate::write;
use super::generate::write_all;
use super::random::Random;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// The name in another case, now and then.
fn recased(random: &mut Random, name: &str) -> String {
    match random.below(6) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        2 => name
            .chars()
            .map(|letter| if random.percent(50) { letter.to_ascii_uppercase() } else { letter })
            .collect(),
        3 if random.percent(10) => name.replace('s', "ſ").replace('k', "\u{212a}"),
        4 if random.percent(6) => format!("{name}s"),
        _ => name.to_owned(),
    }
}

fn respelled(random: &mut Random, value: &Value, is_typed: bool) -> Value {
    match value {
        Value::Object(fields) => {
            let mut written = Map::new();
            for (name, value) in fields {
                // The keys of labels and annotations are not fields.
                let is_map = ["pairs", "labels", "annotations", "commonLabels", "commonAnnotations"]
                    .contains(&name.as_str());
                let value = respelled(random, value, !(is_map && value.is_object()));
                let name = if is_typed { recased(random, name) } else { name.clone() };
                let value = match random.below(60) {
                    0 => Value::Null,
                    1 => scalar(random),
                    2 => json!({}),
                    _ => value,
                };
                if is_typed && random.percent(6) {
                    written.insert(name.to_uppercase(), value.clone());
                }
                written.insert(name, value);
            }
            Value::Object(written)
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| respelled(random, item, is_typed)).collect();
            if random.percent(3) {
                items.push(Value::Null);
            }
            Value::Array(items)
        }
        other => other.clone(),
    }
}

/// Kustomizations whose fields are written in all sorts of cases, more than once, as null, or with values of another type.
pub fn fields(random: &mut Random, folder: &Path) {
    write_all(folder, "things.yaml", &things(random, ""));
    write(folder, "values.yaml", &json!({"a": 1}));
    let replacement = json!({
        "source": {"kind": "ConfigMap", "name": "settings", "fieldPath": "data.a"},
        "targets": [{
            "select": {"kind": "Deployment"},
            "reject": [{"name": "other"}],
            "fieldPaths": ["spec.name"],
            "options": {"create": true, "delimiter": "-", "index": 0},
        }],
    });
    let specs = json!([{"path": "spec/labels", "kind": "Thing", "create": true}]);
    let all = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "metadata": {"name": "x", "labels": {"a": "b"}},
        "namePrefix": "p-",
        "nameSuffix": "-s",
        "namespace": "apps",
        "commonLabels": {"team": "a"},
        "commonAnnotations": {"note": "b"},
        "labels": [{"pairs": {"tier": "x"}, "includeSelectors": true}, {"pairs": {"T": "y"}, "fields": specs}],
        "images": [{"name": "nginx", "newName": "httpd", "newTag": "9"}],
        "replicas": [{"name": "web", "count": 5}],
        "patches": [{
            "patch": "[{\"op\": \"add\", \"path\": \"/data/new\", \"value\": \"1\"}]",
            "target": {"kind": "ConfigMap", "labelSelector": "", "annotationSelector": ""},
            "options": {"allowNameChange": true, "allowKindChange": false},
        }],
        "replacements": [replacement, {"path": "replacement.yaml"}],
        "configMapGenerator": [{
            "name": "made",
            "literals": ["a=b"],
            "files": ["values.yaml"],
            "options": {"disableNameSuffixHash": true, "labels": {"l": "m"}},
        }],
        "secretGenerator": [{"name": "kept", "literals": ["a=b"], "type": "Opaque"}],
        "generatorOptions": {"annotations": {"n": "o"}, "immutable": true},
        "sortOptions": {"order": "legacy", "legacySortOptions": {"orderFirst": ["ConfigMap"], "orderLast": ["Thing"]}},
        "buildMetadata": ["managedByLabel"],
        "configurations": ["fields.yaml"],
    });
    let mut kustomization = json!({"resources": ["things.yaml"]});
    for (name, value) in all.as_object().unwrap() {
        if random.percent(30) {
            kustomization[name] = value.clone();
        }
    }
    write(folder, "replacement.yaml", &respelled(random, &replacement, true));
    let configuration =
        json!({"namePrefix": [{"path": "spec/name", "kind": "Thing"}], "commonLabels": specs});
    write(folder, "fields.yaml", &respelled(random, &configuration, true));
    write(folder, "kustomization.yaml", &respelled(random, &kustomization, true));
}
