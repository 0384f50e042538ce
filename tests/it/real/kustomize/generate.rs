//! What the generated folders are made of.

use super::random::Random;
use fluxr::testing::text::yaml;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// Writes a value into a file.
pub fn write(folder: &Path, name: &str, value: &Value) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), yaml::to_string(value)).unwrap();
}

/// Writes values as documents of one file.
pub fn write_all(folder: &Path, name: &str, objects: &[Value]) {
    let documents: Vec<String> = objects.iter().map(yaml::to_string).collect();
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(name), documents.join("---\n")).unwrap();
}

/// A scalar that is written or read in a special way.
pub fn scalar(random: &mut Random) -> Value {
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

/// Objects with fields for every transformer.
pub fn things(random: &mut Random, suffix: &str) -> Vec<Value> {
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
