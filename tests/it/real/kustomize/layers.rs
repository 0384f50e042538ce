//! Whole trees: bases, overlays and components, each with many fields.

use super::generate::write;
use super::generate::write_all;
use super::objects::KINDS;
use super::objects::NAMES;
use super::objects::NAMESPACES;
use super::objects::object;
use super::random::Random;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// A tree of up to three layers, with components.
pub fn layers(random: &mut Random, folder: &Path) {
    let depth = random.below(3);
    layer(random, folder, depth, false);
}

fn layer(random: &mut Random, folder: &Path, depth: usize, is_component: bool) -> Vec<Value> {
    let mut top = json!({});
    if is_component {
        top = json!({"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"});
    }
    let (mut resources, mut known) = (Vec::new(), Vec::new());
    if depth > 0 {
        for at in 0..=usize::from(random.percent(30)) {
            let base = format!("base-{at}");
            known.extend(layer(random, &folder.join(&base), depth - 1, false));
            resources.push(base);
        }
    }
    if depth == 0 || random.percent(50) {
        let most = if is_component { 2 } else { 6 };
        let mut seen = BTreeSet::new();
        let mut own = random.some(most, object);
        own.retain(|object| seen.insert(identity(object)));
        write_all(folder, "objects.yaml", &own);
        resources.push("objects.yaml".to_owned());
        known.extend(own);
    }
    if random.percent(70) {
        resources.reverse();
    }
    top["resources"] = json!(resources);
    if !is_component && random.percent(25) {
        known.extend(layer(random, &folder.join("part"), 0, true));
        top["components"] = json!(["part"]);
    }
    generators(random, &mut top);
    plain(random, &mut top);
    changes(random, &known, &mut top);
    write(folder, "kustomization.yaml", &top);
    known
}

/// What two objects of one layer must not share.
fn identity(object: &Value) -> String {
    let namespace = object["metadata"]["namespace"].as_str().unwrap_or("default");
    format!("{} {} {namespace}", object["kind"], object["metadata"]["name"])
}

fn generators(random: &mut Random, top: &mut Value) {
    for field in ["configMapGenerator", "secretGenerator"] {
        if !random.percent(25) {
            continue;
        }
        let mut generator =
            json!({"name": random.choose(&["made", "made", "keys"]), "literals": ["a=b", "k=$(V1)"]});
        match random.below(10) {
            0 | 1 => generator["behavior"] = json!("merge"),
            2 => generator["behavior"] = json!("replace"),
            _ => {}
        }
        if random.percent(30) {
            generator["options"] = json!({"disableNameSuffixHash": random.percent(50), "labels": {"of": "one"}, "immutable": random.percent(30)});
        }
        if random.percent(20) {
            generator["namespace"] = json!("shop");
        }
        top[field] = json!([generator]);
    }
    if random.percent(15) {
        top["generatorOptions"] = json!({"labels": {"of": "all"}, "annotations": {"made": "yes"}, "disableNameSuffixHash": random.percent(30)});
    }
}

/// Fields that take any value.
fn plain(random: &mut Random, top: &mut Value) {
    for (field, percent, values) in [
        ("namePrefix", 30, [json!("p-"), json!("q-"), json!("")]),
        ("nameSuffix", 25, [json!("-s"), json!("-t"), json!("-2")]),
        ("namespace", 30, [json!("shop"), json!("apps"), json!("default")]),
        ("commonLabels", 20, [json!({"team": "c"}), json!({"app": "d", "num": "1"}), json!({})]),
        ("commonAnnotations", 20, [json!({"note": "n"}), json!({"yes": "true"}), json!({"x/y": ""})]),
        (
            "buildMetadata",
            8,
            [
                json!(["originAnnotations"]),
                json!(["transformerAnnotations", "managedByLabel"]),
                json!(["originAnnotations", "transformerAnnotations"]),
            ],
        ),
        (
            "sortOptions",
            12,
            [
                json!({"order": "fifo"}),
                json!({"order": "legacy"}),
                json!({"order": "legacy", "legacySortOptions": {"orderFirst": ["Thing", "Pod"], "orderLast": ["ConfigMap"]}}),
            ],
        ),
        (
            "images",
            25,
            [
                json!([{"name": "nginx", "newTag": "9"}]),
                json!([{"name": "busybox", "newName": "box", "digest": "sha256:fff"}]),
                json!([{"name": "nginx", "newName": "hub.example.com/n", "tagSuffix": "-x"}, {"name": "redis", "newTag": "8", "digest": "sha256:eee"}]),
            ],
        ),
        (
            "labels",
            25,
            [
                json!([{"pairs": {"l": "m"}}]),
                json!([{"pairs": {"app": "m", "x": "1"}, "includeSelectors": true}]),
                json!([{"pairs": {"l": "m"}, "includeTemplates": true}, {"pairs": {"o": "p"}, "fields": [{"path": "spec/map", "kind": "Thing"}]}]),
            ],
        ),
    ] {
        if random.percent(percent) {
            top[field] = values[random.below(values.len())].clone();
        }
    }
}

