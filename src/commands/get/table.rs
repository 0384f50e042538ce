//! Objects as rows.

use super::status::StatusSelector;
use super::wide::WIDE;
use crate::api::Column;
use crate::api::Kind;
use crate::commands::sort::SortBy;
use crate::kind::KINDS;
use crate::text::Table;
use jiff::Timestamp;
use serde_json::Value;

/// Which objects become rows, and with which columns.
#[derive(Clone)]
pub struct Rows {
    pub all_namespaces: bool,
    pub status: Option<StatusSelector>,
    pub show_source: bool,
    pub wide: bool,
    /// What ages are counted from.
    pub now: Timestamp,
}

/// The cells of a row, and what is behind those of `-o wide`.
pub type Said = (Vec<String>, Vec<Option<Value>>);

impl Rows {
    /// Whether the object is to be shown.
    pub fn admits(&self, kind: &Kind, object: &Value) -> bool {
        self.status.as_ref().is_none_or(|selector| selector.admits(kind, object))
    }

    fn columns<'k>(&self, kind: &'k Kind) -> impl Iterator<Item = &'k Column> {
        let all = self.show_source;
        kind.columns.iter().filter(move |column| all || !column.only_with_source)
    }

    /// The columns, lower-case.
    pub fn header(&self, kind: &Kind) -> Vec<String> {
        let namespace = self.all_namespaces.then_some("namespace");
        let wide = WIDE.iter().filter(|_| self.wide).map(|column| column.header);
        let columns = self.columns(kind).map(|column| column.header);
        namespace.into_iter().chain(columns).chain(wide).map(str::to_owned).collect()
    }

    /// The rows of objects of one kind, whose names get this prefix.
    pub fn table<'v>(
        &self,
        kind: &Kind,
        objects: impl IntoIterator<Item = &'v Value>,
        prefix: &str,
    ) -> Table {
        let rows = objects.into_iter().map(|object| self.row(kind, object, prefix)).collect();
        Table { header: self.header(kind), rows }
    }

    /// The row of an object, whose name gets this prefix.
    pub fn row(&self, kind: &Kind, object: &Value, prefix: &str) -> Vec<String> {
        let namespace = self.all_namespaces.then(|| namespace_of(object).to_owned());
        let mut cells: Vec<String> = self.columns(kind).map(|column| (column.cell)(kind, object)).collect();
        cells[0].insert_str(0, prefix);
        let wide = WIDE.iter().filter(|_| self.wide).map(|column| column.cell(object, self.now));
        namespace.into_iter().chain(cells).chain(wide).collect()
    }

    /// What a row says, however much time has passed: its cells, and moments instead of ages.
    pub fn said(&self, kind: &Kind, object: &Value) -> Said {
        let cells = self.columns(kind).map(|column| (column.cell)(kind, object)).collect();
        let wide = WIDE.iter().filter(|_| self.wide).map(|column| (column.key)(object)).collect();
        (cells, wide)
    }

    /// Sorts objects, each with its kind.
    ///
    /// # Errors
    /// As [`SortBy::sort`].
    pub fn sort(&self, sort: &SortBy, objects: &mut Vec<(&'static Kind, Value)>) -> anyhow::Result<()> {
        let mut columns: Vec<String> = objects.first().map(|(kind, _)| self.header(kind)).unwrap_or_default();
        columns.extend(WIDE.iter().filter(|_| !self.wide).map(|column| column.header.to_owned()));
        sort.sort(objects, |(_, object)| object, &columns, &|name, (kind, object)| key(name, kind, object))
    }
}

/// The columns of any kind, each once.
pub fn all_columns() -> Vec<String> {
    let of_kinds = KINDS.iter().flat_map(|kind| kind.columns.iter()).map(|column| column.header);
    let mut known = vec!["namespace".to_owned()];
    for header in of_kinds.chain(WIDE.iter().map(|column| column.header)) {
        if !known.iter().any(|one| one == header) {
            known.push(header.to_owned());
        }
    }
    known
}

/// What a column sorts an object by.
fn key(name: &str, kind: &Kind, object: &Value) -> Option<Option<Value>> {
    if name == "namespace" {
        return Some(Some(namespace_of(object).into()));
    }
    if let Some(wide) = WIDE.iter().find(|column| column.header == name) {
        return Some((wide.key)(object));
    }
    let column = kind.columns.iter().find(|column| column.header == name)?;
    Some(Some((column.cell)(kind, object).into()))
}

fn namespace_of(object: &Value) -> &str {
    object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default()
}
