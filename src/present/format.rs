//! `--output`: objects and documents as `kubectl` writes them, instead of as a table.

use crate::text;
use crate::text::Table;
use crate::text::json;
use crate::text::jsonpath;
use crate::text::jsonpath::Template;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// What `--output` asks for.
#[derive(Debug)]
pub enum Output {
    Table { wide: bool },
    Machine(Format),
}

impl Output {
    /// The form that the value of `--output` asks for.
    ///
    /// # Errors
    /// An unknown format, with those that are known; a template or a column that cannot be read.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        let format = match text.split_once('=').unwrap_or((text, "")) {
            ("", "") => return Ok(Self::Table { wide: false }),
            ("wide", "") => return Ok(Self::Table { wide: true }),
            ("json", "") => Format::Json,
            ("yaml", "") => Format::Yaml,
            ("name", "") => Format::Name,
            (name @ ("jsonpath" | "jsonpath-as-json"), "") => {
                anyhow::bail!("--output {name} needs a template: {name}='{{.metadata.name}}'")
            }
            (name @ ("jsonpath-file" | "custom-columns-file"), "") => {
                anyhow::bail!("--output {name} needs the name of a file")
            }
            ("jsonpath", template) => Format::JsonPath(read_template(text, template)?, text.to_owned()),
            ("jsonpath-as-json", template) => {
                Format::JsonPathAsJson(read_template(text, template)?, text.to_owned())
            }
            ("jsonpath-file", path) => {
                Format::JsonPath(read_template(text, &read_file(text, path)?)?, text.to_owned())
            }
            ("custom-columns", columns) => Format::Columns(read_columns(columns)?),
            ("custom-columns-file", path) => {
                let columns = read_column_lines(&read_file(text, path)?);
                Format::Columns(columns.with_context(|| format!("--output {text}"))?)
            }
            _ => anyhow::bail!(
                "--output {text} is not known, use one of: json, yaml, name, wide, jsonpath=<template>, \
                 jsonpath-as-json=<template>, jsonpath-file=<file>, custom-columns=<header>:<path>,…, \
                 custom-columns-file=<file>"
            ),
        };
        Ok(Self::Machine(format))
    }

    /// The error for a value that a command with these formats does not know.
    pub fn refused(text: &str, known: &[&str]) -> anyhow::Error {
        let (last, others) = known.split_last().unwrap_or((&"", &[]));
        anyhow::anyhow!("--output must be {} or {last}, not {text}", others.join(", "))
    }

    /// Whether rows are shown, a line each, and nothing else.
    pub fn is_of_rows(&self) -> bool {
        matches!(self, Self::Table { wide: true } | Self::Machine(Format::Name | Format::Columns(_)))
    }
}

/// A form for programs.
#[derive(Debug)]
pub enum Format {
    Json,
    Yaml,
    Name,
    JsonPath(Template, String),
    /// As a list in JSON what each part of the template finds.
    JsonPathAsJson(Template, String),
    Columns(Vec<(String, Template)>),
}

/// A template; `asked` is the whole of what `--output` was given.
fn read_template(asked: &str, template: &str) -> anyhow::Result<Template> {
    Template::parse(template).with_context(|| format!("--output {asked}"))
}

fn read_file(asked: &str, path: &str) -> anyhow::Result<String> {
    text::read_text(Path::new(path)).with_context(|| format!("--output {asked}"))
}

/// A line of headers and a line of paths; what follows does not count.
fn read_column_lines(text: &str) -> anyhow::Result<Vec<(String, Template)>> {
    let mut lines = text.lines();
    let headers = lines.next().context("expected a line of headers, but found nothing")?;
    let paths = lines.next().context("expected a line of paths below the headers")?;
    let (headers, paths): (Vec<&str>, Vec<&str>) =
        (headers.split_whitespace().collect(), paths.split_whitespace().collect());
    anyhow::ensure!(headers.len() == paths.len(), "{} headers for {} paths", headers.len(), paths.len());
    let columns = headers.into_iter().zip(paths);
    columns
        .map(|(header, path)| {
            Ok((header.to_owned(), Template::parse_path(path).with_context(|| header.to_owned())?))
        })
        .collect()
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
    /// A single object or a list as text.
    ///
    /// # Errors
    /// A template that does not fit.
    pub fn render(&self, value: &Value, with_header: bool) -> anyhow::Result<String> {
        self.render_rows(value, items_of(value), with_header)
    }

    /// A value as text, of which these parts have a line each where the format is one of lines.
    ///
    /// # Errors
    /// A template that does not fit.
    pub fn render_rows(&self, whole: &Value, rows: &[Value], with_header: bool) -> anyhow::Result<String> {
        match self {
            Self::Json => Ok(json::pretty(whole, "    ") + "\n"),
            Self::Yaml => Ok(yaml::to_string(whole)),
            Self::Name => Ok(rows.iter().filter_map(name_of).map(|name| name + "\n").collect()),
            Self::JsonPath(template, asked) => {
                template.render(whole).with_context(|| format!("--output {asked}"))
            }
            Self::JsonPathAsJson(template, asked) => {
                template.render_json(whole).with_context(|| format!("--output {asked}"))
            }
            Self::Columns(columns) => render_columns(columns, rows, with_header),
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

/// `kustomization.kustomize.toolkit.fluxcd.io/app`, `event/app`; without the name where a row is about a kind, nothing where it is about no object.
fn name_of(row: &Value) -> Option<String> {
    let text = |pointer: &str| row.pointer(pointer).and_then(Value::as_str);
    let kind = text("/kind")?.to_lowercase();
    let group = text("/apiVersion").and_then(|version| version.split_once('/'));
    let resource = group.map_or_else(|| kind.clone(), |(group, _)| format!("{kind}.{group}"));
    let name = text("/metadata/name").or_else(|| text("/name"));
    Some(name.map_or_else(|| resource.clone(), |name| format!("{resource}/{name}")))
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
