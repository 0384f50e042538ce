//! The hermetic tests: nothing but cargo and a `git` binary. Those below `real` are the real tier.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests may look at the world, and stop at a surprise"
)]

mod bootstrap;
mod completion;
mod crds;
mod create;
mod debug;
mod docs;
mod documents;
mod exit_codes;
mod floors;
mod full_objects;
mod git;
mod help;
mod hints;
mod insight;
mod install;
mod install_script;
mod kinds;
mod kubeconfigs;
mod kustomize;
mod logs;
mod odd_input;
mod output;
mod prose;
mod questions;
mod real;
mod reconcile_many;
mod release;
mod releases;
mod scenarios;
mod screen;
mod signals;
mod streams;
mod support;
mod surface;
mod suspension;
mod trace;
mod tutorial;
mod types;
mod upkeep;
mod usage;
mod wait;
mod waiting;
mod watches;
mod why;
mod yaml;
