//! `--push`, `--pull-request` and `--dry-run` of `create`, `suspend`, `resume` and `delete`: changes through Git, against a forge and an API server.

mod creating;
mod faults;
mod finding;
mod holding;
mod page;
mod proposing;
mod releasing;
mod rolling_back;
mod suspending;
mod world;
