//! The chapter about a release of Helm whose manifest is rolled back.

use super::operate::PUSH;
use super::stage::Stage;

const APPLY: &str = "fluxr reconcile kustomization flux-system --with-source";

/// Has the store run this version of the chart.
fn deploy(stage: &mut Stage<'_>, version: &str) -> anyhow::Result<()> {
    stage.fluxr(&format!(
        "fluxr create helmrelease store --source=HelmRepository/shelf --chart=cache --chart-version={version} \
         --target-namespace=default --release-name=store --interval=10m {PUSH}"
    ))?;
    stage.fluxr(APPLY)?;
    stage.eyes.wait("HelmRelease/flux-system/store", &format!("at {version}"), |live| {
        let status = live.map(|live| &live["status"]);
        status.is_some_and(|status| status["history"][0]["chartVersion"] == version)
    })?;
    stage.fluxr("fluxr wait helmrelease/store").map(drop)
}

pub(super) fn roll_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("a repository of charts ($CHARTS) has versions 1.0.0 and 1.1.0 of a chart");
    for version in ["1.0.0", "1.1.0"] {
        stage.neighbours()?.publish(version)?;
    }
    stage.fluxr(&format!("fluxr create source helm shelf --url=$CHARTS --interval=10m {PUSH}"))?;
    deploy(stage, "1.0.0")?;
    deploy(stage, "1.1.0")?;
    stage.look(&["Deployment/store"])?;
    let said = stage.fluxr("fluxr history hr/store -o wide")?;
    for words in ["Add HelmRelease/flux-system/store", "Change HelmRelease/flux-system/store", "Ada"] {
        anyhow::ensure!(said.contains(words), "no \"{words}\":\n{said}");
    }
    let said = stage.fluxr(&format!("fluxr rollback hr/store --wait {PUSH}"))?;
    anyhow::ensure!(said.contains("✔ applied revision 1.0.0"), "{said}");
    stage.look(&["Deployment/store"])?;
    let again = stage.fluxr(&format!("fluxr rollback hr/store {PUSH}"))?;
    anyhow::ensure!(again.contains("is already rolled back"), "it was rolled forward again:\n{again}");
    let said = stage.fleet("git pull --quiet && git log -1 --format=%B")?;
    anyhow::ensure!(said.contains("Roll back HelmRelease/flux-system/store to cache@1.0.0 ("), "{said}");
    anyhow::ensure!(said.contains("Change HelmRelease/flux-system/store (Ada)"), "{said}");
    Ok(())
}
