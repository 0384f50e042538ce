//! A request to the API server, taken apart.

use super::selectors::fields_match;
use super::selectors::labels_match;
use super::store::Key;
use super::store::Served;
use serde_json::Value;

/// A request taken apart.
pub struct Call {
    pub method: String,
    pub served: Served,
    pub namespace: String,
    pub name: String,
    pub subresource: String,
    pub query: Vec<(String, String)>,
    pub content_type: String,
}

impl Call {
    pub fn query(&self, name: &str) -> &str {
        self.query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    pub fn key(&self) -> Key {
        Key {
            group: self.served.group.clone(),
            plural: self.served.plural.clone(),
            namespace: self.namespace.clone(),
            name: self.name.clone(),
        }
    }

    /// `gitrepositories.source.toolkit.fluxcd.io`, as messages name a resource.
    pub fn resource(&self) -> String {
        if self.served.group.is_empty() {
            self.served.plural.clone()
        } else {
            format!("{}.{}", self.served.plural, self.served.group)
        }
    }

    /// Whether an object is in the list that the call asks for.
    pub fn selects(&self, key: &Key, object: &Value) -> bool {
        key.group == self.served.group
            && key.plural == self.served.plural
            && (self.namespace.is_empty() || self.namespace == key.namespace)
            && (self.name.is_empty() || self.name == key.name)
            && labels_match(object, self.query("labelSelector"))
            && fields_match(object, self.query("fieldSelector"))
    }
}

/// What a request asks for, when it is for a kind that is served.
pub fn parse(
    served: &[Served],
    path: &str,
    method: String,
    query: Vec<(String, String)>,
    content_type: String,
) -> Option<Call> {
    let mut parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, version) = match parts.first() {
        Some(&"api") if parts.len() > 2 => ("", parts.drain(..2).nth(1)?),
        Some(&"apis") if parts.len() > 3 => {
            let head: Vec<&str> = parts.drain(..3).collect();
            (head[1], head[2])
        }
        _ => return None,
    };
    let in_namespace =
        parts[0] == "namespaces" && parts.len() > 2 && !["status", "finalize"].contains(&parts[2]);
    let namespace = if in_namespace { parts.drain(..2).nth(1)? } else { "" };
    let found =
        served.iter().find(|one| one.group == group && one.version == version && one.plural == parts[0])?;
    Some(Call {
        method,
        served: found.clone(),
        namespace: namespace.to_owned(),
        name: parts.get(1).copied().unwrap_or_default().to_owned(),
        subresource: parts.get(2).copied().unwrap_or_default().to_owned(),
        query,
        content_type,
    })
}
