//! What source-controller and kustomize-controller do for Git repositories and Kustomizations, with fluxr's own rooms: fetch, build, apply.
//!
//! A controller works while its Deployment is ready, as the real one would. What a real controller knows and this one does not (decryption,
//! substitution, impersonation, other sources …) is refused by name, never passed over.

mod build;
mod conditions;
mod events;
mod fetch;
mod finalizer;
mod generate;
mod git_repository;
mod health;
mod history;
mod inventory;
mod kustomization;
mod surroundings;
mod workers;

pub use workers::Agent;
