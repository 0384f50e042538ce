//! Tables as the Flux CLI prints them: padded cells separated by tabs, no borders. On a terminal they fit its width and may have colours.

use super::DIM;
use super::Painted;
use super::neutralised;
use anstyle::Style;
use console::measure_text_width;
use console::truncate_str;

/// The column that is cut where a table is wider than its terminal.
const CUT: &str = "message";
/// What is left of it at least.
const LEAST: usize = 10;
/// Tabs go to multiples of this.
const TAB: usize = 8;

/// The terminal that a table is shown on.
#[derive(Clone, Copy)]
pub struct Sheet {
    /// The columns of the terminal, where they are known.
    pub width: Option<usize>,
    pub in_colour: bool,
    /// The style of a cell, by the header above it and its text.
    pub style: fn(&str, &str) -> Style,
    /// Whether what is still too wide is cut off, instead of going on in a further line.
    pub cuts_lines: bool,
}

/// Rows below a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Column names before upper-casing.
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The text of the table. Data rows end in a tab after their padded last cell, the header in a space.
    /// A cell of several lines makes its row as high.
    pub fn render(&self, with_header: bool) -> String {
        let header = self.shown_header();
        let rows = self.rows.iter().chain(with_header.then_some(&header));
        let mut widths = vec![0; self.header.len()];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(width_of(cell));
            }
        }
        let mut text = String::new();
        if with_header {
            text.push_str(&padded(&header, &widths).join("\t"));
            text.push_str(" \n");
        }
        for row in &self.rows {
            for line in lines_of(row) {
                text.push_str(&padded(&line, &widths).join("\t"));
                text.push_str("\t\n");
            }
        }
        text
    }

    fn shown_header(&self) -> Vec<String> {
        self.header.iter().map(|name| name.replace(['_', '.'], " ").to_uppercase()).collect()
    }

    /// The widths of the columns on a terminal.
    pub fn layout(&self, with_header: bool, sheet: &Sheet) -> Vec<usize> {
        let mut widths = vec![0; self.header.len()];
        self.widen(with_header, &mut widths);
        self.fit(&mut widths, sheet);
        widths
    }

    /// Makes the columns as wide as their cells.
    pub fn widen(&self, with_header: bool, widths: &mut [usize]) {
        let header = with_header.then(|| self.shown_header());
        for row in self.rows.iter().chain(header.as_ref()) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(width_of(&tame(cell)));
            }
        }
    }

    /// Makes the column that may be cut as narrow as the terminal wants it.
    pub fn fit(&self, widths: &mut [usize], sheet: &Sheet) {
        let cut = self.header.iter().position(|name| name == CUT);
        if let (Some(room), Some(cut)) = (sheet.width, cut) {
            while widths[cut] > LEAST && end_of(widths) > room {
                widths[cut] -= 1;
            }
        }
    }

    /// The table on a terminal, its columns of these widths. Nothing in the cells reaches the terminal as a command.
    pub fn painted(&self, with_header: bool, widths: &[usize], sheet: &Sheet) -> Painted {
        let mut painted = Painted::new(sheet.in_colour);
        if with_header {
            let header = self.shown_header();
            let cells: Vec<(&str, Style)> = header.iter().map(|name| (name.as_str(), DIM)).collect();
            push_line(&mut painted, &cells, widths, sheet);
        }
        for row in &self.rows {
            let row: Vec<String> = row.iter().map(|cell| tame(cell)).collect();
            let styles: Vec<Style> =
                self.header.iter().zip(&row).map(|(name, cell)| (sheet.style)(name, cell)).collect();
            for line in lines_of(&row) {
                let cells: Vec<(&str, Style)> =
                    line.iter().map(String::as_str).zip(styles.iter().copied()).collect();
                push_line(&mut painted, &cells, widths, sheet);
            }
        }
        painted
    }
}

/// Adds a line, without what is blank at its end.
fn push_line(painted: &mut Painted, cells: &[(&str, Style)], widths: &[usize], sheet: &Sheet) {
    let used = cells.iter().rposition(|(cell, _)| !cell.is_empty()).map_or(0, |last| last + 1);
    let mut at = 0;
    for (index, ((cell, style), width)) in cells.iter().zip(widths).take(used).enumerate() {
        let room = sheet.width.filter(|_| sheet.cuts_lines).map_or(*width, |room| room.saturating_sub(at));
        let cell = truncate_str(cell, room.min(*width), "…");
        painted.push(&cell, *style);
        if index + 1 < used {
            painted.push_plain(&" ".repeat(width.saturating_sub(measure_text_width(&cell))));
            painted.push_plain("\t");
            at = next_stop(at + width);
        }
    }
    painted.push_plain("\n");
}

/// The place after a column that ends here and the tab behind it.
fn next_stop(at: usize) -> usize {
    (at / TAB + 1) * TAB
}

