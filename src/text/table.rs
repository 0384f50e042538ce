//! Tables as the Flux CLI prints them: padded cells separated by tabs, no borders, no colour.

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
        let header: Vec<String> =
            self.header.iter().map(|name| name.replace(['_', '.'], " ").to_uppercase()).collect();
        let rows = self.rows.iter().chain(with_header.then_some(&header));
        let mut widths = vec![0; self.header.len()];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                let widest = cell.split('\n').map(console::measure_text_width).max();
                *width = (*width).max(widest.unwrap_or_default());
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
    use super::Table;

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
}
