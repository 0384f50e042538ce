//! Which object of a cluster something is about.

use super::object;
use super::object::text;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value;
use std::fmt;

/// The identity of an object. A document shows it as `apiVersion`, `kind`, `name` and, where there is one, `namespace`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// Empty for the core group, and where only the kind is known.
    pub group: String,
    /// Empty where it is not known: inventories leave it out, references may.
    pub version: String,
    pub kind: String,
    /// Empty for an object that belongs to no namespace.
    pub namespace: String,
    pub name: String,
}

/// An entry of an inventory that names no object.
#[derive(Debug, thiserror::Error)]
#[error("unable to parse stored object metadata: {0}")]
pub struct NotAnId(String);

impl ObjectId {
    /// An object by its `apiVersion`, which may be empty.
    pub fn new(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let [group, version, kind, namespace, name] =
            [group, version, kind, namespace, name].map(str::to_owned);
        Self { group, version, kind, namespace, name }
    }

    /// The identity of an object that was read, or of one that a manifest describes.
    pub fn of(object: &Value) -> Self {
        let (kind, namespace) = (object::kind(object), object::namespace(object));
        Self::new(text(object, "/apiVersion"), kind, namespace, object::name(object))
    }

    /// Reads `<namespace>_<name>_<group>_<kind>`, as inventories have it; a colon in the name is written as two underscores.
    ///
    /// # Errors
    /// A text of another form.
    pub fn in_inventory(entry: &str) -> Result<Self, NotAnId> {
        let parts = || {
            let (namespace, rest) = entry.split_once('_')?;
            let (rest, kind) = rest.rsplit_once('_')?;
            let (name, group) = rest.rsplit_once('_')?;
            let name = name.replace("__", ":");
            Some(Self { group: group.to_owned(), ..Self::new("", kind, namespace, &name) })
        };
        parts().ok_or_else(|| NotAnId(entry.to_owned()))
    }

    /// The same in its namespace, by default in this one.
    #[must_use]
    pub fn at_home(mut self, home: &str) -> Self {
        if self.namespace.is_empty() {
            home.clone_into(&mut self.namespace);
        }
        self
    }

    /// Group and version as `apiVersion` fields hold them.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `kind.group`, as kubectl takes it.
    pub fn qualified_kind(&self) -> String {
        format!("{}.{}", self.kind.to_lowercase(), self.group)
    }

    /// Whether both name the same object, as far as they say its group, in whatever version.
    pub fn is_same(&self, other: &Self) -> bool {
        self.is_called(other) && self.namespace == other.namespace
    }

    /// Whether both have the same kind and name, in whatever namespaces.
    pub fn is_called(&self, other: &Self) -> bool {
        let groups_agree = self.group == other.group || self.group.is_empty() || other.group.is_empty();
        groups_agree && self.kind == other.kind && self.name == other.name
    }
}

/// `Kind/namespace/name`, or `Kind/name`.
impl fmt::Display for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name, .. } = self;
        if namespace.is_empty() {
            write!(out, "{kind}/{name}")
        } else {
            write!(out, "{kind}/{namespace}/{name}")
        }
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("apiVersion", &self.api_version())?;
        map.serialize_entry("kind", &self.kind)?;
        map.serialize_entry("name", &self.name)?;
        if !self.namespace.is_empty() {
            map.serialize_entry("namespace", &self.namespace)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_inventory_s_entry_names_an_object() {
        let shown = |entry: &str| ObjectId::in_inventory(entry).map(|id| id.to_string()).unwrap();
        assert_eq!(shown("team_web_apps_Deployment"), "Deployment/team/web");
        assert_eq!(
            shown("_system__reader_rbac.authorization.k8s.io_ClusterRole"),
            "ClusterRole/system:reader"
        );
        assert_eq!(shown("team_plain__Secret"), "Secret/team/plain");
        assert!(ObjectId::in_inventory("web").unwrap_err().to_string().contains("web"));
    }

    #[test]
    fn a_document_shows_an_object_by_its_version_kind_and_name() {
        let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "team"}});
        let wanted = r#"{"apiVersion":"apps/v1","kind":"Deployment","name":"web","namespace":"team"}"#;
        assert_eq!(serde_json::to_string(&ObjectId::of(&web)).unwrap(), wanted);
        let team = ObjectId::new("v1", "Namespace", "", "team");
        assert_eq!(
            serde_json::to_string(&team).unwrap(),
            r#"{"apiVersion":"v1","kind":"Namespace","name":"team"}"#
        );
    }

    #[test]
    fn an_object_is_the_same_in_another_version_and_by_a_reference_without_one() {
        let of = |api_version: &str| ObjectId::new(api_version, "Ingress", "team", "web");
        let found = of("networking.k8s.io/v1");
        assert!(found.is_same(&of("networking.k8s.io/v1beta1")));
        assert!(found.is_same(&of("")) && of("").is_same(&found));
        assert!(!found.is_same(&of("extensions/v1beta1")));
        assert!(!found.is_same(&ObjectId { name: "api".into(), ..found.clone() }));
    }
}
