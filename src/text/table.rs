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
    pub fn render(&self, with_header: bool) -> String {
        let header: Vec<String> =
            self.header.iter().map(|name| name.replace(['_', '.'], " ").to_uppercase()).collect();
        let rows = self.rows.iter().chain(with_header.then_some(&header));
        let mut widths = vec![0; self.header.len()];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(console::measure_text_width(cell));
            }
        }
        let mut text = String::new();
        if with_header {
            text.push_str(&padded(&header, &widths).join("\t"));
            text.push_str(" \n");
        }
        for row in &self.rows {
            text.push_str(&padded(row, &widths).join("\t"));
            text.push_str("\t\n");
        }
        text
    }
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
}
