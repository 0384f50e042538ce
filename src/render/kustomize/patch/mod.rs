//! Patches: strategic merge and JSON 6902.

mod arena;
mod entries;
mod json6902;
mod lazy;
mod strategic;

pub(super) use entries::json;
pub(super) use entries::patch;
pub(super) use entries::strategic_merge;
