//! The hermetic tests: nothing but cargo and a `git` binary. Those below `real` are the real tier.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests may look at the world, and stop at a surprise"
)]

mod artifacts;
mod bootstrap;
mod build_kustomization;
mod changes;
mod check;
mod completion;
mod crds;
mod create;
mod create_objects;
mod create_secret;
mod creating;
mod debug;
mod diff_kustomization;
mod docs;
mod documents;
mod drift;
mod envsubst;
mod events;
mod exit_codes;
mod floors;
mod front_end;
mod full_objects;
mod git;
mod graph;
mod help;
mod hints;
mod history;
mod install;
mod install_script;
mod kinds;
mod kubeconfigs;
mod kustomize;
mod kustomize_faults;
mod kustomize_growth;
mod kustomize_remote;
mod logs;
mod migrate;
mod no_secret;
mod odd_input;
mod output;
mod plugin_archives;
mod plugins;
mod prose;
mod questions;
mod real;
mod reconcile_many;
mod release;
mod releases;
mod report;
mod scenarios;
mod screen;
mod secret_flags;
mod signals;
mod standard_streams;
mod stats;
mod support;
mod surface;
mod suspension;
mod tenant;
mod trace;
mod tree;
mod trigger;
mod tutorial;
mod types;
mod uninstall;
mod usage;
mod wait;
mod waiting;
mod watching;
mod why;
mod yaml;
