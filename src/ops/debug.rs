//! What a Kustomization or a HelmRelease consists of in the end: the values and variables that are composed from several objects.

use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::api::object::list;
use crate::api::object::text;
use crate::cluster;
use crate::render::Variables;
use crate::text::layered::Fields;
use crate::text::layered::Layered;
use crate::text::layered::merge;
use crate::text::strvals;
use crate::text::yaml;
use anyhow::Context;
use base64::Engine;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The data of a ConfigMap or Secret.
type Data = BTreeMap<String, Vec<u8>>;

/// The values with which the chart of a HelmRelease is rendered.
///
/// # Errors
/// A HelmRelease that does not exist; a reference that cannot be resolved, named with its key.
pub async fn values(client: &kube::Client, namespace: &str, name: &str) -> anyhow::Result<Value> {
    let release = cluster::get(client, &HELM_RELEASE, namespace, name).await?;
    let references = list(&release, "/spec/valuesFrom");
    let mut found: HashMap<(String, String), Option<Data>> = HashMap::new();
    for reference in references {
        let (kind, of) = (text(reference, "/kind"), text(reference, "/name"));
        let key = (kind.to_owned(), of.to_owned());
        if let Entry::Vacant(place) = found.entry(key) {
            let data = data_of(client, kind, namespace, of).await;
            let data = data.with_context(|| Reference { namespace, reference }.unresolved())?;
            place.insert(data);
        }
    }
    // A value without fields counts as not set.
    let inline = match release.pointer("/spec/values").map(Layered::read) {
        Some(Layered::Map(fields)) => fields,
        _ => Layered::empty_map(),
    };
    let mut merged = Layered::empty_map();
    for reference in references {
        let key = (text(reference, "/kind").to_owned(), text(reference, "/name").to_owned());
        let data = found.get(&key).and_then(Option::as_ref);
        merged = Reference { namespace, reference }.lay_over(&merged, &inline, data)?;
    }
    Ok(Layered::Map(merge(&merged, &inline)).to_value())
}

/// One of `spec.valuesFrom`.
struct Reference<'a> {
    namespace: &'a str,
    reference: &'a Value,
}

impl Reference<'_> {
    fn is_optional(&self) -> bool {
        self.reference["optional"] == true
    }

    fn key(&self) -> &str {
        Some(text(self.reference, "/valuesKey")).filter(|key| !key.is_empty()).unwrap_or("values.yaml")
    }

    /// What every error begins with.
    fn unresolved(&self) -> String {
        let optional = if self.is_optional() { " optional" } else { "" };
        format!(
            "could not resolve{optional} {} chart values reference '{}/{}' with key '{}'",
            text(self.reference, "/kind"),
            self.namespace,
            text(self.reference, "/name"),
            self.key()
        )
    }

    /// The values with those that the reference names. An optional reference to nothing changes nothing.
    fn lay_over(&self, merged: &Fields, inline: &Fields, data: Option<&Data>) -> anyhow::Result<Fields> {
        let found = data.map(|data| data.get(self.key()));
        let bytes = match found {
            Some(Some(bytes)) => bytes,
            _ if self.is_optional() => return Ok(merged.clone()),
            Some(None) => anyhow::bail!("{}: key not found", self.unresolved()),
            None => anyhow::bail!("{}: {}", self.unresolved(), self.missing()),
        };
        let content = String::from_utf8_lossy(bytes);
        let path = text(self.reference, "/targetPath");
        if path.is_empty() {
            return Ok(merge(merged, &self.read(&content)?));
        }
        let merged = merge(merged, inline);
        let assigned = assign(&merged, path, &content, self.reference["literal"] == true);
        assigned.map_err(|reason| anyhow::anyhow!("{}: {reason}", self.unresolved()))?;
        Ok(merged)
    }

    fn missing(&self) -> String {
        let plural = if text(self.reference, "/kind") == "Secret" { "secrets" } else { "configmaps" };
        format!("{plural} \"{}\" not found", text(self.reference, "/name"))
    }

    /// The first document of a file of values.
    fn read(&self, content: &str) -> anyhow::Result<Fields> {
        let document = yaml::document(content, self.key()).with_context(|| self.unresolved())?;
        match Layered::read(&document) {
            Layered::Map(fields) => Ok(fields),
            Layered::Leaf(Value::Null) => Ok(Layered::empty_map()),
            _ => anyhow::bail!("{}: the values are not a mapping", self.unresolved()),
        }
    }
}

