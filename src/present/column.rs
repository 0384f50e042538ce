//! Columns of tables whose rows are values: what a row shows there, and what it is sorted by.

use super::SortBy;
use crate::text::Table;
use crate::text::age;
use jiff::Timestamp;
use serde_json::Value;

/// A column of a table whose rows are values.
pub struct Column {
    /// Lower-case, with spaces.
    pub header: &'static str,
    content: Content,
}

/// What a column consists of.
enum Content {
    /// A field.
    Field(&'static str),
    /// How long ago the time in a field is.
    Ago(&'static str),
    /// A value that is worked out, shown as a field is.
    Value(fn(&Value) -> Option<Value>),
    /// What is compared, and what is shown of a row now.
    Own { key: fn(&Value) -> Option<Value>, cell: fn(&Value, Timestamp) -> String },
    /// A text that is worked out by what is known about the rows.
    Text(Box<dyn Fn(&Value) -> String + Send + Sync>),
}

/// `Deployment/web`, where the row is about an object.
pub const OBJECT: Column = Column::value("object", |row| {
    Some(format!("{}/{}", row["kind"].as_str()?, row["name"].as_str()?).into())
});

impl Column {
    /// The field at a JSON pointer.
    pub const fn field(header: &'static str, pointer: &'static str) -> Self {
        Self { header, content: Content::Field(pointer) }
    }

    /// How long ago the time at a JSON pointer is.
    pub const fn ago(header: &'static str, pointer: &'static str) -> Self {
        Self { header, content: Content::Ago(pointer) }
    }

    /// A value that is worked out.
    pub const fn value(header: &'static str, value: fn(&Value) -> Option<Value>) -> Self {
        Self { header, content: Content::Value(value) }
    }

    /// A column that is compared by one thing and shows another.
    pub const fn own(
        header: &'static str,
        key: fn(&Value) -> Option<Value>,
        cell: fn(&Value, Timestamp) -> String,
    ) -> Self {
        Self { header, content: Content::Own { key, cell } }
    }

    /// A text that is worked out by what is known about the rows.
    pub fn text(header: &'static str, text: impl Fn(&Value) -> String + Send + Sync + 'static) -> Self {
        Self { header, content: Content::Text(Box::new(text)) }
    }

    /// What a row is sorted by. Times are numbers, so that their order is that of time.
    pub fn key(&self, row: &Value) -> Option<Value> {
        match &self.content {
            Content::Field(pointer) => row.pointer(pointer).cloned(),
            Content::Ago(pointer) => moment(row, pointer).map(|moment| moment.as_millisecond().into()),
            Content::Value(key) | Content::Own { key, .. } => key(row),
            Content::Text(text) => Some(text(row).into()),
        }
    }

    /// What a row shows; ages are counted from `now`.
    pub fn cell(&self, row: &Value, now: Timestamp) -> String {
        match &self.content {
            Content::Field(_) | Content::Value(_) => self.key(row).map(plain).unwrap_or_default(),
            Content::Ago(pointer) => ago(moment(row, pointer), now),
            Content::Own { cell, .. } => cell(row, now),
            Content::Text(text) => text(row),
        }
    }
}

/// The names of columns.
pub fn headers<'c>(columns: impl IntoIterator<Item = &'c Column>) -> Vec<String> {
    columns.into_iter().map(|column| column.header.to_owned()).collect()
}

/// The cells of a row.
pub fn cells<'c>(columns: impl IntoIterator<Item = &'c Column>, row: &Value, now: Timestamp) -> Vec<String> {
    columns.into_iter().map(|column| column.cell(row, now)).collect()
}

/// Rows as a table.
pub fn table<'v>(columns: &[Column], rows: impl IntoIterator<Item = &'v Value>, now: Timestamp) -> Table {
    let rows = rows.into_iter().map(|row| cells(columns, row, now)).collect();
    Table { header: headers(columns), rows }
}

/// Sorts rows by a column, or by a path into them.
///
/// # Errors
/// As [`SortBy::sort`].
pub fn sort(by: &SortBy, rows: &mut Vec<Value>, columns: &[Column]) -> anyhow::Result<()> {
    by.sort(rows, |row| row, &headers(columns), &|name, row| key(columns, name, row))
}

/// What the column of that name sorts a row by; `None` if no column has that name.
pub fn key<'c>(
    columns: impl IntoIterator<Item = &'c Column>,
    name: &str,
    row: &Value,
) -> Option<Option<Value>> {
    columns.into_iter().find(|column| column.header == name).map(|column| column.key(row))
}

/// The time in a field.
fn moment(row: &Value, pointer: &str) -> Option<Timestamp> {
    row.pointer(pointer)?.as_str()?.parse().ok()
}

/// How long ago a moment is, as `kubectl` shows it.
pub fn ago(moment: Option<Timestamp>, now: Timestamp) -> String {
    moment.map_or_else(|| "<unknown>".to_owned(), |moment| age((now - moment).get_seconds()))
}

/// Text as it is, the elements of a list with commas between them, nothing as nothing.
fn plain(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Bool(flag) => if flag { "True" } else { "False" }.to_owned(),
        Value::Array(items) => items.into_iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
