//! JSON patches (RFC 6902), with the negative indices that kustomize allows.

use super::super::resource;
use super::super::resource::Resource;
use crate::text::yaml;
use crate::text::yaml::Node;
use anyhow::Context;
use serde_json::Value;

/// The operations of a patch.
pub(super) struct Operations(Vec<Value>);

impl Operations {
    /// Reads JSON or YAML; what begins with a bracket has to be JSON.
    ///
    /// # Errors
    /// Anything but a list of mappings.
    pub(super) fn parse(text: &str, origin: &str) -> anyhow::Result<Self> {
        let root = if text.starts_with('[') {
            serde_json::from_str(text).with_context(|| format!("{origin} is no JSON"))?
        } else {
            yaml::documents(text, origin)?.into_iter().next().unwrap_or(Value::Null)
        };
        match root {
            Value::Null => Ok(Self(Vec::new())),
            Value::Array(operations) if operations.iter().all(Value::is_object) => Ok(Self(operations)),
            _ => anyhow::bail!("{origin} is no list of operations"),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        let mut value = resource::to_value(resource)?;
        for operation in &self.0 {
            step(&mut value, operation).with_context(|| format!("the operation {operation}"))?;
        }
        anyhow::ensure!(value.is_object(), "the patch leaves no object");
        round(&mut value);
        resource.node = Node::from_value(&value);
        let annotations = resource.annotations();
        resource.set_annotations(&annotations);
        if resource.is_marked() {
            resource.node.mapping_at("metadata").mapping_at("annotations");
        }
        Ok(())
    }
}

/// Go reads the numbers of JSON as floats: large ones lose their last digits.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().filter(|float| float.abs() >= 9_007_199_254_740_992.0);
            let rounded = float.and_then(|float| serde_json::from_str(&format!("{float:.0}")).ok());
            if let Some(rounded) = rounded.filter(|_| !number.is_f64()) {
                *number = rounded;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}

fn step(value: &mut Value, operation: &Value) -> anyhow::Result<()> {
    let mut operation = operation.clone();
    let is_added = ["add", "copy", "move"].contains(&operation["op"].as_str().unwrap_or_default());
    for (field, may_be_new) in [("path", is_added), ("from", false)] {
        if let Some(pointer) = operation[field].as_str() {
            operation[field] = Value::String(positive(value, pointer, may_be_new));
        }
    }
    let operation: json_patch::PatchOperation =
        serde_json::from_value(operation).context("it is no operation")?;
    json_patch::patch(value, &[operation])?;
    Ok(())
}

/// The pointer with indices counted from the start.
fn positive(root: &Value, pointer: &str, may_be_new: bool) -> String {
    let mut at = Some(root);
    let mut tokens: Vec<String> = Vec::new();
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    for (place, token) in parts.iter().enumerate() {
        let is_last = place + 1 == parts.len();
        let mut token = (*token).to_owned();
        if let Some(Value::Array(items)) = at
            && let Some(back) = token.strip_prefix('-').and_then(|digits| digits.parse::<usize>().ok())
        {
            let length = items.len() + usize::from(may_be_new && is_last);
            if let Some(index) = length.checked_sub(back).filter(|_| back > 0) {
                token = index.to_string();
            }
        }
        at = at.and_then(|value| value.pointer(&format!("/{token}")));
        tokens.push(token);
    }
    tokens.iter().map(|token| format!("/{token}")).collect()
}
