//! Values become typed fields as in Go's `encoding/json`: names are matched without regard to case, a null leaves its field as it
//! is, and fields that are written several ways are merged.

use super::misfit::Misfit;
use crate::text::yaml;
use crate::text::yaml::Step;
use serde::de::DeserializeOwned;
use serde::de::Deserializer;
use serde::de::Error as _;
use serde::de::IntoDeserializer;
use serde::de::Visitor;
use serde::de::value::MapDeserializer;
use serde::de::value::SeqDeserializer;
use serde::forward_to_deserialize_any;
use serde_json::Map;
use serde_json::Value;
use std::rc::Rc;

/// How strict the decoder is, which differs between the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether fields that the type does not have are ignored.
    pub ignores_unknown: bool,
    /// Whether a number or a bool is taken as it is written where a string is wanted, except in the fields of identities.
    pub takes_scalars: bool,
}

/// The fields of identities, which are structs inside other structs in Go: its YAML library does not find their type there.
const EMBEDDED: [&str; 5] = ["group", "version", "kind", "name", "namespace"];

/// The typed form of a value.
///
/// # Errors
/// A field that the type does not have, a value of another type; named.
pub(super) fn from_value<T: DeserializeOwned>(value: Value, rules: Rules) -> Result<T, Misfit> {
    T::deserialize(Decoder { value, rules, at: Way(None) })
}

/// The first document of a file; null when there is none.
///
/// # Errors
/// It is not YAML.
pub(super) fn document(text: &str, file: &str) -> anyhow::Result<Value> {
    Ok(yaml::document(text, file)?)
}

