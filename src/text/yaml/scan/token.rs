//! What the scanner returns: tokens, their places, and why there is none.

/// Which of Go's two YAML libraries reads: they share their scanner, but not everything around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Dialect {
    /// The one behind `sigs.k8s.io/yaml`: `yes` is a bool.
    Two,
    /// The one of kustomize: `yes` is a string, comments are kept.
    Three,
}

/// A place in the text; everything is counted in characters from zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Mark {
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScalarStyle {
    Plain,
    Single,
    Double,
    Literal,
    Folded,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum TokenKind {
    StreamEnd,
    Version { major: u8, minor: u8 },
    TagDirective { handle: String, prefix: String },
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag { handle: String, suffix: String },
    Scalar { text: String, style: ScalarStyle },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Token {
    pub kind: TokenKind,
    pub start: Mark,
    /// Behind its last character; a token that stands for no character ends where it starts.
    pub end: Mark,
}

/// Why a text is not YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Problem {
    text: String,
    /// Where the construct at hand began, and where it went wrong.
    context: Mark,
    place: Mark,
    by: By,
}

/// What noticed a problem, and so how its line is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Scanner,
    Parser,
    /// A rule beyond the syntax, of which Go's libraries tell no line.
    Rule,
    /// A rule for the whole of a document.
    Document,
}

impl Problem {
    /// Characters that form no token.
    pub(super) fn scanner(text: &str, context: Mark, place: Mark) -> Self {
        Self { text: text.to_owned(), context, place, by: By::Scanner }
    }

    /// Tokens that form no document.
    pub(in super::super) fn parser(text: &str, context: Mark, place: Mark) -> Self {
        Self { text: text.to_owned(), context, place, by: By::Parser }
    }

    /// Something that breaks a rule beyond the syntax.
    pub(in super::super) fn rule(text: impl Into<String>, place: Mark) -> Self {
        Self { text: text.into(), context: Mark::default(), place, by: By::Rule }
    }

    /// A document that breaks such a rule.
    pub(in super::super) fn document(text: impl Into<String>) -> Self {
        Self { text: text.into(), context: Mark::default(), place: Mark::default(), by: By::Document }
    }

    /// The reason with its line as Go's libraries print it: each takes another mark first, and neither counts from one everywhere.
    pub(in super::super) fn reason(&self, dialect: Dialect) -> String {
        if matches!(self.by, By::Rule | By::Document) {
            return self.text.clone();
        }
        let scanned = usize::from(self.by == By::Scanner);
        let line = match (dialect, self.place.line, self.context.line) {
            (Dialect::Two, 0, context) => context,
            (Dialect::Two, place, _) | (Dialect::Three, place, 0) if place > 0 => place + scanned,
            (Dialect::Three, _, context) if context > 0 => context + scanned,
            _ => 0,
        };
        match line {
            0 => self.text.clone(),
            line => format!("line {line}: {}", self.text),
        }
    }

    /// The reason with its place in a file that has so many lines before the text, and with what begins in another line and has no end.
    pub(in super::super) fn told(&self, before: usize) -> String {
        if self.by == By::Document {
            return self.text.clone();
        }
        let place = |mark: Mark| format!("line {}, column {}", mark.line + before + 1, mark.column + 1);
        let told = format!("{}: {}", place(self.place), self.text);
        if self.context == Mark::default() || self.context.line == self.place.line {
            return told;
        }
        format!("{told}, in what begins at {}", place(self.context))
    }
}
