//! Values as YAML for people: neat's form of it, which no program reads. Texts are as they are, in quotes only where a person might stumble.

use super::order::restructured;
use super::paint::BOLD;
use super::paint::Paint;
use super::palette::Colour;
use super::palette::Scheme;
use super::scalar::fields;
use super::scalar::kind;
use super::scalar::text;
use crate::text::quoted;
use serde_json::Map;
use serde_json::Value;

/// Writes values in this form.
pub(super) struct Neat<'a> {
    pub(super) paint: Paint,
    /// The colours; only keys are emphasised without.
    pub(super) scheme: Option<&'a Scheme>,
    /// Whether maps are in the order that people are used to.
    pub(super) restructures: bool,
}

/// Whether a text gets quotes.
fn needs_quotes(text: &str) -> bool {
    matches!(text, "true" | "false" | "null")
        || text.starts_with('-')
        || text.contains([' ', '*', '&', ':', ','])
}

impl Neat<'_> {
    /// A value on its own. Nothing is written for an empty map or list.
    pub(super) fn value(&self, value: &Value) -> String {
        let mut out = String::new();
        self.node(&mut out, value, "", true);
        out
    }

    /// The fields of a map.
    pub(super) fn fields(&self, map: &Map<String, Value>) -> String {
        let mut out = String::new();
        self.map(&mut out, map, "", true);
        out
    }

    /// The entries of a list.
    pub(super) fn items(&self, items: &[Value]) -> String {
        let mut out = String::new();
        self.list(&mut out, items, "", true);
        out
    }

    fn colour(&self, choose: impl Fn(&Scheme) -> Colour, text: &str) -> String {
        self.scheme.map_or_else(|| text.to_owned(), |scheme| self.paint.all(choose(scheme).style(), text))
    }

    fn deeper(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.colour(|scheme| scheme.indent, "  "))
    }

    /// `is_mid_line`: the first line has been begun.
    fn node(&self, out: &mut String, value: &Value, prefix: &str, is_mid_line: bool) {
        match value {
            Value::Object(map) => self.map(out, map, prefix, is_mid_line),
            Value::Array(items) => self.list(out, items, prefix, is_mid_line),
            scalar => self.scalar(out, scalar, prefix),
        }
    }

    fn list(&self, out: &mut String, items: &[Value], prefix: &str, is_mid_line: bool) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 || !is_mid_line {
                out.push_str(prefix);
            }
            out.push_str(&self.colour(|scheme| scheme.key, "-"));
            out.push(' ');
            self.node(out, item, &self.deeper(prefix), true);
        }
    }

    fn map(&self, out: &mut String, map: &Map<String, Value>, prefix: &str, is_mid_line: bool) {
        let fields = if self.restructures { restructured(map) } else { fields(map) };
        for (index, (key, value)) in fields.into_iter().enumerate() {
            if index > 0 || !is_mid_line {
                out.push_str(prefix);
            }
            let key = self.colour(|scheme| scheme.key, &format!("{key}:"));
            out.push_str(&self.paint.all(BOLD, &key));
            match value {
                Value::Object(map) if map.is_empty() => self.empty(out, "{}"),
                Value::Array(items) if items.is_empty() => self.empty(out, "[]"),
                Value::Object(map) => {
                    out.push('\n');
                    self.map(out, map, &self.deeper(prefix), false);
                }
                Value::Array(items) => {
                    out.push('\n');
                    self.list(out, items, prefix, false);
                }
                scalar => {
                    out.push(' ');
                    self.scalar(out, scalar, &self.deeper(prefix));
                }
            }
        }
    }

    fn empty(&self, out: &mut String, text: &str) {
        out.push(' ');
        out.push_str(&self.colour(|scheme| scheme.empty, text));
        out.push('\n');
    }

    fn scalar(&self, out: &mut String, scalar: &Value, prefix: &str) {
        let shown = text(scalar);
        if shown.contains('\n') {
            out.push_str(&self.colour(|scheme| scheme.multiline, "|"));
            for line in shown.split('\n') {
                out.push('\n');
                out.push_str(prefix);
                out.push_str(&self.colour(|scheme| scheme.multiline, line));
            }
            out.push('\n');
            return;
        }
        let is_quoted = kind(scalar) == "string" && needs_quotes(&shown);
        let shown = if is_quoted { quoted(&shown).into() } else { shown };
        let choose = |scheme: &Scheme| if scalar.is_null() { scheme.null } else { scheme.scalar };
        out.push_str(&self.colour(choose, &shown));
        out.push('\n');
    }
}
