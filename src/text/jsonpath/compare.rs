//! Which of two values is the smaller one.

use super::node::BadTemplate;
use serde_json::Value;
use std::cmp::Ordering;

/// Whether a comparison of a filter holds.
pub(super) fn holds(left: &Value, operator: &str, right: &Value) -> Result<bool, BadTemplate> {
    let order = match (left, right) {
        (Value::Bool(left), Value::Bool(right)) if ["==", "!="].contains(&operator) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) if left.is_f64() == right.is_f64() => {
            numbers(left, right)
        }
        (Value::Null | Value::Array(_) | Value::Object(_), _)
        | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            return Err(BadTemplate::new("invalid type for comparison"));
        }
        _ => return Err(BadTemplate::new("incompatible types for comparison")),
    };
    Ok(match operator {
        "<" => order.is_lt(),
        ">" => order.is_gt(),
        "<=" => order.is_le(),
        ">=" => order.is_ge(),
        "!=" => order.is_ne(),
        _ => order.is_eq(),
    })
}

fn numbers(left: &serde_json::Number, right: &serde_json::Number) -> Ordering {
    match (left.as_i64(), right.as_i64()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// The order of two values of a list that is sorted: nothing before numbers before bools before texts, texts that are numbers by their
/// size, then other texts by their letters.
pub fn order(left: Option<&Value>, right: Option<&Value>) -> Ordering {
    let rank = |value: Option<&Value>| match value {
        None | Some(Value::Null) => 0,
        Some(Value::Number(_)) => 1,
        Some(Value::Bool(_)) => 2,
        Some(Value::String(_)) => 3,
        Some(Value::Array(_) | Value::Object(_)) => 4,
    };
    match (left, right) {
        (Some(Value::Number(left)), Some(Value::Number(right))) => numbers(left, right),
        (Some(Value::Bool(left)), Some(Value::Bool(right))) => left.cmp(right),
        (Some(Value::String(left)), Some(Value::String(right))) => texts(left, right),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn texts(left: &str, right: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        // Letter by letter, 2 would be before 10, 10 before 1a, and 1a before 2.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}
