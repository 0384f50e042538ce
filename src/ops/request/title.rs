//! Texts for people who read a request at the forge.

/// No forge takes a longer title.
const LONGEST_TITLE: usize = 250;

/// A title: one line without control characters, not longer than forges take.
pub fn title(text: &str) -> String {
    let line = plain(text);
    let mut short: String = line.chars().take(LONGEST_TITLE).collect();
    if short.len() < line.len() {
        short.pop();
        short.push('…');
    }
    short
}

/// A text as it is, in Markdown: no character of it is read as a mark, a link or the name of a person.
pub fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    // A blank on either side keeps the marks of the text from those around it.
    let blank = if longest > 0 { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// One line without control characters.
fn plain(text: &str) -> String {
    let blank: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    blank.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_code() {
        assert_eq!(code("clusters/one"), "`clusters/one`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("``` @ada\n# x"), "```` ``` @ada # x ````");
    }

    #[test]
    fn a_title_is_one_line_that_forges_take() {
        assert_eq!(title(" a\r\nb\u{7}  c "), "a b c");
        let long = title(&"ä".repeat(300));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST_TITLE, true));
    }
}
