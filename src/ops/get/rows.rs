//! Objects as rows.

use super::status::StatusSelector;
use super::wide::wide;
use crate::api::Kind;
use crate::kind::KINDS;
use crate::present;
use crate::present::Column;
use crate::present::SortBy;
use crate::text::Table;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// Which objects become rows, and with which columns.
#[derive(Clone)]
pub struct Rows {
    /// What ages are counted from.
    now: Timestamp,
    status: Option<StatusSelector>,
    columns: Arc<Vec<(&'static Kind, Columns)>>,
    /// Where the name is, among the columns that are shown.
    place_of_name: usize,
}

/// The columns of a kind that are shown, and those that are only sorted by.
struct Columns {
    shown: Vec<Column>,
    hidden: Vec<Column>,
}

/// What a row says, however much time has passed: the keys of its cells.
pub type RowKeys = Vec<Option<Value>>;

/// What the flags say about columns.
pub struct ColumnsWanted {
    pub all_namespaces: bool,
    pub show_source: bool,
    pub wide: bool,
}

impl Rows {
    /// Rows for objects of these kinds.
    pub fn new(
        kinds: &[&'static Kind],
        wanted: &ColumnsWanted,
        status: Option<StatusSelector>,
        now: Timestamp,
    ) -> Self {
        let columns = kinds.iter().map(|kind| (*kind, columns_of(kind, wanted))).collect();
        Self { now, status, columns: Arc::new(columns), place_of_name: usize::from(wanted.all_namespaces) }
    }

    /// The same rows, ages being counted from another moment.
    pub fn at(&self, now: Timestamp) -> Self {
        Self { now, ..self.clone() }
    }

    /// Whether the object is to be shown.
    pub fn admits(&self, kind: &Kind, object: &Value) -> bool {
        self.status.as_ref().is_none_or(|selector| selector.admits(kind, object))
    }

    fn shown(&self, kind: &Kind) -> &[Column] {
        self.columns_of(kind).map_or(&[], |columns| &columns.shown)
    }

    fn columns_of(&self, kind: &Kind) -> Option<&Columns> {
        self.columns.iter().find(|(of, _)| of.kind == kind.kind).map(|(_, columns)| columns)
    }

    /// The columns, lower-case.
    pub fn header(&self, kind: &Kind) -> Vec<String> {
        present::headers(self.shown(kind))
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
        let mut cells = present::cells(self.shown(kind), object, self.now);
        cells[self.place_of_name].insert_str(0, prefix);
        cells
    }

    /// What the row of an object says.
    pub fn row_keys(&self, kind: &Kind, object: &Value) -> RowKeys {
        self.shown(kind).iter().map(|column| column.key(object)).collect()
    }

    /// Sorts objects, each with its kind.
    ///
    /// # Errors
    /// As [`SortBy::sort`].
    pub fn sort(&self, sort: &SortBy, objects: &mut Vec<(&'static Kind, Value)>) -> anyhow::Result<()> {
        let every = |kind: &Kind| {
            self.columns_of(kind).into_iter().flat_map(|columns| columns.shown.iter().chain(&columns.hidden))
        };
        let columns = objects.first().map(|(kind, _)| present::headers(every(kind))).unwrap_or_default();
        let key =
            |name: &str, (kind, object): &(&'static Kind, Value)| present::key(every(kind), name, object);
        sort.sort(objects, |(_, object)| object, &columns, &key)
    }
}

fn columns_of(kind: &'static Kind, wanted: &ColumnsWanted) -> Columns {
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    let mut add =
        |is_shown: bool, column: Column| if is_shown { shown.push(column) } else { hidden.push(column) };
    add(wanted.all_namespaces, Column::field("namespace", "/metadata/namespace"));
    for column in kind.columns {
        let is_shown = wanted.show_source || !column.only_with_source;
        add(is_shown, Column::text(column.header, |object| (column.cell)(kind, object)));
    }
    wide().into_iter().for_each(|column| add(wanted.wide, column));
    Columns { shown, hidden }
}

/// The columns of any kind, each once.
pub fn all_columns() -> Vec<String> {
    let of_kinds = KINDS.iter().flat_map(|kind| kind.columns.iter()).map(|column| column.header);
    let mut known = vec!["namespace".to_owned()];
    for header in of_kinds.map(str::to_owned).chain(present::headers(&wide())) {
        if !known.contains(&header) {
            known.push(header);
        }
    }
    known
}
