//! From the folder of Flux's manifests in the clone to objects: a kustomize build, so that the user's patches count.

use super::run::Run;
use crate::git::Workspace;
use crate::manifests::overlay;
use crate::manifests::overlay::Overlay;
use crate::text::WithHint;
use crate::text::yaml;
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
    let read = |path: &str| {
        let Some(content) = workspace.read(path)? else { return Ok(None) };
        Ok(Some(String::from_utf8(content).with_context(|| format!("reading \"{path}\""))?))
    };
    let built = match overlay::build(&read, &directory).with_context(|| format!("building \"{directory}\"")) {
        Ok(Overlay::Built(objects)) => Ok(objects),
        Ok(Overlay::NotCovered(what)) => build(run, workspace, &directory, &what).await,
        Err(error) => Err(error),
    };
    built.map(Some).hint(format!("correct \"{file}\" in the repository, then run the command again"))
}

/// Builds with the external `kubectl kustomize`.
async fn build(
    run: &Run<'_>,
    workspace: &Workspace,
    directory: &str,
    what: &str,
) -> anyhow::Result<Vec<Value>> {
    run.ui.warning(format!("building with `kubectl kustomize`, because of {what}"));
    let folder = workspace.resolve(directory)?;
    let work = async {
        let output = tokio::process::Command::new("kubectl")
            .arg("kustomize")
            .arg(&folder)
            // It needs no credentials, and what it starts needs them even less.
            .env_remove("GITHUB_TOKEN")
            .env_remove("GIT_PASSWORD")
            .kill_on_drop(true)
            .output()
            .await
            .context("starting kubectl")?;
        let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        anyhow::ensure!(output.status.success(), "{errors}");
        Ok(yaml::documents(&String::from_utf8(output.stdout)?, directory)?)
    };
    run.deadline
        .bound("the kustomize build", work)
        .await
        .with_context(|| format!("building \"{directory}\" of the repository"))
}
