//! `bootstrap … --pull-request`: what a branch does not take is proposed, and the next run continues once people have merged it.

mod faults;
mod ordinary;
mod recovery;
pub(crate) mod stage;
mod transcript;
mod wishes;
