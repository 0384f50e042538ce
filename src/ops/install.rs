//! Installs the controllers, or upgrades them in place.

use crate::cluster;
use crate::cluster::Deadline;
use crate::distribution;
use crate::distribution::ComponentOptions;
use crate::ops::Session;
use crate::ops::Sink;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use serde_json::Value;
use std::time::Duration;

/// What `install` is asked to do.
pub struct InstallOptions {
    pub components: ComponentOptions,
    /// Install over what another tool manages, without asking.
    pub force: bool,
    /// User and password of the image registry.
    pub registry_credentials: Option<(String, Secret)>,
    /// Write the manifests to stdout first.
    pub verbose: bool,
    /// Limit of the time in which the components get ready.
    pub timeout: Duration,
}

/// Asks before an installation of another tool is taken over.
///
/// # Errors
/// When the answer is no, or cannot be had.
pub async fn confirm_override(
    sink: &dyn Sink,
    info: &cluster::ClusterInfo,
    what: &str,
) -> anyhow::Result<()> {
    sink.note(&format!("Flux {} has been installed on this cluster with {}!", info.version, info.managed_by));
    let question = format!("Are you sure you want to override the {} installation", info.managed_by);
    sink.confirm(&question, "--force", &format!("{what} cancelled")).await
}

/// Runs the whole installation and says its progress.
///
/// # Errors
/// An installation that Git syncs or another tool manages; objects that are refused; components that are not ready in time.
pub async fn install(session: &Session<'_>, options: InstallOptions) -> anyhow::Result<()> {
    let Session { client, sink, namespace, deadline, poll, .. } = session;
    sink.generate("generating manifests");
    let mut objects = distribution::generate(&options.components)?;
    if options.verbose {
        sink.data(&distribution::render(&options.components)?)?;
    }
    sink.success("manifests build completed");
    sink.action(format!("installing components in {namespace} namespace"));
    let info = deadline.bound("the cluster to answer", cluster::cluster_info(client)).await?;
    if let Some(info) = &info {
        if info.bootstrapped {
            return Err(anyhow::anyhow!(
                "this cluster has already been bootstrapped with Flux {}!",
                info.version
            ))
            .hint("`fluxr bootstrap` upgrades it, with the arguments of the first run");
        }
        if info.is_managed_by_another_tool() && !options.force {
            confirm_override(*sink, info, "installation").await?;
        }
    }
    if let Some((user, password)) = &options.registry_credentials {
        sink.redact(password);
        sink.action(format!("generating image pull secret {}", options.components.image_pull_secret));
        objects.push(image_pull_secret(&options.components, user, password)?);
    }
    let applied = {
        let _busy = sink.busy("applying manifests");
        cluster::apply_in_stages(client, objects, *deadline, *poll).await?
    };
    // The Secret has had its own line.
    let secret = format!("Secret/{namespace}/{}", options.components.image_pull_secret);
    for change in applied.iter().filter(|change| change.id.to_string() != secret) {
        sink.line(&change.to_string())?;
    }
    sink.waiting("verifying installation");
    let fresh = Session { deadline: Deadline::after(options.timeout), ..session.clone() };
    let healthy = super::confirm_components(&fresh, &options.components.components).await?;
    anyhow::ensure!(healthy, "install failed");
    sink.success("install finished");
    Ok(())
}

/// The Secret that the images are pulled with.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn image_pull_secret(options: &ComponentOptions, user: &str, password: &Secret) -> anyhow::Result<Value> {
    let secret = NewSecret::registry(&options.registry, user, password);
    let object = secret.object(&options.image_pull_secret, &options.namespace);
    serde_json::to_value(object).context("writing the image pull secret as JSON")
}
