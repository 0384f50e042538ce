//! JSON patches that no one would write, but that have a meaning.

use super::generate::scalar;
use super::generate::write;
use super::random::Random;
use fluxr::testing::text::yaml;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

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
