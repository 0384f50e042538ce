//! How values are written and read: durations, YAML, tables, digests. Knows nothing of Kubernetes or of Flux.

mod age;
mod duration;
mod file;
mod hex;
mod hint;
pub mod json;
pub mod jsonpath;
pub mod layered;
mod neutral;
mod path;
mod secret;
pub mod strvals;
mod table;
pub mod yaml;

pub use age::age;
pub use duration::GoDuration;
pub use duration::NotADuration;
pub use file::read;
pub use file::read_text;
pub use hex::shorten_hex;
pub use hint::Hinted;
pub use hint::WithHint;
pub use hint::find_cause;
pub use hint::hints;
pub use hint::with_hint;
pub use neutral::neutralised;
pub use path::clean_relative_path;
pub use secret::Secret;
pub use table::Table;
