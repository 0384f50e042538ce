//! A Secret as it is written: its type, labels, annotations and fields.

use super::is_public;
use crate::cluster;
use crate::ops::Session;
use crate::text::Secret;
use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::api::ObjectMeta;
use kube::api::PostParams;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// A Secret without its name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSecret {
    /// For example `kubernetes.io/tls`; without one the API server chooses.
    kind: Option<&'static str>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    /// Not yet encoded.
    fields: BTreeMap<String, Secret>,
}

impl NewSecret {
    /// An empty Secret of a type.
    pub fn of_type(kind: &'static str) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    /// With a field. Whether it may be shown follows from its name ([`is_public`]).
    pub fn with(mut self, key: &str, value: impl Into<Secret>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// With these labels.
    pub fn with_labels(mut self, labels: BTreeMap<String, String>) -> Self {
        self.labels.extend(labels);
        self
    }

    /// With an annotation.
    pub fn with_annotation(mut self, key: &str, value: String) -> Self {
        self.annotations.insert(key.to_owned(), value);
        self
    }

    /// Whether there is no field in it.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What must not be shown of it.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.fields.iter().filter(|(key, value)| !is_public(key, value.reveal())).map(|(_, value)| value)
    }

    /// The names of its fields.
    pub fn keys(&self) -> Vec<&str> {
        self.fields.keys().map(String::as_str).collect()
    }

    /// The object as Flux writes it down, with its content in the clear.
    pub fn manifest(&self, name: &str, namespace: &str) -> Value {
        let mut metadata = json!({"name": name});
        let mut add = |key: &str, value: Value, is_given: bool| {
            if is_given {
                metadata[key] = value;
            }
        };
        add("namespace", json!(namespace), !namespace.is_empty());
        add("labels", json!(self.labels), !self.labels.is_empty());
        add("annotations", json!(self.annotations), !self.annotations.is_empty());
        let mut object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata});
        if !self.fields.is_empty() {
            let clear = |(key, value): (&String, &Secret)| (key.clone(), json!(value.reveal()));
            object["stringData"] = Value::Object(self.fields.iter().map(clear).collect::<Map<_, _>>());
        }
        if let Some(kind) = self.kind {
            object["type"] = json!(kind);
        }
        object
    }

    /// The object as the API holds it.
    pub fn object(&self, name: &str, namespace: &str) -> KubeSecret {
        let some = |map: &BTreeMap<String, String>| Some(map.clone()).filter(|map| !map.is_empty());
        KubeSecret {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(namespace.to_owned()),
                labels: some(&self.labels),
                annotations: some(&self.annotations),
                ..ObjectMeta::default()
            },
            type_: self.kind.map(str::to_owned),
            data: Some(self.data()),
            ..KubeSecret::default()
        }
    }

    /// Whether a Secret of the cluster holds exactly these fields.
    pub fn is_in(&self, existing: &KubeSecret) -> bool {
        existing.data.as_ref().map_or(self.fields.is_empty(), |data| *data == self.data())
    }

    /// The fields as the API holds them.
    pub fn data(&self) -> BTreeMap<String, ByteString> {
        let encoded =
            |(key, value): (&String, &Secret)| (key.clone(), ByteString(value.reveal().as_bytes().to_vec()));
        self.fields.iter().map(encoded).collect()
    }
}

/// Creates the Secret, or replaces these fields in the present one and merges its labels and annotations; other fields and the type stay.
/// Whether it holds anything else than before.
///
/// # Errors
/// What the API server answers.
pub async fn upsert(session: &Session<'_>, name: &str, secret: &NewSecret) -> anyhow::Result<bool> {
    let Session { client, namespace, deadline, sink, .. } = session;
    secret.secrets().for_each(|value| sink.redact(value));
    let api: kube::Api<KubeSecret> = kube::Api::namespaced(client.clone(), namespace);
    let doing = format!("applying Secret \"{namespace}/{name}\"");
    let upsert = || async {
        match api.get_opt(name).await? {
            None => {
                let object = secret.object(name, namespace);
                api.create(&PostParams::default(), &object).await?;
                Ok(true)
            }
            Some(mut present) => {
                let before = present.data.clone();
                present.data.get_or_insert_default().extend(secret.data());
                present.metadata.labels.get_or_insert_default().extend(secret.labels.clone());
                present.metadata.annotations.get_or_insert_default().extend(secret.annotations.clone());
                present.metadata.managed_fields = None;
                api.replace(name, &PostParams::default(), &present).await?;
                Ok(before != present.data)
            }
        }
    };
    let work = async {
        let upserted = cluster::despite_conflicts(*deadline, upsert).await;
        upserted.map_err(|error: kube::Error| cluster::explain(error, &doing))
    };
    deadline.bound(&doing, work).await
}
