//! `--output`: objects and documents as `kubectl` writes them, instead of as a table.

use crate::text::Table;
use crate::text::json;
use crate::text::jsonpath;
use crate::text::jsonpath::Template;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// How commands that show objects are asked for another form of them.
#[derive(clap::Args, Debug)]
pub struct OutputArgs {
    /// Instead of the table: json, yaml, name, wide, jsonpath=<template> or custom-columns=<header>:<path>,…
    #[arg(
        long,
        short = 'o',
        global = true,
        value_name = "string",
        default_value = "",
        hide_default_value = true
    )]
    output: String,
}

/// How commands that show numbers or findings are asked for a document.
#[derive(clap::Args, Debug)]
pub struct DocumentArgs {
    /// Instead of lines a document: json, yaml or jsonpath=<template>
    #[arg(
        long,
        short = 'o',
        global = true,
        value_name = "string",
        default_value = "",
        hide_default_value = true
    )]
    output: String,
}

/// What `--output` asks for.
#[derive(Debug)]
pub enum Output {
    Table { wide: bool },
    Machine(Format),
}

/// A form for programs.
#[derive(Debug)]
pub enum Format {
    Json,
    Yaml,
    Name,
    JsonPath(Template, String),
    Columns(Vec<(String, Template)>),
}

const OF_OBJECTS: &str = "json, yaml, name, wide, jsonpath=<template>, custom-columns=<header>:<path>,…";
const OF_DOCUMENTS: &str = "json, yaml, jsonpath=<template>";

impl OutputArgs {
    /// What was asked for.
    ///
    /// # Errors
    /// A format that is none, with those that are; a template or a column that cannot be read.
    pub fn read(&self) -> anyhow::Result<Output> {
        match self.output.as_str() {
            "" => Ok(Output::Table { wide: false }),
            "wide" => Ok(Output::Table { wide: true }),
            "name" => Ok(Output::Machine(Format::Name)),
            other => match other.split_once('=') {
                Some(("custom-columns", columns)) => {
                    Ok(Output::Machine(Format::Columns(read_columns(columns)?)))
                }
                _ => Ok(Output::Machine(read_format(other, OF_OBJECTS)?)),
            },
        }
    }
}

impl DocumentArgs {
    /// The format that was asked for, if one was.
    ///
    /// # Errors
    /// As [`OutputArgs::read`].
    pub fn read(&self) -> anyhow::Result<Option<Format>> {
        if self.output.is_empty() { Ok(None) } else { read_format(&self.output, OF_DOCUMENTS).map(Some) }
    }
}

fn read_format(text: &str, known: &str) -> anyhow::Result<Format> {
    match text.split_once('=').unwrap_or((text, "")) {
        ("json", "") => Ok(Format::Json),
        ("yaml", "") => Ok(Format::Yaml),
        ("jsonpath", "") => {
            anyhow::bail!("--output jsonpath needs a template: jsonpath='{{.metadata.name}}'")
        }
        ("jsonpath", template) => {
            let read = Template::parse(template).with_context(|| format!("--output jsonpath={template}"))?;
            Ok(Format::JsonPath(read, template.to_owned()))
        }
        _ => anyhow::bail!("--output {text} is not known, use one of: {known}"),
    }
}

fn read_columns(text: &str) -> anyhow::Result<Vec<(String, Template)>> {
    let read = |column: &str| {
        let (header, path) = column.split_once(':').with_context(|| {
            format!("--output custom-columns: expected <header>:<path>, but found \"{column}\"")
        })?;
        let path =
            Template::parse_path(path).with_context(|| format!("--output custom-columns: {header}"))?;
        Ok((header.to_owned(), path))
    };
    text.split(',').map(read).collect()
}

impl Format {
    /// A single object, a list, or a document as text.
    ///
    /// # Errors
    /// A template that does not fit.
    pub fn render(&self, value: &Value, with_header: bool) -> anyhow::Result<String> {
        match self {
            Self::Json => Ok(json::pretty(value, "    ") + "\n"),
            Self::Yaml => Ok(yaml::to_string(value)),
            Self::Name => Ok(items_of(value).iter().map(|object| name_of(object) + "\n").collect()),
            Self::JsonPath(template, text) => {
                template.render(value).with_context(|| format!("--output jsonpath={text}"))
            }
            Self::Columns(columns) => render_columns(columns, items_of(value), with_header),
        }
    }

    /// One of several objects that come one after the other.
    ///
    /// # Errors
    /// As [`Format::render`].
    pub fn render_next(&self, object: &Value, is_first: bool, with_header: bool) -> anyhow::Result<String> {
        let text = self.render(object, with_header && is_first)?;
        Ok(if matches!(self, Self::Yaml) && !is_first { format!("---\n{text}") } else { text })
    }
}

/// Objects as the list that `kubectl` makes of them.
pub fn list_of(objects: Vec<Value>) -> Value {
    json!({"apiVersion": "v1", "items": objects, "kind": "List", "metadata": {"resourceVersion": ""}})
}

fn items_of(value: &Value) -> &[Value] {
    match value["items"].as_array() {
        Some(items) if value["kind"] == "List" => items,
        _ => std::slice::from_ref(value),
    }
}

/// `kustomization.kustomize.toolkit.fluxcd.io/app`, `event/app`.
fn name_of(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let kind = text("/kind").to_lowercase();
    match text("/apiVersion").split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{}", text("/metadata/name")),
        None => format!("{kind}/{}", text("/metadata/name")),
    }
}

fn render_columns(
    columns: &[(String, Template)],
    objects: &[Value],
    with_header: bool,
) -> anyhow::Result<String> {
    let mut rows = Vec::new();
    if with_header {
        rows.push(columns.iter().map(|(header, _)| header.clone()).collect());
    }
    for object in objects {
        let row: anyhow::Result<Vec<String>> = columns
            .iter()
            .map(|(header, path)| {
                let found =
                    path.values(object).with_context(|| format!("--output custom-columns: {header}"))?;
                let cells: Vec<String> = found.iter().map(|value| jsonpath::cell(value)).collect();
                Ok(if cells.is_empty() { "<none>".to_owned() } else { escape(&cells.join(",")) })
            })
            .collect();
        rows.push(row?);
    }
    Ok(Table::aligned(&rows))
}

/// What would move the cursor of a terminal.
fn escape(text: &str) -> String {
    text.replace('\u{1b}', "^[").replace('\r', "\\r")
}
