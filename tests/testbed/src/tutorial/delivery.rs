//! The chapters about an application: delivered, changed, healed, rolled back, held back.

use super::stage::Stage;

pub(super) fn deliver(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.fluxr("git clone --quiet https://$FORGE/ada/fleet-infra")?;
    let url = stage.forge.public_url("ada/podinfo");
    stage.fleet(&format!(
        "fluxr create source git podinfo --url={url} --branch=master --interval=30s --export > ./clusters/my-cluster/podinfo-source.yaml"
    ))?;
    stage.fleet("git add -A && git commit --quiet -m 'Add podinfo GitRepository' && git push --quiet")?;
    stage.fleet(
        "fluxr create kustomization podinfo --target-namespace=default --source=podinfo --path='./kustomize' --prune=true \
         --interval=5m --export > ./clusters/my-cluster/podinfo-kustomization.yaml",
    )?;
    stage.fleet("git add -A && git commit --quiet -m 'Add podinfo Kustomization' && git push --quiet")?;
    let said = stage.fleet("fluxr reconcile kustomization flux-system --with-source")?;
    let head = stage.forge.git("ada/fleet-infra", &["rev-parse", "main"])?;
    anyhow::ensure!(
        said.contains(&format!("✔ applied revision main@sha1:{head}")),
        "an old revision was applied:\n{said}"
    );
    let seen = stage.interrupt("fluxr get kustomizations --watch", &|line| {
        // The message comes before the column: controllers write conditions first.
        line.starts_with("podinfo") && line.matches("master@sha1:").count() == 2
    })?;
    anyhow::ensure!(seen.contains("Applied revision"), "podinfo was never applied:\n{seen}");
    stage.look(&["Deployment/podinfo", "Service/podinfo"])?;
    stage.expect_image("6.0.0")
}

pub(super) fn change(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("the developers of podinfo release 6.1.0");
    stage.publish("6.1.0")?;
    let said = stage.fluxr("fluxr reconcile kustomization podinfo --with-source")?;
    anyhow::ensure!(said.contains("✔ fetched revision master@sha1:"), "{said}");
    stage.look(&["Deployment/podinfo"])?;
    stage.expect_image("6.1.0")
}

pub(super) fn heal(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("by hand, past Git, someone deletes the Deployment");
    stage.eyes.delete("Deployment/default/podinfo")?;
    stage.look(&["Deployment/podinfo"])?;
    stage.fluxr("fluxr reconcile kustomization podinfo")?;
    stage.look(&["Deployment/podinfo"])?;
    stage.expect_image("6.1.0")
}

pub(super) fn roll_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.fluxr("git clone --quiet --branch master https://$FORGE/ada/podinfo")?;
    let folder = stage.work.join("podinfo");
    stage
        .run_in(&folder, "git revert --no-edit HEAD > /dev/null && git push --quiet && git log --oneline")?;
    stage.fluxr("fluxr reconcile kustomization podinfo --with-source")?;
    stage.look(&["Deployment/podinfo"])?;
    stage.expect_image("6.0.0")
}

pub(super) fn suspend_and_resume(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.fluxr("fluxr suspend kustomization podinfo")?;
    stage.note("the developers of podinfo release 6.2.0");
    stage.publish("6.2.0")?;
    stage.fluxr("fluxr reconcile source git podinfo")?;
    let said = stage.fluxr("fluxr get kustomizations podinfo")?;
    anyhow::ensure!(said.contains("True     "), "it does not show as suspended:\n{said}");
    stage.expect_image("6.0.0")?;
    stage.fluxr("fluxr resume kustomization podinfo")?;
    let begun = std::time::Instant::now();
    while stage.expect_image("6.2.0").is_err() {
        anyhow::ensure!(begun.elapsed() < super::stage::PATIENCE, "6.2.0 did not arrive after resume");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    stage.look(&["Deployment/podinfo"])
}
