//! `--push`, `--pull-request` and `--dry-run` of `create`, `suspend`, `resume` and `delete`: changes through Git, against a forge and an API server.

mod creating;
mod disturbed;
mod faults;
mod finding;
mod holding;
mod large;
mod manifests;
mod page;
mod people;
mod proposing;
mod recovery;
mod releasing;
mod rolling_back;
mod standing;
mod suspending;
mod world;
