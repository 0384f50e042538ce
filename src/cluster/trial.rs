//! Server-side dry runs: what an apply would make of an object, beside what the cluster has.

use super::explain;
use super::resources::resource_of;
use crate::api::ObjectId;
use crate::api::object;
use crate::api::object::text;
use kube::Api;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::core::ApiResource;
use kube::core::DynamicObject;
use kube::core::Status;
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How often an object is looked at again that another client changed in between.
const LOOKS: usize = 5;
/// The groups whose kinds the controller passes through their Go types, which drops fields that they do not have.
const TYPED: [&str; 21] = [
    "",
    "admissionregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "internal.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// What a dry run showed.
#[derive(Debug)]
pub struct Trial {
    /// What the cluster has.
    pub live: Option<Value>,
    /// What it would have; for a new object with the defaults that it would get.
    pub merged: Value,
}

/// Why a dry run failed.
#[derive(Debug)]
pub struct Refusal {
    pub live: Option<Value>,
    pub cause: Cause,
}

/// Who or what refused.
#[derive(Debug)]
pub enum Cause {
    /// The object needs a namespace and has none.
    NoNamespace,
    /// No such kind, in the API server's words.
    UnknownKind(String),
    /// The API server answered.
    Answer(Box<Status>),
    /// It did not.
    Failure(anyhow::Error),
}

/// How kinds are addressed: each is looked up once.
#[derive(Debug, Default)]
pub struct Kinds(HashMap<(String, String), Result<(ApiResource, bool), Lookup>>);

/// Why a kind has no address.
#[derive(Debug)]
enum Lookup {
    Unknown,
    /// The API server could not be asked.
    Failed(String),
}

impl Kinds {
    /// The kinds of these objects.
    pub async fn of(client: &kube::Client, objects: &[Value]) -> Self {
        let key = |object: &Value| (text(object, "/apiVersion").to_owned(), object::kind(object).to_owned());
        let mut wanted: Vec<_> = objects.iter().map(key).collect();
        wanted.sort();
        wanted.dedup();
        let found = wanted.into_iter().map(|key| async {
            let found = resource_of(client, &key.0, &key.1).await.map_err(|error| {
                let reason = format!("{error:#}");
                if reason.contains("no matches for") { Lookup::Unknown } else { Lookup::Failed(reason) }
            });
            (key, found)
        });
        Self(futures::future::join_all(found).await.into_iter().collect())
    }

    fn get(&self, object: &Value) -> Result<(&ApiResource, bool), Cause> {
        let key = (text(object, "/apiVersion").to_owned(), object::kind(object).to_owned());
        match self.0.get(&key) {
            Some(Ok((resource, namespaced))) => Ok((resource, *namespaced)),
            Some(Err(Lookup::Failed(reason))) => Err(Cause::Failure(anyhow::anyhow!("{reason}"))),
            Some(Err(Lookup::Unknown)) | None => Err(Cause::UnknownKind(no_matches(&key.0, &key.1))),
        }
    }
}

/// In the words of Go's client.
fn no_matches(version: &str, kind: &str) -> String {
    format!("no matches for kind {kind:?} in version {version:?}")
}

/// Lets the API server try to apply an object, and reads what it has. Both are asked at once, and again if the object was changed in between.
///
/// # Errors
/// What the API server, or the way to it, has against it.
pub async fn try_to_apply(
    client: &kube::Client,
    kinds: &Kinds,
    object: &Value,
    manager: &str,
) -> Result<Trial, Refusal> {
    let refusal = |live: Option<Value>, cause| Err(Refusal { live, cause });
    let (resource, namespaced) = match kinds.get(object) {
        Ok(found) => found,
        Err(cause) => return refusal(None, cause),
    };
    let namespace = object::namespace(object);
    let api: Api<DynamicObject> = match (namespaced, namespace) {
        (true, "") => return refusal(None, Cause::NoNamespace),
        (true, namespace) => Api::namespaced_with(client.clone(), namespace, resource),
        (false, _) => Api::all_with(client.clone(), resource),
    };
    let (name, id) = (object::name(object), ObjectId::of(object));
    let parameters = PatchParams::apply(manager).force().dry_run();
    // Copied only to take fields out of it.
    let mut sent = Cow::Borrowed(object);
    let mut looks = 0;
    loop {
        let patch = Patch::Apply(&sent);
        let (live, merged) = tokio::join!(api.get_opt(name), api.patch(name, &parameters, &patch));
        let live = match live.map_err(|error| explain(error, &format!("reading {id}"))) {
            Ok(live) => live.and_then(|live| super::objects::to_value(resource, live).ok()),
            Err(error) => return refusal(None, Cause::Failure(error)),
        };
        looks += 1;
        match merged {
            Ok(merged) => {
                let merged = super::objects::to_value(resource, merged);
                let merged = match merged {
                    Ok(merged) => merged,
                    Err(error) => return refusal(live, Cause::Failure(error)),
                };
                let version = |object: &Value| text(object, "/metadata/resourceVersion").to_owned();
                if looks == LOOKS || live.as_ref().map(version).unwrap_or_default() == version(&merged) {
                    return Ok(Trial { live, merged });
                }
            }
            Err(kube::Error::Api(status)) => {
                let unknown = unknown_fields(object, &status.message);
                if unknown.is_empty() || looks == LOOKS {
                    return refusal(live, Cause::Answer(status));
                }
                unknown.iter().for_each(|path| remove(sent.to_mut(), path));
            }
            Err(error) => {
                return refusal(live, Cause::Failure(explain(error, &format!("trying to apply {id}"))));
            }
        }
    }
}

/// The fields that the API server does not know, of an object whose Go type drops them before the controller applies it.
fn unknown_fields(object: &Value, message: &str) -> Vec<String> {
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)(?:^\s*|: )(\.\S.*?): field not declared in schema").ok());
    let version = text(object, "/apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let Some(pattern) = FIELD.as_ref().filter(|_| TYPED.contains(&group)) else { return Vec::new() };
    pattern.captures_iter(message).map(|found| found[1].to_owned()).collect()
}

/// Removes the field at a path such as `.spec.containers[name="a"].x`.
fn remove(object: &mut Value, path: &str) {
    static STEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"\.(?P<field>[^.\[]+)|\[(?P<keys>(?:"(?:[^"\\]|\\.)*"|[^\]"])*)\]"#).ok()
    });
    let Some(pattern) = STEP.as_ref() else { return };
    let steps: Vec<_> = pattern.captures_iter(path).collect();
    let Some((last, before)) = steps.split_last() else { return };
    let mut place = Some(object);
    for step in before {
        place = match (step.name("field"), step.name("keys")) {
            (Some(field), _) => place.and_then(|place| place.get_mut(field.as_str())),
            (None, Some(keys)) => place.and_then(|place| {
                place.as_array_mut()?.iter_mut().find(|item| has_keys(item, keys.as_str()))
            }),
            (None, None) => None,
        };
    }
    if let (Some(Value::Object(fields)), Some(field)) = (place, last.name("field")) {
        fields.remove(field.as_str());
    }
}

/// Whether an item has the values of `name="a",port=80`.
fn has_keys(item: &Value, keys: &str) -> bool {
    keys.split(',').all(|pair| {
        pair.split_once('=').is_some_and(|(key, value)| {
            serde_json::from_str(value).is_ok_and(|value: Value| value == item[key])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_server_does_not_know_is_taken_out_of_built_in_kinds() {
        let message = "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n  \
                       .spec.odd: field not declared in schema\n  \
                       .spec.template.spec.containers[name=\"a\"].odd: field not declared in schema\n";
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"odd": 1, "replicas": 2, "template": {"spec": {
            "containers": [{"name": "b", "odd": 1}, {"name": "a", "odd": 1, "image": "x"}]
        }}}});
        let found = unknown_fields(&object, message);
        found.iter().for_each(|path| remove(&mut object, path));
        assert_eq!(
            object["spec"],
            json!({"replicas": 2, "template": {"spec": {"containers": [{"name": "b", "odd": 1}, {"name": "a", "image": "x"}]}}})
        );
        let one = "failed to create typed patch object (a/b; v1, Kind=ConfigMap): .odd: field not declared in schema";
        assert_eq!(unknown_fields(&json!({"apiVersion": "v1"}), one), [".odd"]);
        assert!(unknown_fields(&json!({"apiVersion": "example.org/v1"}), one).is_empty());
    }
}
