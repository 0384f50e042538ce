//! Colours as bunt paints them: a style is put over the styles that a text has already.

use super::palette::Colour;
use super::palette::of_code;
use regex::Regex;
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::LazyLock;

/// Which sequences a terminal is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paint {
    /// None: the output is not a terminal, or colours are off.
    #[default]
    Plain,
    /// The sixteen colours that every terminal has.
    Sixteen,
    /// Colours of 24 bits.
    True,
}

impl Paint {
    /// What a terminal understands, from `COLORTERM`. Palettes of 256 colours are not used.
    ///
    /// The Flux CLI paints when stdout is a terminal and `TERM` is not `dumb`. It does not look at `NO_COLOR`.
    #[must_use]
    pub fn of(in_colour: bool, colorterm: Option<&str>) -> Self {
        match colorterm {
            _ if !in_colour => Self::Plain,
            Some("truecolor" | "24bit") => Self::True,
            _ => Self::Sixteen,
        }
    }
}

/// What a style sets; the rest stays as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) colour: Option<Colour>,
}

pub(super) const BOLD: Style = Style { bold: true, italic: false, colour: None };
pub(super) const ITALIC: Style = Style { bold: false, italic: true, colour: None };
pub(super) const BOLD_ITALIC: Style = Style { bold: true, italic: true, colour: None };

impl Colour {
    /// A style that sets only this colour.
    pub(super) const fn style(self) -> Style {
        Style { bold: false, italic: false, colour: Some(self) }
    }
}

impl Paint {
    /// The text with this style over those that it has; line ends keep theirs.
    pub(super) fn lines(self, style: Style, text: &str) -> String {
        self.styled(style, text, true)
    }

    /// The text with this style over those that it has.
    pub(super) fn all(self, style: Style, text: &str) -> String {
        self.styled(style, text, false)
    }

    /// The text in this style, whatever is in it.
    pub(super) fn around(self, style: Style, text: &str) -> String {
        let mut painted = String::with_capacity(text.len() + 16);
        if self != Self::Plain {
            self.change(&mut painted, Style::default(), style);
        }
        painted.push_str(text);
        if self != Self::Plain {
            painted.push_str(RESET);
        }
        painted
    }

    fn styled(self, style: Style, text: &str, passes_line_ends: bool) -> String {
        let text = without_modes(text);
        if self == Self::Plain {
            return SEQUENCE.replace_all(&text, "").into_owned();
        }
        let mut painted = String::with_capacity(text.len() + 16);
        let mut current = Style::default();
        let mut put = |letter: char, own: Style| {
            let wanted = if passes_line_ends && letter == '\n' { own } else { own.under(style) };
            if wanted != current {
                self.change(&mut painted, current, wanted);
                current = wanted;
            }
            painted.push(letter);
        };
        let (mut at, mut own) = (0, Style::default());
        for found in SEQUENCE.find_iter(&text) {
            text[at..found.start()].chars().for_each(|letter| put(letter, own));
            own = read(found.as_str());
            at = found.end();
        }
        text[at..].chars().for_each(|letter| put(letter, own));
        if current != Style::default() {
            painted.push_str(RESET);
        }
        painted
    }

    fn change(self, painted: &mut String, from: Style, to: Style) {
        if to == Style::default() {
            painted.push_str(RESET);
            return;
        }
        let mut codes = Vec::new();
        if from.bold && !to.bold || from.italic && !to.italic {
            codes.push(0);
        }
        if to.bold {
            codes.push(1);
        }
        if to.italic {
            codes.push(3);
        }
        match to.colour {
            Some(Colour { rgb: [red, green, blue], .. }) if self == Self::True => {
                codes.extend([38, 2, red, green, blue]);
            }
            Some(colour) => codes.push(colour.nearest),
            None => {}
        }
        painted.push_str("\u{1b}[");
        for (index, code) in codes.into_iter().enumerate() {
            // Writing to a text cannot fail.
            let _ = write!(painted, "{}{code}", if index > 0 { ";" } else { "" });
        }
        painted.push('m');
    }
}

impl Style {
    fn under(self, over: Style) -> Style {
        Style {
            bold: self.bold || over.bold,
            italic: self.italic || over.italic,
            colour: over.colour.or(self.colour),
        }
    }
}

const RESET: &str = "\u{1b}[0m";

#[expect(clippy::unwrap_used, reason = "the expressions are known")]
static SEQUENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9]+(;[0-9]+)*m").unwrap());
#[expect(clippy::unwrap_used, reason = "the expressions are known")]
static ANY_SEQUENCE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*m").unwrap());
#[expect(clippy::unwrap_used, reason = "the expressions are known")]
static MODES: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [r"\x1b\[\?.+[lh]", r"\x1b\]11;\?."].map(|text| Regex::new(text).unwrap()));

/// The text without some sequences that set modes.
fn without_modes(text: &str) -> Cow<'_, str> {
    if !text.contains('\u{1b}') {
        return text.into();
    }
    let mut text = text.replace("\u{1b}[m", RESET);
    for mode in ["\u{1b}[?1h", "\u{1b}=", "\u{1b}>", "\u{1b}[K"] {
        text = text.replace(mode, "");
    }
    for mode in &*MODES {
        text = mode.replace_all(&text, "").into_owned();
    }
    text.into()
}

/// How many characters a text shows. Wide ones count as one, too.
pub(super) fn length(text: &str) -> usize {
    if !text.contains('\u{1b}') {
        return text.chars().count();
    }
    // What is around a sequence may be one when it is gone.
    let mut text = text.to_owned();
    while let Some(found) = ANY_SEQUENCE.find(&text) {
        let sequence = found.as_str().to_owned();
        text = text.replace(&sequence, "");
    }
    text.chars().count()
}

/// The style that a sequence of our own sets.
fn read(sequence: &str) -> Style {
    let codes = sequence.trim_start_matches("\u{1b}[").trim_end_matches('m').split(';');
    let mut codes = codes.map(|code| code.parse().unwrap_or(0_u8));
    let mut style = Style::default();
    while let Some(code) = codes.next() {
        match code {
            1 => style.bold = true,
            3 => style.italic = true,
            38 => {
                let mut part = || codes.next().unwrap_or_default();
                part();
                // Only terminals with 24 bits are given these.
                style.colour = Some(Colour { rgb: [part(), part(), part()], nearest: 0 });
            }
            _ => style.colour = of_code(code).or(style.colour),
        }
    }
    style
}
