//! Builds of kustomizations: the native build, and kustomize itself for what that does not cover.

use crate::manifests::kustomize;
use crate::manifests::kustomize::Build;
use crate::manifests::kustomize::Disk;
use crate::manifests::kustomize::Reorder;
use crate::manifests::kustomize::Restrictor;
use crate::text::WithHint;
use crate::text::yaml;
use crate::ui::Ui;
use anyhow::Context;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::Path;

/// The objects of a folder below a root. What the native build does not cover is built by `kubectl` or `kustomize`, which is said.
///
/// # Errors
/// A build that fails; a field that is not covered when neither program is there.
pub async fn kustomize(
    ui: &Ui,
    root: &Path,
    folder: &str,
    options: kustomize::Options,
) -> anyhow::Result<Vec<Value>> {
    let tree = Disk::new(root)?;
    let inside = folder.to_owned();
    // On a thread of its own: a build may take long, and whoever waits for it may be interrupted or run out of time.
    match tokio::task::spawn_blocking(move || kustomize::build(&tree, &inside, options)).await?? {
        Build::Built(objects) => Ok(objects),
        Build::NotCovered(what) => {
            let mut objects = build_outside(ui, &root.join(folder), options, &what).await?;
            if options.managed_by_label {
                objects.iter_mut().for_each(kustomize::add_managed_by_label);
            }
            Ok(objects)
        }
    }
}

async fn build_outside(
    ui: &Ui,
    folder: &Path,
    options: kustomize::Options,
    what: &str,
) -> anyhow::Result<Vec<Value>> {
    let restrictor = match options.restrictor {
        Restrictor::RootOnly => "LoadRestrictionsRootOnly",
        Restrictor::None => "LoadRestrictionsNone",
    };
    let reorder = if options.reorder == Reorder::None { "none" } else { "legacy" };
    for (program, verb) in [("kubectl", "kustomize"), ("kustomize", "build")] {
        let mut command = tokio::process::Command::new(program);
        command.arg(verb).arg(folder).arg(format!("--load-restrictor={restrictor}"));
        // It needs no credentials, and neither does what it starts.
        command.env_remove("GITHUB_TOKEN").env_remove("GIT_PASSWORD");
        // kubectl always has the order of its kustomize.
        if program == "kustomize" {
            command.arg(format!("--reorder={reorder}"));
        }
        let output = match command.kill_on_drop(true).output().await {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            output => output.with_context(|| format!("starting {program}"))?,
        };
        ui.warning(format!("building with `{program} {verb}`, because of {what}"));
        let errors = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        anyhow::ensure!(output.status.success(), "{errors}");
        let text = String::from_utf8(output.stdout)?;
        return Ok(yaml::documents(&text, &folder.display().to_string())?);
    }
    Err(anyhow::anyhow!("{what} is not covered by this build"))
        .hint("install kustomize or kubectl, and the folder is built with it")
}
