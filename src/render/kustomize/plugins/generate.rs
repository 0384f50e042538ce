//! Generators that are objects.

use super::super::file::Generator;
use super::super::file::INSTEAD_OF_CHARTS;
use super::super::generators;
use super::super::generators::Sort;
use super::super::layer::Layer;
use super::super::resource::Resource;
use super::settings;
use super::settings::IamPolicy;
use super::settings::Named;
use crate::text::WithHint;
use crate::text::yaml;
use anyhow::Context;

/// Makes a resource.
///
/// # Errors
/// An object that is not a generator, or not a valid one.
pub(in crate::render::kustomize) fn generate(
    layer: &Layer<'_>,
    object: &Resource,
) -> anyhow::Result<Resource> {
    settings::check_built_in(object)?;
    match object.kind() {
        "ConfigMapGenerator" => make(layer, object, Sort::ConfigMap),
        "SecretGenerator" => make(layer, object, Sort::Secret),
        "IAMPolicyGenerator" => account(&settings::of(object, true)?),
        "HelmChartInflationGenerator" => Err(anyhow::anyhow!(
            "a HelmChartInflationGenerator is not supported: a build starts no other program"
        ))
        .hint(INSTEAD_OF_CHARTS),
        _ if super::transform::is_transformer(object.kind()) => {
            anyhow::bail!("plugin {} not a generator", object.id())
        }
        _ => anyhow::bail!("unable to load {}", object.id()),
    }
}

fn make(layer: &Layer<'_>, object: &Resource, sort: Sort) -> anyhow::Result<Resource> {
    let mut generator: Generator = settings::of(object, false)?;
    let Named { metadata } = settings::of(object, true)?;
    for (own, other) in [(&mut generator.name, metadata.name), (&mut generator.namespace, metadata.namespace)]
    {
        if own.is_empty() {
            *own = other;
        }
    }
    generators::make(layer, sort, &generator, None)
}

/// The service account that acts as one of Google Cloud.
fn account(policy: &IamPolicy) -> anyhow::Result<Resource> {
    anyhow::ensure!(policy.cloud == "gke", "cloud provider {} not supported yet", policy.cloud);
    let (name, namespace) = (&policy.kubernetes_service.name, &policy.kubernetes_service.namespace);
    let of = format!(
        "{}@{}.iam.gserviceaccount.com",
        policy.service_account.name, policy.service_account.project_id
    );
    let mut text = format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  annotations:\n    iam.gke.io/gcp-service-account: {of}\n  name: {name}\n"
    );
    if !namespace.is_empty() {
        text.push_str(&format!("  namespace: {namespace}\n"));
    }
    let node = yaml::nodes(&text, "the service account")?.into_iter().next();
    Ok(Resource::new(node.context("the service account is empty")?))
}
