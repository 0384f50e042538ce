//! Reading long lists: every object is handed on as it arrives, and what no table shows is never built.

use futures::AsyncBufRead;
use futures::AsyncBufReadExt;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::DeserializeSeed;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;
use std::fmt;

/// A list as the API server sends it, without its objects.
#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    resource_version: String,
}

/// Takes out who wrote which field when.
pub fn drop_managed_fields(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

/// Reads a list while it arrives, hands every object to `each`, and returns the version of the list. Whole objects lack managed fields only.
///
/// # Errors
/// A connection that breaks, and anything that is not a list in JSON.
pub(super) async fn read(
    mut body: impl AsyncBufRead + Unpin,
    whole: bool,
    mut each: impl FnMut(Value),
) -> Result<String, kube::Error> {
    let mut splitter = Splitter::default();
    let mut item = |text: &[u8]| {
        if whole {
            let mut value = serde_json::from_slice(text)?;
            drop_managed_fields(&mut value);
            each(value);
        } else {
            let Item(value) = serde_json::from_slice(text)?;
            each(value);
        }
        Ok(())
    };
    loop {
        let chunk = body.fill_buf().await.map_err(|error| kube::Error::Service(error.into()))?;
        if chunk.is_empty() {
            break;
        }
        splitter.feed(chunk, &mut item).map_err(kube::Error::SerdeError)?;
        let length = chunk.len();
        body.consume_unpin(length);
    }
    let envelope: Envelope = serde_json::from_slice(&splitter.envelope).map_err(kube::Error::SerdeError)?;
    Ok(envelope.metadata.resource_version)
}

/// Takes the elements of `items` out of a JSON text that comes in pieces. What is not JSON is found by those who parse the parts.
#[derive(Default)]
struct Splitter {
    /// The text without the elements.
    envelope: Vec<u8>,
    /// The beginning of an element whose end has not come yet.
    element: Vec<u8>,
    depth: usize,
    is_in_items: bool,
    is_in_string: bool,
    /// The next byte follows a backslash.
    is_escaped: bool,
}

impl Splitter {
    fn feed(
        &mut self,
        piece: &[u8],
        each: &mut impl FnMut(&[u8]) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        let (mut at, mut from) = (0, 0);
        while at < piece.len() {
            if self.is_in_string {
                at = self.past_string(piece, at);
                continue;
            }
            match piece[at] {
                b'"' => self.is_in_string = true,
                b'[' if self.depth == 1 && !self.is_in_items => {
                    self.keep(&piece[from..=at]);
                    from = at + 1;
                    self.is_in_items = self.has_reached_items();
                    self.depth += 1;
                }
                b'{' | b'[' => self.depth += 1,
                b',' if self.is_in_items && self.depth == 2 => {
                    self.end_element(&piece[from..at], each)?;
                    from = at + 1;
                }
                b']' if self.is_in_items && self.depth == 2 => {
                    self.end_element(&piece[from..at], each)?;
                    from = at;
                    self.is_in_items = false;
                    self.depth -= 1;
                }
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            at += 1;
        }
        self.keep(&piece[from..]);
        Ok(())
    }

    /// The first position behind the string, or the end of the piece.
    fn past_string(&mut self, piece: &[u8], mut at: usize) -> usize {
        if std::mem::take(&mut self.is_escaped) {
            at += 1;
        }
        while let Some(found) = memchr::memchr2(b'"', b'\\', piece.get(at..).unwrap_or_default()) {
            at += found + 1;
            if piece[at - 1] == b'"' {
                self.is_in_string = false;
                return at;
            }
            self.is_escaped = at == piece.len();
            at += 1;
        }
        piece.len()
    }

    fn keep(&mut self, text: &[u8]) {
        let place = if self.is_in_items { &mut self.element } else { &mut self.envelope };
        place.extend_from_slice(text);
    }

    /// Whether the bracket that was kept last belongs to `"items"`.
    fn has_reached_items(&self) -> bool {
        let before = self.envelope.strip_suffix(b"[").unwrap_or_default().trim_ascii_end();
        before.strip_suffix(b":").is_some_and(|key| key.trim_ascii_end().ends_with(b"\"items\""))
    }

    fn end_element(
        &mut self,
        rest: &[u8],
        each: &mut impl FnMut(&[u8]) -> serde_json::Result<()>,
    ) -> serde_json::Result<()> {
        if self.element.is_empty() {
            return if rest.trim_ascii().is_empty() { Ok(()) } else { each(rest) };
        }
        self.element.extend_from_slice(rest);
        let outcome = each(&self.element);
        self.element.clear();
        outcome
    }
}

/// An object without `metadata.managedFields` and `status.inventory.entries`, which are the largest part of most.
#[derive(Debug)]
struct Item(Value);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Section::Object.deserialize(deserializer).map(Self)
    }
}

/// Where in an object a mapping is.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Section {
    Object,
    Metadata,
    Status,
    Inventory,
}

impl Section {
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

impl<'de> DeserializeSeed<'de> for Section {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Section {
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

    /// The version and the objects of a list that comes in pieces of so many bytes.
    fn read_in_pieces(text: &str, size: usize) -> Result<(String, Vec<Value>), String> {
        let pieces = text.as_bytes().chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
        let body = futures::stream::iter(pieces.collect::<Vec<_>>());
        let body = futures::TryStreamExt::into_async_read(body);
        let mut objects = Vec::new();
        let read = futures::executor::block_on(read(body, false, |object| objects.push(object)));
        read.map(|version| (version, objects)).map_err(|error| error.to_string())
    }

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
        let wanted = json!([{
            "metadata": {"name": "app", "labels": {"managedFields": "kept"}},
            "spec": {"inventory": {"entries": ["kept"]}, "prune": true},
            "status": {"inventory": {"other": 1}, "conditions": [{"type": "Ready"}]},
        }]);
        for (text, size) in [(list.to_string(), 4096), (format!("{list:#}"), 7), (list.to_string(), 1)] {
            let (version, objects) = read_in_pieces(&text, size).unwrap();
            assert_eq!((version.as_str(), Value::Array(objects)), ("12", wanted.clone()), "{size}");
        }
    }

    #[test]
    fn brackets_quotes_and_commas_in_texts_end_nothing_wherever_the_pieces_end() {
        let text = r#"{"note":"items","items" : [ {"a":"]},\"{[\\"} ,{"b":["x,y",{"items":[1,2]}]}],"metadata":{"resourceVersion":"7"}}"#;
        let wanted = vec![json!({"a": "]},\"{[\\"}), json!({"b": ["x,y", {"items": [1, 2]}]})];
        for size in 1..text.len() {
            assert_eq!(read_in_pieces(text, size), Ok(("7".to_owned(), wanted.clone())), "{size}");
        }
    }

    #[test]
    fn an_odd_list_is_still_read_and_anything_else_is_an_error() {
        for odd in [json!({}), json!({"items": null}), json!({"metadata": {}, "items": []})] {
            assert_eq!(read_in_pieces(&odd.to_string(), 3), Ok((String::new(), Vec::new())));
        }
        let odd =
            json!({"items": [{"metadata": null, "status": ["text", 1, -1, 1.5, true, null]}, "text", 5]});
        let (_, objects) = read_in_pieces(&odd.to_string(), 5).unwrap();
        assert_eq!(Value::Array(objects), odd["items"]);
        for wrong in ["", "<html>", r#"{"items":[{"a":1},"#, r#"{"items":[{"a":}]}"#, r#"{"items":[]"#] {
            assert!(read_in_pieces(wrong, 4).is_err(), "{wrong}");
        }
    }
}
