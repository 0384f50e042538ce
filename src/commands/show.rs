//! Tables on stdout: in a pipe as scripts know them, on a terminal as wide as that and in colour.

use crate::text::BAD;
use crate::text::GOOD;
use crate::text::NAME;
use crate::text::Sheet;
use crate::text::Table;
use crate::text::WAITING;
use crate::ui::Ui;
use anstyle::Style;

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
