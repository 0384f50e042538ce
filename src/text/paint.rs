//! Text in colours of this program's own. What comes from elsewhere is neutralised before it is painted, so that nothing in it can
//! add sequences of its own.

use super::neutralised;
use anstyle::AnsiColor;
use anstyle::Style;

/// As it should be.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Failed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// On its way, suspended, or worth a look.
pub const WAITING: Style = AnsiColor::Yellow.on_default();
/// What a thing is called.
pub const NAME: Style = Style::new().bold();
/// What explains the rest.
pub const DIM: Style = Style::new().dimmed();

/// Text that a terminal may be given as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Painted {
    text: String,
    in_colour: bool,
}

impl Painted {
    /// Nothing yet; without colour, styles have no effect.
    #[must_use]
    pub fn new(in_colour: bool) -> Self {
        Self { text: String::new(), in_colour }
    }

    /// Text of this program alone, with the sequences that it has.
    #[must_use]
    pub fn trusted(text: String) -> Self {
        Self { text, in_colour: true }
    }

    /// Adds text from anywhere, in this style.
    pub fn push(&mut self, text: &str, style: Style) {
        let text = neutralised(text);
        if text.is_empty() || !self.in_colour || style.is_plain() {
            self.text.push_str(&text);
        } else {
            self.text.push_str(&format!("{style}{text}{style:#}"));
        }
    }

    /// Adds text from anywhere.
    pub fn push_plain(&mut self, text: &str) {
        self.text.push_str(&neutralised(text));
    }

    /// How many lines it is high.
    #[must_use]
    pub fn height(&self) -> usize {
        self.text.matches('\n').count()
    }

    /// Adds what was painted already.
    pub fn append(&mut self, other: &Painted) {
        self.text.push_str(&other.text);
    }

    /// The text with its sequences.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::BAD;
    use super::Painted;

    #[test]
    fn only_sequences_of_our_own_pass() {
        let mut painted = Painted::new(true);
        painted.push("fa\u{1b}[2Jiled", BAD);
        painted.push_plain("\u{1b}[1m");
        assert_eq!(painted.as_str(), "\u{1b}[31mfa^[[2Jiled\u{1b}[0m^[[1m");
        let mut painted = Painted::new(false);
        painted.push("failed", BAD);
        assert_eq!(painted.as_str(), "failed");
    }
}
