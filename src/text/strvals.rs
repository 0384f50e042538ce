//! Assignments as Helm's `--set` reads them: `a.b[0].c=value`, several divided by commas, `\` before a letter that has a meaning.
//! (Helm's `pkg/strvals`.)

use super::layered::Fields;
use super::layered::Layered;
use serde_json::Value;
use std::collections::VecDeque;

/// Larger indexes are refused.
const LARGEST_INDEX: i64 = 65_536;
/// Deeper names are refused.
const DEEPEST_NAME: usize = 30;

/// Carries out the assignments on `values`. `as_text` makes every value a text; else `true`, `null`, `12` and the like are what they say.
///
/// # Errors
/// Helm's words for what it cannot read, or cannot put there.
pub fn assign(line: &str, values: &Fields, as_text: bool) -> Result<(), String> {
    let mut parser = Parser { rest: line.chars().collect(), as_text };
    loop {
        match parser.key(values, 0) {
            Ok(()) => {}
            Err(Stop::End) => return Ok(()),
            Err(Stop::Wrong(reason)) => return Err(reason),
        }
    }
}

/// Why reading does not continue.
enum Stop {
    /// The line is over.
    End,
    Wrong(String),
}

fn wrong<T>(reason: String) -> Result<T, Stop> {
    Err(Stop::Wrong(reason))
}

struct Parser {
    rest: VecDeque<char>,
    as_text: bool,
}

impl Parser {
    /// The text up to one of the letters, and that letter; none at the end of the line.
    fn until(&mut self, stops: &[char]) -> (String, Option<char>) {
        let mut text = String::new();
        while let Some(letter) = self.rest.pop_front() {
            if stops.contains(&letter) {
                return (text, Some(letter));
            }
            match letter {
                '\\' => match self.rest.pop_front() {
                    Some(next) => text.push(next),
                    None => return (text, None),
                },
                letter => text.push(letter),
            }
        }
        (text, None)
    }

    /// One assignment below `map`.
    fn key(&mut self, map: &Fields, depth: usize) -> Result<(), Stop> {
        match self.until(&['=', '[', ',', '.']) {
            (key, None) if key.is_empty() => Err(Stop::End),
            (key, None) => wrong(format!("key {key:?} has no value")),
            (key, Some('[')) => self.element(map, &key, depth),
            (key, Some('=')) => {
                let (value, ended) = match self.value() {
                    Ok(value) => (value, Ok(())),
                    Err(Stop::End) => (text(""), Err(Stop::End)),
                    Err(stop) => return Err(stop),
                };
                set(map, &key, value);
                ended
            }
            (key, Some(',')) => wrong(format!("key {key:?} has no value (cannot end with ,)")),
            (key, Some(_)) => self.below(map, &key, depth + 1),
        }
    }

    /// `key[…`: an element of a list.
    fn element(&mut self, map: &Fields, key: &str, depth: usize) -> Result<(), Stop> {
        let index = self.index()?;
        let list = match map.borrow().get(key) {
            None => Vec::new().into(),
            Some(Layered::List(items)) => List::Shared(items.clone()),
            Some(other) => return wrong(unfit(other, "[]interface {}")),
        };
        let (list, outcome) = self.item(list, index, depth);
        set(map, key, list.into_layered());
        outcome
    }

    /// `key.…`: a field of a map.
    fn below(&mut self, map: &Fields, key: &str, depth: usize) -> Result<(), Stop> {
        if depth > DEEPEST_NAME {
            return wrong(format!(
                "value name nested level is greater than maximum supported nested level of {DEEPEST_NAME}"
            ));
        }
        let inner = match map.borrow().get(key) {
            None => Layered::empty_map(),
            Some(Layered::Map(fields)) => fields.clone(),
            Some(other) => return wrong(unfit(other, "map[string]interface {}")),
        };
        let outcome = self.key(&inner, depth);
        let is_empty = inner.borrow().is_empty();
        if outcome.is_ok() && is_empty {
            return wrong(format!("key map {key:?} has no value"));
        }
        if !is_empty {
            set(map, key, Layered::Map(inner));
        }
        outcome
    }

    /// The number before `]`.
    fn index(&mut self) -> Result<i64, Stop> {
        let (text, last) = self.until(&[']']);
        last.ok_or(Stop::End)?;
        text.parse().map_err(|error: std::num::ParseIntError| {
            use std::num::IntErrorKind::NegOverflow;
            use std::num::IntErrorKind::PosOverflow;
            let is_large = matches!(error.kind(), PosOverflow | NegOverflow);
            let reason = if is_large { "value out of range" } else { "invalid syntax" };
            Stop::Wrong(format!("error parsing index: strconv.Atoi: parsing {text:?}: {reason}"))
        })
    }

