//! Values and variables from everywhere, for `debug`.

use base64::Engine;
use serde_json::Value;
use serde_json::json;

/// The ConfigMaps and Secrets that are referred to.
pub(super) fn data(namespace: &str) -> Vec<Value> {
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let object = |kind: &str, name: &str, data: Value| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "data": data});
    vec![
        object(
            "ConfigMap",
            "values",
            json!({
                "values.yaml": "a:\n  x: 1\n  y: [1, 2]\nport: 8080\nmode: 0644\non: yes\nbig: 9007199254740993\nratio: 1.0\nsmall: 1e-7\nhuge: 1e30\n",
                "other.yaml": "a:\n  x: 2\n  z: {deep: true}\nlist: [{n: 1}, {n: 2}]\n",
                "empty.yaml": "", "list.yaml": "- 1\n", "two.yaml": "a: 1\n---\nb: 2\n", "text": "plain, with {braces} and \\ more",
                "number": "42", "zeros": "007", "quoted": "'42'", "double": "\"true\"", "list": "{a,b,3}", "none": "null", "several": "1,b=2",
                "empty": "", "lines": "one\ntwo\n",
            }),
        ),
        object(
            "Secret",
            "values",
            json!({"values.yaml": encode("password: s3cret\na:\n  x: 3\n"), "key": encode("s3cret")}),
        ),
        object(
            "ConfigMap",
            "vars",
            json!({"region": "eu\n", "zone": "a", "lines": "one\ntwo\n", "empty": ""}),
        ),
        object("Secret", "vars", json!({"token": encode("s3cret\n"), "zone": encode("b")})),
    ]
}

/// Names and specs of HelmReleases with values from everywhere.
pub(super) fn value_cases() -> Vec<(String, Value)> {
    let map = |more: Value| {
        let mut reference = json!({"kind": "ConfigMap", "name": "values"});
        json_patch::merge(&mut reference, &more);
        reference
    };
    let at = |key: &str, path: &str| map(json!({"valuesKey": key, "targetPath": path}));
    let mut cases = vec![
        ("none", json!({})),
        ("inline", json!({"values": {"a": {"x": 9}, "when": "12:00", "on": "yes", "big": 9007199254740993_i64, "float": 1.5}})),
        ("map", json!({"valuesFrom": [map(json!({}))]})),
        ("key", json!({"valuesFrom": [map(json!({"valuesKey": "other.yaml"}))]})),
        ("several", json!({"valuesFrom": [map(json!({})), map(json!({"valuesKey": "other.yaml"})), {"kind": "Secret", "name": "values"}], "values": {"a": {"x": 9}}})),
        ("empty", json!({"valuesFrom": [map(json!({"valuesKey": "empty.yaml"}))]})),
        ("two", json!({"valuesFrom": [map(json!({"valuesKey": "two.yaml"}))]})),
        ("no-map", json!({"valuesFrom": [{"kind": "ConfigMap", "name": "none"}]})),
        ("no-secret", json!({"valuesFrom": [{"kind": "Secret", "name": "none"}]})),
        ("no-key", json!({"valuesFrom": [map(json!({"valuesKey": "none"}))]})),
        ("optional", json!({"valuesFrom": [{"kind": "Secret", "name": "none", "optional": true}, map(json!({"valuesKey": "none", "optional": true})), map(json!({}))]})),
        ("target-secret", json!({"valuesFrom": [{"kind": "Secret", "name": "values", "valuesKey": "key", "targetPath": "db.password"}]})),
        ("target-over-inline", json!({"valuesFrom": [at("number", "a.x")], "values": {"a": {"x": 1, "k": 2}}})),
        ("target-over-both", json!({"valuesFrom": [map(json!({})), at("number", "a.x")], "values": {"a": {"x": 1, "k": 2}}})),
        ("target-top", json!({"valuesFrom": [at("number", "port")], "values": {"port": 1}})),
        ("target-then-map", json!({"valuesFrom": [at("number", "a.x"), map(json!({}))]})),
        ("target-in-text", json!({"valuesFrom": [at("number", "a.b")], "values": {"a": "text"}})),
        ("target-in-map-as-list", json!({"valuesFrom": [at("number", "a[0]")], "values": {"a": {"x": 1}}})),
        ("target-in-null", json!({"valuesFrom": [map(json!({"valuesKey": "other.yaml"})), at("number", "list[1].n"), at("number", "list[3].n")]})),
        ("literal", json!({"valuesFrom": [map(json!({"valuesKey": "text", "targetPath": "a.b", "literal": true}))]})),
        ("literal-lines", json!({"valuesFrom": [map(json!({"valuesKey": "lines", "targetPath": "a.b", "literal": true}))]})),
    ]
    .into_iter()
    .map(|(name, spec)| (name.to_owned(), spec))
    .collect::<Vec<_>>();
    for key in ["number", "zeros", "quoted", "double", "list", "none", "several", "empty", "lines", "text"] {
        cases.push((format!("typed-{key}"), json!({"valuesFrom": [at(key, "a.b")]})));
    }
    for (name, path) in [
        ("index", "a[0]"),
        ("later-index", "a[2]"),
        ("nested", "a[0][1]"),
        ("field", "a[1].b"),
        ("dotted", "a\\.b.c"),
        ("rest", "a[0]b"),
        ("large", "a[70000]"),
        ("blank", "a..b"),
        ("ending", "a."),
        ("dot", "."),
        ("deep", &["a"; 32].join(".")),
    ] {
        cases.push((format!("path-{name}"), json!({"valuesFrom": [at("number", path)]})));
    }
    cases
}

/// Names and specs of Kustomizations with variables from everywhere.
pub(super) fn variable_cases() -> Vec<(String, Value)> {
    let from = |references: Value, inline: Value| json!({"postBuild": {"substituteFrom": references, "substitute": inline}});
    let (map, secret) =
        (json!({"kind": "ConfigMap", "name": "vars"}), json!({"kind": "Secret", "name": "vars"}));
    let missing = json!({"kind": "Secret", "name": "none", "optional": true});
    [
        ("none", json!({})),
        ("empty", json!({"postBuild": {}})),
        ("inline", from(json!(null), json!({"b": "1\n2", "a": ""}))),
        ("map", from(json!([map]), json!(null))),
        ("both", from(json!([map, secret]), json!({"region": "us"}))),
        ("turned", from(json!([secret, map]), json!(null))),
        ("optional", from(json!([missing, map]), json!(null))),
        ("missing", from(json!([{"kind": "Secret", "name": "none"}]), json!(null))),
        ("missing-map", from(json!([{"kind": "ConfigMap", "name": "none"}]), json!(null))),
    ]
    .map(|(name, spec)| (name.to_owned(), spec))
    .to_vec()
}
