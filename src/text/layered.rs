//! Values that are laid over each other, shared where Go's maps are shared.
//!
//! Helm and Flux merge values by copying maps one level deep: what is below stays the same map, so that a later assignment into the
//! result also changes the map it came from. What ends up on top depends on that, so it is kept here: a clone of a map or a list is
//! the same map or list.

use super::yaml;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A map whose clones are the same map.
pub type Fields = Rc<RefCell<BTreeMap<String, Layered>>>;

/// A value; clones of maps and lists are the same map or list.
#[derive(Debug, Clone)]
pub enum Layered {
    /// Neither a map nor a list.
    Leaf(Value),
    Map(Fields),
    List(Rc<RefCell<Vec<Layered>>>),
}

impl Layered {
    /// A map without fields.
    pub fn empty_map() -> Fields {
        Fields::default()
    }

    /// A list of these items.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(items)))
    }

    /// Takes a value as Go reads it from JSON: every number becomes a float of 64 bits.
    pub fn read(value: &Value) -> Self {
        match value {
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (key.clone(), Self::read(value)));
                Self::Map(Rc::new(RefCell::new(fields.collect())))
            }
            Value::Array(items) => Self::list(items.iter().map(Self::read).collect()),
            Value::Number(number) => Self::Leaf(Value::Number(yaml::as_float(number))),
            leaf => Self::Leaf(leaf.clone()),
        }
    }

    /// The plain value.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Leaf(value) => value.clone(),
            Self::Map(fields) => Value::Object(
                fields.borrow().iter().map(|(key, value)| (key.clone(), value.to_value())).collect(),
            ),
            Self::List(items) => Value::Array(items.borrow().iter().map(Self::to_value).collect()),
        }
    }
}

/// A new map with the fields of both; where both have a map, these are merged, else the field of `over` wins.
pub fn merge(under: &Fields, over: &Fields) -> Fields {
    let mut merged = under.borrow().clone();
    for (key, value) in over.borrow().iter() {
        let value = match (merged.get(key), value) {
            (Some(Layered::Map(below)), Layered::Map(above)) => Layered::Map(merge(below, above)),
            _ => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Rc::new(RefCell::new(merged))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        match Layered::read(&value) {
            Layered::Map(fields) => fields,
            _ => Layered::empty_map(),
        }
    }

    #[test]
    fn maps_are_merged_and_everything_else_is_replaced() {
        let under = fields(json!({"a": {"x": 1, "y": [1, 2]}, "b": {"z": 1}, "c": 1}));
        let over = fields(json!({"a": {"y": [3]}, "b": 2, "c": {"w": null}}));
        let merged = Layered::Map(merge(&under, &over)).to_value();
        assert_eq!(merged, json!({"a": {"x": 1, "y": [3]}, "b": 2, "c": {"w": null}}));
    }

    #[test]
    fn a_map_that_only_one_side_has_stays_the_same_map() {
        let over = fields(json!({"a": {"x": 1}}));
        let merged = merge(&Layered::empty_map(), &over);
        let Some(Layered::Map(inner)) = merged.borrow().get("a").cloned() else { panic!("no map") };
        inner.borrow_mut().insert("x".to_owned(), Layered::Leaf(json!(2)));
        assert_eq!(Layered::Map(over).to_value(), json!({"a": {"x": 2}}));
    }

    #[test]
    fn numbers_are_those_that_go_holds() {
        let read = |value: Value| Layered::read(&value).to_value();
        assert_eq!(read(json!(9_007_199_254_740_993_i64)), json!(9_007_199_254_740_992_i64));
        assert_eq!(read(json!(-9_007_199_254_740_993_i64)), json!(-9_007_199_254_740_992_i64));
        assert_eq!(read(json!([1, 2.5, -3])), json!([1, 2.5, -3]));
        assert_eq!(read(json!(12_345_678_901_234_567_890_u64)), json!(12_345_678_901_234_567_000_u64));
    }
}
