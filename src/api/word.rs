//! A word of a set that may grow: newer controllers know more words, and it is the API server that refuses one.

use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::Error;
use std::borrow::Cow;

/// A known word, or another one. Its schema is that of the known ones.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Word<T> {
    Known(T),
    Other(String),
}

impl<T> Word<T> {
    /// Whether it is the empty text.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Other(word) if word.is_empty())
    }
}

impl<T: Default> Default for Word<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

impl<T: DeserializeOwned> From<&str> for Word<T> {
    fn from(text: &str) -> Self {
        known(text).map_or_else(|| Self::Other(text.to_owned()), Self::Known)
    }
}

/// The value of a set that a text spells.
pub fn known<T: DeserializeOwned>(text: &str) -> Option<T> {
    let text: serde::de::value::StrDeserializer<'_, Error> = text.into_deserializer();
    T::deserialize(text).ok()
}

impl<T: JsonSchema> JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::meta::ReconcileStrategy;
    use serde_json::json;

    #[test]
    fn a_word_that_is_not_known_is_kept() {
        for word in ["Revision", "Later", ""] {
            let read = Word::<ReconcileStrategy>::from(word);
            assert_eq!(serde_json::to_value(&read).unwrap(), json!(word));
            assert_eq!(serde_json::from_value::<Word<ReconcileStrategy>>(json!(word)).unwrap(), read);
            assert_eq!(
                (matches!(read, Word::Known(_)), read.is_empty()),
                (word == "Revision", word.is_empty())
            );
        }
    }
}
