//! Releases of Flux as they are published, beside the ones that fluxr carries.

mod compare;
mod leaves;
mod published;
mod table;

pub use compare::Comparison;
pub use compare::Definitions;
pub use compare::compare;
pub use published::definitions;
pub use published::images;
pub use published::of_controller;
pub use published::published;
pub use table::row;
pub use table::with_row;
