//! Why a text is left as it is.

/// What cannot be edited without changing more than was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct NotEditable {
    pub file: String,
    /// From one.
    pub line: usize,
    pub reason: Reason,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    #[error("{path} has the anchor or tag \"{word}\", which an edit would break")]
    Marked { path: String, word: String },
    #[error("{path} is an alias: its value is written elsewhere")]
    Alias { path: String },
    #[error("{path} is merged with other mappings (<<)")]
    Merged { path: String },
    #[error("{path} is written more than once")]
    Repeated { path: String },
    #[error("there is no {path}")]
    Missing { path: String },
    #[error("{path} is a {found}, not a {wanted}")]
    Other { path: String, found: &'static str, wanted: &'static str },
    #[error("{path} is a variable or a template (\"{text}\")")]
    Variable { path: String, text: String },
    #[error("{path} is laid out in a way that an edit would not keep")]
    Layout { path: String },
    #[error("{path} holds no YAML: {reason}")]
    NotYaml { path: String, reason: String },
    #[error("{path} is a folded or quoted text, whose lines an edit would not keep: write it as a block (|)")]
    Style { path: String },
    #[error("the file is encrypted by SOPS, whose checksum an edit would break")]
    Encrypted,
}
