//! Kustomizations in a file of this machine, read as Go's decoder reads them.

use crate::api::ObjectId;
use crate::api::fit_types;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::kind;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::path::Path;

/// The Kustomization of this name that is in this namespace, or in none. What follows it in the file does not count.
///
/// # Errors
/// A file that cannot be read or does not have it; before it a document whose types are not those of a Kustomization.
pub(super) fn one(file: &Path, namespace: &str, name: &str) -> anyhow::Result<Value> {
    for document in documents(file)? {
        let document = document?;
        if is_here(&document, namespace) && object::name(&document) == name {
            return Ok(document);
        }
    }
    anyhow::bail!(
        "failed find kustomization with name '{name}' and namespace '{namespace}' in file '{}'",
        file.display()
    )
}

/// All Kustomizations of a file that are in this namespace, or in none.
///
/// # Errors
/// A file that cannot be read; a document whose types are not those of a Kustomization.
pub(super) fn all(file: &Path, namespace: &str) -> anyhow::Result<Vec<Value>> {
    let documents: Vec<Value> = documents(file)?.collect::<anyhow::Result<_>>()?;
    Ok(documents.into_iter().filter(|one| is_here(one, namespace)).collect())
}

/// Whether an object is a Kustomization of Flux.
pub(super) fn is_kustomization(object: &Value) -> bool {
    KUSTOMIZATION.is_of(&ObjectId::of(object))
}

fn is_here(document: &Value, namespace: &str) -> bool {
    let own = object::namespace(document);
    is_kustomization(document) && (own.is_empty() || own == namespace)
}

/// The documents, each with the types of a Kustomization, whatever it is: only then its kind is looked at.
fn documents(file: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Value>>> {
    let shown = file.display().to_string();
    let text =
        crate::text::read_text(file).with_context(|| format!("failed to read kustomization file {shown}"))?;
    let doing = format!("failed to unmarshall kustomization file {shown}");
    let documents = yaml::documents(&text, &shown)
        .map_err(|bad| anyhow::anyhow!("{doing}: error converting YAML to JSON: yaml: {}", bad.reason))?;
    let definition = kind::definition(&KUSTOMIZATION);
    let schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].clone();
    Ok(documents.into_iter().map(move |mut document| {
        fit_types(&mut document, &schema).map_err(|wrong| anyhow::anyhow!("{doing}: {wrong}"))?;
        Ok(document)
    }))
}
