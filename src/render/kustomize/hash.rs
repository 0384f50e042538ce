//! The suffix of generated names: a hash of what the ConfigMap or Secret holds.

use super::resource::Resource;
use super::set::Set;
use crate::text::json;
use crate::text::yaml::Node;
use serde_json::Map;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

/// Adds the hashes to the names of the resources that want one.
///
/// # Errors
/// Content that JSON cannot hold.
pub(super) fn add(set: &mut Set) -> anyhow::Result<()> {
    for resource in set.iter_mut().filter(|resource| resource.needs_hash) {
        let name = format!("{}-{}", resource.name(), of(resource)?);
        resource.remember_id();
        resource.set_name(&name);
    }
    Ok(())
}

fn of(resource: &Resource) -> anyhow::Result<String> {
    let node = &resource.node;
    let field = |name: &str| -> anyhow::Result<Value> {
        match node.get(name) {
            None => Ok(Value::String(String::new())),
            Some(Node::Scalar(scalar)) => Ok(Value::String(scalar.text.clone())),
            Some(node) => node.to_value().map_err(|reason| anyhow::anyhow!("{}: {reason}", resource.named())),
        }
    };
    let mut content = Map::new();
    content.insert("kind".to_owned(), Value::String(resource.kind().to_owned()));
    content.insert("name".to_owned(), Value::String(String::new()));
    content.insert("data".to_owned(), field("data")?);
    let optional = if resource.kind() == "Secret" {
        content.insert("type".to_owned(), field("type")?);
        "stringData"
    } else {
        "binaryData"
    };
    if matches!(node.get(optional), Some(Node::Mapping(_))) {
        content.insert(optional.to_owned(), field(optional)?);
    }
    let sum = hex::encode(Sha256::digest(json::compact(&Value::Object(content))));
    Ok(sum.chars().take(10).map(spoken).collect())
}

/// Letters and digits that make no words.
fn spoken(digit: char) -> char {
    match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    }
}
