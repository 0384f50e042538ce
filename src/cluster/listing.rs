//! Reading long lists: every object becomes one value in one pass, and what no table shows is never built.

use serde::Deserialize;
use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// A list as the API server sends it.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) metadata: Metadata,
    #[serde(default, deserialize_with = "items")]
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub(super) resource_version: String,
}

/// An object without `metadata.managedFields` and `status.inventory.entries`, which are the largest part of most.
#[derive(Debug)]
pub(super) struct Item(pub(super) Value);

/// A list of nothing may be `null`.
fn items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Item>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Place::Object.deserialize(deserializer).map(Self)
    }
}

/// Where in an object a mapping stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Object,
    Metadata,
    Status,
    Inventory,
}

impl Place {
    /// The place of a field that needs a closer look, `Err` when it is left out.
    fn below(self, key: &str) -> Result<Option<Self>, ()> {
        match (self, key) {
            (Self::Object, "metadata") => Ok(Some(Self::Metadata)),
            (Self::Object, "status") => Ok(Some(Self::Status)),
            (Self::Status, "inventory") => Ok(Some(Self::Inventory)),
            (Self::Metadata, "managedFields") | (Self::Inventory, "entries") => Err(()),
            _ => Ok(None),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Place {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            let value = match self.below(&key) {
                Ok(None) => fields.next_value()?,
                Ok(Some(place)) => fields.next_value_seed(place)?,
                Err(()) => {
                    fields.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }

    // A server newer than this program may have anything else here.

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bool<E>(self, set: bool) -> Result<Value, E> {
        Ok(set.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_no_table_shows_is_left_out_and_the_rest_is_kept() {
        let list = json!({
            "kind": "KustomizationList", "metadata": {"resourceVersion": "12"},
            "items": [{
                "metadata": {"name": "app", "managedFields": [{"manager": "x"}], "labels": {"managedFields": "kept"}},
                "spec": {"inventory": {"entries": ["kept"]}, "prune": true},
                "status": {"inventory": {"entries": [{"id": "a"}], "other": 1}, "conditions": [{"type": "Ready"}]},
            }],
        });
        let listed: Listed = serde_json::from_value(list).unwrap();
        assert_eq!(listed.metadata.resource_version, "12");
        assert_eq!(
            listed.items[0].0,
            json!({
                "metadata": {"name": "app", "labels": {"managedFields": "kept"}},
                "spec": {"inventory": {"entries": ["kept"]}, "prune": true},
                "status": {"inventory": {"other": 1}, "conditions": [{"type": "Ready"}]},
            })
        );
    }

    #[test]
    fn a_list_that_is_odd_is_still_read() {
        for odd in [json!({}), json!({"items": null}), json!({"metadata": {}, "items": []})] {
            assert!(serde_json::from_value::<Listed>(odd).unwrap().items.is_empty());
        }
        let odd = json!({"items": [{"metadata": null, "status": ["text", 1, -1, 1.5, true, null]}, "text"]});
        let listed: Listed = serde_json::from_value(odd.clone()).unwrap();
        let items: Vec<Value> = listed.items.into_iter().map(|item| item.0).collect();
        assert_eq!(Value::Array(items), odd["items"]);
    }
}