/// The names of the fields of a type.
pub(super) fn names_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &[&str] = &[];
    // Fails once it has the names.
    let _ = T::deserialize(Names(&mut names));
    names
}

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Misfit;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Misfit> {
        *self.0 = fields;
        Err(Misfit::custom("only the names are wanted"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::custom("only a struct has names"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Decoder {
    value: Value,
    rules: Rules,
    /// Where it is, for errors.
    at: Way,
}

/// The last step to a value, and those before it; none for what is read itself.
#[derive(Clone)]
struct Way(Option<Rc<(Way, Step)>>);

impl Way {
    fn to(&self, step: Step) -> Self {
        Self(Some(Rc::new((self.clone(), step))))
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut way = self;
        while let Some(last) = &way.0 {
            steps.push(last.1.clone());
            way = &last.0;
        }
        steps.reverse();
        steps
    }
}

impl Decoder {
    fn wrong<T>(&self, wanted: &str) -> Result<T, Misfit> {
        let found = match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a bool",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "a mapping",
        };
        Err(self.error(&format!("expected {wanted}, found {found}")))
    }

    fn error(&self, reason: &str) -> Misfit {
        Misfit::new(self.at.steps(), reason.to_owned())
    }
}

impl IntoDeserializer<'_, Misfit> for Decoder {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Decoder {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.value.deserialize_any(visitor).map_err(Misfit::custom)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_str(""),
            Value::String(text) => visitor.visit_string(text),
            Value::Bool(_) | Value::Number(_) if self.rules.takes_scalars => {
                visitor.visit_string(self.value.to_string())
            }
            _ => self.wrong("a string"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Value::Null => visitor.visit_bool(false),
            Value::Bool(flag) => visitor.visit_bool(flag),
            _ => self.wrong("a bool"),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value.as_i64() {
            Some(number) => visitor.visit_i64(number),
            None if self.value.is_null() => visitor.visit_i64(0),
            None => self.wrong("an integer"),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Self { value, rules, at } = self;
        let items = match value {
            Value::Null => Vec::new(),
            Value::Array(items) => items,
            value => return Self { value, rules, at }.wrong("a list"),
        };
        let items = items.into_iter().enumerate();
        let items = items.map(|(index, value)| Self { value, rules, at: at.to(Step::Item(index)) });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let Self { value, rules, at } = self;
        let fields = match value {
            Value::Null => Map::new(),
            Value::Object(fields) => fields,
            value => return Self { value, rules, at }.wrong("a mapping"),
        };
        let fields = fields.into_iter().map(|(key, value)| {
            let at = at.to(Step::field(&key));
            let takes_scalars = rules.takes_scalars && !EMBEDDED.contains(&key.as_str());
            (key, Self { value, rules: Rules { takes_scalars, ..rules }, at })
        });
        visitor.visit_map(MapDeserializer::new(fields))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let Value::Object(written) = &mut self.value {
            let is_unknown = |name: &&String| !fields.iter().any(|field| is_alike(field, name));
            let unknown = written.keys().filter(is_unknown).min().cloned();
            *written = spelled(std::mem::take(written), fields);
            if let Some(field) = unknown.filter(|_| !self.rules.ignores_unknown) {
                return Err(Misfit::unknown(self.at.steps(), &field));
            }
        }
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 u32 u64 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct enum
        identifier ignored_any
    }
}

/// The fields under the names that the type has for them, without nulls.
fn spelled(mut written: Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    let mut read = Map::new();
    let mut names: Vec<String> = written.keys().cloned().collect();
    // As Go writes them to JSON before it reads the type.
    names.sort();
    for name in names {
        let value = written.remove(&name).unwrap_or_default();
        if value.is_null() {
            continue;
        }
        let is_exact = fields.contains(&name.as_str());
        let known = fields.iter().find(|field| !is_exact && is_alike(field, &name));
        let name = known.map_or(name, |field| (*field).to_owned());
        match read.get_mut(&name) {
            Some(present) => merge(present, value),
            None => {
                read.insert(name, value);
            }
        }
    }
    read
}

/// Whether two names differ in case only. Two letters that are not ASCII count as ones that are.
pub(super) fn is_alike(field: &str, name: &str) -> bool {
    let plain = |letter: char| match letter {
        'ſ' => 's',
        '\u{212a}' => 'k',
        letter => letter.to_ascii_lowercase(),
    };
    field.chars().map(plain).eq(name.chars().map(plain))
}

/// What is read later goes into what is there: mappings and the items of lists are merged.
fn merge(present: &mut Value, value: Value) {
    match (present, value) {
        (_, Value::Null) => {}
        (Value::Object(present), Value::Object(value)) => {
            for (name, value) in value {
                match present.get_mut(&name) {
                    Some(present) => merge(present, value),
                    None => {
                        present.insert(name, value);
                    }
                }
            }
        }
        (Value::Array(present), Value::Array(mut value)) => {
            for (present, value) in present.iter_mut().zip(&mut value) {
                merge(present, value.take());
                std::mem::swap(present, value);
            }
            *present = value;
        }
        (present, value) => *present = value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Outer {
        first_name: String,
        labels: Vec<Inner>,
        inner: Option<Inner>,
        count: i64,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Inner {
        pairs: BTreeMap<String, String>,
        is_set: bool,
    }

    const STRICT: Rules = Rules { ignores_unknown: false, takes_scalars: false };

    fn read(value: Value) -> Result<Outer, String> {
        from_value(value, STRICT).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_matched_without_regard_to_case_at_every_depth() {
        let value = json!({"FIRSTNAME": "a", "Labels": [{"Pairs": {"A": "b"}, "iſset": true}], "Inner": {}});
        let found = read(value).unwrap();
        assert_eq!(found.first_name, "a");
        assert!(found.labels[0].is_set && found.inner.is_some());
        assert_eq!(found.labels[0].pairs, [("A".to_owned(), "b".to_owned())].into());
        let error = read(json!({"labels": [{"Pear": {}}]})).unwrap_err();
        assert!(error.contains("\"Pear\""), "{error}");
        let error = read(json!({"labels": null, "counts": null})).unwrap_err();
        assert!(error.contains("\"counts\""), "{error}");
    }

    #[test]
    fn nulls_leave_fields_alone_and_other_types_are_refused() {
        let found = read(json!({"firstName": null, "labels": [null], "count": null})).unwrap();
        assert_eq!(found, Outer { labels: vec![Inner::default()], ..Outer::default() });
        let pairs = read(json!({"labels": [{"pairs": {"a": null}}]})).unwrap();
        assert_eq!(pairs.labels[0].pairs["a"], "");
        for value in [
            json!({"firstName": 1}),
            json!({"labels": {}}),
            json!({"count": 1.5}),
            json!({"count": "1"}),
            json!({"labels": ["a"]}),
            json!([]),
        ] {
            assert!(read(value.clone()).is_err(), "{value}");
        }
        let rules = Rules { ignores_unknown: true, takes_scalars: true };
        let texts: Outer = from_value(json!({"firstName": true, "more": 1}), rules).unwrap();
        assert_eq!(texts.first_name, "true");
    }

    #[test]
    fn a_field_that_is_written_two_ways_is_merged() {
        let value = json!({
            "Labels": [{"pairs": {"a": "1", "b": "1"}}, {}],
            "labels": [{"pairs": {"b": "2"}, "isSet": true}],
            "COUNT": 1,
            "count": 2,
        });
        let found = read(value).unwrap();
        assert_eq!((found.labels.len(), found.count), (1, 2));
        let pairs: Vec<_> =
            found.labels[0].pairs.iter().map(|(key, value)| format!("{key}{value}")).collect();
        assert_eq!(pairs, ["a1", "b2"]);
    }
}
