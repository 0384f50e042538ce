//! What Flux's resources are: one file per kind, with its spec, status, columns and words.

pub mod columns;
mod crd;
pub mod extensions;
pub mod helm;
pub mod image;
pub mod kustomize;
pub mod meta;
pub mod notification;
pub mod object;
mod object_id;
pub mod reference;
mod releases;
mod resource;
mod shape;
pub mod source;
mod stage;
pub mod suspension;
pub mod word;
pub mod written;

pub use crd::Definition;
pub use object_id::ObjectId;
pub use reference::Reference;
pub use reference::Relation;
pub use reference::Wanted;
pub use releases::RELEASES;
pub use resource::Events;
pub use resource::Kind;
pub use resource::Readiness;
pub use resource::Role;
pub use resource::Suspension;
pub use resource::api_resource;
pub use shape::fit_types;
pub use stage::Stage;
pub use stage::StageFact;
pub use suspension::SuspensionNote;