    /// What follows `]`: a value, a further index, or a field. Returns the list as it then is.
    fn item(&mut self, list: List, index: i64, depth: usize) -> (List, Result<(), Stop>) {
        if index < 0 {
            return (list, wrong(format!("negative {index} index not allowed")));
        }
        match self.until(&['[', '.', '=']) {
            (text, _) if !text.is_empty() => {
                let letters: Vec<String> = text.chars().map(|letter| format!("{letter:?}")).collect();
                (list, wrong(format!("unexpected data at end of array index: [{}]", letters.join(" "))))
            }
            (_, None) => (list, Err(Stop::End)),
            (_, Some('=')) => match self.value() {
                Ok(value) => list.with(index, value),
                Err(Stop::End) => list.with(index, text("")),
                Err(stop) => (list, Err(stop)),
            },
            (_, Some('[')) => self.nested_item(list, index, depth),
            (_, Some(_)) => self.item_field(list, index, depth),
        }
    }

    fn nested_item(&mut self, list: List, index: i64, depth: usize) -> (List, Result<(), Stop>) {
        let next = match self.index() {
            Ok(next) => next,
            Err(stop) => return (list, Err(stop)),
        };
        let inner = match list.get(index) {
            None | Some(Layered::Leaf(Value::Null)) => Vec::new().into(),
            Some(Layered::List(items)) => List::Shared(items),
            Some(other) => return (list, wrong(unfit(&other, "[]interface {}"))),
        };
        match self.item(inner, next, depth) {
            (inner, Ok(())) => list.with(index, inner.into_layered()),
            (_, Err(stop)) => (list, Err(stop)),
        }
    }

    fn item_field(&mut self, list: List, index: i64, depth: usize) -> (List, Result<(), Stop>) {
        let found = list.get(index);
        let inner = match &found {
            Some(Layered::Map(fields)) => fields.clone(),
            _ => Layered::empty_map(),
        };
        let list = match found {
            // What was there is not a map: it gives way even when no value follows.
            Some(_) => list.with(index, Layered::Map(inner.clone())).0,
            None => list,
        };
        match self.key(&inner, depth) {
            Ok(()) => list.with(index, Layered::Map(inner)),
            stopped => (list, stopped),
        }
    }

    /// A value, or `{several,values}`. The end of the line is not a value.
    fn value(&mut self) -> Result<Layered, Stop> {
        match self.rest.front() {
            None => return Err(Stop::End),
            Some('{') => {}
            Some(_) => {
                let (text, _) = self.until(&[',']);
                return Ok(self.typed(text));
            }
        }
        self.rest.pop_front();
        let mut items = Vec::new();
        loop {
            let (text, last) = self.until(&[',', '}']);
            match last {
                None => return wrong("list must terminate with '}'".to_owned()),
                Some(_) => items.push(self.typed(text)),
            }
            if last == Some('}') {
                self.rest.pop_front_if(|next| *next == ',');
                return Ok(Layered::list(items));
            }
        }
    }

    fn typed(&self, value: String) -> Layered {
        let is = |word: &str| value.eq_ignore_ascii_case(word);
        if self.as_text {
            return text(&value);
        }
        Layered::Leaf(if is("true") {
            true.into()
        } else if is("false") {
            false.into()
        } else if is("null") {
            Value::Null
        } else {
            match value.parse::<i64>() {
                Ok(number) if number == 0 && value == "0" || !value.starts_with('0') => number.into(),
                _ => value.into(),
            }
        })
    }
}

fn text(text: &str) -> Layered {
    Layered::Leaf(text.into())
}

/// A field without a name is not set.
fn set(map: &Fields, key: &str, value: Layered) {
    if !key.is_empty() {
        map.borrow_mut().insert(key.to_owned(), value);
    }
}

/// A list on its way: one that is in the values already is changed there while it does not grow.
enum List {
    Shared(std::rc::Rc<std::cell::RefCell<Vec<Layered>>>),
    Own(Vec<Layered>),
}

impl From<Vec<Layered>> for List {
    fn from(items: Vec<Layered>) -> Self {
        Self::Own(items)
    }
}

