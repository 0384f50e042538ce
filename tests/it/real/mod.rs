//! The real tier: tests that need parts built from the Go module proxy. `cargo testbed test` runs them; `cargo test` passes them by.

mod artifacts;
mod bootstrap;
mod charts;
mod components;
mod crds;
mod forges;
mod gitea;
mod install;
mod kstatus;
mod kustomize;
mod logs;
mod made_up_kind;
mod objects;
mod parity;
mod place;
mod referee;
mod release;
mod scenarios;
mod stories;
mod tutorial;
mod violations;
mod watching;
mod why;
mod yaml;