/// Changes to objects that are there.
fn changes(random: &mut Random, known: &[Value], top: &mut Value) {
    if known.is_empty() {
        return;
    }
    if random.percent(35) {
        top["patches"] = Value::Array(random.some(2, |random| patch(random, known)));
    }
    if random.percent(8) {
        let object = &known[random.below(known.len())];
        top["patchesStrategicMerge"] = json!([merge(random, object).to_string()]);
    }
    if random.percent(30) {
        top["replacements"] = Value::Array(random.some(2, |random| replacement(random, known)));
    }
    let scaled: Vec<&Value> =
        known.iter().filter(|object| ["Deployment", "StatefulSet"].contains(&kind(object))).collect();
    if !scaled.is_empty() && random.percent(20) {
        let name = &scaled[random.below(scaled.len())]["metadata"]["name"];
        top["replicas"] = json!([{"name": name, "count": random.below(9)}]);
    }
    if random.percent(15) {
        let mut at = random.below(2);
        top["vars"] = Value::Array(random.some(1, |random| {
            at += 1;
            let object = &known[random.below(known.len())];
            let mut var = json!({"name": format!("V{at}"), "objref": {"apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"]}});
            if random.percent(20) {
                var["fieldref"] = json!({"fieldPath": random.choose(&["metadata.namespace", "kind", "spec.ports[0].port"])});
            }
            var
        }));
    }
    if random.percent(10) {
        let place = json!([{"path": "metadata/name", "kind": KINDS[random.below(KINDS.len())].1}]);
        let affix = json!({"apiVersion": "builtin", "kind": "PrefixSuffixTransformer", "metadata": {"name": "t"}, "prefix": random.choose(&["", "x-"]), "suffix": random.choose(&["", "-y"]), "fieldSpecs": place});
        top["transformers"] = json!([affix.to_string()]);
    }
}

fn kind(object: &Value) -> &str {
    object["kind"].as_str().unwrap_or_default()
}

fn selector(random: &mut Random, known: &[Value]) -> Value {
    let object = &known[random.below(known.len())];
    let mut selector = json!({});
    if random.percent(80) {
        selector["kind"] = object["kind"].clone();
    }
    match random.below(6) {
        0 => selector["name"] = json!(format!("{}.*", object["metadata"]["name"].as_str().unwrap())),
        1 => {
            selector["labelSelector"] = json!(random.choose(&["app=web", "team", "!app", "app in (web,db)"]))
        }
        2 => selector["namespace"] = json!(random.choose(&NAMESPACES[3..])),
        3 => selector["group"] = json!(random.choose(&["apps", "", "example.com"])),
        4 => {}
        _ => selector["name"] = object["metadata"]["name"].clone(),
    }
    selector
}

