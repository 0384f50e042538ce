//! `bootstrap … --pull-request`: what a branch does not take is proposed, and the next run continues once people have merged it.

pub(crate) mod faults;
mod ordinary;
pub(crate) mod recovery;
pub(crate) mod stage;
mod transcript;
mod wishes;
