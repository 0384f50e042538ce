//! From the folder of Flux's manifests in the clone to objects: a kustomize build, so that the user's patches count.

use super::run::Run;
use crate::git::Workspace;
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
    let Some(content) = workspace.read(&file)? else { return Ok(None) };
    let content = String::from_utf8(content).with_context(|| format!("reading \"{file}\""))?;
    let root = yaml::documents(&content, &file)?.into_iter().next().unwrap_or(Value::Null);
    match plain_resources(&root) {
        Some(resources) => read_all(workspace, &directory, &resources).map(Some),
        None => build(run, workspace, &directory).await.map(Some),
    }
}

/// The resources of a kustomization that does nothing but list files, as bootstrap writes it.
fn plain_resources(root: &Value) -> Option<Vec<String>> {
    let fields = root.as_object()?;
    if fields.keys().any(|key| !matches!(key.as_str(), "apiVersion" | "kind" | "resources")) {
        return None;
    }
    let names = root["resources"].as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    let is_file = |name: &&str| name.ends_with(".yaml") && !name.contains("://") && !name.contains("..");
    names.iter().all(is_file).then(|| names.into_iter().map(str::to_owned).collect())
}

fn read_all(workspace: &Workspace, directory: &str, names: &[String]) -> anyhow::Result<Vec<Value>> {
    let mut objects = Vec::new();
    for name in names {
        let path = format!("{directory}/{name}");
        let content = workspace.read(&path)?.with_context(|| {
            format!("\"{directory}/kustomization.yaml\" lists \"{name}\", which is not in the repository")
        })?;
        let content = String::from_utf8(content).with_context(|| format!("reading \"{path}\""))?;
        objects.extend(yaml::documents(&content, &path)?.into_iter().filter(|document| !document.is_null()));
    }
    Ok(objects)
}

/// Builds with the external `kubectl kustomize`.
async fn build(run: &Run<'_>, workspace: &Workspace, directory: &str) -> anyhow::Result<Vec<Value>> {
    run.ui.warning(format!("building \"{directory}\" with `kubectl kustomize`"));
    let folder = workspace.resolve(directory)?;
    let work = async {
        let output = tokio::process::Command::new("kubectl")
            .arg("kustomize")
            .arg(&folder)
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