fn patch(random: &mut Random, known: &[Value]) -> Value {
    let object = &known[random.below(known.len())];
    if random.percent(45) {
        let mut patch = json!({"patch": merge(random, object).to_string()});
        if random.percent(50) {
            patch["target"] = selector(random, known);
        }
        if random.percent(15) {
            patch["options"] =
                json!({"allowNameChange": random.percent(50), "allowKindChange": random.percent(50)});
        }
        return patch;
    }
    let operations = random.some(1, |random| match random.below(8) {
        0 => json!({"op": "replace", "path": "/metadata/name", "value": random.choose(&NAMES)}),
        1 => json!({"op": "add", "path": "/metadata/namespace", "value": "moved"}),
        2 => json!({"op": "remove", "path": "/metadata/labels"}),
        3 => json!({"op": "add", "path": "/spec/new", "value": [1, "x", null]}),
        4 => json!({"op": "add", "path": "/data/k", "value": "2"}),
        _ => json!({"op": "add", "path": "/metadata/annotations", "value": {"by": "patch", "n": "1"}}),
    });
    let mut patch = json!({"patch": json!(operations).to_string(), "target": selector(random, known)});
    if random.percent(50) {
        patch["options"] = json!({"allowNameChange": true});
    }
    patch
}

/// A strategic merge patch for an object.
fn merge(random: &mut Random, object: &Value) -> Value {
    let mut patch = json!({"apiVersion": object["apiVersion"], "kind": object["kind"], "metadata": {"name": object["metadata"]["name"]}});
    if let Some(namespace) = object["metadata"]["namespace"].as_str().filter(|_| random.percent(90)) {
        patch["metadata"]["namespace"] = json!(namespace);
    }
    match random.below(7) {
        0 => patch["$patch"] = json!("delete"),
        1 => patch["metadata"]["labels"] = json!({"app": null, "patched": "yes"}),
        2 => patch["metadata"]["annotations"] = json!({"note": "patched", "n": "1"}),
        3 if object["spec"]["template"].is_object() => {
            let container = json!({"name": "main", "image": "nginx:9", "env": [{"name": "A", "value": "new"}, {"name": "B", "$patch": "delete"}], "ports": [{"containerPort": 80, "hostPort": 1}]});
            patch["spec"] = json!({"template": {"spec": {"containers": [container, {"name": "side", "$patch": "delete"}, {"name": "new", "image": "redis"}]}}});
        }
        4 if object["spec"]["template"].is_object() => {
            patch["spec"] = json!({"template": {"spec": {"volumes": [{"name": "v", "emptyDir": {}}, {"name": "x", "configMap": {"name": "keys"}}], "nodeSelector": {"$patch": "replace", "a": "b"}}}});
        }
        5 => {
            patch["spec"] = json!({"list": [{"name": "two", "value": 3}], "map": {"deep": null, "more": "x"}})
        }
        _ => patch["data"] = json!({"k": "patched", "host": null}),
    }
    patch
}

fn replacement(random: &mut Random, known: &[Value]) -> Value {
    let source = &known[random.below(known.len())];
    let fields = [
        "metadata.name",
        "metadata.name",
        "kind",
        "apiVersion",
        "metadata.namespace",
        "data.k",
        "data.host",
        "spec.replicas",
        "metadata.labels",
    ];
    let mut from = json!({"kind": source["kind"], "name": source["metadata"]["name"], "fieldPath": random.choose(&fields)});
    if random.percent(20) {
        from["options"] = json!({"delimiter": random.choose(&["/", "-", ":"]), "index": random.below(2)});
    }
    let places = [
        "metadata.annotations.from",
        "metadata.annotations.from",
        "metadata.labels.from",
        "spec.a",
        "data.k",
        "data.new",
        "spec.list.[name=one].value",
        "spec.template.spec.containers.*.image",
        "spec.template.spec.containers.[name=main].env.[name=A].value",
        "metadata.namespace",
    ];
    let targets = random.some(1, |random| {
        let mut target = json!({"select": selector(random, known), "fieldPaths": random.some(1, |random| random.choose(&places))});
        if random.percent(85) {
            target["options"] = json!({"create": true});
        }
        if random.percent(20) {
            target["options"]["delimiter"] = json!(random.choose(&["/", ":"]));
            target["options"]["index"] = json!(i64::try_from(random.below(4)).unwrap() - 1);
        }
        if random.percent(20) {
            target["reject"] = json!([selector(random, known)]);
        }
        target
    });
    json!({"source": from, "targets": targets})
}
