//! The chapters about everything else: a failure, the end of an application, a second bootstrap, the end of Flux.

use super::before::bootstrap_with_two;
use super::look::is_ready;
use super::stage::Stage;

pub(super) fn fail(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("the shop needs a database, and its repository has no branch main");
    let url = stage.forge.public_url("ada/shop");
    stage.fleet(&format!(
        "fluxr create source git shop --url={url} --branch=main --interval=1m --export > ./clusters/my-cluster/shop.yaml"
    ))?;
    for (name, further) in [("database", ""), ("web", " --depends-on=database")] {
        stage.fleet(&format!(
            "fluxr create kustomization {name} --source=shop --path=./{name} --prune=true --interval=5m{further} --export >> ./clusters/my-cluster/shop.yaml"
        ))?;
    }
    stage.fleet("git add -A && git commit --quiet -m 'Open a shop' && git push --quiet")?;
    stage.fleet("fluxr reconcile kustomization flux-system --with-source")?;
    for object in [
        "GitRepository/flux-system/shop",
        "Kustomization/flux-system/database",
        "Kustomization/flux-system/web",
    ] {
        stage.eyes.wait(object, "failed", |live| live.and_then(is_ready) == Some(false))?;
    }
    stage.fluxr("fluxr get kustomizations")?;
    let said = stage.ends_with(1, &stage.work.clone(), "fluxr why kustomization web")?;
    anyhow::ensure!(
        said.contains("GitRepository") && said.contains("main"),
        "the branch is not named:\n{said}"
    );
    stage.fleet("git revert --no-edit HEAD > /dev/null && git push --quiet")?;
    stage.fleet("fluxr reconcile kustomization flux-system --with-source")?;
    stage.eyes.wait("Kustomization/flux-system/web", "gone", |live| live.is_none())
}

pub(super) fn prune(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.fleet("git rm --quiet ./clusters/my-cluster/podinfo-kustomization.yaml && git commit --quiet -m 'Remove podinfo' && git push --quiet")?;
    stage.fleet("fluxr reconcile kustomization flux-system --with-source")?;
    stage.eyes.wait("Deployment/default/podinfo", "gone", |live| live.is_none())?;
    stage.look(&["Deployment/podinfo", "Service/podinfo"])?;
    stage.fleet("git revert --no-edit HEAD > /dev/null && git push --quiet")?;
    stage.fleet("fluxr reconcile kustomization flux-system --with-source")?;
    stage.eyes.wait("Deployment/default/podinfo", "back", |live| live.is_some())?;
    stage.look(&["Deployment/podinfo"])?;
    stage.expect_image("6.2.0")
}

pub(super) fn bootstrap_again(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let before = stage.forge.commits("ada/fleet-infra", "main")?;
    let said = stage.fluxr(&bootstrap_with_two())?;
    anyhow::ensure!(said.contains("✔ component manifests are up to date"), "{said}");
    anyhow::ensure!(said.contains("✔ sync manifests are up to date"), "{said}");
    let after = stage.forge.commits("ada/fleet-infra", "main")?;
    anyhow::ensure!(before == after, "the second run made commits: {after:?}");
    Ok(())
}

pub(super) fn look_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    for object in ["Kustomization/flux-system/flux-system", "Kustomization/flux-system/podinfo"] {
        stage.eyes.wait(object, "ready", |live| live.and_then(is_ready) == Some(true))?;
    }
    stage.fluxr("fluxr get sources git")?;
    stage.fluxr("fluxr get kustomizations")?;
    stage.fluxr("fluxr tree kustomization podinfo")?;
    stage.fluxr("fluxr trace deployment podinfo --namespace default")?;
    stage.fleet("git pull --quiet && git log --oneline")?;
    Ok(())
}

pub(super) fn uninstall(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr("fluxr uninstall --silent")?;
    anyhow::ensure!(said.contains("✔ uninstall finished"), "{said}");
    stage.look(&["Deployment/podinfo"])?;
    stage.expect_image("6.2.0")
}
