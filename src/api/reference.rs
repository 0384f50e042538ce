//! What an object of Flux refers to among the objects of Flux, and what for.

use super::object;
use super::object_id::ObjectId;
use serde_json::Value;

/// The name that means all objects of a kind.
const ALL: &str = "*";

/// What an object refers to another one for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It gets its content from there.
    Source,
    /// It waits until that is ready.
    DependsOn,
    /// It selects among the tags that were found there.
    Repository,
    /// It writes the image that was selected there.
    Policy,
    /// It commits to what that fetches.
    Updates,
    /// It sends messages there.
    Provider,
    /// It forwards the events of that.
    Watches,
    /// It makes that reconcile.
    Triggers,
}

impl Relation {
    /// The word for it in documents and drawings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::DependsOn => "dependsOn",
            Self::Repository => "repository",
            Self::Policy => "policy",
            Self::Updates => "updates",
            Self::Provider => "provider",
            Self::Watches => "watches",
            Self::Triggers => "triggers",
        }
    }

    /// Whether changes go from the object that refers to the other one, and not the other way.
    pub fn is_outward(self) -> bool {
        matches!(self, Self::Updates | Self::Provider | Self::Triggers)
    }
}

/// A reference to one object, or to several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub relation: Relation,
    pub to: ReferenceTarget,
}

/// Which objects are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReferenceTarget {
    /// This one.
    One(ObjectId),
    /// The first; the second as long as the first does not exist, because a controller has yet to make it.
    Made(ObjectId, ObjectId),
    /// Every object of a kind in a namespace.
    All { kind: String, namespace: String },
    /// Those objects of a kind in a namespace whose labels fit a selector, as Kubernetes writes it.
    Labelled { kind: String, namespace: String, selector: Value },
}

impl Reference {
    /// A reference to one object.
    pub fn one(relation: Relation, id: ObjectId) -> Self {
        Self { relation, to: ReferenceTarget::One(id) }
    }
}

/// A list of references that say their kind; each may mean one object, all of a kind, or those with labels.
pub fn listed(object: &Value, pointer: &str, relation: Relation) -> Vec<Reference> {
    let own = object::namespace(object);
    let read = |entry: &Value| {
        let [kind, name, namespace] =
            ["/kind", "/name", "/namespace"].map(|part| object::text(entry, part).to_owned());
        let namespace = if namespace.is_empty() { own.to_owned() } else { namespace };
        let has_labels = entry["matchLabels"].as_object().is_some_and(|labels| !labels.is_empty());
        let to = match name.as_str() {
            ALL if has_labels => ReferenceTarget::Labelled { kind, namespace, selector: entry.clone() },
            ALL => ReferenceTarget::All { kind, namespace },
            name => {
                let version = object::text(entry, "/apiVersion");
                ReferenceTarget::One(ObjectId::new(version, &kind, &namespace, name))
            }
        };
        Reference { relation, to }
    };
    object::list(object, pointer).iter().map(read).collect()
}

/// Whether labels fit a selector: `matchLabels` and `matchExpressions`. An operator that is not known fits nothing.
pub fn fits(selector: &Value, labels: &Value) -> bool {
    let wanted = selector["matchLabels"].as_object();
    let has_labels = wanted.into_iter().flatten().all(|(key, value)| labels.get(key) == Some(value));
    let expressions = object::list(selector, "/matchExpressions");
    has_labels && expressions.iter().all(|expression| fits_expression(expression, labels))
}

fn fits_expression(expression: &Value, labels: &Value) -> bool {
    let found = labels.get(object::text(expression, "/key"));
    let is_listed = found.is_some_and(|value| object::list(expression, "/values").contains(value));
    match object::text(expression, "/operator") {
        "In" => is_listed,
        "NotIn" => !is_listed,
        "Exists" => found.is_some(),
        "DoesNotExist" => found.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_names_one_object_all_of_a_kind_or_those_with_labels() {
        let object = json!({"metadata": {"namespace": "apps"}, "spec": {"eventSources": [
            {"kind": "Bucket", "name": "a", "namespace": "other"},
            {"kind": "Bucket", "name": "*"},
            {"kind": "Bucket", "name": "*", "matchLabels": {"team": "web"}},
            null,
        ]}});
        let found = listed(&object, "/spec/eventSources", Relation::Watches);
        assert_eq!(found[0].to, ReferenceTarget::One(ObjectId::new("", "Bucket", "other", "a")));
        assert_eq!(found[1].to, ReferenceTarget::All { kind: "Bucket".into(), namespace: "apps".into() });
        assert!(matches!(&found[2].to, ReferenceTarget::Labelled { namespace, .. } if namespace == "apps"));
        assert_eq!(found[3].to, ReferenceTarget::One(ObjectId::new("", "", "apps", "")));
    }

    #[test]
    fn a_selector_fits_labels_as_in_kubernetes() {
        let labels = json!({"team": "web", "tier": "a"});
        let one = |operator: &str, key: &str| {
            fits(
                &json!({"matchExpressions": [{"key": key, "operator": operator, "values": ["a", "b"]}]}),
                &labels,
            )
        };
        assert!(fits(&json!({"matchLabels": {"team": "web"}}), &labels) && fits(&json!({}), &labels));
        assert!(!fits(&json!({"matchLabels": {"team": "ops"}}), &labels));
        assert!(one("In", "tier") && !one("In", "team") && !one("In", "none"));
        assert!(!one("NotIn", "tier") && one("NotIn", "none"));
        assert!(one("Exists", "tier") && one("DoesNotExist", "none") && !one("DoesNotExist", "tier"));
        assert!(!one("Near", "tier"));
    }
}
