//! Every way to break the schema of a kind: one change per constraint, made from the schema itself.

use serde_json::Value;
use serde_json::json;

/// An object that breaks one rule, and what the API server must say about it.
pub struct Violation {
    pub object: Value,
    /// The field as the API server names it, e.g. `spec.include[0].repository`.
    pub field: String,
    /// A part of its message.
    pub says: String,
}

/// All violations of the constraints on the fields that `object` has.
pub fn violations(schema: &Value, object: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    for part in ["spec", "status"] {
        if object.get(part).is_some() {
            let place = Place { pointer: format!("/{part}"), field: part.to_owned() };
            break_field(&schema["properties"][part], object, &place, &mut found);
        }
    }
    found
}

/// Where a field is: for changing it, and for recognising it in a message.
struct Place {
    pointer: String,
    field: String,
}

impl Place {
    fn key(&self, name: &str) -> Self {
        Self { pointer: format!("{}/{name}", self.pointer), field: format!("{}.{name}", self.field) }
    }

    fn first(&self) -> Self {
        Self { pointer: format!("{}/0", self.pointer), field: format!("{}[0]", self.field) }
    }
}

fn break_field(schema: &Value, object: &Value, place: &Place, found: &mut Vec<Violation>) {
    let Some(present) = object.pointer(&place.pointer) else { return };
    let mut set = |value: Value, says: &str| {
        let mut broken = object.clone();
        *broken.pointer_mut(&place.pointer).unwrap() = value;
        found.push(Violation { object: broken, field: place.field.clone(), says: says.to_owned() });
    };
    let is_moment = schema["format"] == "date-time";
    match schema["type"].as_str() {
        Some("string") if is_moment => set(json!(7), "must be of type date-time"),
        Some("string") => set(json!(7), "must be of type string"),
        Some(kind) => set(json!("not this type"), &format!("must be of type {kind}")),
        None => {}
    }
    if schema.get("enum").is_some() {
        set(json!("no-such-value"), "Unsupported value");
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        let matcher = regex::Regex::new(pattern).unwrap();
        let wrong = ["~ ~", ":x"].into_iter().find(|text| !matcher.is_match(text)).unwrap();
        set(json!(wrong), "should match");
    }
    if is_moment {
        set(json!("yesterday"), "must be of type date-time");
    }
    let bound = |name: &str| schema[name].as_u64().map(|bound| bound as usize);
    if bound("minLength").is_some() {
        set(json!(""), "at least 1 chars long");
    }
    if let Some(most) = bound("maxLength") {
        set(json!("a".repeat(most + 1)), "Too long");
    }
    if bound("minItems").is_some() {
        set(json!([]), "at least 1 items");
    }
    if let Some(most) = bound("maxItems") {
        set(json!(vec![present[0].clone(); most + 1]), "Too many");
    }
    if bound("minimum").is_some() {
        set(json!(-1), "greater than or equal to 0");
    }
    if schema["x-kubernetes-list-type"] == "map" {
        let mut broken = object.clone();
        *broken.pointer_mut(&place.pointer).unwrap() = json!([present[0], present[0]]);
        let field = format!("{}[1]", place.field);
        found.push(Violation { object: broken, field, says: "Duplicate value".to_owned() });
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        // The API server fills in a default before it looks for what is missing.
        if schema["properties"][name].get("default").is_none() {
            let mut broken = object.clone();
            broken.pointer_mut(&place.pointer).and_then(Value::as_object_mut).unwrap().remove(name);
            let field = place.key(name).field;
            found.push(Violation { object: broken, field, says: "Required value".to_owned() });
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        break_field(property, object, &place.key(name), found);
    }
    if let Some(inner) = schema.get("additionalProperties") {
        break_field(inner, object, &place.key("key"), found);
    }
    if let Some(inner) = schema.get("items") {
        break_field(inner, object, &place.first(), found);
    }
}

/// A violation of a CEL rule: a kind, the variant of its full object, what is set or (with null) taken out, and the start of the message.
pub type RuleViolation = (&'static str, usize, Vec<(&'static str, Value)>, &'static str);

/// One violation for every CEL rule.
pub fn rule_violations() -> Vec<RuleViolation> {
    let name = || json!({"name": "x"});
    let provider = || json!([{"issuerURL": "https://example.com", "validations": [{"expression": "x", "message": "x"}]}]);
    let nothing = || Value::Null;
    let one_access = "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef";
    vec![
        ("Bucket", 0, vec![("/spec/provider", json!("azure"))], "STS configuration is only supported"),
        ("Bucket", 0, vec![("/spec/provider", json!("aws"))], "'aws' is the only supported STS provider"),
        (
            "Bucket",
            0,
            vec![("/spec/sts/provider", json!("aws"))],
            "'ldap' is the only supported STS provider",
        ),
        ("Bucket", 1, vec![("/spec/sts/secretRef", name())], "spec.sts.secretRef is not required"),
        ("Bucket", 1, vec![("/spec/sts/certSecretRef", name())], "spec.sts.certSecretRef is not required"),
        ("Bucket", 0, vec![("/spec/serviceAccountName", json!("x"))], "ServiceAccountName is not supported"),
        ("Bucket", 1, vec![("/spec/secretRef", name())], "cannot set both"),
        (
            "GitRepository",
            0,
            vec![("/spec/serviceAccountName", json!("x"))],
            "serviceAccountName can only be set",
        ),
        ("HelmChart", 0, vec![("/spec/sourceRef/kind", json!("Bucket"))], "spec.verify is only supported"),
        ("HelmRelease", 0, vec![("/spec/chart", nothing())], "either chart or chartRef must be set"),
        (
            "HelmRelease",
            0,
            vec![("/spec/install/strategy/name", json!("RemediateOnFailure"))],
            ".retryInterval cannot be set",
        ),
        (
            "HelmRelease",
            0,
            vec![("/spec/upgrade/strategy/name", json!("RemediateOnFailure"))],
            ".retryInterval can only be set",
        ),
        ("HelmRelease", 0, vec![("/spec/kubeConfig/secretRef", nothing())], one_access),
        ("HelmRelease", 0, vec![("/spec/kubeConfig/configMapRef", name())], one_access),
        ("Kustomization", 0, vec![("/spec/kubeConfig/secretRef", nothing())], one_access),
        ("Kustomization", 0, vec![("/spec/kubeConfig/configMapRef", name())], one_access),
        (
            "ImagePolicy",
            0,
            vec![("/spec/digestReflectionPolicy", json!("Never"))],
            "spec.interval is only accepted",
        ),
        ("ImagePolicy", 0, vec![("/spec/interval", nothing())], "spec.interval must be set"),
        ("Provider", 0, vec![("/spec/type", json!("slack"))], "spec.commitStatusExpr is only supported"),
        ("Receiver", 1, vec![("/spec/oidcProviders", nothing())], "generic-oidc receivers must define"),
        ("Receiver", 0, vec![("/spec/oidcProviders", provider())], "oidcProviders can only be set"),
        ("Receiver", 1, vec![("/spec/secretRef", name())], "secretRef cannot be set"),
        ("Receiver", 0, vec![("/spec/secretRef", nothing())], "secretRef is required"),
        (
            "ArtifactGenerator",
            0,
            vec![("/spec/pathPattern", nothing()), ("/spec/artifacts/0/name", json!("{app}"))],
            "artifact names must be valid",
        ),
    ]
}

/// Sets a field, or takes it out when the value is null.
pub fn change(object: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = object.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name).unwrap();
    } else {
        parent.insert(name.to_owned(), value);
    }
}

/// The number of CEL rules in a schema.
pub fn count_rules(schema: &Value) -> usize {
    let own = schema["x-kubernetes-validations"].as_array().map_or(0, Vec::len);
    let inside = |key: &str| schema.get(key).map_or(0, count_rules);
    let properties = schema["properties"].as_object().into_iter().flatten();
    own + inside("items")
        + inside("additionalProperties")
        + properties.map(|(_, property)| count_rules(property)).sum::<usize>()
}
