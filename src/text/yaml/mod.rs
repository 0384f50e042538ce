//! YAML as Kubernetes' Go tools read and write it.

mod emit;
mod implicit;
mod node;
mod node_read;
mod read;
mod resolve;
mod style;

pub use emit::to_string;
pub use node::Node;
pub use node::Scalar;
pub use node::Tag;
pub use node_read::nodes;
pub use read::BadYaml;
pub use read::documents;
