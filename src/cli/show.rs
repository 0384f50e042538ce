//! Tables on stdout: in a pipe as scripts know them, on a terminal as wide as that and in colour.

use crate::present;
use crate::present::Column;
use crate::present::Output;
use crate::text::BAD;
use crate::text::GOOD;
use crate::text::NAME;
use crate::text::Sheet;
use crate::text::Table;
use crate::text::WAITING;
use crate::ui::Ui;
use anstyle::Style;
use jiff::Timestamp;
use serde_json::Value;

/// Writes a table to stdout.
///
/// # Errors
/// As [`Ui::data`].
pub fn table(ui: &Ui, table: &Table, with_header: bool) -> anyhow::Result<()> {
    if !ui.out.is_terminal && !ui.out.colour {
        return ui.data(&table.render(with_header));
    }
    let sheet = sheet(ui);
    ui.show(&table.painted(with_header, &table.layout(with_header, &sheet), &sheet))
}

/// A value for programs, and its parts that are rows.
pub struct Document<'a> {
    /// What json, yaml and jsonpath see.
    pub whole: &'a Value,
    /// What name and custom-columns see, and tables.
    pub rows: &'a [Value],
    pub columns: &'a [Column],
}

impl Document<'_> {
    /// Writes the document to stdout as it was asked for. A table without rows has no header either.
    ///
    /// # Errors
    /// A template that does not fit; what [`Ui::data`] says.
    pub fn show(&self, ui: &Ui, output: &Output, now: Timestamp) -> anyhow::Result<()> {
        match output {
            Output::Machine(format) => ui.data(&format.render_rows(self.whole, self.rows, true)?),
            Output::Table { .. } => {
                table(ui, &present::table(self.columns, self.rows, now), !self.rows.is_empty())
            }
        }
    }
}

/// Rows that come one after another: in a pipe as scripts know them, on a terminal below each other.
pub struct Strip {
    header: Vec<String>,
    /// The widths of the columns; they only grow.
    widths: Vec<usize>,
    with_header: bool,
    is_first: bool,
}

impl Strip {
    /// `known` are the rows that come at once; what comes later is aligned with them.
    pub fn new(header: Vec<String>, known: Vec<Vec<String>>, with_header: bool) -> Self {
        let mut widths = vec![0; header.len()];
        let table = Table { header, rows: known };
        table.widen(with_header, &mut widths);
        Self { header: table.header, widths, with_header, is_first: true }
    }

    /// Whether these are its columns.
    pub fn is_below(&self, header: &[String]) -> bool {
        self.header == header
    }

    /// Whether nothing was shown before.
    pub fn begins(&mut self) -> bool {
        std::mem::take(&mut self.is_first)
    }

    /// Writes the next row to stdout, the first one below the header.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn show(&mut self, ui: &Ui, row: Vec<String>) -> anyhow::Result<()> {
        let with_header = self.begins() && self.with_header;
        let table = Table { header: self.header.clone(), rows: vec![row] };
        if !ui.out.is_terminal && !ui.out.colour {
            return ui.data(&table.render(with_header));
        }
        table.widen(false, &mut self.widths);
        let sheet = sheet(ui);
        let mut widths = self.widths.clone();
        table.fit(&mut widths, &sheet);
        ui.show(&table.painted(with_header, &widths, &sheet))
    }
}

/// The terminal at stdout.
pub fn sheet(ui: &Ui) -> Sheet {
    Sheet { width: ui.width(), in_colour: ui.out.colour, style, cuts_lines: false }
}

/// The colour of a cell by its column: names are bold, and states green, yellow or red.
fn style(header: &str, cell: &str) -> Style {
    match (header, cell) {
        ("name" | "object" | "reconcilers", _) => NAME,
        ("ready" | "ok", "True") => GOOD,
        ("ready" | "ok", "False") => BAD,
        ("ready", "Unknown") | ("suspended", "True") | ("type", "Warning") => WAITING,
        ("failing", count) if count.parse::<u64>().is_ok_and(|count| count > 0) => BAD,
        _ => Style::new(),
    }
}
