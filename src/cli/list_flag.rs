//! Flags that hold lists: each value is a record of CSV, nothing is an empty list, and a flag that is repeated adds to it.
//!
//! A field `Vec<Items>` with `value_parser = items` is such a flag; a flag that may be repeated and does not split its value (`stringArray`
//! in Go) is a plain `Vec<String>`.

use crate::text;

/// What one value of a list flag holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items(Vec<String>);

/// Reads one value.
///
/// # Errors
/// Quotes in the wrong places, in the words of Go's `encoding/csv`.
pub fn items(value: &str) -> Result<Items, String> {
    if value.is_empty() {
        return Ok(Items::default());
    }
    text::first_record(value).map(Items)
}

/// Each item of all values of a flag, in order.
pub fn each(given: &[Items]) -> impl Iterator<Item = &str> {
    given.iter().flat_map(|items| items.0.iter().map(String::as_str))
}

/// The items of all values of a flag, in order.
pub fn all(given: &[Items]) -> Vec<String> {
    each(given).map(str::to_owned).collect()
}
