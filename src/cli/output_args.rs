//! `--output` and `--sort-by`: how commands are asked for another form of what they show, and for another order.

use super::completion;
use super::help_text;
use crate::present::DocumentFormat;
use crate::present::Output;
use crate::present::SortBy;

/// How commands are asked for another form of what they show, and for another order.
#[derive(clap::Args, Debug)]
pub struct OutputArgs {
    /// Format of the output: json, yaml, name, wide, jsonpath=<template>, jsonpath-as-json=<template>, jsonpath-file=<file>,
    /// custom-columns=<header>:<path>,… or custom-columns-file=<file>
    #[arg(long, short = 'o', global = true, value_name = "format", add = completion::words(FORMATS), help_heading = help_text::OUTPUT)]
    output: String,
    /// Sort by a column, or by a path such as .metadata.creationTimestamp
    #[arg(long, global = true, value_name = "column", help_heading = help_text::OUTPUT)]
    sort_by: String,
}

/// What `--output` takes, as the shell completes it.
const FORMATS: [&str; 9] = [
    "json",
    "yaml",
    "name",
    "wide",
    "jsonpath=",
    "jsonpath-as-json=",
    "jsonpath-file=",
    "custom-columns=",
    "custom-columns-file=",
];

impl OutputArgs {
    /// The form that was asked for.
    ///
    /// # Errors
    /// As [`Output::read`].
    pub fn read(&self) -> anyhow::Result<Output> {
        Output::read(&self.output)
    }

    /// The order that was asked for, if one was.
    ///
    /// # Errors
    /// A path that cannot be read.
    pub fn sort_by(&self) -> anyhow::Result<Option<SortBy>> {
        SortBy::parse(&self.sort_by)
    }
}

// `--output` of a command that shows one document.
#[derive(clap::Args, Debug)]
pub struct DocumentArgs {
    /// Format of the output: json or yaml
    #[arg(long, short = 'o', value_name = "format", help_heading = help_text::OUTPUT)]
    output: String,
}

impl DocumentArgs {
    /// What was asked for.
    ///
    /// # Errors
    /// As [`DocumentFormat::read`].
    pub fn read(&self) -> anyhow::Result<DocumentFormat> {
        if self.output.is_empty() { Ok(DocumentFormat::Own) } else { DocumentFormat::read(&self.output) }
    }
}
