//! Errors that carry the next step: a sentence for the person who meets them, shown on a line of its own.

use std::fmt;

/// An error together with what its reader can do about it.
#[derive(Debug)]
pub struct Hinted {
    error: anyhow::Error,
    hint: String,
}

impl fmt::Display for Hinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Hinted {}

/// Adds a hint to the error of a result.
pub trait WithHint<T> {
    /// The hint says what to do next, in one line, without a final full stop.
    ///
    /// # Errors
    /// The error of the result, now with its hint.
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> WithHint<T> for Result<T, E> {
    fn hint(self, hint: impl Into<String>) -> anyhow::Result<T> {
        self.map_err(|error| with_hint(error.into(), hint))
    }
}

/// Adds a hint to an error; an empty one adds nothing.
pub fn with_hint(error: anyhow::Error, hint: impl Into<String>) -> anyhow::Error {
    let hint = hint.into();
    if hint.is_empty() { error } else { anyhow::Error::new(Hinted { error, hint }) }
}

/// The hints found in a chain of errors, the outermost first.
pub fn hints(error: &anyhow::Error) -> Vec<&str> {
    let mut found = Vec::new();
    for cause in error.chain() {
        if let Some(hinted) = cause.downcast_ref::<Hinted>() {
            // Not every error of a sort has a next step.
            found.extend(Some(hinted.hint.as_str()).filter(|hint| !hint.is_empty()));
            found.extend(hints(&hinted.error));
        }
    }
    found
}

/// The first cause of the given type, also below a hint.
pub fn find_cause<T: std::error::Error + Send + Sync + 'static>(error: &anyhow::Error) -> Option<&T> {
    for cause in error.chain() {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        if let Some(hinted) = cause.downcast_ref::<Hinted>() {
            return find_cause(&hinted.error);
        }
    }
    None
}

/// The cause below all others, in one line. It says most: those above it repeat that something failed.
pub fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(below) = at.source() {
        at = below;
    }
    at.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_hint_is_found_below_context_and_does_not_hide_the_cause() {
        let broken: Result<(), _> = Err(std::io::Error::other("disk on fire"));
        let error = broken.hint("call the fire brigade").context("writing \"x\"").unwrap_err();
        assert_eq!(format!("{error:#}"), "writing \"x\": disk on fire");
        assert_eq!(hints(&error), ["call the fire brigade"]);
        assert!(find_cause::<std::io::Error>(&error).is_some());
        assert!(hints(&with_hint(anyhow::anyhow!("no"), "")).is_empty());
    }
}
