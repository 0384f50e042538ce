//! Compares two documents as dyff does: maps by their keys, lists by the names of their entries or, when these have none, as sets.

use super::difference::Detail;
use super::difference::Difference;
use super::difference::Element;
use super::difference::Entries;
use super::identifier::Identifier;
use super::identifier::resource_name;
use super::scalar::fields;
use super::scalar::kind;
use super::scalar::read_again;
use super::scalar::text;
use serde_json::Map;
use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Write;

/// The differences between two documents, in the order in which the first one has them when it is written as YAML; what was added to a map or a list
/// or removed from it comes before what changed inside of it.
#[must_use]
pub fn compare(from: &Value, to: &Value) -> Vec<Difference> {
    let (new_from, new_to) = (read_again(from), read_again(to));
    let (from, to) = (new_from.as_ref().unwrap_or(from), new_to.as_ref().unwrap_or(to));
    let mut comparison = Comparison::default();
    comparison.documents(from, to);
    comparison.found
}

/// A comparison on its way through two documents.
#[derive(Default)]
struct Comparison {
    path: Vec<Element>,
    found: Vec<Difference>,
}

impl Comparison {
    /// Kubernetes objects are the same one when their names are; all other documents are compared as they are.
    fn documents(&mut self, from: &Value, to: &Value) {
        let name = |document: &Value| (!document.is_null()).then(|| resource_name(document));
        let (from_name, to_name) = (name(from), name(to));
        if from_name == Some(None) || to_name == Some(None) || from_name == to_name {
            self.values(from, to);
            return;
        }
        let (from_name, to_name) = (from_name.flatten(), to_name.flatten());
        if from_name.is_some() {
            self.add(vec![Detail::Removed(Entries::Document(from.clone()))]);
        }
        if to_name.is_some() {
            self.add(vec![Detail::Added(Entries::Document(to.clone()))]);
        }
        if let (Some(from), Some(to)) = (from_name, to_name) {
            let details = vec![Detail::Reordered { from: vec![from.into()], to: vec![to.into()] }];
            self.found.push(Difference { path: None, details });
        }
    }

    fn add(&mut self, details: Vec<Detail>) {
        if !details.is_empty() {
            self.found.push(Difference { path: Some(self.path.clone()), details });
        }
    }

    /// Compares what is one step further.
    fn below(&mut self, element: Element, from: &Value, to: &Value) {
        self.path.push(element);
        self.values(from, to);
        self.path.pop();
    }

    fn values(&mut self, from: &Value, to: &Value) {
        match (from, to) {
            (Value::Object(from), Value::Object(to)) => self.maps(from, to),
            (Value::Array(from), Value::Array(to)) => self.lists(from, to),
            (from, to) if kind(from) == kind(to) && text(from) == text(to) => {}
            (from, to) => self.add(vec![Detail::Modified { from: from.clone(), to: to.clone() }]),
        }
    }

    fn maps(&mut self, from: &Map<String, Value>, to: &Map<String, Value>) {
        let missing = |map: &Map<String, Value>, other: &Map<String, Value>| -> Map<String, Value> {
            let missing = map.iter().filter(|(key, _)| !other.contains_key(*key));
            missing.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let (removed, added) = (missing(from, to), missing(to, from));
        let mut details = Vec::new();
        if !removed.is_empty() {
            details.push(Detail::Removed(Entries::Fields(removed)));
        }
        if !added.is_empty() {
            details.push(Detail::Added(Entries::Fields(added)));
        }
        self.add(details);
        for (key, from) in fields(from) {
            if let Some(to) = to.get(key) {
                self.below(Element::Key(key.clone()), from, to);
            }
        }
    }

    fn lists(&mut self, from: &[Value], to: &[Value]) {
        match Identifier::of(from, to) {
            _ if from.is_empty() && to.is_empty() => {}
            Some(identifier) => self.named_lists(&identifier, from, to),
            None => match (from, to) {
                ([from], [to]) => self.below(Element::Index(0), from, to),
                _ => self.add(sets(from, to)),
            },
        }
    }

    fn named_lists(&mut self, identifier: &Identifier, from: &[Value], to: &[Value]) {
        let named = |list: &[Value]| list.iter().map(|entry| identifier.name(entry)).collect::<Vec<_>>();
        let (from_names, to_names) = (named(from), named(to));
        let (in_from, in_to) = (firsts(&from_names), firsts(&to_names));
        let mut lists = Lists::default();
        let mut both = Vec::new();
        for (entry, name) in from.iter().zip(&from_names) {
            match in_to.get(name.as_str()) {
                Some(at) => {
                    lists.from.push(name.as_str().into());
                    both.push((name, entry, &to[*at]));
                }
                None => lists.removed.push(entry.clone()),
            }
        }
        for (entry, name) in to.iter().zip(&to_names) {
            match in_from.get(name.as_str()) {
                Some(_) => lists.to.push(name.as_str().into()),
                None => lists.added.push(entry.clone()),
            }
        }
        let places: HashMap<&str, usize> =
            lists.to.iter().enumerate().filter_map(|(at, name)| Some((name.as_str()?, at))).collect();
        let is_at =
            |name: &Value| name.as_str().and_then(|name| places.get(name)).copied().unwrap_or_default();
        let is_reordered = lists.from.iter().enumerate().any(|(at, name)| is_at(name) != at);
        self.add(lists.details(is_reordered));
        for (name, from, to) in both {
            let identifier = identifier.label().to_owned();
            self.below(Element::Named { identifier, name: name.clone() }, from, to);
        }
    }
}

/// The place at which each name is first.
fn firsts(names: &[String]) -> HashMap<&str, usize> {
    let mut places = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        places.entry(name.as_str()).or_insert(at);
    }
    places
}

