//! The way to a node, and what an edit does to a value.

use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// One step on the way from the root of a document to a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// The field of a mapping.
    Key(String),
    /// The item of a sequence, from zero.
    Item(usize),
}

/// The way through these fields.
pub fn keys<const N: usize>(names: [&str; N]) -> Vec<Step> {
    names.into_iter().map(|name| Step::Key(name.to_owned())).collect()
}

/// The value at the end of a way.
pub fn at<'v>(root: &'v Value, path: &[Step]) -> Option<&'v Value> {
    path.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(item) => value.get(item),
    })
}

/// A way as people write it: `.spec.images[0].newTag`.
pub(super) struct Path<'a>(pub &'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("the document");
        }
        self.0.iter().try_for_each(|step| match step {
            Step::Key(key) => write!(f, ".{key}"),
            Step::Item(item) => write!(f, "[{item}]"),
        })
    }
}

/// The value inside of mappings of one field, the last step the innermost; `None` if an item would have to be created.
pub(super) fn nested(path: &[Step], value: &Value) -> Option<Value> {
    path.iter().rev().try_fold(value.clone(), |inner, step| match step {
        Step::Key(key) => Some(Value::Object(Map::from_iter([(key.clone(), inner)]))),
        Step::Item(_) => None,
    })
}

/// The place of a value, made where mappings lack it.
fn place<'a>(root: &'a mut Value, path: &[Step]) -> Option<&'a mut Value> {
    path.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            Some(value.as_object_mut()?.entry(key.clone()).or_insert(Value::Null))
        }
        Step::Item(item) => value.as_array_mut()?.get_mut(*item),
    })
}

/// Does to a value what [`super::Manifest::set`] does to a text.
pub(super) fn set(root: &mut Value, path: &[Step], value: &Value) -> Option<()> {
    *place(root, path)? = value.clone();
    Some(())
}

/// Does to a value what [`super::Manifest::append`] does to a text.
pub(super) fn append(root: &mut Value, path: &[Step], item: &Value) -> Option<()> {
    let list = place(root, path)?;
    if list.is_null() {
        *list = Value::Array(Vec::new());
    }
    list.as_array_mut()?.push(item.clone());
    Some(())
}

/// Does to a value what [`super::Manifest::remove`] does to a text.
pub(super) fn remove(root: &mut Value, path: &[Step]) -> Option<()> {
    let (last, above) = path.split_last()?;
    let parent = place(root, above)?;
    match last {
        Step::Key(key) => parent.as_object_mut()?.remove(key).map(drop),
        Step::Item(item) => {
            let items = parent.as_array_mut()?;
            (*item < items.len()).then(|| drop(items.remove(*item)))
        }
    }
}
