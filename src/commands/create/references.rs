//! References to objects in the values of flags: `<kind>/<name>`, perhaps with a namespace.

use crate::api::Kind;
use crate::cli::completion;
use crate::cli::completion::Line;

/// The kind and the name in `kind/name`. With more than one slash, or none, all of it is the name.
pub(super) fn kind_and_name(text: &str) -> (&str, &str) {
    text.split_once('/').filter(|(_, name)| !name.contains('/')).unwrap_or(("", text))
}

/// The name and the namespace in `name.namespace`: the namespace is what follows the last dot.
pub(super) fn name_and_namespace(text: &str) -> (&str, &str) {
    text.rsplit_once('.').unwrap_or((text, ""))
}

/// One of the words, in any case, as it is spelled there.
pub(super) fn in_any_case(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied()
}

/// What continues a reference to an object of one of the kinds.
pub(super) fn candidates(
    line: &Line,
    word: &str,
    kinds: impl IntoIterator<Item = &'static Kind>,
) -> Vec<String> {
    // Behind a comma another one begins.
    let (before, word) = word.rsplit_once(',').unwrap_or(("", word));
    let before = if before.is_empty() { String::new() } else { format!("{before},") };
    let mut kinds = kinds.into_iter();
    match word.split_once('/') {
        Some((given, _)) => kinds
            .find(|kind| kind.kind.eq_ignore_ascii_case(given))
            .map(|kind| completion::names(line, kind))
            .into_iter()
            .flatten()
            .map(|name| format!("{before}{given}/{name}"))
            .collect(),
        None => kinds.map(|kind| format!("{before}{}/", kind.kind)).collect(),
    }
}
