//! Reads YAML as Go's Kubernetes tools do: `0644` is an octal number, `yes` and `on` are bools, also as keys, a key may stand only once.

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// A document that is not YAML, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: not valid YAML: {reason}")]
pub struct BadYaml {
    /// The file, or what stands for it.
    pub origin: String,
    pub reason: String,
}

/// The documents of a stream; empty ones are left out. `origin` is named in errors.
///
/// # Errors
/// The first document that is not YAML.
pub fn documents(text: &str, origin: &str) -> Result<Vec<Value>, BadYaml> {
    let options = serde_saphyr::options! {
        legacy_octal_numbers: true,
        with_snippet: false,
    };
    let read: Result<Vec<Read>, _> = serde_saphyr::from_multiple_with_options(text, options);
    let documents = read.map_err(|error| BadYaml {
        origin: origin.to_owned(),
        reason: error.to_string().lines().next().unwrap_or_default().to_owned(),
    })?;
    Ok(documents.into_iter().map(|document| document.0).filter(|document| !document.is_null()).collect())
}

/// A value whose keys are texts, whatever YAML takes them for.
struct Read(Value);

/// A key: `on` is `true`, `1` is `1`, in quotes or not.
struct Key(String);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Read::deserialize(deserializer)?.0 {
            Value::String(text) => Ok(Self(text)),
            Value::Array(_) | Value::Object(_) => Err(D::Error::custom("a mapping or a sequence is a key")),
            scalar => Ok(Self(scalar.to_string())),
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Read;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Read, A::Error> {
        let mut map = Map::new();
        while let Some((Key(key), Read(value))) = fields.next_entry()? {
            map.insert(key, value);
        }
        Ok(Read(Value::Object(map)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Read, A::Error> {
        let mut list = Vec::new();
        while let Some(Read(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Read(Value::Array(list)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(Read(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Read, E> {
        Ok(Read(text.into()))
    }

    fn visit_bool<E>(self, set: bool) -> Result<Read, E> {
        Ok(Read(set.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Read, E> {
        Ok(Read(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Read, E> {
        Ok(Read(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Read, E> {
        Ok(Read(number.into()))
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(Read(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Read, E> {
        Ok(Read(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        Read::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_are_read_as_go_reads_them() {
        let read = documents("mode: 0644\non: yes\nversion: \"1.10\"\n---\n---\na: 1\n", "x.yaml").unwrap();
        assert_eq!(read, [json!({"mode": 420, "true": true, "version": "1.10"}), json!({"a": 1})]);
    }

    #[test]
    fn keys_are_read_as_values_are_and_then_are_texts() {
        let read =
            documents("y: 1\n'on': 2\n0x10: 3\n1.5: 4\n~: 6\n\"yes\": 7\nNo: {n: y}\n", "x.yaml").unwrap();
        let wanted = json!({
            "true": 1, "on": 2, "16": 3, "1.5": 4, "null": 6, "yes": 7, "false": {"false": true},
        });
        assert_eq!(read, [wanted]);
    }

    #[test]
    fn a_broken_document_names_its_file() {
        let error = documents("a: [", "deploy.yaml").unwrap_err().to_string();
        assert!(error.starts_with("deploy.yaml: not valid YAML:"), "{error}");
        assert!(documents("a: 1\na: 2\n", "x.yaml").is_err(), "a key stands twice");
    }
}
