//! What differs between two versions of an object, as data and as the text that the Flux CLI prints about it.
//!
//! The Flux CLI writes both versions as YAML, and leaves the rest to dyff. The same is found here in the values themselves: keys are in the order in
//! which they are written, a number that is whole is an integer, and only texts can look like something else, for which they
//! are quoted. Dates and bytes, for which YAML has types, are texts.

mod blocks;
mod certificate;
mod compare;
mod difference;
mod edit;
mod edits;
mod find;
mod human;
mod identifier;
mod lines;
mod merge;
mod neat;
mod order;
mod paint;
mod palette;
mod scalar;
mod strings;
mod writer;

pub use compare::compare;
pub use difference::Detail;
pub use difference::Difference;
pub use difference::Element;
pub use difference::Entries;
pub use human::WIDTH;
pub use human::human;
pub use lines::unified;
pub use paint::Paint;
