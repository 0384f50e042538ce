//! The chapters up to an installation: a look, a plan, bootstrap.

use super::stage::Stage;

/// A bootstrap of the cluster, with all controllers that are installed by default.
pub(super) const BOOTSTRAP: &str = "fluxr bootstrap github --hostname=$FORGE --ssh-hostname=$FORGE_SSH --ca-file=$FORGE_CA \
     --owner=$GITHUB_USER --personal --repository=fleet-infra --branch=main --path=./clusters/my-cluster";

/// The same with two controllers, which are enough for the tutorial.
pub(super) fn bootstrap_with_two() -> String {
    format!("{BOOTSTRAP} --components=source-controller,kustomize-controller")
}

pub(super) fn look_at_the_empty_cluster(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr("fluxr check --pre")?;
    anyhow::ensure!(said.contains("✔ prerequisites checks passed"), "{said}");
    anyhow::ensure!(stage.eyes.get("Namespace//flux-system")?.is_none(), "the cluster is not empty");
    Ok(())
}

pub(super) fn plan(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr(&format!("{} --dry-run | head -n 24", bootstrap_with_two()))?;
    anyhow::ensure!(!said.is_empty(), "the plan is empty");
    anyhow::ensure!(stage.forge.commits("ada/fleet-infra", "main").is_err(), "the plan made a repository");
    anyhow::ensure!(stage.eyes.get("Namespace//flux-system")?.is_none(), "the plan changed the cluster");
    Ok(())
}

pub(super) fn bootstrap(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr(&bootstrap_with_two())?;
    anyhow::ensure!(said.contains("✔ all components are healthy"), "{said}");
    let commits = stage.forge.commits("ada/fleet-infra", "main")?;
    let [sync, components] = &commits[..] else { anyhow::bail!("not two commits: {commits:?}") };
    anyhow::ensure!(
        sync == "Add Flux sync manifests" && components.starts_with("Add Flux v2."),
        "{commits:?}"
    );
    let keys = stage.forge.deploy_keys("ada/fleet-infra");
    anyhow::ensure!(keys.len() == 1 && keys[0].2, "one read-only deploy key, not {keys:?}");
    Ok(())
}
