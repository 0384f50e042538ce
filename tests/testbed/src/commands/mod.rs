//! What `cargo testbed` can do, one file each.

mod crowd;
mod demo;
mod distribution;
mod down;
mod env;
mod pictures;
mod release;
mod run;
mod status;
mod test;
mod up;

pub use crowd::crowd;
pub use demo::demo;
pub use distribution::distribution;
pub use down::down;
pub use env::env;
pub use release::Arguments as ReleaseArguments;
pub use release::release;
pub use run::run;
pub use status::status;
pub use test::test;
pub use up::up;
