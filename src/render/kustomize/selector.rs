//! Which resources a target means.

use super::file::Target;
use super::id::Gvk;
use super::resource::Resource;
use crate::text::go_regexp;
use anyhow::Context;
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A target with its patterns compiled.
#[derive(Debug)]
pub struct Selector {
    group: Option<Regex>,
    version: Option<Regex>,
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

/// One condition of a label selector.
#[derive(Debug, PartialEq, Eq)]
enum Requirement {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
    More(String, i64),
    Less(String, i64),
}

impl Selector {
    /// A target as fields hold it: `group`, `version`, `kind`, `name` and `namespace` are patterns, `labelSelector` and `annotationSelector`
    /// are selectors. A null means everything.
    ///
    /// # Errors
    /// A text that is neither.
    pub fn read(target: &Value) -> anyhow::Result<Self> {
        let target: Option<Target> = Deserialize::deserialize(target).context("reading a target")?;
        Self::new(&target.unwrap_or_default())
    }

    /// Whether an object is meant.
    pub fn selects_object(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let pairs = |field: &str| -> BTreeMap<String, String> {
            let pairs = metadata[field].as_object().into_iter().flatten();
            pairs.map(|(key, value)| (key.clone(), text(value))).collect()
        };
        let gvk = Gvk::new(&text(&object["apiVersion"]), &text(&object["kind"]));
        self.selects_name(&text(&metadata["name"]), &text(&metadata["namespace"]))
            && self.selects_type(&gvk)
            && holds(&self.labels, &pairs("labels"))
            && holds(&self.annotations, &pairs("annotations"))
    }

    /// # Errors
    /// A text that is not a pattern, a label selector that cannot be read.
    pub(super) fn new(target: &Target) -> anyhow::Result<Self> {
        let pattern = |text: &str| -> anyhow::Result<Option<Regex>> {
            if text.is_empty() {
                return Ok(None);
            }
            let pattern = format!("^(?:{text})$");
            let compiled = Regex::new(&pattern).map_err(|error| {
                // Its last line has the reason.
                let told = error.to_string();
                let reason = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
                anyhow::anyhow!("\"{text}\" in a target is not a regular expression: {reason}")
            })?;
            go_regexp::group_names(&pattern).with_context(|| format!("\"{text}\" in a target"))?;
            Ok(Some(compiled))
        };
        Ok(Self {
            group: pattern(&target.group)?,
            version: pattern(&target.version)?,
            kind: pattern(&target.kind)?,
            name: pattern(&target.name)?,
            namespace: pattern(&target.namespace)?,
            labels: requirements(&target.label_selector)?,
            annotations: requirements(&target.annotation_selector)?,
        })
    }

    /// The one name that a target may mean, unless it is a pattern.
    pub(super) fn only_name(target: &Target) -> Option<&str> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        Some(target.name.as_str()).filter(|name| !name.is_empty() && name.chars().all(is_plain))
    }

    /// Whether a patch is meant for this resource: by its first or its present name and namespace.
    pub(super) fn selects(&self, resource: &Resource) -> bool {
        let (now, first) = (resource.id(), resource.original_id());
        let is_named = |a: &str, b: &str, pattern: &Option<Regex>| fits(pattern, a) || fits(pattern, b);
        is_named(now.effective_namespace(), first.effective_namespace(), &self.namespace)
            && is_named(&now.name, &first.name, &self.name)
            && self.selects_type(&now.gvk)
            && self.selects_marks(resource)
    }

    pub(super) fn selects_type(&self, gvk: &Gvk) -> bool {
        fits(&self.group, &gvk.group) && fits(&self.version, &gvk.version) && fits(&self.kind, &gvk.kind)
    }

    /// Name and namespace as they are written.
    pub(super) fn selects_name(&self, name: &str, namespace: &str) -> bool {
        fits(&self.name, name) && fits(&self.namespace, namespace)
    }

    /// Labels and annotations.
    pub(super) fn selects_marks(&self, resource: &Resource) -> bool {
        holds(&self.labels, &resource.labels()) && holds(&self.annotations, &resource.annotations())
    }
}

fn fits(pattern: &Option<Regex>, text: &str) -> bool {
    pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
}

fn holds(requirements: &[Requirement], pairs: &BTreeMap<String, String>) -> bool {
    let number = |key: &str| pairs.get(key).and_then(|value| value.parse::<i64>().ok());
    requirements.iter().all(|requirement| match requirement {
        Requirement::In(key, values) => pairs.get(key).is_some_and(|value| values.contains(value)),
        Requirement::NotIn(key, values) => pairs.get(key).is_none_or(|value| !values.contains(value)),
        Requirement::Exists(key) => pairs.contains_key(key),
        Requirement::Missing(key) => !pairs.contains_key(key),
        Requirement::More(key, limit) => number(key).is_some_and(|number| number > *limit),
        Requirement::Less(key, limit) => number(key).is_some_and(|number| number < *limit),
    })
}

/// The conditions of a selector, which are separated by commas outside of parentheses.
fn requirements(selector: &str) -> anyhow::Result<Vec<Requirement>> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    let mut pieces = Vec::new();
    for (at, character) in selector.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                pieces.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&selector[start..]);
    if pieces.iter().all(|piece| piece.trim().is_empty()) {
        return Ok(found);
    }
    for piece in pieces {
        let read = requirement(piece.trim());
        found.push(read.with_context(|| format!("\"{selector}\" is not a selector"))?);
    }
    Ok(found)
}

fn requirement(piece: &str) -> Option<Requirement> {
    let pattern = Regex::new(
        r"^(?:(?P<not>!)\s*)?(?P<key>[A-Za-z0-9][A-Za-z0-9_./-]*)\s*(?:(?P<op>==|=|!=|>|<)\s*(?P<value>[A-Za-z0-9_.-]*)|(?P<set>in|notin)\s*\((?P<values>[^()]*)\))?$",
    )
    .ok()?;
    let parts = pattern.captures(piece)?;
    let key = parts["key"].to_owned();
    let is_bare = parts.name("op").is_none() && parts.name("set").is_none();
    if parts.name("not").is_some() {
        return is_bare.then_some(Requirement::Missing(key));
    }
    if let Some(set) = parts.name("set") {
        let values = parts["values"].split(',').map(|value| value.trim().to_owned()).collect();
        return Some(match set.as_str() {
            "in" => Requirement::In(key, values),
            _ => Requirement::NotIn(key, values),
        });
    }
    let Some(operator) = parts.name("op") else { return Some(Requirement::Exists(key)) };
    let value = parts["value"].to_owned();
    Some(match operator.as_str() {
        "!=" => Requirement::NotIn(key, vec![value]),
        ">" => Requirement::More(key, value.parse().ok()?),
        "<" => Requirement::Less(key, value.parse().ok()?),
        _ => Requirement::In(key, vec![value]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_as_kubernetes_reads_them() {
        let pairs = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b.io/c".to_owned(), "x".to_owned())]);
        for (selector, wanted) in [
            ("", true),
            ("a=1", true),
            ("a==1,b.io/c", true),
            ("a!=1", false),
            ("z!=1", true),
            ("!z", true),
            ("!a", false),
            ("a in (1, 2),b.io/c notin (y)", true),
            ("a>0", true),
            ("a<1", false),
            ("z in (1)", false),
        ] {
            assert_eq!(holds(&requirements(selector).unwrap(), &pairs), wanted, "{selector}");
        }
        assert!(requirements("a b").is_err());
        assert!(requirements("a,,b").is_err());
    }
}
