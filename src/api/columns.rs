//! Columns and readings that several kinds share.

use super::object::text;
use super::object_id::ObjectId;
use super::resource::Column;
use super::resource::Kind;
use crate::text::shorten_hex;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

/// The name of the object.
pub const NAME: Column = column("name", |_, object| text(object, "/metadata/name").to_owned());
/// The revision of a source's artifact, its digest shortened.
pub const REVISION: Column =
    column("revision", |_, object| shorten_hex(text(object, "/status/artifact/revision")));
/// `True` or `False`.
pub const SUSPENDED: Column =
    column("suspended", |kind, object| if kind.is_suspended(object) { "True" } else { "False" }.to_owned());
/// Status of the Ready condition.
pub const READY: Column = column("ready", |kind, object| kind.ready(object).0);
/// Message of the Ready condition, its digests shortened.
pub const MESSAGE: Column = column("message", |kind, object| shorten_hex(&kind.ready(object).1));
/// Message of the Ready condition as it is: where digests in it are part of what people look for, such as the path of a webhook.
pub const WHOLE_MESSAGE: Column = column("message", |kind, object| kind.ready(object).1);

/// A column that is always shown.
pub const fn column(header: &'static str, cell: fn(&Kind, &Value) -> String) -> Column {
    Column { header, cell, only_with_source: false }
}

/// A column that is shown with `--show-source`.
pub const fn source_column(cell: fn(&Kind, &Value) -> String) -> Column {
    Column { header: "source", cell, only_with_source: true }
}

/// A moment of the object in the zone of the machine, RFC 3339 to the second, as Go's tools print it.
pub fn local_time(object: &Value, pointer: &str) -> String {
    time_in(&TimeZone::system(), text(object, pointer))
}

fn time_in(zone: &TimeZone, moment: &str) -> String {
    let Ok(moment) = moment.parse::<Timestamp>() else { return String::new() };
    let local = moment.to_zoned(zone.clone());
    // Go writes a zone without offset as `Z`.
    let offset = if local.offset().is_zero() { "Z".to_owned() } else { local.strftime("%:z").to_string() };
    format!("{}{offset}", local.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// A reference inside the object; its namespace is that of the object when it names none.
pub fn object_ref(object: &Value, pointer: &str) -> Option<ObjectId> {
    let kind = text(object.pointer(pointer)?, "/kind");
    object_ref_of(object, pointer, kind)
}

/// A reference that does not say its kind, because only one is possible.
pub fn object_ref_of(object: &Value, pointer: &str, kind: &str) -> Option<ObjectId> {
    let reference = object.pointer(pointer)?;
    let namespace = match text(reference, "/namespace") {
        "" => text(object, "/metadata/namespace"),
        namespace => namespace,
    };
    Some(ObjectId::new(text(reference, "/apiVersion"), kind, namespace, text(reference, "/name")))
}

/// A reference as `Kind/namespace/name`.
pub fn reference(object: &Value, pointer: &str) -> String {
    object_ref(object, pointer).map(|found| found.to_string()).unwrap_or_default()
}

/// A reference as `Kind/namespace/name`, its namespace as it is written, empty or not.
pub fn written_reference(object: &Value, pointer: &str) -> String {
    let Some(reference) = object.pointer(pointer) else { return String::new() };
    ["/kind", "/namespace", "/name"].map(|part| text(reference, part)).join("/")
}

/// The source that `spec.sourceRef` names.
pub fn spec_source(object: &Value) -> Option<ObjectId> {
    object_ref(object, "/spec/sourceRef")
}

/// What a source says after it was reconciled.
pub fn fetched(object: &Value) -> String {
    format!("fetched revision {}", text(object, "/status/artifact/revision"))
}

#[cfg(test)]
mod tests {
    use super::time_in;
    use jiff::tz::TimeZone;
    use jiff::tz::offset;

    #[test]
    fn a_moment_is_shown_in_the_zone_of_the_reader() {
        let moment = "2026-02-03T23:04:05Z";
        assert_eq!(time_in(&TimeZone::UTC, moment), moment);
        assert_eq!(time_in(&TimeZone::fixed(offset(2)), moment), "2026-02-04T01:04:05+02:00");
        assert_eq!(time_in(&TimeZone::UTC, ""), "");
    }
}