/// Where a line ends whose last column is full.
fn end_of(widths: &[usize]) -> usize {
    let Some((last, before)) = widths.split_last() else { return 0 };
    before.iter().fold(0, |at, width| next_stop(at + width)) + last
}

fn width_of(cell: &str) -> usize {
    cell.split('\n').map(measure_text_width).max().unwrap_or_default()
}

/// A cell without what would move the cursor, so that its width is that on the screen.
fn tame(cell: &str) -> String {
    neutralised(cell).replace('\t', " ")
}

impl Table {
    /// Rows as `kubectl` aligns them: three spaces between cells, none after the last; the first row is the header, if there is one.
    pub fn aligned(rows: &[Vec<String>]) -> String {
        let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or_default()];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count() + 3).max(6);
            }
        }
        let mut text = String::new();
        for row in rows {
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                text.push_str(cell);
                if at + 1 < row.len() {
                    text.push_str(&" ".repeat(width - cell.chars().count()));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// A row, line by line.
fn lines_of(row: &[String]) -> Vec<Vec<String>> {
    let height = row.iter().map(|cell| cell.matches('\n').count() + 1).max().unwrap_or(1);
    let line =
        |at: usize| row.iter().map(move |cell| cell.split('\n').nth(at).unwrap_or_default().to_owned());
    (0..height).map(|at| line(at).collect()).collect()
}

fn padded(cells: &[String], widths: &[usize]) -> Vec<String> {
    let pad = |(cell, width): (&String, &usize)| {
        format!("{cell}{}", " ".repeat(width.saturating_sub(console::measure_text_width(cell))))
    };
    cells.iter().zip(widths).map(pad).collect()
}

#[cfg(test)]
mod tests {
    use super::Sheet;
    use super::Table;
    use crate::text::BAD;
    use anstyle::Style;

    #[test]
    fn cells_are_padded_and_separated_by_tabs() {
        let table = Table {
            header: vec!["name".into(), "last scan".into()],
            rows: vec![vec!["a".into(), "x".into()], vec!["longer".into(), String::new()]],
        };
        assert_eq!(table.render(true), "NAME  \tLAST SCAN \na     \tx        \t\nlonger\t         \t\n");
        assert_eq!(table.render(false), "a     \tx\t\nlonger\t \t\n");
    }

    #[test]
    fn a_cell_of_two_lines_makes_its_row_two_lines_high() {
        let table = Table {
            header: vec!["name".into(), "message".into()],
            rows: vec![vec!["a".into(), "first\nand second".into()]],
        };
        assert_eq!(table.render(false), "a\tfirst     \t\n \tand second\t\n");
    }

    fn sheet(width: usize) -> Sheet {
        let style = |header: &str, cell: &str| match (header, cell) {
            ("ready", "False") => BAD,
            _ => Style::new(),
        };
        Sheet { width: Some(width), in_colour: false, style, cuts_lines: false }
    }

    fn on(table: &Table, sheet: &Sheet) -> String {
        table.painted(true, &table.layout(true, sheet), sheet).as_str().to_owned()
    }

    fn three(message: &str) -> Table {
        Table {
            header: vec!["name".into(), "ready".into(), "message".into(), "age".into()],
            rows: vec![
                vec!["app".into(), "False".into(), message.into(), "2d".into()],
                vec!["other".into(), "True".into(), "ok".into(), String::new()],
            ],
        }
    }

    #[test]
    fn on_a_terminal_the_message_is_cut_so_that_every_line_fits() {
        let shown = on(&three("a long message that goes on and on"), &sheet(40));
        let wanted = "NAME \tREADY\tMESSAGE        \tAGE\n\
                      app  \tFalse\ta long message…\t2d\n\
                      other\tTrue \tok\n";
        assert_eq!(shown, wanted);
    }

    #[test]
    fn characters_that_are_two_columns_wide_count_as_two() {
        let shown = on(&three("漢字漢字漢字漢字漢字漢字"), &sheet(40));
        assert!(shown.contains("\t漢字漢字漢字漢…\t2d\n"), "{shown}");
    }

    #[test]
    fn a_table_that_fits_is_whole_and_one_that_cannot_fit_keeps_some_of_its_message() {
        let long = "a long message that goes on and on";
        assert!(on(&three(long), &sheet(200)).contains(long));
        assert!(on(&three(long), &sheet(20)).contains("a long me…"));
        let cut = on(&three(long), &Sheet { cuts_lines: true, ..sheet(20) });
        assert!(cut.lines().all(|line| !line.contains("2d")), "{cut}");
    }

    #[test]
    fn colours_are_those_of_the_style_and_cells_cannot_add_any() {
        let shown = on(&three("\u{1b}[32mfine\tor not"), &Sheet { in_colour: true, ..sheet(200) });
        assert!(shown.contains("\u{1b}[31mFalse\u{1b}[0m\t^[[32mfine or not"), "{shown:?}");
        assert!(shown.starts_with("\u{1b}[2mNAME\u{1b}[0m"), "{shown:?}");
    }
}
