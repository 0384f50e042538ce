//! The Secret with which source-controller logs in to a Git server: what is in it, and how it gets into the cluster.

use crate::git::GitUrl;
use crate::git::ssh::KeyAlgorithm;
use crate::git::ssh::KeyPair;
use crate::ops::Session;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use k8s_openapi::api::core::v1::Secret as KubeSecret;
use kube::api::PostParams;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// The fields that may be shown; every other is secret.
const PUBLIC: [&str; 4] = ["username", "known_hosts", "ca.crt", "identity.pub"];
/// How long a host may take to show its key.
const SCAN_TIMEOUT: Duration = Duration::from_secs(30);

/// The fields of the Secret, not yet encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceSecret {
    fields: BTreeMap<&'static str, Secret>,
}

impl SourceSecret {
    /// A key pair with the host key it was made for, and the passphrase that opens it.
    pub fn ssh(pair: &KeyPair, known_hosts: &str, passphrase: Option<&Secret>) -> Self {
        let mut secret = Self::default();
        secret.fields.insert("identity", pair.identity.clone());
        secret.fields.insert("identity.pub", Secret::new(&pair.public));
        secret.fields.insert("known_hosts", Secret::new(known_hosts));
        if let Some(passphrase) = passphrase.filter(|passphrase| !passphrase.is_empty()) {
            secret.fields.insert("password", passphrase.clone());
        }
        secret
    }

    /// User and password.
    pub fn with_basic(mut self, username: &str, password: &Secret) -> Self {
        self.fields.insert("username", Secret::new(username));
        self.fields.insert("password", password.clone());
        self
    }

    /// A bearer token.
    pub fn with_bearer(mut self, token: &Secret) -> Self {
        self.fields.insert("bearerToken", token.clone());
        self
    }

    /// The certificate authority of the server; an empty one is none.
    pub fn with_ca(mut self, ca: &str) -> Self {
        if !ca.is_empty() {
            self.fields.insert("ca.crt", Secret::new(ca));
        }
        self
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// What must not be shown of it.
    pub fn secrets(&self) -> Vec<Secret> {
        let is_secret = |key: &str| !PUBLIC.contains(&key);
        self.fields.iter().filter(|(key, _)| is_secret(key)).map(|(_, value)| value.clone()).collect()
    }

    /// The names of its keys.
    pub fn keys(&self) -> Vec<&'static str> {
        self.fields.keys().copied().collect()
    }

    /// The object, with its content in the clear.
    pub fn manifest(&self, name: &str, namespace: &str, labels: &BTreeMap<String, String>) -> Value {
        let mut object = json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "stringData": self.fields.iter()
                .map(|(key, value)| ((*key).to_owned(), json!(value.reveal())))
                .collect::<serde_json::Map<_, _>>(),
        });
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = json!(namespace);
        }
        if !labels.is_empty() {
            object["metadata"]["labels"] = json!(labels);
        }
        object
    }

    /// The object as the API holds it.
    pub fn object(&self, name: &str, namespace: &str, labels: &BTreeMap<String, String>) -> KubeSecret {
        KubeSecret {
            metadata: kube::api::ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(namespace.to_owned()),
                labels: Some(labels.clone()).filter(|labels| !labels.is_empty()),
                ..kube::api::ObjectMeta::default()
            },
            data: Some(self.data()),
            ..KubeSecret::default()
        }
    }

    /// Whether a Secret of the cluster holds exactly this.
    pub fn is_in(&self, existing: &KubeSecret) -> bool {
        let data = existing.data.as_ref();
        data.map_or(0, BTreeMap::len) == self.fields.len()
            && self.fields.iter().all(|(key, value)| {
                data.and_then(|data| data.get(*key)).is_some_and(|held| held.0 == value.reveal().as_bytes())
            })
    }

    /// The fields as the API holds them.
    pub fn data(&self) -> BTreeMap<String, k8s_openapi::ByteString> {
        let encoded = |(key, value): (&&'static str, &Secret)| {
            ((*key).to_owned(), k8s_openapi::ByteString(value.reveal().as_bytes().to_vec()))
        };
        self.fields.iter().map(encoded).collect()
    }
}

/// Makes a key pair beside the runtime: RSA takes its time.
///
/// # Errors
/// When the algorithm refuses, which a checked flag does not cause.
pub async fn generate_key(algorithm: KeyAlgorithm) -> anyhow::Result<KeyPair> {
    let made = tokio::task::spawn_blocking(move || KeyPair::generate(algorithm)).await;
    Ok(made.context("generating an SSH key")??)
}

/// The `known_hosts` line of the host in a URL, without a newline.
///
/// # Errors
/// When no SSH server answers there in time.
pub async fn scan(url: &GitUrl, algorithms: &[String], timeout: Duration) -> anyhow::Result<String> {
    let scanned =
        crate::git::ssh::scan_host_key(url.host(), url.port(), algorithms, timeout.min(SCAN_TIMEOUT)).await;
    let line = scanned
        .with_context(|| format!("SSH key scan for host {} failed, error", url.authority()))
        .hint("check host and port of the SSH URL, and that a firewall lets you reach it")?;
    Ok(line.trim().to_owned())
}

/// Creates the Secret, or replaces these fields in the present one and merges its labels; other fields stay.
///
/// # Errors
/// What the API server answers.
pub async fn upsert(
    session: &Session<'_>,
    name: &str,
    labels: &BTreeMap<String, String>,
    secret: &SourceSecret,
) -> anyhow::Result<()> {
    let Session { client, namespace, deadline, .. } = session;
    let api: kube::Api<KubeSecret> = kube::Api::namespaced(client.clone(), namespace);
    let doing = format!("applying Secret \"{namespace}/{name}\"");
    let refused = |error: kube::Error| crate::cluster::explain(error, &doing);
    let work = async {
        match api.get_opt(name).await.map_err(refused)? {
            None => {
                let object = secret.object(name, namespace, labels);
                api.create(&PostParams::default(), &object).await.map_err(refused)?;
            }
            Some(mut present) => {
                present.data.get_or_insert_default().extend(secret.data());
                present.metadata.labels.get_or_insert_default().extend(labels.clone());
                present.metadata.managed_fields = None;
                api.replace(name, &PostParams::default(), &present).await.map_err(refused)?;
            }
        }
        anyhow::Ok(())
    };
    deadline.bound(&doing, work).await
}
