//! YAML as Kubernetes' Go tools read and write it.

pub mod edit;
mod emit;
mod encoding;
mod fold;
mod key_order;
mod node;
mod node_read;
mod node_twins;
mod number;
mod parse;
mod place;
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
pub use fold::reread;
pub use key_order::compare_keys;
pub use node::Form;
pub use node::Node;
pub use node::Scalar;
pub use node::Tag;
pub use node_read::nodes;
pub use number::as_float;
pub use number::text as number_text;
pub use read::BadYaml;
pub use read::document;
pub use read::documents;
pub use resolve::is_integer_when_read_again;
pub use twins::Twin;
