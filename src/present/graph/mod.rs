//! Objects and what they refer to, drawn: for a terminal, for Graphviz, for Mermaid, as a picture, and as a document for programs.

mod document;
mod dot;
mod layers;
mod layout;
mod mermaid;
mod model;
mod order;
mod svg;
mod text;

pub use document::document;
pub use dot::dot;
pub use mermaid::mermaid;
pub use model::Edge;
pub use model::Finding;
pub use model::Graph;
pub use model::Node;
pub use model::State;
pub use svg::svg;
pub use text::text;
