//! `bootstrap` between a forge and an API server on loopback: the ordinary run, its repetition, its faults, its crashes.

mod conflicts;
mod deploy_tokens;
mod faults;
mod forge_refuses;
mod forges;
mod ordinary;
mod proxies;
pub(crate) mod recovery;
mod repositories;
pub(crate) mod requests;
mod secrets;
mod signing;
pub(crate) mod world;
