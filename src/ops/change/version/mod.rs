//! Versions where they are declared: tags and digests of images, versions of charts, references of sources. `set version` changes those
//! of one object, `promote` brings those of an environment to the ones that another environment runs.

mod change;
mod containers;
mod fields;
mod find;
mod images;
mod matching;
mod once;
mod patched;
mod pin;
mod promote;
mod proof;
mod rules;
mod running;
mod set;
mod setting;
mod spot;
mod variable;
mod wanted;
mod write;

pub use promote::Promoted;
pub use promote::Promotion;
pub use promote::Side;
pub use promote::promote;
pub use set::set_version;
pub use wanted::VersionRequest;
