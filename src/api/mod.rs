//! What Flux's resources are: one file per kind, with its spec, status, columns and words.

mod resource;

pub use resource::Column;
pub use resource::Kind;
pub use resource::Noun;
pub use resource::ObjectRef;
pub use resource::Readiness;
pub use resource::Suspension;
pub use resource::Verbs;
