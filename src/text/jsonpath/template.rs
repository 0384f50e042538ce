//! A template as it is used: read from text, then rendered with values.

use super::eval;
use super::node::BadTemplate;
use super::node::Node;
use super::parse;
use crate::text::json;
use serde_json::Value;
use std::borrow::Cow;

/// A template that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        Ok(Self { nodes: parse::nodes(text)? })
    }

    /// Reads a path as `--sort-by` and columns take it: `a.b`, `.a.b`, `{.a.b}`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_path(text: &str) -> Result<Self, BadTemplate> {
        let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        let path = inner.strip_prefix('.').unwrap_or(inner);
        if path.is_empty() || path.contains(['{', '}']) {
            return Err(BadTemplate::new(format!(
                "\"{text}\" is not a path: expected name1.name2, .name1.name2 or {{.name1.name2}}"
            )));
        }
        Self::parse(&format!("{{.{path}}}"))
    }

    /// The text that the template makes of a value. What is not there is nothing.
    ///
    /// # Errors
    /// An index past the end, a filter or an index on what is not a list, a comparison of different types.
    pub fn render(&self, value: &Value) -> Result<String, BadTemplate> {
        let mut text = String::new();
        for found in self.find(value)? {
            let shown: Vec<String> = found.iter().map(|value| shown(value)).collect();
            text.push_str(&shown.join(" "));
        }
        Ok(text)
    }

    /// What each part of the template finds in a value, as a list in JSON: texts between the paths are parts as well.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_json(&self, value: &Value) -> Result<String, BadTemplate> {
        let lists = self.find(value)?.into_iter().map(|found| {
            let found: Value = found.into_iter().map(Cow::into_owned).collect();
            json::pretty(&found, "    ") + "\n"
        });
        Ok(lists.collect())
    }

    /// What the path leads to, in order.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn values<'a>(&self, value: &'a Value) -> Result<Vec<Cow<'a, Value>>, BadTemplate> {
        Ok(self.find(value)?.into_iter().flatten().collect())
    }

    fn find<'a>(&self, value: &'a Value) -> Result<Vec<Vec<Cow<'a, Value>>>, BadTemplate> {
        eval::Run::new(&self.nodes).find(Cow::Borrowed(value), 0)
    }
}

/// Text as it is, lists and objects as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => plain_number(number),
        value => json::compact(value),
    }
}

/// A number as Go prints it: a float has an exponent from a million on.
fn plain_number(number: &serde_json::Number) -> String {
    let Some(float) = number.as_f64().filter(|_| number.is_f64()) else { return number.to_string() };
    if float == 0.0 || (1e-4..1e6).contains(&float.abs()) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

/// A value in a cell: as Go prints one, `map[a:1]` and `[1 2]`.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => plain_number(number),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(cell).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            let entries: Vec<String> =
                entries.into_iter().map(|(key, value)| format!("{key}:{}", cell(value))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}
