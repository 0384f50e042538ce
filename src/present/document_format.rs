//! The forms of a command that shows one document: JSON, YAML, or a form of its own.

use super::Output;
use crate::text::yaml;
use serde::Serialize;

/// What `--output` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentFormat {
    /// For people, in the command's own form.
    Own,
    Json,
    Yaml,
}

impl DocumentFormat {
    /// The format with this name.
    ///
    /// # Errors
    /// A name other than json and yaml.
    pub fn read(name: &str) -> anyhow::Result<Self> {
        match name {
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            _ => Err(Output::refused(name, &["json", "yaml"])),
        }
    }

    /// The text of a document.
    ///
    /// # Errors
    /// A document that JSON cannot hold.
    pub fn text<T: Serialize>(self, document: &T, own: impl FnOnce(&T) -> String) -> anyhow::Result<String> {
        Ok(match self {
            Self::Own => own(document),
            Self::Json => serde_json::to_string_pretty(document)?,
            Self::Yaml => yaml::to_string(&serde_json::to_value(document)?),
        })
    }
}