/// What becomes of the entries of two lists.
#[derive(Default)]
struct Lists {
    /// What both have, in the order of the first and of the second list.
    from: Vec<Value>,
    to: Vec<Value>,
    removed: Vec<Value>,
    added: Vec<Value>,
}

impl Lists {
    fn details(self, is_reordered: bool) -> Vec<Detail> {
        let mut details = Vec::new();
        if is_reordered {
            details.push(Detail::Reordered { from: self.from, to: self.to });
        }
        if !self.removed.is_empty() {
            details.push(Detail::Removed(Entries::Items(self.removed)));
        }
        if !self.added.is_empty() {
            details.push(Detail::Added(Entries::Items(self.added)));
        }
        details
    }
}

/// Lists whose entries have no names. An entry that occurs more often in one of them is reported as often as that.
fn sets(from: &[Value], to: &[Value]) -> Vec<Detail> {
    let (from_prints, to_prints) = (fingerprints(from), fingerprints(to));
    let (in_from, in_to) = (counts(&from_prints), counts(&to_prints));
    let common = |prints: &'_ [String], other: &HashMap<&str, usize>| -> Vec<usize> {
        (0..prints.len()).filter(|at| other.contains_key(prints[*at].as_str())).collect()
    };
    let (common_from, common_to) = (common(&from_prints, &in_to), common(&to_prints, &in_from));
    let mut pairs = common_from.iter().zip(&common_to);
    let is_reordered =
        common_from.len() == common_to.len() && pairs.any(|(from, to)| from_prints[*from] != to_prints[*to]);
    let lists = Lists {
        from: common_from.into_iter().map(|at| from[at].clone()).collect(),
        to: common_to.into_iter().map(|at| to[at].clone()).collect(),
        removed: more(from, &from_prints, &in_from, &in_to),
        added: more(to, &to_prints, &in_to, &in_from),
    };
    lists.details(is_reordered)
}

/// The entries of a list that the other one has not, or not as often. What is missing of an entry that occurs several times is where the first of them is.
fn more(
    list: &[Value],
    prints: &[String],
    counts: &HashMap<&str, usize>,
    others: &HashMap<&str, usize>,
) -> Vec<Value> {
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    for (entry, print) in list.iter().zip(prints) {
        let print = print.as_str();
        let count = match others.get(print) {
            None => 1,
            Some(_) if seen.insert(print, ()).is_some() => 0,
            Some(other) => counts[print].saturating_sub(*other),
        };
        found.extend(std::iter::repeat_n(entry, count).cloned());
    }
    found
}

fn counts(prints: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for print in prints {
        *counts.entry(print.as_str()).or_default() += 1;
    }
    counts
}

fn fingerprints(list: &[Value]) -> Vec<String> {
    let print = |value| {
        let mut print = String::new();
        fingerprint(value, &mut print);
        print
    };
    list.iter().map(print).collect()
}

/// What is the same for values that count as equal entries of a list: a scalar is its text, whatever its type, and an empty map is like an empty list.
fn fingerprint(value: &Value, print: &mut String) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            print.push('[');
            items.iter().for_each(|item| fingerprint(item, print));
            print.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            print.push('{');
            for (key, value) in map {
                scalar_print(key, print);
                fingerprint(value, print);
            }
            print.push('}');
        }
        Value::Array(_) | Value::Object(_) => print.push('e'),
        scalar => scalar_print(&text(scalar), print),
    }
}

fn scalar_print(text: &str, print: &mut String) {
    // Writing to a text cannot fail.
    let _ = write!(print, "{}:{text}", text.len());
}
