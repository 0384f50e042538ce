//! From Rust types to a CustomResourceDefinition: what schemars says, finished as the API server and Go's tools want it.
//!
//! The finished definition means the same to an API server as that of the controllers (the real tier compares them); only the
//! descriptions are our own.

use super::resource::Kind;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What a definition consists of.
pub struct Definition {
    pub kind: &'static Kind,
    /// The category beside `all` and `fluxcd`.
    pub category: &'static str,
    /// The columns that `kubectl get` shows.
    pub columns: &'static [PrinterColumn],
    pub spec: Type,
    pub status: Option<Type>,
    /// Whether a new object says that no generation was observed yet.
    pub starts_unobserved: bool,
}

/// The Rust type of a spec or a status.
pub struct Type {
    schema: Value,
    /// Reads a value into the type and writes it again.
    pub rewritten: fn(&Value) -> serde_json::Result<Value>,
}

impl Type {
    pub fn of<T: DeserializeOwned + JsonSchema + Serialize>() -> Self {
        let rewritten = |value: &Value| serde_json::to_value(T::deserialize(value)?);
        Self { schema: schema_of::<T>(), rewritten }
    }
}

/// A column of `kubectl get`.
pub struct PrinterColumn {
    pub name: &'static str,
    pub json_path: &'static str,
    /// A moment, shown as an age; otherwise a text.
    pub date: bool,
    /// 0 is always shown, 1 only with `-o wide`.
    pub priority: u8,
}

pub const AGE: PrinterColumn =
    PrinterColumn { name: "Age", json_path: ".metadata.creationTimestamp", date: true, priority: 0 };
pub const READY: PrinterColumn = PrinterColumn {
    name: "Ready",
    json_path: r#".status.conditions[?(@.type=="Ready")].status"#,
    date: false,
    priority: 0,
};
pub const STATUS: PrinterColumn = PrinterColumn {
    name: "Status",
    json_path: r#".status.conditions[?(@.type=="Ready")].message"#,
    date: false,
    priority: 0,
};

impl Definition {
    /// The whole CustomResourceDefinition.
    pub fn build(self) -> Value {
        let kind = self.kind;
        let mut names = json!({
            "categories": ["all", "fluxcd", self.category],
            "kind": kind.kind,
            "listKind": format!("{}List", kind.kind),
            "plural": kind.plural,
            "singular": kind.kind.to_lowercase(),
        });
        if !kind.noun.short.is_empty() {
            names["shortNames"] = json!(kind.noun.short);
        }
        let mut properties = json!({
            "apiVersion": {"type": "string", "description": "Group and version of the object."},
            "kind": {"type": "string", "description": "Kind of the object."},
            "metadata": {"type": "object"},
            "spec": self.spec.schema,
        });
        let mut subresources = json!({});
        if let Some(Type { schema: mut status, .. }) = self.status {
            if self.starts_unobserved {
                status["default"] = json!({"observedGeneration": -1});
            }
            properties["status"] = status;
            subresources["status"] = json!({});
        }
        let columns: Vec<Value> = self.columns.iter().map(PrinterColumn::build).collect();
        json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {
                "name": format!("{}.{}", kind.plural, kind.group),
                "annotations": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"},
            },
            "spec": {
                "group": kind.group,
                "names": names,
                "scope": "Namespaced",
                "versions": [{
                    "name": kind.version,
                    "served": true,
                    "storage": true,
                    "additionalPrinterColumns": columns,
                    "schema": {"openAPIV3Schema": {
                        "type": "object",
                        "description": format!("One {} of Flux.", kind.kind),
                        "properties": properties,
                    }},
                    "subresources": subresources,
                }],
            },
        })
    }
}

impl PrinterColumn {
    fn build(&self) -> Value {
        let mut column = json!({
            "name": self.name,
            "jsonPath": self.json_path,
            "type": if self.date { "date" } else { "string" },
        });
        if self.priority > 0 {
            column["priority"] = json!(self.priority);
        }
        column
    }
}

/// The structural schema of a type.
fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    finish(&mut schema);
    schema
}

/// Makes up for what schemars says otherwise than a Go author would.
fn finish(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    take_out_null(map);
    // Go's `int` has no format; only 64-bit integers say theirs.
    if !matches!(map.get("format").and_then(Value::as_str), Some("int64" | "date-time") | None) {
        map.remove("format");
    }
    map.remove("title");
    map.remove("$schema");
    if map.get("x-kubernetes-preserve-unknown-fields").is_some() {
        map.remove("type");
    }
    for key in ["minimum", "maximum"] {
        if let Some(limit) = map.get(key).and_then(Value::as_f64) {
            map.insert(key.to_owned(), json!(limit.round() as i64));
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            finish(inner);
        }
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        for property in properties.values_mut() {
            finish(property);
        }
    }
}

/// An optional field is one that is not required; to the API server `null` is another thing.
fn take_out_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(alternatives)) = map.remove("anyOf") {
        let chosen = alternatives.into_iter().find(|schema| schema.get("type") != Some(&json!("null")));
        if let Some(Value::Object(chosen)) = chosen {
            for (key, value) in chosen {
                map.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if map.get("default").is_some_and(Value::is_null) {
        map.remove("default");
    }
}