/// Puts a value at a path, as `helm --set` and, in quotes, `helm --set-string` would; a literal one letter by letter.
fn assign(values: &Fields, path: &str, content: &str, is_literal: bool) -> Result<(), String> {
    if is_literal {
        let mut escaped = String::with_capacity(content.len());
        for letter in content.chars() {
            if matches!(letter, '\\' | ',' | '[' | ']' | '{' | '}') {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        return strvals::assign(&format!("{path}={escaped}"), values, true);
    }
    let is_between = |quote: char| content.starts_with(quote) && content.ends_with(quote);
    if is_between('\'') || is_between('"') {
        let content = content.trim_matches(['\'', '"']);
        return strvals::assign(&format!("{path}={content}"), values, true);
    }
    strvals::assign(&format!("{path}={content}"), values, false)
}

/// The variables that are put into the manifests of a Kustomization after its build, without their newlines.
///
/// # Errors
/// A Kustomization that does not exist or has no `postBuild`; a reference that cannot be resolved.
pub async fn variables(
    client: &kube::Client,
    namespace: &str,
    name: &str,
) -> anyhow::Result<BTreeMap<String, String>> {
    let kustomization = cluster::get(client, &KUSTOMIZATION, namespace, name).await?;
    anyhow::ensure!(kustomization.pointer("/spec/postBuild").is_some(), "no post build substitutions found");
    variables_of(Some(client), &kustomization).await
}

/// The variables of a Kustomization that need not be in the cluster; without a client, those that it has itself.
///
/// # Errors
/// A reference that cannot be resolved.
pub async fn variables_of(
    client: Option<&kube::Client>,
    kustomization: &Value,
) -> anyhow::Result<BTreeMap<String, String>> {
    let namespace = object::namespace(kustomization);
    let mut variables = Variables::default();
    for reference in list(kustomization, "/spec/postBuild/substituteFrom") {
        let Some(client) = client else { break };
        let (kind, of) = (text(reference, "/kind"), text(reference, "/name"));
        let doing = || format!("substitute from '{kind}/{of}' error");
        match data_of(client, kind, namespace, of).await.with_context(doing)? {
            Some(data) => variables.add(&data),
            None if reference["optional"] == true => {}
            None => {
                let plural = if kind == "Secret" { "secrets" } else { "configmaps" };
                anyhow::bail!("{}: {plural} \"{of}\" not found", doing());
            }
        }
    }
    variables.add_own(kustomization);
    Ok(variables.into_inner())
}

/// The data of a ConfigMap or Secret; `None` if it does not exist.
async fn data_of(
    client: &kube::Client,
    kind: &str,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Option<Data>> {
    anyhow::ensure!(matches!(kind, "ConfigMap" | "Secret"), "unsupported values reference kind");
    let address = json!({"apiVersion": "v1", "kind": kind, "metadata": {"namespace": namespace}});
    let found = cluster::api_for(client, &address).await?.get_opt(name).await;
    let found =
        found.map_err(|error| cluster::explain(error, &format!("reading {kind} \"{namespace}/{name}\"")))?;
    let Some(object) = found else { return Ok(None) };
    let mut data = Data::new();
    for (key, value) in object.data["data"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let bytes = if kind == "Secret" {
            let decoded = base64::engine::general_purpose::STANDARD.decode(value);
            decoded.with_context(|| format!("decoding key \"{key}\" of Secret \"{namespace}/{name}\""))?
        } else {
            value.as_bytes().to_vec()
        };
        data.insert(key.clone(), bytes);
    }
    Ok(Some(data))
}
