//! The chapters about operating through Git: changes that arrive and are rolled back by requests, what was done by hand, and who did what.

use super::stage::PATIENCE;
use super::stage::SERVICE;
use super::stage::Stage;
use serde_json::json;
use std::time::Instant;

const APPLY: &str = "fluxr reconcile kustomization shop --with-source";
/// Commands that write to the fleet repository itself.
pub(super) const PUSH: &str = "--push --fleet-url=$FLEET --forge=$FORGE_NAME";

pub(super) fn bootstrap_at_gitea(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr(
        "fluxr bootstrap gitea --hostname=$FORGE --ssh-hostname=$FORGE_SSH --ca-file=$FORGE_CA --owner=$GITEA_USER --personal \
         --repository=fleet-infra --branch=main --path=./clusters/my-cluster",
    )?;
    anyhow::ensure!(said.contains("✔ all components are healthy"), "{said}");
    stage.fluxr("git clone --quiet $FLEET").map(drop)
}

/// Someone commits the manifest of the shop with this port.
fn commit_port(stage: &mut Stage<'_>, who: &str, port: &str, subject: &str) -> anyhow::Result<()> {
    let service = SERVICE.replace("name: podinfo\nspec", "name: shop\nspec");
    let service = service.replace("port: 9898,", &format!("port: {port},"));
    stage.fleet("git pull --quiet && mkdir -p apps/shop")?;
    std::fs::write(stage.work.join("fleet-infra/apps/shop/service.yaml"), service)?;
    stage.note(&format!("{who} commits apps/shop/service.yaml with port {port}"));
    stage
        .fleet(&format!(
            "git add -A && git commit --quiet --author='{who} <{who}@example.com>' -m '{subject}' && git push --quiet"
        ))
        .map(drop)
}

fn expect_port(stage: &mut Stage<'_>, port: u64) -> anyhow::Result<()> {
    let begun = Instant::now();
    let found = |stage: &Stage<'_>| -> anyhow::Result<Option<u64>> {
        let live = stage.eyes.get("Service/default/shop")?;
        Ok(live.and_then(|live| live["spec"]["ports"][0]["port"].as_u64()))
    };
    while found(stage)? != Some(port) {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "the shop does not listen on {port}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    stage.look(&["Service/shop"])
}

pub(super) fn arrive(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    commit_port(stage, "Grace", "9898", "Open a shop")?;
    stage.note(
        "the branch belongs to the cluster, so that changes to it are proposed ($FLEET is its address)",
    );
    stage.propose(
        "fluxr create kustomization shop --source=GitRepository/flux-system --path=./apps/shop --prune=true --interval=10m \
         --target-namespace=default",
    )?;
    stage.fluxr("fluxr wait kustomization/shop")?;
    expect_port(stage, 9898)?;
    stage.note("a chat ($CHAT) shall be told what happens to the shop");
    stage.fluxr(&format!("fluxr create alert-provider desk --type=generic --address=$CHAT {PUSH}"))?;
    stage.fluxr(&format!(
        "fluxr create alert shop --provider-ref=desk --event-source=Kustomization/shop {PUSH}"
    ))?;
    stage.fluxr("fluxr reconcile kustomization flux-system --with-source").map(drop)
}

pub(super) fn roll_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    commit_port(stage, "Grace", "98980", "Move the shop to port 98980")?;
    stage.ends_with(1, &stage.work.clone(), APPLY)?;
    stage.hear("error", "98980")?;
    stage.note("nothing more is to be applied until the rollback is merged");
    let said = stage.propose("fluxr rollback kustomization/shop --hold")?;
    anyhow::ensure!(said.contains("✔ kustomization suspended"), "the shop was not held:\n{said}");
    let shop = stage.eyes.get("Kustomization/flux-system/shop")?.unwrap_or_default();
    let is_held = shop["spec"]["suspend"] == json!(true);
    anyhow::ensure!(!is_held, "the shop is still held");
    stage.fluxr("fluxr get kustomizations shop")?;
    expect_port(stage, 9898)?;
    let shown = stage.fleet("git pull --quiet && git log -3 --format='%an: %s'")?;
    anyhow::ensure!(shown.contains("Roll back Kustomization/flux-system/shop to main@sha1:"), "{shown}");
    let again = stage.fluxr(&format!("fluxr rollback kustomization/shop {PUSH}"))?;
    anyhow::ensure!(again.contains("is already rolled back"), "it was rolled forward again:\n{again}");
    Ok(())
}

pub(super) fn heal(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("by hand, past Git, someone leads the Service to port 8080 of its pods");
    let ports = json!({"spec": {"ports": [{"name": "http", "port": 9898, "targetPort": 8080}]}});
    stage.eyes.patch("Service/default/shop", &ports)?;
    let said = stage.ends_with(1, &stage.work.clone(), "fluxr drift ks/shop")?;
    anyhow::ensure!(said.contains("Service/default/shop drifted") && said.contains("8080"), "{said}");
    stage.fluxr("fluxr reconcile kustomization shop")?;
    expect_port(stage, 9898)?;
    let said = stage.fluxr("fluxr drift ks/shop")?;
    anyhow::ensure!(said.contains("1 as in Git"), "{said}");
    Ok(())
}

pub(super) fn look_back(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    let said = stage.fluxr("fluxr history ks/shop")?;
    for words in ["#", "Grace", "Move the shop to port 98980", "Roll back Kustomization/flux-system/shop"] {
        anyhow::ensure!(said.contains(words), "no \"{words}\":\n{said}");
    }
    stage.note("the shop closes for a while, and then for good");
    stage.propose("fluxr suspend kustomization shop --reason='counting what is left'")?;
    let held = stage.fluxr("fluxr get kustomizations shop -o wide")?;
    anyhow::ensure!(held.contains("counting what is left"), "{held}");
    stage.propose("fluxr resume kustomization shop")?;
    stage.propose("fluxr delete kustomization shop --silent")?;
    stage.eyes.wait("Service/default/shop", "gone", |live| live.is_none())?;
    stage.look(&["Service/shop"])?;
    let said = stage.fleet("git pull --quiet && git log --format='%an: %s'")?;
    anyhow::ensure!(said.contains("Delete Kustomization/flux-system/shop"), "{said}");
    Ok(())
}
