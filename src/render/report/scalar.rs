//! What a value is once it was written as YAML and read again, which is what dyff compares.

use crate::text::go_sort;
use crate::text::yaml;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use std::borrow::Cow;

/// The type of a value in the words of a report. `1.0` is written as `1`, so it is an integer; a few texts are written without quotes, but read as
/// something else.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number_text(number).contains(['.', 'e']) => "float",
        Value::Number(_) => "int",
        Value::String(text) if text == "<<" => "merge",
        Value::String(text) if yaml::is_integer_when_read_again(text) => "int",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}

/// The text of a scalar; maps and lists have none.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "null".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::Number(number) => number_text(number).into(),
        Value::String(text) => text.into(),
        Value::Array(_) | Value::Object(_) => "".into(),
    }
}

/// The text of a number. Integers that do not fit into 64 bits with a sign are floats to the API.
fn number_text(number: &Number) -> String {
    if number.is_u64() && !number.is_i64() {
        return yaml::number_text(&yaml::as_float(number));
    }
    yaml::number_text(number)
}

/// The fields in the order in which they are written.
pub(super) fn fields(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut fields: Vec<_> = map.iter().collect();
    go_sort(&mut fields, |a, b| yaml::compare_keys(a.0, b.0).is_lt());
    fields
}

/// The value with every text replaced that writing and reading changes; `None` if there is no such text.
pub(super) fn read_again(value: &Value) -> Option<Value> {
    changed(value, &|text| match yaml::reread(text) {
        Cow::Owned(other) => Some(other),
        Cow::Borrowed(_) => None,
    })
}

/// The value with every text and key replaced for which `other` has another; `None` if there is no such text.
pub(super) fn changed(value: &Value, other: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    match value {
        Value::String(text) => other(text).map(Value::String),
        Value::Array(items) => changed_items(items, other).map(Value::Array),
        Value::Object(map) => changed_fields(map, other).map(Value::Object),
        _ => None,
    }
}

/// As [`changed`], for the entries of a list.
pub(super) fn changed_items(items: &[Value], other: &dyn Fn(&str) -> Option<String>) -> Option<Vec<Value>> {
    let found: Vec<Option<Value>> = items.iter().map(|item| changed(item, other)).collect();
    found
        .iter()
        .any(Option::is_some)
        .then(|| found.into_iter().zip(items).map(|(new, old)| new.unwrap_or_else(|| old.clone())).collect())
}

/// As [`changed`], for the fields of a map.
pub(super) fn changed_fields(
    map: &Map<String, Value>,
    other: &dyn Fn(&str) -> Option<String>,
) -> Option<Map<String, Value>> {
    let found: Vec<_> = map.iter().map(|(key, value)| (other(key), changed(value, other))).collect();
    found.iter().any(|(key, value)| key.is_some() || value.is_some()).then(|| {
        let fields = found.into_iter().zip(map);
        fields
            .map(|((key, value), (old_key, old_value))| {
                (key.unwrap_or_else(|| old_key.clone()), value.unwrap_or_else(|| old_value.clone()))
            })
            .collect()
    })
}
