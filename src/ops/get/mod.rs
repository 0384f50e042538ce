//! Objects of a kind, and what `get` shows of them as rows.

mod list;
mod rows;
mod status;
mod wide;

pub use list::gather;
pub use list::list;
pub use list::listing_failed;
pub use rows::ColumnsWanted;
pub use rows::RowKeys;
pub use rows::Rows;
pub use rows::all_columns;
pub use status::StatusSelector;
