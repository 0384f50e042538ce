//! What tells the entries of a list apart.

use super::scalar::kind;
use super::scalar::text;
use serde_json::Value;
use std::collections::HashSet;

/// Fields that usually name an entry, those before preferred to those behind.
const USUAL: [&str; 4] = ["name", "key", "id", "manager"];

/// How many entries a list must have at least for another field to be taken for a name.
const ENOUGH: usize = 4;

/// What tells the entries of two lists apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identifier {
    /// A field that every entry has with a value of its own.
    Field(String),
    /// The entries are Kubernetes objects.
    Resource,
}

impl Identifier {
    /// The identifier of both lists, if there is one.
    pub(super) fn of(from: &[Value], to: &[Value]) -> Option<Self> {
        let usual = USUAL.into_iter().find(|field| names_all(from, field) && names_all(to, field));
        if let Some(field) = usual {
            return Some(Self::Field(field.to_owned()));
        }
        if let Some(field) = guessed(from, to) {
            return Some(Self::Field(field.to_owned()));
        }
        let are_resources = |list: &[Value]| list.iter().all(|entry| resource_name(entry).is_some());
        (are_resources(from) && are_resources(to)).then_some(Self::Resource)
    }

    /// The name of an entry.
    ///
    /// dyff takes the dots of a guessed field for a path, and then fails; here the field is what it is.
    pub(super) fn name(&self, entry: &Value) -> String {
        match self {
            Self::Field(field) => entry.get(field).map(|name| text(name).into_owned()).unwrap_or_default(),
            Self::Resource => resource_name(entry).unwrap_or_default(),
        }
    }

    /// What a path calls it.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Field(field) => field,
            Self::Resource => "resource",
        }
    }
}

/// Whether every entry has the field with a value of its own. Values that are not scalars count as one.
fn names_all(list: &[Value], field: &str) -> bool {
    let names: Option<HashSet<_>> = list.iter().map(|entry| entry.get(field).map(text)).collect();
    names.is_some_and(|names| !list.is_empty() && names.len() == list.len())
}

/// A field that could be a name because every entry has it with a text of its own. Of several, dyff takes one at random; here it is the
/// first one of the alphabet.
fn guessed<'a>(from: &'a [Value], to: &[Value]) -> Option<&'a str> {
    if from.len() < ENOUGH || to.is_empty() || !from.iter().chain(to).all(Value::is_object) {
        return None;
    }
    let is_name = |list: &[Value], field: &str| {
        let names: Option<HashSet<_>> = list.iter().map(|entry| text_of(entry, field)).collect();
        names.is_some_and(|names| names.len() == list.len())
    };
    let mut fields: Vec<&String> = from[0].as_object()?.keys().collect();
    fields.sort();
    fields.into_iter().map(String::as_str).find(|field| is_name(from, field) && is_name(to, field))
}

fn text_of<'a>(entry: &'a Value, field: &str) -> Option<&'a str> {
    let value = entry.get(field).filter(|value| kind(value) == "string")?;
    value.as_str()
}

/// The name of a Kubernetes object: version, kind, namespace if it has one, name.
pub(super) fn resource_name(value: &Value) -> Option<String> {
    let object = value.as_object()?;
    let (version, kind) = (object.get("apiVersion")?, object.get("kind")?);
    let metadata = object.get("metadata")?;
    let field = |name: &str| match metadata {
        Value::Object(fields) => fields.get(name).map(text),
        Value::Array(_) => None,
        // A scalar in the place of a map is taken for the field.
        scalar => Some(text(scalar)),
    };
    let (namespace, name) = (field("namespace"), field("name")?);
    let parts = [Some(text(version)), Some(text(kind)), namespace, Some(name)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
}
