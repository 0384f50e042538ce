//! Where resources, generators and transformers come from, as `buildMetadata` tells it.

use super::address::Address;
use crate::text::yaml;
use serde_json::Value;

/// A place in the tree that is built, or in a repository elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origin {
    pub path: String,
    pub repository: String,
    pub revision: String,
}

/// What generated or changed a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct By {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

impl By {
    /// A field of a kustomization.
    pub(super) fn field(kind: &str) -> Self {
        Self { api_version: "builtin".to_owned(), kind: kind.to_owned(), ..Self::default() }
    }
}

impl Origin {
    /// What a kustomization here names so.
    pub(super) fn join(&self, path: &str) -> Self {
        match Address::parse(path) {
            // Of a repository's root, kustomize tells the name that it has for a folder not yet there.
            Some(address) => Self {
                path: if address.folder.is_empty() {
                    "notCloned".to_owned()
                } else {
                    joined("", &address.folder)
                },
                repository: address.repository.url,
                revision: address.repository.revision.unwrap_or_default(),
            },
            None => Self { path: joined(&self.path, path), ..self.clone() },
        }
    }

    /// The annotation of a resource that was read here.
    pub(super) fn text(&self) -> String {
        lines(&[("path", &self.path), ("repo", &self.repository), ("ref", &self.revision)], "")
    }

    /// The annotation of what something configured here has made; every line but the first is indented.
    pub(super) fn made(&self, by: &By, indent: &str) -> String {
        let place = [("repo", &self.repository), ("ref", &self.revision), ("configuredIn", &self.path)];
        let by = [
            ("apiVersion", &by.api_version),
            ("kind", &by.kind),
            ("name", &by.name),
            ("namespace", &by.namespace),
        ];
        let text = lines(&place, indent) + indent + "configuredBy:\n" + &lines(&by, &format!("{indent}  "));
        text.trim_start().to_owned()
    }

    /// Reads the annotation again.
    pub(super) fn read(text: &str) -> Option<Self> {
        let value = yaml::document(text, "an origin").ok()?;
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Some(Self { path: field("path"), repository: field("repo"), revision: field("ref") })
    }
}

/// The fields that have a value, one in a line.
fn lines(fields: &[(&str, &String)], indent: &str) -> String {
    let written = fields.iter().filter(|(_, value)| !value.is_empty());
    written
        .map(|(name, value)| {
            let scalar = yaml::to_string(&Value::String((*value).clone()));
            format!("{indent}{name}: {}\n", scalar.trim_end())
        })
        .collect()
}

/// A path below another, `..` taken together.
fn joined(origin: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in origin.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
