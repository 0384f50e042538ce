//! The lines that a command tells about its work: a glyph, what is done, and hints below what failed.

use super::Ui;
use super::streams::Stream;
use super::streams::Terminal;
use crate::text::BAD;
use crate::text::DIM;
use crate::text::GOOD;
use crate::text::Painted;
use crate::text::WAITING;
use anstyle::Style;

/// The glyphs that lines begin with, in their colours.
const GLYPHS: [(&str, Style); 5] = [("✔", GOOD), ("✚", GOOD), ("✗", BAD), ("⚠️", WAITING), ("◎", WAITING)];
/// What begins a line that explains the one above it.
const ASIDES: [&str; 2] = ["hint: ", "next: "];

impl Ui {
    /// Writes one line of text to stdout.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        self.write_out(dressed(&format!("{}\n", self.redacted(text)), self.out).as_bytes(), 0)
    }

    /// Writes one line to stderr. A reader that has gone does not stop the work.
    pub fn note(&self, text: &str) {
        let text = self.redacted(&without_numbers(text));
        let _ = self.write(Stream::Err, dressed(&format!("{text}\n"), self.err).as_bytes(), 0);
    }

    /// Ends the line that the cursor is in after Ctrl-C. A line that only has the terminal's `^C`, or a spinner, is wiped.
    pub fn leave_line(&self) {
        if self.can_draw {
            self.screen.leave_line();
        } else if self.err.is_terminal {
            self.note("");
        }
    }

    /// `► …`: something is done now.
    pub fn action(&self, text: impl AsRef<str>) {
        self.note(&format!("► {}", text.as_ref()));
    }

    /// `✚ …`: something is created.
    pub fn generate(&self, text: impl AsRef<str>) {
        self.note(&format!("✚ {}", text.as_ref()));
    }

    /// `◎ …`: waiting for something.
    pub fn waiting(&self, text: impl AsRef<str>) {
        self.note(&format!("◎ {}", text.as_ref()));
    }

    /// `✔ …`: done.
    pub fn success(&self, text: impl AsRef<str>) {
        self.note(&format!("✔ {}", text.as_ref()));
    }

    /// `⚠️ …`: worth a look.
    pub fn warning(&self, text: impl AsRef<str>) {
        self.note(&format!("⚠️ {}", text.as_ref()));
    }

    /// `✗ …`: failed.
    pub fn failure(&self, text: impl AsRef<str>) {
        self.note(&format!("✗ {}", text.as_ref()));
    }

    /// Shows an error the way every failure is shown: one `✗` line, then its hints.
    pub fn error(&self, error: &anyhow::Error) {
        self.failure(format!("{error:#}"));
        self.hints(error);
    }

    /// `hint: …` for each next step that the error knows.
    pub fn hints(&self, error: &anyhow::Error) {
        for hint in crate::text::hints(error) {
            self.hint(hint);
        }
    }

    /// `hint: …`: what to do next, with its commands ready to be pasted.
    pub fn hint(&self, hint: &str) {
        self.note(&format!("hint: {}", self.invocation().complete(hint)));
    }
}

/// Without what Rust adds to the errors of the system, such as ` (os error 2)`: it does not help a reader.
fn without_numbers(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if number.bytes().all(|digit| digit.is_ascii_digit()) => kept.push_str(rest),
            _ => kept.push_str(&format!(" (os error {part}")),
        }
    }
    kept
}

/// Lines as a stream may show them: in a pipe as they are, on a terminal without what it would obey, in colour with coloured glyphs.
fn dressed(text: &str, stream: Terminal) -> String {
    if !stream.colour {
        return Ui::safe(text, stream).into_owned();
    }
    let mut painted = Painted::new(true);
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let indented = line.trim_start_matches(' ');
        let glyph = GLYPHS.iter().find(|(glyph, _)| indented.starts_with(glyph));
        if ASIDES.iter().any(|aside| indented.starts_with(aside)) {
            painted.push(line, DIM);
        } else if let Some((glyph, style)) = glyph {
            painted.push_plain(&line[..line.len() - indented.len()]);
            painted.push(glyph, *style);
            painted.push_plain(&indented[glyph.len()..]);
        } else {
            painted.push_plain(line);
        }
        painted.push_plain(end);
    }
    painted.as_str().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_errors_are_left_out() {
        let text = "reading \"a\": No such file (os error 2): Is (os error x) (os error 21)";
        assert_eq!(without_numbers(text), "reading \"a\": No such file: Is (os error x)");
        assert_eq!(without_numbers("plain"), "plain");
    }

    #[test]
    fn glyphs_have_colours_hints_are_dim_and_nothing_else_passes() {
        let seen = |colour, is_terminal| {
            let text = "✔ do\u{1b}[2Jne\n  ✗ failed\nhint: look\n";
            dressed(text, Terminal { is_terminal, colour })
        };
        let wanted =
            "\u{1b}[32m✔\u{1b}[0m do^[[2Jne\n  \u{1b}[31m✗\u{1b}[0m failed\n\u{1b}[2mhint: look\u{1b}[0m\n";
        assert_eq!(seen(true, true), wanted);
        assert_eq!(seen(true, false), wanted);
        assert_eq!(seen(false, true), "✔ do^[[2Jne\n  ✗ failed\nhint: look\n");
        assert_eq!(seen(false, false), "✔ do\u{1b}[2Jne\n  ✗ failed\nhint: look\n");
    }
}
