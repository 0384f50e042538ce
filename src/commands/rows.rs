//! Rows that are values: the columns of a table of them, their order, and the document that they are parts of.

use super::output::Output;
use super::show;
use super::sort::SortBy;
use crate::text::Table;
use crate::text::age;
use crate::ui::Ui;
use jiff::Timestamp;
use serde_json::Value;

/// A column of a table whose rows are values.
pub struct RowColumn {
    /// Lower-case, with spaces.
    pub header: &'static str,
    /// What is shown, and what `--sort-by` compares.
    pub key: fn(&Value) -> Option<Value>,
    /// How it is shown: [`plain`], [`ago`] or what suits the column.
    pub show: fn(Option<Value>, Timestamp) -> String,
}

impl RowColumn {
    /// The text of this column in a row; ages are counted from `now`.
    pub fn cell(&self, row: &Value, now: Timestamp) -> String {
        (self.show)((self.key)(row), now)
    }
}

/// `Deployment/web`, where the row is about an object.
pub const OBJECT: RowColumn = RowColumn {
    header: "object",
    key: |row| Some(format!("{}/{}", row["kind"].as_str()?, row["name"].as_str()?).into()),
    show: plain,
};
pub const NAMESPACE: RowColumn =
    RowColumn { header: "namespace", key: |row| at(row, "/namespace"), show: plain };

/// A value for programs, and its parts that are rows.
pub struct Document<'a> {
    /// What json, yaml and jsonpath see.
    pub whole: &'a Value,
    /// What name and custom-columns see, and tables.
    pub rows: &'a [Value],
    pub columns: &'a [RowColumn],
}

impl Document<'_> {
    /// Writes the document to stdout as it was asked for. A table without rows has no header either.
    ///
    /// # Errors
    /// A template that does not fit; what [`Ui::data`] says.
    pub fn show(&self, ui: &Ui, output: &Output, now: Timestamp) -> anyhow::Result<()> {
        match output {
            Output::Machine(format) => ui.data(&format.render_rows(self.whole, self.rows, true)?),
            Output::Table { .. } => show::table(ui, &self.table(now), !self.rows.is_empty()),
        }
    }

    fn table(&self, now: Timestamp) -> Table {
        let row = |row: &Value| self.columns.iter().map(|column| column.cell(row, now)).collect();
        Table { header: headers(self.columns), rows: self.rows.iter().map(row).collect() }
    }
}

/// Sorts rows by a column, or by a path into them.
///
/// # Errors
/// As [`SortBy::sort`].
pub fn sort(by: &SortBy, rows: &mut Vec<Value>, columns: &[RowColumn]) -> anyhow::Result<()> {
    let key = |name: &str, row: &Value| {
        columns.iter().find(|column| column.header == name).map(|column| (column.key)(row))
    };
    by.sort(rows, |row| row, &headers(columns), &key)
}

/// The names of columns.
pub fn headers(columns: &[RowColumn]) -> Vec<String> {
    columns.iter().map(|column| column.header.to_owned()).collect()
}

/// A field of a row.
pub fn at(row: &Value, pointer: &str) -> Option<Value> {
    row.pointer(pointer).cloned()
}

/// A time in a row as a number, so that the order of times is theirs.
pub fn moment(row: &Value, pointer: &str) -> Option<Value> {
    let moment: Timestamp = row.pointer(pointer)?.as_str()?.parse().ok()?;
    Some(moment.as_millisecond().into())
}

/// Text as it is, the elements of a list with commas between them, nothing as nothing.
pub fn plain(value: Option<Value>, _: Timestamp) -> String {
    value.map(text).unwrap_or_default()
}

fn text(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Bool(flag) => if flag { "True" } else { "False" }.to_owned(),
        Value::Array(items) => items.into_iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The age of a [`moment`].
pub fn ago(moment: Option<Value>, now: Timestamp) -> String {
    let moment = moment.and_then(|moment| Timestamp::from_millisecond(moment.as_i64()?).ok());
    moment.map_or_else(|| "<unknown>".to_owned(), |moment| age((now - moment).get_seconds()))
}
