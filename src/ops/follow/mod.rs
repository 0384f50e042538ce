//! What a cluster applies from its repository.

mod folders;
mod sources;

pub(super) use folders::Built;
pub(super) use folders::follow;
