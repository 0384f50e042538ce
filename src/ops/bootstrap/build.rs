//! From the folder of Flux's manifests in the clone to objects: a kustomize build, so that the user's patches count.

use super::run::Run;
use crate::git::Workspace;
use crate::ops::Deprecations;
use crate::ops::git_tree::GitTree;
use crate::render::kustomize;
use crate::text::WithHint;
use anyhow::Context;
use serde_json::Value;

/// The objects of the folder when it has a `kustomization.yaml`.
///
/// # Errors
/// A build that fails, naming the file.
pub(super) async fn customised(run: &Run<'_>, workspace: &Workspace) -> anyhow::Result<Option<Vec<Value>>> {
    let directory = run.options.directory();
    let file = format!("{directory}/kustomization.yaml");
    if workspace.read(&file)?.is_none() {
        return Ok(None);
    }
    let options = kustomize::Options::OF_CONTROLLER;
    let silent = Deprecations::Silent;
    let elsewhere = &run.options.elsewhere;
    let files = GitTree::of(workspace)?;
    let built = crate::ops::kustomize(run.session.sink, files, &directory, options, silent, elsewhere);
    run.session
        .deadline
        .bound("the kustomize build", built)
        .await
        .map(Some)
        .with_context(|| format!("building \"{directory}\" of the repository"))
        .hint(format!("correct \"{file}\" in the repository, then run the command again"))
}
