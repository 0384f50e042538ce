//! Changes through Git, against a forge and an API server: `create`, `suspend`, `resume`, `delete`, `rollback`, `set version` and `promote`.

pub(crate) mod apps;
mod authors;
mod creating;
mod deleting;
mod disturbed;
mod faults;
mod finding;
mod holding;
mod large;
mod manifests;
mod page;
mod patched;
mod people;
mod promoting;
mod proposing;
mod recovery;
mod refused;
mod releasing;
mod reviewers;
mod rolling_back;
mod standing;
mod suspending;
mod version_faults;
mod version_names;
mod version_page;
mod versions;
pub(crate) mod world;
