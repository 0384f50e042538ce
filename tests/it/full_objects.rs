//! Objects with every field set, made from the schema of their kind, so that a new field is tested from its first day.

use fluxr::testing::api::Kind;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// An object of a kind that leaves out no field, but those that exclude another one.
///
/// Where two fields exclude each other there is one object for each; `variant` counts from 0, and `None` ends the count.
pub fn full_object(kind: &Kind, variant: usize) -> Option<Value> {
    if variant >= variants(kind.kind) {
        return None;
    }
    let definition = fluxr::testing::kind::definition(kind);
    let properties = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"];
    let mut object = json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": format!("full-{variant}"), "namespace": "default"},
    });
    for part in ["spec", "status"] {
        if let Some(schema) = properties.get(part) {
            object[part] = value_of(schema, part, &|path| choice(kind.kind, variant, path));
        }
    }
    Some(object)
}

/// A [`full_object`] whose optional fields are empty, as far as the schema allows: `""`, `false`, 0, `[]`, `{}`.
pub fn empty_object(kind: &Kind, variant: usize) -> Option<Value> {
    let mut object = full_object(kind, variant)?;
    make_empty(&spec_schema(kind), &mut object["spec"]);
    Some(object)
}

/// An object with the required fields only.
pub fn bare_object(kind: &Kind) -> Value {
    let mut object = full_object(kind, 0).unwrap();
    // Rules between fields ask for these.
    let kept = match kind.kind {
        "HelmRelease" => object["spec"].get("chart").cloned().map(|chart| ("chart", chart)),
        "Receiver" => object["spec"].get("secretRef").cloned().map(|secret| ("secretRef", secret)),
        _ => None,
    };
    make_bare(&spec_schema(kind), &mut object["spec"]);
    if let Some((name, value)) = kept {
        object["spec"][name] = value;
    }
    object
}

fn spec_schema(kind: &Kind) -> Value {
    let definition = fluxr::testing::kind::definition(kind);
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"].clone()
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|field| field == name))
}

fn make_empty(schema: &Value, value: &mut Value) {
    let Value::Object(fields) = value else {
        if let Value::Array(items) = value {
            items.iter_mut().for_each(|item| make_empty(&schema["items"], item));
        }
        return;
    };
    for (name, inner) in fields {
        let property = &schema["properties"][name];
        let limits = ["enum", "pattern", "format", "minLength", "minItems"];
        let is_free = limits.iter().all(|limit| property.get(limit).is_none());
        match inner {
            _ if is_required(schema, name) || !is_free => make_empty(property, inner),
            Value::String(_) => *inner = json!(""),
            Value::Bool(_) => *inner = json!(false),
            Value::Number(_) if property["minimum"].as_f64().is_none_or(|least| least <= 0.0) => {
                *inner = json!(0)
            }
            Value::Array(_) => *inner = json!([]),
            Value::Object(_) if property.get("properties").is_none() => *inner = json!({}),
            _ => make_empty(property, inner),
        }
    }
}

fn make_bare(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if schema.get("properties").is_some() {
                fields.retain(|name, _| is_required(schema, name));
            }
            fields.iter_mut().for_each(|(name, inner)| make_bare(&schema["properties"][name], inner));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_bare(&schema["items"], item)),
        _ => {}
    }
}

/// What a field is set to.
enum Choice {
    /// A value made from the schema.
    Any,
    This(Value),
    Nothing,
}

fn variants(kind: &str) -> usize {
    match kind {
        "Bucket" | "GitRepository" | "HelmRelease" | "Kustomization" | "Provider" | "Receiver" => 2,
        _ => 1,
    }
}

/// The choices that the CEL rules of the schemas ask for.
fn choice(kind: &str, variant: usize, path: &str) -> Choice {
    use Choice::Any;
    use Choice::Nothing;
    use Choice::This;
    let only_in = |wanted: usize| if variant == wanted { Any } else { Nothing };
    match (kind, path) {
        ("Bucket", "spec.provider") => This(json!(["generic", "aws"][variant])),
        ("Bucket", "spec.sts.provider") => This(json!(["ldap", "aws"][variant])),
        ("Bucket", "spec.sts.secretRef" | "spec.sts.certSecretRef" | "spec.secretRef") => only_in(0),
        ("Bucket", "spec.serviceAccountName") => only_in(1),
        ("GitRepository", "spec.provider") => This(json!(["github", "azure"][variant])),
        ("GitRepository", "spec.serviceAccountName") => only_in(1),
        ("HelmRelease", "spec.chart") => only_in(0),
        ("HelmRelease", "spec.chartRef") => only_in(1),
        ("HelmRelease" | "Kustomization", "spec.kubeConfig.secretRef") => only_in(0),
        ("HelmRelease" | "Kustomization", "spec.kubeConfig.configMapRef") => only_in(1),
        ("HelmRelease", "spec.install.strategy.name" | "spec.upgrade.strategy.name") => {
            This(json!("RetryOnFailure"))
        }
        // What is here concerns only the chart: the types must not touch it.
        ("HelmRelease", "spec.values") => {
            This(json!({"replicas": 2, "on": "yes", "list": [1, "two", {"deep": 1.5}], "unset": null}))
        }
        ("ImagePolicy", "spec.digestReflectionPolicy") => This(json!("Always")),
        ("Provider", "spec.type") => This(json!(["gitea", "slack"][variant])),
        ("Provider", "spec.commitStatusExpr") => only_in(0),
        ("Receiver", "spec.type") => This(json!(["github", "generic-oidc"][variant])),
        ("Receiver", "spec.secretRef") => only_in(0),
        ("Receiver", "spec.oidcProviders") => only_in(1),
        ("ArtifactGenerator", "spec.artifacts[].name") => This(json!("some-name")),
        _ => Any,
    }
}

fn value_of(schema: &Value, path: &str, choose: &dyn Fn(&str) -> Choice) -> Value {
    if let Some(first) = schema.pointer("/enum/0") {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let mut object = Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                let inner = format!("{path}.{name}");
                match choose(&inner) {
                    Choice::Any => object.insert(name.clone(), value_of(property, &inner, choose)),
                    Choice::This(value) => object.insert(name.clone(), value),
                    Choice::Nothing => None,
                };
            }
            if let Some(inner) = schema.get("additionalProperties") {
                object.insert("key".to_owned(), value_of(inner, path, choose));
            }
            Value::Object(object)
        }
        Some("array") => json!([value_of(&schema["items"], &format!("{path}[]"), choose)]),
        Some("boolean") => json!(true),
        Some("integer") => json!(7),
        Some("string") => json!(text_of(schema, path)),
        other => panic!("{path}: no value for type {other:?}"),
    }
}

fn text_of(schema: &Value, path: &str) -> &'static str {
    if schema["format"] == "date-time" {
        return "2026-02-03T04:05:06Z";
    }
    let Some(pattern) = schema["pattern"].as_str() else { return "some text" };
    let candidates = [
        "1m0s",
        "https://example.com/x",
        "oci://example.com/x",
        "sha256:0123abcd",
        "@artifact/a/b",
        "@alias/a/*.yaml",
        "@alias",
        "some-name",
        "SomeReason",
    ];
    let matcher = regex::Regex::new(pattern).unwrap();
    candidates
        .into_iter()
        .find(|text| matcher.is_match(text))
        .unwrap_or_else(|| panic!("{path}: no text for pattern {pattern}"))
}
