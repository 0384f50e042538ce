//! Differences as text for people, byte for byte as the Flux CLI prints them.

use super::blocks::push_blocks;
use super::blocks::table;
use super::difference::Detail;
use super::difference::Difference;
use super::difference::Element;
use super::difference::Entries;
use super::neat::Neat;
use super::paint::BOLD;
use super::paint::BOLD_ITALIC;
use super::paint::ITALIC;
use super::paint::Paint;
use super::paint::length;
use super::palette::ADDED;
use super::palette::GREENISH;
use super::palette::REDDISH;
use super::palette::REMOVED;
use super::scalar::changed;
use super::scalar::changed_fields;
use super::scalar::changed_items;
use super::scalar::kind;
use super::scalar::text;
use super::strings::string_change;
use super::writer::Writer;
use super::writer::count;
use super::writer::prefixed;
use crate::text::neutralised;
use serde_json::Value;
use std::borrow::Cow;

/// How many characters the Flux CLI puts on a line when stdout is not a terminal.
pub const WIDTH: usize = 80;

/// The differences of an object, each with its path. The text begins and ends with an empty line.
///
/// `width` is how many columns the terminal at stdout has, and [`WIDTH`] if there is no terminal: what was removed and what was added
/// is shown in columns if it fits, and values below each other if not.
///
/// Without colours, the text is what is in the documents: a caller that prints it to a terminal has to make it harmless. With colours this is done
/// here, since nothing but the colours may reach the terminal as a command.
#[must_use]
pub fn human(differences: &[Difference], width: usize, paint: Paint) -> String {
    let writer = Writer { width, paint };
    let mut out = String::new();
    for difference in differences {
        writer.difference(&mut out, &tame(difference, paint));
    }
    out.push('\n');
    out
}

/// The difference without what a terminal would obey, if it is written for one.
fn tame(difference: &Difference, paint: Paint) -> Cow<'_, Difference> {
    let other = |text: &str| match neutralised(text) {
        Cow::Owned(other) => Some(other),
        Cow::Borrowed(_) => None,
    };
    let element = |element: &Element| match element {
        Element::Key(key) => Element::Key(neutralised(key).into_owned()),
        Element::Named { identifier, name } => {
            Element::Named { identifier: identifier.clone(), name: neutralised(name).into_owned() }
        }
        Element::Index(index) => Element::Index(*index),
    };
    let value = |value: &Value| changed(value, &other).unwrap_or_else(|| value.clone());
    let items = |items: &[Value]| changed_items(items, &other).unwrap_or_else(|| items.to_vec());
    let entries = |entries: &Entries| match entries {
        Entries::Fields(map) => Entries::Fields(changed_fields(map, &other).unwrap_or_else(|| map.clone())),
        Entries::Items(list) => Entries::Items(items(list)),
        Entries::Document(document) => Entries::Document(value(document)),
    };
    if paint == Paint::Plain {
        return Cow::Borrowed(difference);
    }
    let detail = |detail: &Detail| match detail {
        Detail::Added(added) => Detail::Added(entries(added)),
        Detail::Removed(removed) => Detail::Removed(entries(removed)),
        Detail::Modified { from, to } => Detail::Modified { from: value(from), to: value(to) },
        Detail::Reordered { from, to } => Detail::Reordered { from: items(from), to: items(to) },
    };
    let path = difference.path.as_ref().map(|path| path.iter().map(element).collect());
    Cow::Owned(Difference { path, details: difference.details.iter().map(detail).collect() })
}

impl Writer {
    fn difference(&self, out: &mut String, difference: &Difference) {
        out.push('\n');
        out.push_str(&self.path(difference));
        out.push('\n');
        let blocks: Vec<String> = difference.details.iter().map(|detail| self.detail(detail)).collect();
        push_blocks(out, self.width, 0, &blocks);
    }

    fn path(&self, difference: &Difference) -> String {
        let Some(path) = difference.path.as_ref().filter(|path| !path.is_empty()) else {
            return self.paint.all(BOLD, &difference.dotted());
        };
        let style = |element: &Element| match element {
            Element::Named { .. } => BOLD_ITALIC,
            _ => BOLD,
        };
        let parts = path.iter().filter_map(|element| Some((style(element), element.text()?)));
        parts.map(|(style, part)| self.paint.around(style, &part)).collect::<Vec<_>>().join(".")
    }

    fn detail(&self, detail: &Detail) -> String {
        match detail {
            Detail::Added(entries) => self.entries(entries, true),
            Detail::Removed(entries) => self.entries(entries, false),
            Detail::Modified { from, to } => self.modification(from, to),
            Detail::Reordered { from, to } => self.order(from, to),
        }
    }

    fn entries(&self, entries: &Entries, were_added: bool) -> String {
        let (scheme, sign, verb, indent) =
            if were_added { (&GREENISH, '+', "added", 2) } else { (&REDDISH, '-', "removed", 0) };
        let neat = Neat { paint: self.paint, scheme: Some(scheme), restructures: true };
        let (what, yaml) = match entries {
            Entries::Document(value) => {
                (count(1, "document", "documents"), format!("---\n{}", neat.value(value)))
            }
            Entries::Items(items) => (count(items.len(), "list entry", "list entries"), neat.items(items)),
            Entries::Fields(map) => (count(map.len(), "map entry", "map entries"), neat.fields(map)),
        };
        let mut out = self.title(&format!("{sign} {what} {verb}:"));
        push_blocks(&mut out, self.width, indent, &[yaml]);
        out
    }

    fn modification(&self, from: &Value, to: &Value) -> String {
        let (from_kind, to_kind) = (kind(from), kind(to));
        if from_kind == "string" && to_kind == "string" {
            return string_change(self, &text(from), &text(to));
        }
        let mut out = if from_kind == to_kind {
            self.title("± value change")
        } else {
            let [from, to] = [from_kind, to_kind].map(|kind| self.paint.lines(ITALIC, kind));
            self.title(&format!("± type change from {from} to {to}"))
        };
        let yaml = |value: &Value| self.yaml(value).trim_end_matches('\n').to_owned();
        out.push_str(&self.paint.lines(REMOVED.style(), &prefixed("- ", &yaml(from))));
        out.push_str(&self.paint.lines(ADDED.style(), &prefixed("+ ", &yaml(to))));
        out
    }

    fn yaml(&self, value: &Value) -> String {
        if value.is_null() {
            return "<nil>".to_owned();
        }
        Neat { paint: self.paint, scheme: None, restructures: false }.value(value)
    }

    fn order(&self, from: &[Value], to: &[Value]) -> String {
        let names = |list: &[Value]| -> Vec<String> {
            let name = |value: &Value| match text(value) {
                name if name.is_empty() => self.yaml(value),
                name => name.into_owned(),
            };
            list.iter().map(name).collect()
        };
        let (from, to) = (names(from), names(to));
        let needed = |names: &[String]| {
            names.iter().map(|name| length(name)).sum::<usize>() + 2 * names.len().saturating_sub(1)
        };
        let mut out = self.title("⇆ order changed");
        if needed(&from).max(needed(&to)) < self.width / 2 {
            out.push_str(&self.paint.lines(REMOVED.style(), &format!("- {}\n", from.join(", "))));
            out.push_str(&self.paint.lines(ADDED.style(), &format!("+ {}\n", to.join(", "))));
        } else {
            let from = self.paint.lines(REMOVED.style(), &from.join("\n"));
            let to = self.paint.lines(ADDED.style(), &to.join("\n"));
            out.push_str(&table(" ", 2, &[from, to]));
        }
        out
    }
}
