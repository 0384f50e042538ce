//! The order in which a report shows the fields of what was added or removed: names first, and deep values last.

use super::scalar::fields;
use crate::text::go_sort;
use serde_json::Map;
use serde_json::Value;

/// Orders that people are used to. The one that has most of its fields in a map is taken, the first one of equals.
const USUAL: [&[&str]; 12] = [
    &["name", "director_uuid", "releases", "instance_groups", "networks", "resource_pools", "compilation"],
    &["name", "url", "version", "sha1"],
    &["jobs", "resources", "resource_types"],
    &["name", "type", "source"],
    &["get"],
    &["put"],
    &["task"],
    &["releases", "instance_groups", "configuration", "variables"],
    &["auth", "templates"],
    &["name"],
    &["key"],
    &["id"],
];

/// Fields that name the entries of a list.
const NAMES: [&str; 3] = ["name", "key", "id"];

/// The fields of a map: in the order in which they are written, unless there is a usual order that has some of them. Then these are first,
/// and the others are sorted by how deep their values are.
pub(super) fn restructured(map: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let written = fields(map);
    let mut best: Option<(usize, &[&str])> = None;
    for usual in USUAL {
        let hits = usual.iter().filter(|key| map.contains_key(**key)).count();
        if hits > best.map_or(0, |(most, _)| most) {
            best = Some((hits, usual));
        }
    }
    let Some((_, usual)) = best else { return written };
    let mut ordered: Vec<_> = usual.iter().filter_map(|key| map.get_key_value(*key)).collect();
    let others = written.into_iter().filter(|(key, _)| !usual.contains(&key.as_str()));
    let mut others: Vec<_> = others.map(|(key, value)| (depth(value), (key, value))).collect();
    go_sort(&mut others, |a, b| a.0 < b.0);
    ordered.extend(others.into_iter().map(|(_, field)| field));
    ordered
}

/// The length of the longest path to a scalar. The name of a list's entry is a step, and not a field of the entry.
fn depth(value: &Value) -> usize {
    deepest(value).unwrap_or_default()
}

/// `None` if there is no scalar.
fn deepest(value: &Value) -> Option<usize> {
    match value {
        Value::Object(map) => map.values().filter_map(deepest).max().map(|depth| depth + 1),
        Value::Array(items) => match name_of(items) {
            None => items.iter().filter_map(deepest).max().map(|depth| depth + 1),
            Some(name) => {
                let fields = items.iter().filter_map(Value::as_object).flatten();
                let others = fields.filter(|(key, _)| key.as_str() != name);
                others.filter_map(|(_, value)| deepest(value)).max().map(|depth| depth + 2)
            }
        },
        _ => Some(0),
    }
}

/// The field that all entries of a list have, if it is one that names them.
fn name_of(items: &[Value]) -> Option<&'static str> {
    NAMES.into_iter().find(|name| !items.is_empty() && items.iter().all(|item| item.get(name).is_some()))
}
