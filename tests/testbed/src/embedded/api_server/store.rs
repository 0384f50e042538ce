//! The memory of the API server: objects, their versions, and the history that watches read.

use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// Where an object is kept; the order is that of a real API server's lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub group: String,
    pub plural: String,
    pub namespace: String,
    pub name: String,
}

/// One change, as watches tell it.
#[derive(Debug, Clone)]
pub struct Change {
    pub version: u64,
    pub word: &'static str,
    pub key: Key,
    pub object: Value,
}

/// A kind that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub group: String,
    pub version: String,
    pub plural: String,
    pub kind: String,
    pub namespaced: bool,
    pub short: Vec<String>,
    /// Not by a definition.
    pub is_built_in: bool,
}

/// group, version, plural, kind, in namespaces.
const BUILT_IN: [(&str, &str, &str, &str, bool); 23] = [
    ("", "v1", "configmaps", "ConfigMap", true),
    ("", "v1", "events", "Event", true),
    ("", "v1", "namespaces", "Namespace", false),
    ("", "v1", "nodes", "Node", false),
    ("", "v1", "pods", "Pod", true),
    ("", "v1", "resourcequotas", "ResourceQuota", true),
    ("", "v1", "secrets", "Secret", true),
    ("", "v1", "serviceaccounts", "ServiceAccount", true),
    ("", "v1", "services", "Service", true),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false),
    ("apps", "v1", "daemonsets", "DaemonSet", true),
    ("apps", "v1", "deployments", "Deployment", true),
    ("apps", "v1", "replicasets", "ReplicaSet", true),
    ("apps", "v1", "statefulsets", "StatefulSet", true),
    ("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", true),
    ("batch", "v1", "cronjobs", "CronJob", true),
    ("batch", "v1", "jobs", "Job", true),
    ("networking.k8s.io", "v1", "ingresses", "Ingress", true),
    ("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true),
    ("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
    ("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
    ("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
    ("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
];

/// Objects, their versions, their history.
#[derive(Debug, Default)]
pub struct Store {
    pub version: u64,
    pub objects: BTreeMap<Key, Value>,
    pub history: Vec<Change>,
    /// Versions up to here are forgotten: a watch that starts before answers 410.
    pub compacted: u64,
    /// What each manager applied last.
    pub applied: BTreeMap<Key, BTreeMap<String, Value>>,
    pub clock: Clock,
}

/// Which time it is for the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Clock {
    /// Always the same: for tests.
    #[default]
    Still,
    Real,
}

impl Clock {
    pub fn now(self, still: &str) -> String {
        match self {
            Self::Still => still.to_owned(),
            Self::Real => {
                #[expect(clippy::disallowed_methods, reason = "an API server stamps what it stores")]
                let now = k8s_openapi::jiff::Timestamp::now();
                now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
            }
        }
    }
}

impl Store {
    /// All kinds: the built-in ones and those of the definitions in the store.
    pub fn served(&self) -> Vec<Served> {
        let mut all: Vec<Served> = BUILT_IN
            .iter()
            .map(|(group, version, plural, kind, namespaced)| Served {
                group: (*group).to_owned(),
                version: (*version).to_owned(),
                plural: (*plural).to_owned(),
                kind: (*kind).to_owned(),
                namespaced: *namespaced,
                short: Vec::new(),
                is_built_in: true,
            })
            .collect();
        for (key, definition) in &self.objects {
            if key.plural != "customresourcedefinitions" {
                continue;
            }
            let text = |pointer: &str| {
                definition.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
            };
            for version in definition["spec"]["versions"].as_array().into_iter().flatten() {
                all.push(Served {
                    group: text("/spec/group"),
                    version: version["name"].as_str().unwrap_or_default().to_owned(),
                    plural: text("/spec/names/plural"),
                    kind: text("/spec/names/kind"),
                    namespaced: text("/spec/scope") == "Namespaced",
                    short: serde_json::from_value(definition["spec"]["names"]["shortNames"].clone())
                        .unwrap_or_default(),
                    is_built_in: false,
                });
            }
        }
        all
    }

    /// Stores the object under the next version and writes the history.
    pub fn write(&mut self, key: &Key, mut object: Value) -> Value {
        self.version += 1;
        let before = self.objects.get(key);
        let metadata = &mut object["metadata"];
        metadata["resourceVersion"] = json!(self.version.to_string());
        match before {
            None => {
                if metadata.get("uid").is_none() {
                    metadata["uid"] = json!(format!("00000000-0000-0000-0000-{:012}", self.version));
                }
                if metadata.get("creationTimestamp").is_none() {
                    metadata["creationTimestamp"] = json!(self.clock.now("2026-01-02T03:04:05Z"));
                }
                if metadata.get("generation").is_none() {
                    metadata["generation"] = json!(1);
                }
            }
            Some(before) => {
                for field in ["uid", "creationTimestamp"] {
                    object["metadata"][field] = before["metadata"][field].clone();
                }
                let generation = before["metadata"]["generation"].as_i64().unwrap_or(1);
                let changed = before["spec"] != object["spec"];
                object["metadata"]["generation"] = json!(generation + i64::from(changed));
            }
        }
        let word = if before.is_some() { "MODIFIED" } else { "ADDED" };
        if key.plural == "customresourcedefinitions" && object.pointer("/status/conditions").is_none() {
            object["status"] = json!({"conditions": [
                {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
                {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "accepted"},
            ]});
        }
        self.objects.insert(key.clone(), object.clone());
        self.history.push(Change { version: self.version, word, key: key.clone(), object: object.clone() });
        object
    }

    /// Removes the object for good. With a namespace goes what lives in it.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let mut object = self.objects.remove(key)?;
        self.applied.remove(key);
        self.version += 1;
        object["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.history.push(Change {
            version: self.version,
            word: "DELETED",
            key: key.clone(),
            object: object.clone(),
        });
        let inside: Vec<Key> = match key.plural.as_str() {
            "namespaces" => {
                self.objects.keys().filter(|other| other.namespace == key.name).cloned().collect()
            }
            "customresourcedefinitions" => self
                .objects
                .keys()
                .filter(|other| format!("{}.{}", other.plural, other.group) == key.name)
                .cloned()
                .collect(),
            _ => self.owned_by(&object["metadata"]["uid"]),
        };
        for other in inside {
            self.remove(&other);
        }
        Some(object)
    }

    /// What an object owns goes with it.
    fn owned_by(&self, uid: &Value) -> Vec<Key> {
        let is_owned = |object: &Value| {
            let owners = object.pointer("/metadata/ownerReferences").and_then(Value::as_array);
            owners.is_some_and(|owners| owners.iter().any(|owner| owner["uid"] == *uid))
        };
        self.objects.iter().filter(|(_, object)| is_owned(object)).map(|(key, _)| key.clone()).collect()
    }

    /// The key of an object by its own words.
    pub fn key_of(&self, object: &Value) -> Option<Key> {
        let api_version = object["apiVersion"].as_str()?;
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let served =
            self.served().into_iter().find(|s| s.group == group && object["kind"] == s.kind.as_str())?;
        Some(Key {
            group: group.to_owned(),
            plural: served.plural,
            namespace: object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned(),
            name: object["metadata"]["name"].as_str()?.to_owned(),
        })
    }
}
