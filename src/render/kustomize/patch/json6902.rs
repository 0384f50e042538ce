//! JSON patches: reading them, and what a resource becomes.

use super::super::decode;
use super::super::resource;
use super::super::resource::Resource;
use super::lazy::Lazy;
use crate::text::yaml::Lines;
use crate::text::yaml::Node;
use crate::text::yaml::Step;
use anyhow::Context;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The operations of a patch.
pub(super) struct Operations<'a> {
    text: &'a str,
    list: Vec<Operation>,
}

/// One operation, as it is written: its fields are looked at when it is applied.
type Operation = BTreeMap<String, Lazy>;

impl<'a> Operations<'a> {
    /// Reads JSON or YAML; what begins with a bracket has to be JSON.
    ///
    /// # Errors
    /// Anything but a list of mappings.
    pub(super) fn parse(text: &'a str, origin: &str) -> anyhow::Result<Self> {
        type Fields = BTreeMap<String, Box<RawValue>>;
        let root: Box<RawValue> = if text.starts_with('[') {
            serde_json::from_str(text).with_context(|| format!("{origin} is not JSON"))?
        } else {
            anyhow::ensure!(!text.is_empty(), "{origin} is empty");
            Lazy::raw(&decode::document(text, origin)?)?
        };
        let operations: Option<Vec<Option<Fields>>> = serde_json::from_str(root.get())
            .ok()
            .with_context(|| format!("{origin} is not a list of operations"))?;
        let read = |fields: Fields| {
            let fields = fields.into_iter().map(|(name, value)| Ok((name, Lazy::of_operation(&value)?)));
            fields.collect::<anyhow::Result<Operation>>()
        };
        let operations = operations.unwrap_or_default().into_iter();
        let list =
            operations.map(|fields| read(fields.unwrap_or_default())).collect::<anyhow::Result<_>>()?;
        Ok(Self { text, list })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Changes a resource.
    ///
    /// # Errors
    /// An operation that does not apply; it is named.
    pub(super) fn apply(&self, resource: &mut Resource) -> anyhow::Result<()> {
        // What kustomize remembers of a resource are annotations: there are some.
        if resource.is_marked() {
            resource.node.mapping_at("metadata").mapping_at("annotations");
        }
        let mut root = Lazy::of_document(&resource::to_value(resource)?);
        for (at, operation) in self.list.iter().enumerate() {
            step(&mut root, operation).with_context(|| {
                let line = Lines::of(self.text).at(&[Step::Item(at)]).filter(|_| self.list.len() > 1);
                let line = line.map(|line| format!(", line {line} of the patch")).unwrap_or_default();
                format!("the operation {}{line}", shown(operation))
            })?;
        }
        let value = root.into_value()?;
        anyhow::ensure!(value.is_object(), "the patch leaves no object");
        resource.node = Node::from_value(&value);
        let annotations = resource.annotations();
        resource.set_annotations(&annotations);
        if resource.is_marked() {
            resource.node.mapping_at("metadata").mapping_at("annotations");
        }
        Ok(())
    }
}

/// An operation without its value, which may be long or secret.
fn shown(operation: &Operation) -> String {
    let field = |name: &str| operation.get(name).and_then(|field| field.text().ok()).unwrap_or_default();
    match operation.get("from") {
        Some(_) => format!("{} from \"{}\" to \"{}\"", field("op"), field("from"), field("path")),
        None => format!("{} of \"{}\"", field("op"), field("path")),
    }
}

fn step(root: &mut Lazy, operation: &Operation) -> anyhow::Result<()> {
    let text = |name: &str| match operation.get(name) {
        None | Some(Lazy::Null) => anyhow::bail!("it has no {name}"),
        Some(field) => field.text().with_context(|| format!("its {name} is not a string")),
    };
    let value = || operation.get("value").cloned().unwrap_or(Lazy::Nothing);
    match text("op").unwrap_or_default().as_str() {
        "add" => root.add(&text("path")?, value()),
        "remove" => root.remove(&text("path")?),
        "replace" => root.replace(&text("path")?, value()),
        "test" => root.test(&text("path")?, &value()),
        "move" => {
            let from = text("from")?;
            let moved = root.get(&from)?.clone();
            root.remove(&from)?;
            root.add(&text("path")?, moved)
        }
        "copy" => {
            let copied = root.get(&text("from")?)?.clone();
            root.add(&text("path")?, copied)
        }
        other => anyhow::bail!("\"{other}\" is not an operation"),
    }
}
