//! What a server says to people, as part of a message.

use console::strip_ansi_codes;

/// What Git and its servers begin lines with.
const LABELS: [&str; 6] = ["remote", "error", "fatal", "warning", "hint", "info"];

/// The lines of a server in one line, without its progress display, escape sequences and control characters, and without lines that say
/// nothing: servers put empty ones around their messages.
#[must_use]
pub fn said(text: &str) -> String {
    let text = strip_ansi_codes(text);
    let lines = text.split('\n').map(|line| {
        // What follows a carriage return replaces what was before it.
        let last = line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or_default();
        let plain: String =
            last.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect();
        plain.trim().to_owned()
    });
    lines.filter(|line| says_something(line)).collect::<Vec<_>>().join("; ")
}

/// Whether there is more to a line than labels and ornaments.
fn says_something(line: &str) -> bool {
    let mut rest = line;
    while let Some((label, after)) = rest.split_once(':')
        && LABELS.iter().any(|known| label.trim().eq_ignore_ascii_case(known))
    {
        rest = after;
    }
    rest.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn only_what_says_something_is_left() {
        for (text, wanted) in [
            ("Resolving:  50%\rResolving: 100%\rdone \n\n\u{1b}[31merror: no\u{7}\n", "done; error: no"),
            ("error:\nerror: Gitea: Not allowed\nerror:\n", "error: Gitea: Not allowed"),
            ("remote: \nremote: =====\nremote: GitLab: no\nremote: \n", "remote: GitLab: no"),
            ("remote: error: \nREMOTE:ERROR:\n", ""),
            ("\u{1b}]0;title\u{7}ein\u{9b}2J\twort", "ein wort"),
            ("Reason:\n- a rule\n", "Reason:; - a rule"),
            ("\r\n \u{0}\n", ""),
        ] {
            assert_eq!(said(text), wanted, "{text:?}");
        }
    }
}
