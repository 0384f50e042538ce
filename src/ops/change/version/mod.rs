//! Versions where they are declared: tags and digests of images, versions of charts, references of sources. `set version` changes those
//! of one object, `promote` brings those of an environment to what another one runs.

mod fields;
mod find;
mod images;
mod matching;
mod pin;
mod promote;
mod proof;
mod running;
mod set;
mod setting;
mod spot;
mod step;
mod variable;
mod wanted;

pub use promote::Promoted;
pub use promote::Promotion;
pub use promote::Side;
pub use promote::promote;
pub use set::set_version;
pub use wanted::Wanted;
