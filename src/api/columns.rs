//! Columns and readings that several kinds share. Everything reads tolerantly: what is not there is empty.

use super::resource::Column;
use super::resource::ObjectRef;
use crate::text::shorten_hex;
use serde_json::Value;

pub const NAME: Column = Column { header: "name", cell: name, only_with_source: false };
pub const REVISION: Column = Column { header: "revision", cell: artifact_revision, only_with_source: false };
pub const SUSPENDED: Column = Column { header: "suspended", cell: suspended, only_with_source: false };
pub const READY: Column = Column { header: "ready", cell: ready, only_with_source: false };
pub const MESSAGE: Column = Column { header: "message", cell: message, only_with_source: false };

/// The text at a JSON pointer, or nothing.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The condition of the given type.
pub fn condition<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let conditions = object.pointer("/status/conditions")?.as_array()?;
    conditions.iter().find(|condition| condition.get("type").and_then(Value::as_str) == Some(name))
}

fn name(object: &Value) -> String {
    text(object, "/metadata/name").to_owned()
}

fn artifact_revision(object: &Value) -> String {
    shorten_hex(text(object, "/status/artifact/revision"))
}

/// `True` or `False`, as Go's tools print bools in tables.
pub fn suspended(object: &Value) -> String {
    let is = object.pointer("/spec/suspend").and_then(Value::as_bool).unwrap_or_default();
    if is { "True".to_owned() } else { "False".to_owned() }
}

/// Status of the Ready condition; `False` until there is one.
pub fn ready(object: &Value) -> String {
    condition(object, "Ready").map_or("False", |ready| text(ready, "/status")).to_owned()
}

/// Message of the Ready condition, with its digests shortened.
pub fn message(object: &Value) -> String {
    shorten_hex(&whole_message(object))
}

/// Message of the Ready condition as it is.
pub fn whole_message(object: &Value) -> String {
    condition(object, "Ready").map_or("waiting to be reconciled", |ready| text(ready, "/message")).to_owned()
}

/// A moment of the object in the local zone, RFC 3339 to the second.
pub fn local_time(object: &Value, pointer: &str) -> String {
    let Ok(moment) = text(object, pointer).parse::<jiff::Timestamp>() else { return String::new() };
    let local = moment.to_zoned(jiff::tz::TimeZone::system());
    let zone = if local.offset().is_zero() { "Z".to_owned() } else { local.strftime("%:z").to_string() };
    format!("{}{zone}", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// A reference inside the object; its namespace is that of the object when it names none.
pub fn object_ref(object: &Value, pointer: &str) -> Option<ObjectRef> {
    let reference = object.pointer(pointer)?;
    let namespace = match text(reference, "/namespace") {
        "" => text(object, "/metadata/namespace"),
        namespace => namespace,
    };
    Some(ObjectRef {
        kind: text(reference, "/kind").to_owned(),
        namespace: namespace.to_owned(),
        name: text(reference, "/name").to_owned(),
    })
}

/// A reference as `Kind/namespace/name`.
pub fn reference(object: &Value, pointer: &str) -> String {
    let Some(found) = object_ref(object, pointer) else { return String::new() };
    format!("{}/{}/{}", found.kind, found.namespace, found.name)
}

/// The source that `spec.sourceRef` names.
pub fn spec_source(object: &Value) -> Option<ObjectRef> {
    object_ref(object, "/spec/sourceRef")
}

/// For kinds without a source.
pub fn no_source(_: &Value) -> Option<ObjectRef> {
    None
}

/// What a source says after it was reconciled.
pub fn fetched(object: &Value) -> String {
    format!("fetched revision {}", text(object, "/status/artifact/revision"))
}

/// For kinds whose reconciliation has nothing to tell.
pub fn nothing(_: &Value) -> String {
    String::new()
}
