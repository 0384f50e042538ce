//! Folders with kustomizations that nobody would write, but that have a meaning.

use super::random::Random;
use fluxr::testing::text::yaml;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

fn write(folder: &Path, name: &str, value: &Value) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), yaml::to_string(value)).unwrap();
}

fn write_all(folder: &Path, name: &str, objects: &[Value]) {
    let documents: Vec<String> = objects.iter().map(yaml::to_string).collect();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), documents.join("---\n")).unwrap();
}

fn scalar(random: &mut Random) -> Value {
    match random.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(7),
        3 => json!(-2),
        4 => json!(1_234_567),
        5 => json!(12_345_678_901_234_567_890_u64),
        6 => json!(9_007_199_254_740_993_i64),
        7 => json!(1.5),
        8 => json!(0.000_001),
        9 => json!("yes"),
        10 => json!("1e3"),
        11 => json!("a < b & c"),
        12 => json!(""),
        13 => json!("two\nlines\n"),
        _ => json!(random.choose(&["a", "b", "web", "x/y"])),
    }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(6) {
        0 if depth > 0 => {
            let fields = random.some(3, |random| (key(random).to_owned(), value(random, depth - 1)));
            Value::Object(fields.into_iter().collect())
        }
        1 if depth > 0 => Value::Array(random.some(3, |random| value(random, depth - 1))),
        2 => json!({}),
        3 => json!([]),
        _ => scalar(random),
    }
}

fn key(random: &mut Random) -> &'static str {
    random.choose(&["a", "b", "list", "map", "x/y", "t~", "0", "-", "name"])
}

/// A path of a JSON patch, which often exists.
fn pointer(random: &mut Random) -> String {
    let known = [
        "/spec/a",
        "/spec/list",
        "/spec/list/0",
        "/spec/list/1/a",
        "/spec/map",
        "/spec/map/b",
        "/spec/map/x~1y",
        "/metadata/labels/a",
        "/metadata/annotations/a",
        "/metadata/name",
        "/spec/list/-",
        "/spec/list/-1",
        "/spec/list/2",
        "/spec",
        "/spec/none",
        "/spec/none/deep",
        "/spec/map/t~0",
        "/spec/nothing",
        "/spec/nothing/a",
        "",
        "spec/a",
        "x/spec/map/a",
        "/",
        "/spec/list/+1",
        "/spec/list/00",
        "/spec/list/-4",
        "/spec/list/-1/a",
        "/spec/a/b",
        "/spec/empty/0",
        "/spec/empty/-",
        "/spec/numbers/0",
        "/spec/text",
    ];
    let mut path = random.choose(&known).to_owned();
    if random.percent(20) {
        path = format!("{path}/{}", key(random).replace('~', "~0").replace('/', "~1"));
    }
    path
}

fn operation(random: &mut Random) -> Value {
    let mut operation = Map::new();
    let op = random.choose(&["add", "add", "replace", "replace", "remove", "copy", "move", "test"]);
    operation.insert("op".into(), json!(if random.percent(2) { "Add" } else { op }));
    operation.insert("path".into(), json!(pointer(random)));
    if ["copy", "move"].contains(&op) {
        operation.insert("from".into(), json!(pointer(random)));
    } else if op != "remove" && !random.percent(8) {
        operation.insert("value".into(), value(random, 2));
    }
    if random.percent(2) {
        let lost = random.choose(&["op", "path", "value"]);
        operation.insert(lost.into(), Value::Null);
    }
    Value::Object(operation)
}

/// One object, and JSON patches of all forms for it.
pub fn json_patches(random: &mut Random, folder: &Path) {
    let object = json!({
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "web", "labels": {"a": "b"}, "annotations": {"a": "1"}},
        "spec": {
            "a": scalar(random),
            "list": [scalar(random), value(random, 1), value(random, 2)],
            "map": {"a": scalar(random), "b": value(random, 2), "x/y": 1, "t~": "tilde"},
            "nothing": null,
            "empty": [],
            "numbers": [12_345_678_901_234_567_890_u64, 1_000_000, 0.5],
            "text": "a <b>",
        },
    });
    write(folder, "thing.yaml", &object);
    let patches = random.some(2, |random| {
        let operations = Value::Array(random.some(3, operation));
        let text = match random.below(3) {
            0 => operations.to_string(),
            1 => serde_json::to_string_pretty(&operations).unwrap(),
            _ => yaml::to_string(&operations),
        };
        json!({"target": {"kind": "Thing", "name": "web"}, "patch": text})
    });
    let field = if random.percent(75) { "patches" } else { "patchesJson6902" };
    let mut kustomization = json!({"resources": ["thing.yaml"], field: patches});
    if random.percent(30) {
        kustomization["namePrefix"] = json!("p-");
    }
    if random.percent(30) {
        kustomization["commonAnnotations"] = json!({"z": "1"});
    }
    write(folder, "kustomization.yaml", &kustomization);
}

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

fn things(random: &mut Random, suffix: &str) -> Vec<Value> {
    let spec = |random: &mut Random| {
        let mut spec = json!({
            "name": "inner",
            "items": [{"name": "one", "image": "nginx:1", "ref": format!("thing{suffix}")}, {"name": "two"}],
            "image": "nginx:2",
            "ref": {"name": format!("settings{suffix}")},
            "refs": [format!("web{suffix}"), {"name": format!("settings{suffix}")}],
        });
        for (field, value) in [
            ("more", json!({"name": "more", "count": 1})),
            ("labels", json!({"own": "label"})),
            ("selector", json!({"app": "web"})),
            ("namespace", json!("elsewhere")),
            ("name", Value::Null),
            ("replicas", json!(2)),
            ("template", json!({"spec": {"containers": [{"name": "c", "image": "nginx:3"}]}})),
        ] {
            if random.percent(50) {
                spec[field] = value;
            }
        }
        spec
    };
    let mut objects = vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": format!("web{suffix}")}, "spec": spec(random)}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("settings{suffix}")}, "data": {"a": "b"}}),
        json!({
            "apiVersion": "example.com/v1",
            "kind": "Thing",
            "metadata": {"name": format!("thing{suffix}"), "annotations": {"ref": format!("settings{suffix}")}},
            "spec": spec(random),
        }),
    ];
    if random.percent(40) {
        objects.push(json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": format!("db{suffix}")}, "spec": spec(random)}));
    }
    if random.percent(40) {
        let subjects = match random.below(4) {
            0 => json!([{"kind": "ServiceAccount", "name": "default", "namespace": null}]),
            1 => {
                json!([{"kind": "ServiceAccount", "name": "default", "namespace": "x"}, {"kind": "User", "name": "me"}])
            }
            2 => json!([{"kind": "ServiceAccount", "name": "default"}]),
            _ => json!([]),
        };
        objects.push(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": format!("binding{suffix}")},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
            "subjects": subjects,
        }));
    }
    objects
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
