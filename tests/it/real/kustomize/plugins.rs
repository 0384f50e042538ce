//! Generators, transformers and validators that are objects, vars, and definitions of types.

use super::generate::scalar;
use super::generate::things;
use super::generate::write;
use super::generate::write_all;
use super::random::Random;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

const PLACES: [&str; 9] = [
    "metadata/labels",
    "metadata/annotations",
    "spec/labels",
    "spec/more/pairs",
    "spec/selector",
    "spec/namespace",
    "spec/replicas",
    "spec/image",
    "spec/items/image",
];

fn specs(random: &mut Random, paths: &[&str]) -> Value {
    Value::Array(random.some(3, |random| {
        let mut spec = json!({"path": random.choose(paths), "create": random.percent(40)});
        if random.percent(30) {
            spec["kind"] = json!(random.choose(&["Deployment", "Thing", "ConfigMap"]));
        }
        spec
    }))
}

fn selector(random: &mut Random) -> Value {
    let mut selector = json!({});
    for (field, choices) in [
        ("kind", &["Deployment", "Thing", "ConfigMap", "Deploy.*", "(Thing|ConfigMap)"][..]),
        ("name", &["web", "thing", "settings", "t.*"][..]),
        ("group", &["apps", "example.com"][..]),
        ("labelSelector", &["team=a", "!team", "own in (label)"][..]),
    ] {
        if random.percent(35) {
            selector[field] = json!(random.choose(choices));
        }
    }
    selector
}

fn transformer(random: &mut Random, at: usize) -> Value {
    let kinds = [
        "AnnotationsTransformer",
        "LabelTransformer",
        "PrefixTransformer",
        "SuffixTransformer",
        "PrefixSuffixTransformer",
        "NamespaceTransformer",
        "ImageTagTransformer",
        "ReplicaCountTransformer",
        "PatchTransformer",
        "PatchJson6902Transformer",
        "PatchStrategicMergeTransformer",
        "ReplacementTransformer",
        "ValueAddTransformer",
        "HashTransformer",
    ];
    let kind = random.choose(&kinds);
    let mut object = json!({"apiVersion": "builtin", "kind": kind, "metadata": {"name": format!("t{at}")}});
    let mut set = |field: &str, value: Value| object[field] = value;
    let merge = json!({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "thing"}, "spec": {"added": scalar(random)}});
    match kind {
        "AnnotationsTransformer" => {
            set("annotations", json!({"a": "b", "c": "1"}));
            set("fieldSpecs", specs(random, &PLACES[..4]));
        }
        "LabelTransformer" => {
            set(
                "labels",
                if random.percent(90) { json!({"a": "b", "x": "yes"}) } else { json!({"true": "yes"}) },
            );
            set("fieldSpecs", specs(random, &PLACES[..5]));
        }
        "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
            set("prefix", json!(random.choose(&["p-", "q-"])));
            set("suffix", json!(random.choose(&["-s", "-t"])));
            if random.percent(95) {
                set(
                    "fieldSpecs",
                    specs(random, &["metadata/name", "metadata/name", "spec/name", "spec/more/name"]),
                );
            }
        }
        "NamespaceTransformer" => {
            set(
                "metadata",
                json!({"name": format!("t{at}"), "namespace": random.choose(&["shop", "x", ""])}),
            );
            set("unsetOnly", json!(random.percent(40)));
            let modes = ["defaultOnly", "allServiceAccounts", "none", ""];
            set("setRoleBindingSubjects", json!(random.choose(&modes)));
            if random.percent(60) {
                set(
                    "fieldSpecs",
                    specs(random, &["spec/namespace", "spec/ref/namespace", "subjects/namespace"]),
                );
            }
        }
        "ImageTagTransformer" => {
            set(
                "imageTag",
                json!({"name": "nginx", "newTag": random.choose(&["9", "8"]), "digest": random.choose(&["", "sha256:x"])}),
            );
            set("fieldSpecs", specs(random, &PLACES[7..]));
        }
        "ReplicaCountTransformer" => {
            set("replica", json!({"name": random.choose(&["web", "web", "thing"]), "count": 5}));
            set("fieldSpecs", specs(random, &["spec/replicas", "spec/more/count"]));
        }
        "PatchTransformer" => {
            let operations = json!([{"op": "add", "path": "/metadata/annotations", "value": {"a": "b"}}]);
            let patch = if random.percent(50) { operations.to_string() } else { merge.to_string() };
            set("patch", json!(patch));
            if random.percent(80) {
                set("target", selector(random));
            }
            if random.percent(40) {
                set(
                    "options",
                    json!({"allowNameChange": random.percent(50), "allowKindChange": random.percent(50)}),
                );
            }
        }
        "PatchJson6902Transformer" => {
            set("target", json!({"kind": "Thing", "name": "thing"}));
            set("jsonOp", json!("- {op: add, path: /spec/new, value: {a: [1, x]}}\n"));
        }
        "PatchStrategicMergeTransformer" => {
            set(random.choose(&["patches", "more"]), json!(merge.to_string()));
            if random.percent(70) {
                set("paths", json!([merge.to_string()]));
            }
        }
        "ReplacementTransformer" => {
            set(
                "replacements",
                json!([{
                    "source": {"kind": "ConfigMap", "name": "settings", "fieldPath": "data.a"},
                    "targets": [{"select": selector(random), "fieldPaths": ["spec.more.name"], "options": {"create": random.percent(70)}}],
                }]),
            );
        }
        "ValueAddTransformer" => {
            let paths = [
                "metadata/namespace",
                "spec/name",
                "spec/new/deep",
                "spec/items/[name=one]/image",
                "metadata/labels/x",
            ];
            let targets = random.some(2, |random| {
                let mut target =
                    json!({"fieldPath": random.choose(&paths), "filePathPosition": random.below(3)});
                if random.percent(60) {
                    target["selector"] = selector(random);
                }
                target
            });
            set("value", json!(random.choose(&["fruit", "2x"])));
            set("targets", Value::Array(targets));
        }
        _ => {}
    }
    object
}

