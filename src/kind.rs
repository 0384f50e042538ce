//! The registry of kinds: one line per kind; everything that loops over kinds loops over this.

use crate::api::Kind;

/// All kinds, in the order of `get all` where that has one.
pub static KINDS: &[&Kind] = &[];

/// The kind called so in `kind` fields, upper and lower case alike.
pub fn by_name(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.kind.eq_ignore_ascii_case(name))
}
