//! Texts from elsewhere in Markdown: as code that they cannot end.

/// A block of code with a fence that is longer than any in the text.
pub fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{text}{fence}\n\n")
}

/// A span of code, in one line: no character is read as a mark, a link or the name of a person.
pub fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let fence = "`".repeat(longest_run(&text) + 1);
    // Blanks keep the marks of the text from those around it.
    if fence.len() > 1 { format!("{fence} {text} {fence}") } else { format!("`{text}`") }
}

/// A span of code in the cell of a table.
pub fn cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_code() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a``b\nc"), "``` a``b c ```");
        assert_eq!(code("``` @ada\n# x"), "```` ``` @ada # x ````");
        assert_eq!(cell("a|b"), "`a\\|b`");
        assert_eq!(fenced("diff", "````\n"), "`````diff\n````\n`````\n\n");
    }
}
