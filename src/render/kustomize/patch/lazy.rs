//! JSON as the library behind kustomize's JSON patches keeps it, which is more lenient than RFC 6902: fields that do not exist can be
//! replaced and copied, indices count from the end when they are negative, and scalars are equal when they are written alike.

use crate::text::json;
use anyhow::Context;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lazy {
    /// A field that does not exist, or the null of a document.
    Nothing,
    /// The null of an operation.
    Null,
    /// A scalar as it is written in JSON.
    Scalar(String),
    List(Vec<Lazy>),
    Map(BTreeMap<String, Lazy>),
}

impl Lazy {
    /// A value as Go writes it to JSON.
    ///
    /// # Errors
    /// None that a value can cause.
    pub(super) fn raw(value: &Value) -> anyhow::Result<Box<RawValue>> {
        Ok(RawValue::from_string(json::compact(value))?)
    }

    pub(super) fn of_document(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Array(items) => Self::List(items.iter().map(Self::of_document).collect()),
            Value::Object(fields) => {
                Self::Map(fields.iter().map(|(key, value)| (key.clone(), Self::of_document(value))).collect())
            }
            scalar => Self::Scalar(json::compact(scalar)),
        }
    }

    /// A field of an operation; its scalars keep the form in which the patch has them.
    ///
    /// # Errors
    /// Deeper nesting than can be read.
    pub(super) fn of_operation(raw: &RawValue) -> anyhow::Result<Self> {
        let read = Self::of_raw(raw)?;
        Ok(if read == Self::Nothing { Self::Null } else { read })
    }

    fn of_raw(raw: &RawValue) -> anyhow::Result<Self> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'{') => {
                let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
                let fields = fields.into_iter().map(|(key, raw)| Ok((key, Self::of_raw(raw)?)));
                Self::Map(fields.collect::<anyhow::Result<_>>()?)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                Self::List(items.into_iter().map(Self::of_raw).collect::<anyhow::Result<_>>()?)
            }
            Some(b'n') => Self::Nothing,
            _ => Self::Scalar(text.to_owned()),
        })
    }

    /// The value. Numbers are as large as they were.
    ///
    /// # Errors
    /// A number that a float cannot hold.
    pub(super) fn into_value(self) -> anyhow::Result<Value> {
        Ok(match self {
            Self::Nothing | Self::Null => Value::Null,
            Self::Scalar(text) => serde_json::from_str(&text).with_context(|| format!("the value {text}"))?,
            Self::List(items) => {
                Value::Array(items.into_iter().map(Self::into_value).collect::<anyhow::Result<_>>()?)
            }
            Self::Map(fields) => {
                let fields = fields.into_iter().map(|(key, value)| Ok((key, value.into_value()?)));
                Value::Object(fields.collect::<anyhow::Result<_>>()?)
            }
        })
    }

    /// The text of a string.
    ///
    /// # Errors
    /// Something else.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        match self {
            Self::Scalar(text) => Ok(serde_json::from_str(text)?),
            _ => anyhow::bail!("not a string"),
        }
    }

    /// What is at a path: in a mapping, a field that does not exist is nothing.
    pub(super) fn get(&mut self, path: &str) -> anyhow::Result<&Self> {
        match self.container(path)? {
            (Self::Map(fields), key) => Ok(fields.get(&key).unwrap_or(&Self::Nothing)),
            (Self::List(items), key) => {
                let at = index(&key, items.len())?;
                Ok(&items[at])
            }
            _ => missing(path),
        }
    }

    /// Adds a field, overwrites it, or inserts an item before the one with this index.
    pub(super) fn add(&mut self, path: &str, value: Self) -> anyhow::Result<()> {
        match self.container(path)? {
            (Self::Map(fields), key) => {
                fields.insert(key, value);
            }
            (Self::List(items), key) if key == "-" => items.push(value),
            (Self::List(items), key) => {
                let at = index(&key, items.len() + 1)?;
                items.insert(at, value);
            }
            _ => return missing(path),
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, path: &str) -> anyhow::Result<()> {
        match self.container(path)? {
            (Self::Map(fields), key) => {
                fields.remove(&key).with_context(|| format!("there is no \"{path}\""))?;
            }
            (Self::List(items), key) => {
                let at = index(&key, items.len())?;
                items.remove(at);
            }
            _ => return missing(path),
        }
        Ok(())
    }

    /// Sets a field, whether it exists or not, an item that exists, or all of the document.
    pub(super) fn replace(&mut self, path: &str, value: Self) -> anyhow::Result<()> {
        if path.is_empty() {
            anyhow::ensure!(
                matches!(value, Self::Map(_) | Self::List(_)),
                "only a mapping or a list can replace the document"
            );
            *self = value;
            return Ok(());
        }
        match self.container(path)? {
            (Self::Map(fields), key) => {
                fields.insert(key, value);
            }
            (Self::List(items), key) => {
                let at = index(&key, items.len())?;
                items[at] = value;
            }
            _ => return missing(path),
        }
        Ok(())
    }

    /// # Errors
    /// What is at the path is not this value.
    pub(super) fn test(&mut self, path: &str, value: &Self) -> anyhow::Result<()> {
        let found = if path.is_empty() { self } else { self.get(path)? };
        let is_same = match (found, value) {
            (Self::Nothing, value) => matches!(value, Self::Nothing | Self::Null),
            (found, value) => found.equals(value),
        };
        anyhow::ensure!(is_same, "the value differs");
        Ok(())
    }

    /// Whether both are written alike. Nothing in a list is like nothing else.
    fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Scalar(a), Self::Scalar(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((key, a), (other, b))| {
                        key == other && (a.equals(b) || (*a == Self::Nothing && *b == Self::Nothing))
                    })
            }
            _ => false,
        }
    }

    /// The mapping or list that holds the last part of a path, and that part. What comes before the first slash does not matter.
    fn container(&mut self, path: &str) -> anyhow::Result<(&mut Self, String)> {
        let mut parts: Vec<String> =
            path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        let Some(last) = parts.pop() else { return missing(path) };
        let mut at = self;
        for part in parts {
            let next = match at {
                Self::Map(fields) => fields.get_mut(&part),
                Self::List(items) => index(&part, items.len()).ok().and_then(|at| items.get_mut(at)),
                _ => None,
            };
            match next {
                Some(next @ (Self::Map(_) | Self::List(_))) => at = next,
                _ => return missing(path),
            }
        }
        Ok((at, last))
    }
}

fn missing<T>(path: &str) -> anyhow::Result<T> {
    anyhow::bail!("there is no place for \"{path}\"")
}

/// A place in a list; negative ones are counted from its end.
fn index(key: &str, length: usize) -> anyhow::Result<usize> {
    let index: i64 = key.parse().with_context(|| format!("\"{key}\" is not an index"))?;
    let place = if index < 0 {
        usize::try_from(index.unsigned_abs()).ok().and_then(|back| length.checked_sub(back))
    } else {
        usize::try_from(index).ok()
    };
    place.filter(|place| *place < length).with_context(|| format!("the index {key} is out of range"))
}
