//! YAML as Kubernetes' Go tools read and write it.

mod emit;
mod read;
mod resolve;

pub use emit::to_string;
pub use read::BadYaml;
pub use read::documents;
