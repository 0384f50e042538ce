//! Walks a value along a template.

use super::compare;
use super::node::BadTemplate;
use super::node::Filter;
use super::node::Node;
use super::node::Slice;
use serde_json::Value;
use std::borrow::Cow;

type Found<'a> = Vec<Cow<'a, Value>>;

/// One evaluation, with the loops that it is in.
pub(super) struct Run<'t> {
    nodes: &'t [Node],
    begins: usize,
    depth: usize,
    ends: usize,
    last_end: Option<usize>,
    /// How many parts were looked at.
    steps: u32,
}

/// The most parts that are looked at: each loop within a loop multiplies them.
const MOST_STEPS: u32 = 5_000_000;

impl<'t> Run<'t> {
    pub(super) fn new(nodes: &'t [Node]) -> Self {
        Self { nodes, begins: 0, depth: 0, ends: 0, last_end: None, steps: 0 }
    }

    /// What each part from this one on finds, loops unrolled.
    pub(super) fn find<'a>(
        &mut self,
        value: Cow<'a, Value>,
        from: usize,
    ) -> Result<Vec<Found<'a>>, BadTemplate> {
        let mut all = Vec::new();
        let mut at = from;
        while let Some(node) = self.nodes.get(at) {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(BadTemplate::new(format!(
                    "loops within loops look at more than {MOST_STEPS} parts"
                )));
            }
            let found = self.walk(vec![value.clone()], node)?;
            if self.ends > 0 && self.ends <= self.depth {
                self.ends -= 1;
                self.last_end = Some(at);
                break;
            }
            if self.begins == 0 {
                all.push(found);
                at += 1;
                continue;
            }
            self.begins -= 1;
            self.depth += 1;
            if found.is_empty() {
                // The end of the loop must exist nevertheless.
                self.find(Cow::Owned(Value::Null), at + 1)?;
            }
            for item in found {
                all.extend(self.find(item, at + 1)?);
            }
            self.depth -= 1;
            at = self.last_end.filter(|end| *end > at).unwrap_or(at) + 1;
        }
        Ok(all)
    }

    fn walk_all<'a>(&mut self, input: Found<'a>, nodes: &[Node]) -> Result<Found<'a>, BadTemplate> {
        nodes.iter().try_fold(input, |found, node| self.walk(found, node))
    }

    fn walk<'a>(&mut self, input: Found<'a>, node: &Node) -> Result<Found<'a>, BadTemplate> {
        Ok(match node {
            Node::Text(text) => vec![Cow::Owned(Value::String(text.clone()))],
            Node::List(nodes) => self.walk_all(input, nodes)?,
            Node::Literal(value) => input.iter().map(|_| Cow::Owned(value.clone())).collect(),
            Node::Field(name) => input.into_iter().filter_map(|value| field(value, name)).collect(),
            Node::Wildcard => input.into_iter().flat_map(children).collect(),
            Node::Recursive => recursive(input),
            Node::Slice(slice) => {
                let mut found = Vec::new();
                for value in input.into_iter().filter(|value| !value.is_null()) {
                    found.extend(items_of(value, slice)?);
                }
                found
            }
            Node::Filter(filter) => {
                let mut found = Vec::new();
                for value in input {
                    found.extend(self.filtered(value, filter)?);
                }
                found
            }
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    found.extend(self.walk_all(input.clone(), part)?);
                }
                found
            }
            Node::Word(word) => return self.word(input, word),
        })
    }

    fn word<'a>(&mut self, input: Found<'a>, word: &str) -> Result<Found<'a>, BadTemplate> {
        match word {
            "range" => {
                self.begins += 1;
                Ok(input)
            }
            "end" if self.depth > 0 => {
                self.ends += 1;
                Ok(Vec::new())
            }
            "end" => Err(BadTemplate::new("not in range, nothing to end")),
            other => Err(BadTemplate::new(format!("unrecognized identifier {other}"))),
        }
    }

    fn filtered<'a>(&mut self, value: Cow<'a, Value>, filter: &Filter) -> Result<Found<'a>, BadTemplate> {
        if !value.is_array() {
            return Err(BadTemplate::new(format!(
                "{} is not a list and cannot be filtered",
                kind_of(&value)
            )));
        }
        let mut found = Vec::new();
        for item in children(value) {
            let left = self.walk_all(vec![item.clone()], &filter.left);
            let passes = match &filter.right {
                None => left.is_ok_and(|left| !left.is_empty()),
                Some((operator, right)) => {
                    let mut right = || self.walk_all(vec![item.clone()], right);
                    match one(left?)? {
                        None => false,
                        Some(left) => match one(right()?)? {
                            None => false,
                            Some(right) => compare::holds(&left, operator, &right)?,
                        },
                    }
                }
            };
            if passes {
                found.push(item);
            }
        }
        Ok(found)
    }
}

/// A side of a comparison is one value, or none.
fn one(found: Found<'_>) -> Result<Option<Cow<'_, Value>>, BadTemplate> {
    if found.len() > 1 {
        return Err(BadTemplate::new("can only compare one element at a time"));
    }
    Ok(found.into_iter().next())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a bool",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn field<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(value) => value.as_object()?.get(name).cloned().map(Cow::Owned),
    }
}

fn children(value: Cow<'_, Value>) -> Found<'_> {
    match value {
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Object(map)) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            entries.into_iter().map(|(_, value)| Cow::Borrowed(value)).collect()
        }
        Cow::Owned(Value::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        _ => Vec::new(),
    }
}

/// Every object, list and text that is not empty, from the top down.
fn recursive(input: Found<'_>) -> Found<'_> {
    let mut found = Vec::new();
    for value in input {
        let below = children(value.clone());
        if below.is_empty() && value.as_str().is_none_or(str::is_empty) {
            continue;
        }
        found.push(value);
        found.extend(recursive(below));
    }
    found
}

fn items_of<'a>(value: Cow<'a, Value>, slice: &Slice) -> Result<Found<'a>, BadTemplate> {
    if !value.is_array() {
        return Err(BadTemplate::new(format!("{} is not a list and has no index", kind_of(&value))));
    }
    let items = children(value);
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let from = slice.from.unwrap_or(0);
    let to = if slice.is_index { from + 1 } else { slice.to.unwrap_or(length) };
    let from = if from < 0 { from + length } else { from };
    let to = if to < 0 || (to == 0 && slice.is_index) { to + length } else { to };
    if from == to {
        return Ok(Vec::new());
    }
    let out =
        |index: i64| BadTemplate::new(format!("array index out of bounds: index {index}, length {length}"));
    if !(0..length).contains(&from) {
        return Err(out(from));
    }
    if !(0..=length).contains(&to) {
        return Err(out(to - 1));
    }
    if from > to {
        return Err(BadTemplate::new(format!("starting index {from} is greater than ending index {to}")));
    }
    let step = usize::try_from(slice.step.unwrap_or(1)).unwrap_or(0);
    if step == 0 {
        return Err(BadTemplate::new("step must be > 0"));
    }
    let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    Ok(items.into_iter().take(to).skip(from).step_by(step).collect())
}