impl List {
    fn get(&self, index: i64) -> Option<Layered> {
        let index = usize::try_from(index).ok()?;
        match self {
            Self::Shared(items) => items.borrow().get(index).cloned(),
            Self::Own(items) => items.get(index).cloned(),
        }
    }

    fn with(self, index: i64, value: Layered) -> (Self, Result<(), Stop>) {
        let at = match usize::try_from(index) {
            Ok(at) if index <= LARGEST_INDEX => at,
            _ => {
                let reason =
                    format!("index of {index} is greater than maximum supported index of {LARGEST_INDEX}");
                return (self, wrong(reason));
            }
        };
        let mut items = match self {
            Self::Shared(items) if at < items.borrow().len() => {
                items.borrow_mut()[at] = value;
                return (Self::Shared(items), Ok(()));
            }
            Self::Shared(items) => items.borrow().clone(),
            Self::Own(items) => items,
        };
        if items.len() <= at {
            items.resize(at + 1, Layered::Leaf(Value::Null));
        }
        items[at] = value;
        (Self::Own(items), Ok(()))
    }

    fn into_layered(self) -> Layered {
        match self {
            Self::Shared(items) => Layered::List(items),
            Self::Own(items) => Layered::list(items),
        }
    }
}

/// Go's words for a value of another type than the name needs.
fn unfit(found: &Layered, wanted: &str) -> String {
    let found = match found {
        Layered::Map(_) => "map[string]interface {}",
        Layered::List(_) => "[]interface {}",
        Layered::Leaf(Value::Null) => "nil",
        Layered::Leaf(Value::Bool(_)) => "bool",
        Layered::Leaf(Value::Number(_)) => "float64",
        Layered::Leaf(_) => "string",
    };
    format!("unable to parse key: interface conversion: interface {{}} is {found}, not {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn assigned(values: Value, line: &str) -> Result<Value, String> {
        let Layered::Map(fields) = Layered::read(&values) else { panic!("no map") };
        assign(line, &fields, false)?;
        Ok(Layered::Map(fields).to_value())
    }

    #[test]
    fn a_value_is_put_where_its_name_points() {
        for (line, wanted) in [
            ("a=1", json!({"a": 1})),
            ("a.b=x,c=y", json!({"a": {"b": "x"}, "c": "y"})),
            ("a[1].b=1", json!({"a": [null, {"b": 1}]})),
            ("a[0][1]=x", json!({"a": [[null, "x"]]})),
            ("a\\.b\\,c=x\\,y", json!({"a.b,c": "x,y"})),
            ("a={x,2,true}", json!({"a": ["x", 2, true]})),
            ("a=", json!({"a": ""})),
            (
                "a=TRUE,b=null,c=007,d=-5,e=1.5,f=0",
                json!({"a": true, "b": null, "c": "007", "d": -5, "e": "1.5", "f": 0}),
            ),
        ] {
            assert_eq!(assigned(json!({}), line), Ok(wanted), "{line}");
        }
    }

    #[test]
    fn what_is_there_is_kept_beside_it() {
        let values = json!({"a": {"x": 1, "l": [{"n": 1}, "two"]}});
        let wanted = json!({"a": {"x": 1, "l": [{"n": 1, "m": 3}, "two"]}});
        assert_eq!(assigned(values.clone(), "a.l[0].m=3"), Ok(wanted));
        let wanted = json!({"a": {"x": 1, "l": [{"n": 1}, {"m": 3}]}});
        assert_eq!(assigned(values, "a.l[1].m=3"), Ok(wanted));
    }

    #[test]
    fn what_cannot_be_put_there_is_reported() {
        let refused = |line: &str| assigned(json!({"t": "text", "m": {}, "l": []}), line).unwrap_err();
        assert!(refused("t.x=1").contains("interface {} is string, not map[string]interface {}"));
        assert!(refused("m[0]=1").contains("interface {} is map[string]interface {}, not []interface {}"));
        assert_eq!(refused("a"), "key \"a\" has no value");
        assert_eq!(refused("a,b=1"), "key \"a\" has no value (cannot end with ,)");
        assert_eq!(refused("a[x]=1"), "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax");
        assert_eq!(refused("a[-1]=1"), "negative -1 index not allowed");
        assert_eq!(refused("l[0]bc=1"), "unexpected data at end of array index: ['b' 'c']");
        assert_eq!(refused("a={1,2"), "list must terminate with '}'");
        assert!(refused("a[65537]=1").contains("greater than maximum supported index"));
        assert!(refused(&format!("{}=1", ["a"; 32].join("."))).contains("nested level is greater"));
    }
}
