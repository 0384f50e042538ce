//! What is known of types: the lists that strategic merge patches merge, and which kinds have no namespace.

mod current;
mod custom;
mod table;

pub(super) use current::Scope;
pub(super) use current::is_cluster_scoped;
pub(super) use current::of_object;
pub(super) use current::set;
pub(super) use table::Schema;
pub(super) use table::field;