fn generator(random: &mut Random, at: usize) -> Value {
    let kind = random.choose(&["ConfigMapGenerator", "SecretGenerator", "IAMPolicyGenerator"]);
    let name = random.choose(&["made", "more", "settings", "thing"]);
    let mut object =
        json!({"apiVersion": "builtin", "kind": kind, "metadata": {"name": format!("{name}{at}")}});
    if kind == "IAMPolicyGenerator" {
        object["cloud"] = json!(if random.percent(90) { "gke" } else { "other" });
        object["kubernetesService"] = json!({"name": "account", "namespace": random.choose(&["", "own"])});
        object["serviceAccount"] = json!({"name": "one", "projectId": "two"});
        return object;
    }
    object["literals"] = json!(["a=b", "c=d"]);
    if random.percent(40) {
        object["behavior"] = json!(random.choose(&["create", "merge", "replace"]));
        object["metadata"]["name"] = json!("settings");
    }
    if random.percent(40) {
        object["options"] = json!({"disableNameSuffixHash": random.percent(50), "labels": {"l": "m"}, "immutable": random.percent(50)});
    }
    object
}

fn vars(random: &mut Random) -> Value {
    let of = [
        (
            "example.com/v1",
            "Thing",
            "thing",
            &["", "spec.name", "spec.replicas", "spec.items[0].name", "spec.none", "spec.more"][..],
        ),
        ("v1", "ConfigMap", "settings", &["", "data.a", "metadata.namespace"][..]),
        ("apps/v1", "Deployment", "web", &["spec.replicas", "spec.namespace"][..]),
    ];
    let mut at = 0;
    Value::Array(random.some(3, |random| {
        at += 1;
        let (api_version, kind, name, paths) = of[random.below(3)];
        let mut var = json!({"name": format!("V{at}"), "objref": {"apiVersion": api_version, "kind": kind, "name": name}});
        let path = random.choose(paths);
        if !path.is_empty() {
            var["fieldref"] = json!({"fieldPath": path});
        }
        var
    }))
}

fn using_vars(random: &mut Random) -> Value {
    let texts = ["$(V1)", "x-$(V1)-$(V2)", "$$(V1)", "$(V3)", "$(V9)", "$(V1", "plain"];
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "user", "annotations": {"one": random.choose(&texts), "two": random.choose(&texts)}},
        "spec": {"containers": [{
            "name": "c",
            "image": "$(V1)",
            "args": [random.choose(&texts), random.choose(&texts)],
            "env": [{"name": "E", "value": random.choose(&texts)}],
        }]},
    })
}

const DEFINITIONS: &str = r#"{"Thing": {"Schema": {"properties": {"apiVersion": {}, "kind": {}, "metadata": {}, "spec": {"$ref": "Spec"}}}},
"Spec": {"Schema": {"properties": {
    "ref": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "ConfigMap"},
    "labels": {"x-kubernetes-label-selector": ""},
    "more": {"x-kubernetes-annotation": ""},
    "name": {"x-kubernetes-identity": ""}}}}}"#;

/// One layer, perhaps below another, with all that may be objects.
pub fn plugins(random: &mut Random, folder: &Path) {
    if random.percent(30) {
        let mut over = json!({"resources": ["base"], "nameSuffix": "-over"});
        if random.percent(50) {
            over["transformers"] = json!([transformer(random, 1).to_string()]);
        }
        if random.percent(30) {
            over["vars"] = vars(random);
        }
        write(folder, "kustomization.yaml", &over);
        layer(random, &folder.join("base"));
    } else {
        layer(random, folder);
    }
}

fn layer(random: &mut Random, folder: &Path) {
    let mut top = json!({"resources": ["things.yaml"]});
    write_all(folder, "things.yaml", &things(random, ""));
    std::fs::write(folder.join("types.json"), DEFINITIONS).unwrap();
    let mut at = 0;
    let mut objects = |random: &mut Random, make: fn(&mut Random, usize) -> Value, most: usize| {
        at += 1;
        let name = format!("objects-{at}.yaml");
        let mut index = 0;
        let made = random.some(most, |random| {
            index += 1;
            make(random, index)
        });
        if random.percent(50) {
            return json!(made.iter().map(Value::to_string).collect::<Vec<_>>());
        }
        write_all(folder, &name, &made);
        json!([name])
    };
    if random.percent(60) {
        top["transformers"] = objects(random, transformer, 3);
    }
    if random.percent(30) {
        top["generators"] = objects(random, generator, 2);
    }
    if random.percent(10) {
        top["validators"] = objects(random, transformer, 1);
    }
    if random.percent(40) {
        top["crds"] = json!(["types.json"]);
    }
    if random.percent(40) {
        top["vars"] = vars(random);
        top["resources"] = json!(["things.yaml", "user.yaml"]);
        write(folder, "user.yaml", &using_vars(random));
    }
    for (field, value) in [
        ("namePrefix", json!("p-")),
        ("namespace", json!("apps")),
        ("commonLabels", json!({"team": "a"})),
        ("buildMetadata", json!(["originAnnotations", "transformerAnnotations"])),
    ] {
        if random.percent(25) {
            top[field] = value;
        }
    }
    write(folder, "kustomization.yaml", &top);
}
