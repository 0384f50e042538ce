//! ConfigMaps and Secrets made of literals and files.

use super::file::Generator;
use super::file::GeneratorOptions;
use super::layer::Layer;
use super::resource::Behavior;
use super::resource::Resource;
use crate::text::yaml;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;
use base64::Engine;
use std::collections::BTreeMap;

/// What is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    ConfigMap,
    Secret,
}

impl Sort {
    /// The field with generators of this sort.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::ConfigMap => "configMapGenerator",
            Self::Secret => "secretGenerator",
        }
    }

    /// The name of its generator.
    pub(super) fn plugin(self) -> &'static str {
        match self {
            Self::ConfigMap => "ConfigMapGenerator",
            Self::Secret => "SecretGenerator",
        }
    }
}

/// Makes one resource.
///
/// # Errors
/// A file that is missing, a literal without `=`, a key that appears twice; named.
pub(super) fn make(
    layer: &Layer<'_>,
    sort: Sort,
    generator: &Generator,
    common: Option<&GeneratorOptions>,
) -> anyhow::Result<Resource> {
    let kind = if sort == Sort::Secret { "Secret" } else { "ConfigMap" };
    anyhow::ensure!(!generator.name.is_empty(), "a generated {kind} must have a name");
    let options = options_of(generator, common);
    let mut node = Node::empty_mapping();
    node.set("apiVersion", Node::text("v1"));
    node.set("kind", Node::text(kind));
    let metadata = node.mapping_at("metadata");
    metadata.set("name", Node::text(&generator.name));
    if !generator.namespace.is_empty() {
        metadata.set("namespace", Node::text(&generator.namespace));
    }
    for (field, pairs) in [("labels", &options.labels), ("annotations", &options.annotations)] {
        for (key, value) in pairs {
            metadata.mapping_at(field).set(key, Node::text(value));
        }
    }
    let data = data_of(layer, generator).with_context(|| format!("the {kind} \"{}\"", generator.name))?;
    if sort == Sort::Secret {
        let stated = generator.secret_type.as_str();
        node.set("type", Node::text(if stated.is_empty() { "Opaque" } else { stated }));
        let data = data.into_iter().map(|(key, value)| (key, Node::text(base64(&value))));
        node.set("data", Node::Mapping(data.collect()));
    } else {
        for (key, value) in data {
            match String::from_utf8(value) {
                Ok(text) => node.mapping_at("data").set(&key, Node::text(text)),
                Err(error) => {
                    node.mapping_at("binaryData").set(&key, Node::text(base64(error.as_bytes())));
                }
            }
        }
    }
    if options.immutable {
        node.set("immutable", Node::plain("true", Tag::Bool));
    }
    refuse_keys(&node).with_context(|| format!("the {kind} \"{}\"", generator.name))?;
    let mut resource = Resource::new(node);
    resource.needs_hash = !options.disable_name_suffix_hash;
    resource.behavior = match generator.behavior.as_str() {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    };
    Ok(resource)
}

/// Keys are written without quotes, and read again: then they must be texts.
fn refuse_keys(node: &Node) -> anyhow::Result<()> {
    for path in [&["data"][..], &["binaryData"], &["metadata", "labels"], &["metadata", "annotations"]] {
        let Some(Node::Mapping(fields)) = node.at(path) else { continue };
        for (key, _) in fields {
            anyhow::ensure!(
                yaml::is_text_without_quotes(key),
                "the key \"{key}\" is not a text in YAML, and kustomize cannot quote it"
            );
        }
    }
    Ok(())
}

/// Its own options before those of `generatorOptions`; a switch that is on in either is on.
fn options_of(generator: &Generator, common: Option<&GeneratorOptions>) -> GeneratorOptions {
    let mut options = generator.options.clone().unwrap_or_default();
    if let Some(common) = common {
        for (key, value) in &common.labels {
            options.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        for (key, value) in &common.annotations {
            options.annotations.entry(key.clone()).or_insert_with(|| value.clone());
        }
        options.disable_name_suffix_hash |= common.disable_name_suffix_hash;
        options.immutable |= common.immutable;
    }
    options
}

fn data_of(layer: &Layer<'_>, generator: &Generator) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut data = BTreeMap::new();
    let mut add = |key: &str, value: Vec<u8>| {
        anyhow::ensure!(data.insert(key.to_owned(), value).is_none(), "the key \"{key}\" appears twice");
        Ok(())
    };
    for file in &generator.envs {
        for (key, value) in variables(&layer.text(file)?, file)? {
            add(&key, value.into_bytes())?;
        }
    }
    for literal in &generator.literals {
        anyhow::ensure!(!yaml::has_control(literal), "a literal has control characters");
        // Unlike files, literals pass through JSON that is read as YAML.
        let literal = &*yaml::reread(literal);
        let (key, value) = literal
            .split_once('=')
            .filter(|(key, _)| !key.is_empty())
            .with_context(|| format!("the literal \"{literal}\" is not of the form key=value"))?;
        add(key, unquoted(value).as_bytes().to_vec())?;
    }
    for source in &generator.files {
        let (key, file) = file_source(source)?;
        add(key, layer.load(file)?)?;
    }
    Ok(data)
}

/// `path`, whose last part is the key, or `key=path`.
fn file_source(source: &str) -> anyhow::Result<(&str, &str)> {
    match source.split_once('=') {
        None => Ok((source.trim_end_matches('/').rsplit('/').next().unwrap_or(source), source)),
        Some(("", _)) => anyhow::bail!("the file \"{source}\" has no key"),
        Some((_, "")) => anyhow::bail!("the key of \"{source}\" has no file"),
        Some((_, file)) if file.contains('=') => anyhow::bail!("\"{source}\" has more than one \"=\""),
        Some(pair) => Ok(pair),
    }
}

fn variables(text: &str, file: &str) -> anyhow::Result<Vec<(String, String)>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        if !key.is_empty() {
            found.push((key.to_owned(), value.to_owned()));
        }
    }
    anyhow::ensure!(!text.contains('\0'), "\"{file}\" is not text");
    Ok(found)
}

fn unquoted(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// Lines of 70 characters when there is more than one.
fn base64(content: &[u8]) -> String {
    let encoded = base64::engine::general_purpose::STANDARD.encode(content);
    if encoded.len() < 70 {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / 70 + 1);
    for (at, character) in encoded.chars().enumerate() {
        if at > 0 && at % 70 == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines.push('\n');
    lines
}
