//! Step 2: the manifests of the controllers, into Git and, where no controller does it yet, into the cluster.

use super::build;
use super::hasten;
use super::plan::Plan;
use super::publish;
use super::run::Run;
use super::sync;
use crate::api::object::text;
use crate::cluster;
use crate::distribution;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::ops::image_pull_secret;
use serde_json::Value;

/// What the repository should contain.
pub(super) fn wanted(run: &Run<'_>) -> anyhow::Result<Change> {
    let content = distribution::render(&run.options.components)?;
    Ok(Change::writing(
        vec![(format!("{}/gotk-components.yaml", run.options.directory()), content)],
        format!("Add Flux {} component manifests", run.options.components.release.version),
    ))
}

/// What would be committed and applied.
pub(super) async fn plan(
    run: &Run<'_>,
    workspace: Option<&Workspace>,
    plan: &mut Plan,
) -> anyhow::Result<()> {
    let change = wanted(run)?;
    let files = change.differing(workspace)?;
    if !files.is_empty() && run.options.request.is_none() {
        plan.add_commit("components", &change.message, files, None);
    }
    if !is_synced(sync::present(run).await?.as_ref()) {
        let objects = distribution::generate(&run.options.components)?.len();
        plan.add(
            "components",
            format!("apply {objects} objects to the namespace {}", run.options.namespace()),
        );
    }
    if run.options.registry_credentials.is_some() {
        let name = &run.options.components.image_pull_secret;
        plan.add("components", format!("apply Secret/{}/{name}", run.options.namespace()));
    }
    Ok(())
}

/// Commits, pushes, and applies unless the cluster does so by itself.
pub(super) async fn apply(run: &mut Run<'_>, workspace: &mut Workspace) -> anyhow::Result<()> {
    run.session.sink.action("generating component manifests");
    let change = wanted(run)?;
    run.session.sink.success("generated component manifests");
    refuse_links(run, workspace)?;
    if publish::publish(run, workspace, "component manifests", |_| Ok(change.clone())).await? {
        hasten::reconcile_source(run).await;
    }
    install(run, workspace).await
}

/// Finds a link in the way of a later file before anything is pushed.
pub(super) fn refuse_links(run: &Run<'_>, workspace: &Workspace) -> anyhow::Result<()> {
    for file in ["gotk-sync.yaml", "kustomization.yaml"] {
        workspace.check(&format!("{}/{file}", run.options.directory()))?;
    }
    Ok(())
}

/// Applies what the clone holds, unless the cluster does so by itself.
pub(super) async fn install(run: &mut Run<'_>, workspace: &Workspace) -> anyhow::Result<()> {
    if !is_synced(sync::present(run).await?.as_ref()) {
        run.session
            .sink
            .action(format!("installing components in \"{}\" namespace", run.options.namespace()));
        let objects = match build::customised(run, workspace).await? {
            Some(objects) => objects,
            None => distribution::generate(&run.options.components)?,
        };
        // The sync objects may be among those of an earlier run; they are applied after the Secret they need.
        let objects: Vec<Value> =
            objects.into_iter().filter(|object| !sync::is_sync_object(run, object)).collect();
        run.apply(objects).await?;
        run.session.sink.success("installed components");
    }
    if let Some((user, password)) = &run.options.registry_credentials {
        let secret = image_pull_secret(&run.options.components, user, password)?;
        cluster::apply_in_stages(&run.session.client, vec![secret], run.session.deadline, run.session.poll)
            .await?;
        run.session
            .sink
            .success(format!("reconciled image pull secret {}", run.options.components.image_pull_secret));
    }
    run.session.sink.success("reconciled components");
    Ok(())
}

/// Whether the cluster has applied a revision of the repository: from then on it applies components by itself.
fn is_synced(kustomization: Option<&Value>) -> bool {
    kustomization.is_some_and(|object| !text(object, "/status/lastAppliedRevision").is_empty())
}
