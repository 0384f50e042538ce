//! The registry of kinds: everything that loops over kinds loops over this. The build script finds the kinds below `src/api`.

use crate::api::Definition;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Role;
use flate2::read::ZlibDecoder;
use serde_json::Value;

/// A kind, and what makes its definition.
type Registered = (&'static Kind, fn() -> Definition);

include!(concat!(env!("OUT_DIR"), "/kinds.rs"));

const ORDERED: [Registered; FOUND.len()] = in_order(FOUND);

/// All kinds, in the order of `get all`; generators, which that leaves out, come last.
pub static KINDS: &[&Kind] = &kinds();

/// What makes the definition of each kind. Apart from the kinds, so that a program which never asks for a definition does not carry
/// what makes it.
static DEFINITIONS: &[fn() -> Definition] = &definitions();

const fn in_order<const N: usize>(mut found: [Registered; N]) -> [Registered; N] {
    let mut sorted = 1;
    while sorted < N {
        let mut at = sorted;
        while at > 0 && found[at].0.place < found[at - 1].0.place {
            found.swap(at, at - 1);
            at -= 1;
        }
        sorted += 1;
    }
    found
}

const fn kinds() -> [&'static Kind; ORDERED.len()] {
    let mut kinds = [ORDERED[0].0; ORDERED.len()];
    let mut at = 0;
    while at < kinds.len() {
        kinds[at] = ORDERED[at].0;
        at += 1;
    }
    kinds
}

const fn definitions() -> [fn() -> Definition; ORDERED.len()] {
    let mut definitions = [ORDERED[0].1; ORDERED.len()];
    let mut at = 0;
    while at < definitions.len() {
        definitions[at] = ORDERED[at].1;
        at += 1;
    }
    definitions
}

/// The kind of an object, in whatever version.
pub fn of(id: &ObjectId) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.is_of(id))
}

/// The kind called so in `kind` fields, upper and lower case alike.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.kind.eq_ignore_ascii_case(name))
}

/// Whether objects of the kind that `kind` fields call so do that. Small letters are not as good as capitals there.
pub fn has(name: &str, role: Role) -> bool {
    with(role).any(|kind| kind.kind == name)
}

/// The kinds whose objects do that.
pub fn with(role: Role) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().filter(move |kind| kind.has(role))
}

/// The kind that a word on the command line means: its name, its plural, a short name (`ks`), each also with the group behind a dot.
pub fn by_word(word: &str) -> Option<&'static Kind> {
    let word = word.to_lowercase();
    KINDS.iter().copied().find(|kind| {
        let bare = word.strip_suffix(kind.group).and_then(|rest| rest.strip_suffix('.')).unwrap_or(&word);
        let shorts = kind.noun.short.iter().chain(kind.noun.one_aliases);
        bare == kind.plural
            || bare == kind.kind.to_lowercase()
            || shorts.into_iter().any(|short| *short == bare)
    })
}

/// The kind that words mean: one as for [`by_word`], or those that follow `export` or `get`, such as `source git`.
pub fn by_words(words: &[&str]) -> Option<&'static Kind> {
    let is_named = |noun: &[&str], aliases: &[&str]| {
        let (Some((last, before)), Some((word, group))) = (noun.split_last(), words.split_last()) else {
            return false;
        };
        before == group && (last == word || aliases.contains(word))
    };
    let is_called = |kind: &&Kind| {
        is_named(kind.noun.one, kind.noun.one_aliases) || is_named(kind.noun.many, kind.noun.many_aliases)
    };
    let named = words.first().filter(|_| words.len() == 1).and_then(|word| by_word(word));
    named.or_else(|| KINDS.iter().copied().find(is_called))
}

/// The CustomResourceDefinition of a kind in YAML, as the program carries it: a test writes it from the Rust types.
///
/// # Panics
/// Never: the build script has compressed it.
pub fn embedded_definition(kind: &Kind) -> String {
    let name = kind.crd_name();
    // A kind so new that the test has not run yet.
    let Some((_, packed)) = EMBEDDED.iter().find(|(known, _)| *known == name) else { return "{}".to_owned() };
    std::io::read_to_string(ZlibDecoder::new(*packed)).expect("the build script has compressed a text")
}

/// The Rust types of a kind and what else its CustomResourceDefinition is generated from.
///
/// # Panics
/// For a kind that is not in [`KINDS`].
pub fn typed(kind: &Kind) -> Definition {
    let index = KINDS.iter().position(|known| known.kind == kind.kind);
    DEFINITIONS[index.expect("a kind of KINDS")]()
}

/// The CustomResourceDefinition of a kind, generated from its Rust types.
///
/// # Panics
/// As [`typed`].
pub fn definition(kind: &Kind) -> Value {
    typed(kind).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_a_reference_is_written_as_the_api_server_takes_it() {
        assert!(has("GitRepository", Role::GitSource));
        assert!(!has("gitrepository", Role::GitSource) && !has("HelmRepository", Role::GitSource));
    }
}
