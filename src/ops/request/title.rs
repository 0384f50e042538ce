//! The titles of requests.

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

/// One line without control characters.
fn plain(text: &str) -> String {
    let blank: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    blank.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_that_forges_take() {
        assert_eq!(title(" a\r\nb\u{7}  c "), "a b c");
        let long = title(&"ä".repeat(300));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST_TITLE, true));
    }
}
