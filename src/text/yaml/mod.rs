//! YAML as Kubernetes' Go tools read and write it.

mod emit;
mod encoding;
mod fold;
mod key_order;
mod node;
mod node_read;
mod node_twins;
mod number;
mod parse;
mod read;
mod resolve;
mod scan;
mod style;
mod timestamp;
mod tree;
mod twins;

pub use emit::to_string;
pub use encoding::is_wide;
pub use encoding::text;
pub use node::Form;
pub use node::Node;
pub use node::Scalar;
pub use node::Tag;
pub use node_read::nodes;
pub use number::as_float;
pub use read::BadYaml;
pub use read::document;
pub use read::documents;
pub use twins::Twin;
