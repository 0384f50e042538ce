//! Text from elsewhere, made safe to look at.

use std::borrow::Cow;

/// The text without what a terminal would obey: control characters other than line ends and tabs become visible, the escape of an
/// ANSI sequence as `^[`, those beyond ASCII as `\u{9b}`.
#[must_use]
pub fn neutralised(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match char {
            '\u{7f}' => shown.push_str("^?"),
            char if is_obeyed(char) && char.is_ascii() => {
                shown.push('^');
                shown.push(char::from(char as u8 + b'@'));
            }
            char if is_obeyed(char) => shown.extend(char.escape_unicode()),
            char => shown.push(char),
        }
    }
    Cow::Owned(shown)
}

fn is_obeyed(char: char) -> bool {
    char.is_control() && !matches!(char, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::neutralised;
    use std::borrow::Cow;

    #[test]
    fn what_a_terminal_would_obey_becomes_visible_and_the_rest_stays() {
        let plain = "two lines\n\tand ünïcode ✔";
        assert!(matches!(neutralised(plain), Cow::Borrowed(text) if text == plain));
        assert_eq!(neutralised("a\u{1b}[31mred\u{1b}]0;title\u{7}"), "a^[[31mred^[]0;title^G");
        assert_eq!(neutralised("over\rwritten\u{8}\u{7f}\u{0}"), "over^Mwritten^H^?^@");
        assert_eq!(neutralised("\u{9b}2J"), "\\u{9b}2J");
    }
}
