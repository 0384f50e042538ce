//! Label and field selectors as the API server reads them.

use serde_json::Value;
use std::cmp::Ordering;

/// Whether the object passes a label selector such as `a=b,c!=d,e in (f,g),h,!i,j>1`.
pub fn labels_match(object: &Value, selector: &str) -> bool {
    let label = |key: &str| object.pointer("/metadata/labels")?.get(key)?.as_str();
    split_outside_parentheses(selector).into_iter().all(|term| {
        let term = term.trim();
        if let Some((key, values)) = set_term(term, " notin ") {
            return !label(key).is_some_and(|value| values.contains(&value));
        }
        if let Some((key, values)) = set_term(term, " in ") {
            return label(key).is_some_and(|value| values.contains(&value));
        }
        if let Some((key, value)) = term.split_once("!=") {
            return label(key.trim()) != Some(value.trim());
        }
        if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')) {
            return label(key.trim()) == Some(value.trim());
        }
        let number = |text: &str| text.trim().parse::<i64>().ok();
        let than = |(key, limit): (&str, &str)| Some(number(label(key.trim())?)?.cmp(&number(limit)?));
        if let Some(parts) = term.split_once('>') {
            return than(parts) == Some(Ordering::Greater);
        }
        if let Some(parts) = term.split_once('<') {
            return than(parts) == Some(Ordering::Less);
        }
        match term.strip_prefix('!') {
            Some(key) => label(key).is_none(),
            None => term.is_empty() || label(term).is_some(),
        }
    })
}

/// Whether the object passes a field selector such as `metadata.name=app`.
pub fn fields_match(object: &Value, selector: &str) -> bool {
    selector.split(',').filter(|term| !term.is_empty()).all(|term| {
        let (path, value, wanted) = match term.split_once("!=") {
            Some((path, value)) => (path, value, false),
            None => match term.split_once('=') {
                Some((path, value)) => (path, value.trim_start_matches('='), true),
                None => return false,
            },
        };
        let pointer = format!("/{}", path.replace('.', "/"));
        (object.pointer(&pointer).and_then(Value::as_str).unwrap_or_default() == value) == wanted
    })
}

fn set_term<'a>(term: &'a str, operator: &str) -> Option<(&'a str, Vec<&'a str>)> {
    let (key, values) = term.split_once(operator)?;
    Some((key.trim(), values.trim().trim_matches(['(', ')']).split(',').map(str::trim).collect()))
}

fn split_outside_parentheses(selector: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in selector.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&selector[start..]);
    parts
}
