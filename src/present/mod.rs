//! From values to text: the formats of `--output`, columns, the order of rows. No clap, no cluster, no terminal.

mod column;
mod document_format;
mod format;
pub mod graph;
pub mod markdown;
mod sort;

pub use column::Column;
pub use column::OBJECT;
pub use column::ago;
pub use column::cells;
pub use column::headers;
pub use column::key;
pub use column::sort;
pub use column::table;
pub use document_format::DocumentFormat;
pub use format::Output;
pub use format::list_of;
pub use sort::SortBy;
