//! Changes through Git: an object is written, edited or removed in the repository that the cluster follows, and the cluster is left alone.
//!
//! The work is done in a private clone, never in the user's checkout. Existing objects are edited where they are declared, and nothing
//! else in their files is touched.

mod advice;
mod arrive;
mod branch;
mod checkout;
mod create;
mod delete;
mod edit;
mod fleet;
mod folder;
mod forges;
mod hold;
mod host;
mod login;
mod once;
mod place;
mod reach;
mod refused;
mod release;
mod removed;
mod rollback;
mod run;
mod shared;
mod suspend;
mod trial;
mod version;
mod wording;
mod worked;

pub use create::create;
pub use delete::confirm_deletion;
pub use delete::delete;
pub use fleet::FleetOptions;
pub use fleet::FleetSearch;
pub use fleet::find;
pub use fleet::of;
pub use hold::Hold;
pub use login::Login;
pub use rollback::Around;
pub use rollback::Rollback;
pub use rollback::rollback;
pub use run::Destination;
pub use run::Task;
pub use suspend::resume;
pub use suspend::suspend;
pub use version::Promoted;
pub use version::Promotion;
pub use version::Side;
pub use version::VersionRequest;
pub use version::promote;
pub use version::set_version;
