//! Changes through Git, against a forge and an API server: `create`, `suspend`, `resume`, `delete`, `rollback`, `set version` and `promote`.

mod creating;
mod faults;
mod finding;
mod page;
mod promoting;
mod proposing;
mod rolling_back;
mod suspending;
mod version_faults;
mod version_page;
mod versions;
mod world;
