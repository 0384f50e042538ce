//! The chapters that need all controllers and real parts: Helm, image automation, alerts.

use super::before::BOOTSTRAP;
use super::look::is_ready;
use super::stage::PATIENCE;
use super::stage::SERVICE;
use super::stage::Stage;
use serde_json::Value;
use std::time::Duration;
use std::time::Instant;

const COMMIT: &str = "git add -A && git commit --quiet -m";

/// Commits what was written to the fleet repository, and has it applied.
fn deliver(stage: &mut Stage<'_>, subject: &str) -> anyhow::Result<()> {
    stage.fleet(&format!("{COMMIT} '{subject}' && git push --quiet"))?;
    stage.fleet("fluxr reconcile kustomization flux-system --with-source").map(drop)
}

/// Waits until something is so that no command waits for.
fn until(what: &str, mut is_so: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let begun = Instant::now();
    while !is_so()? {
        anyhow::ensure!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

pub(super) fn helm(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("Git still has everything: one bootstrap brings it back, now with all controllers,");
    stage.note("those of images too, and with a deploy key that may write");
    let said = stage.fluxr(&format!(
        "{BOOTSTRAP} --components-extra=image-reflector-controller,image-automation-controller --read-write-key"
    ))?;
    anyhow::ensure!(said.contains("✔ all components are healthy"), "{said}");
    stage
        .eyes
        .wait("Kustomization/flux-system/podinfo", "ready", |live| live.and_then(is_ready) == Some(true))?;
    stage.fluxr("fluxr get kustomizations")?;

    stage.note("a repository of charts has version 1.0.0 of the chart cache, which becomes a release");
    stage.neighbours()?.publish("1.0.0")?;
    stage.fluxr("echo 'replicas: 2' > values.yaml")?;
    stage.fleet("git pull --quiet")?;
    stage.fleet(
        "fluxr create source helm charts --url=$CHARTS --interval=10m --export > ./clusters/my-cluster/cache.yaml",
    )?;
    stage.fleet(
        "fluxr create helmrelease cache --source=HelmRepository/charts --chart=cache --chart-version=1.x \
         --target-namespace=default --release-name=cache --values=../values.yaml --export >> ./clusters/my-cluster/cache.yaml",
    )?;
    deliver(stage, "Add a cache")?;
    stage.fluxr("fluxr wait helmrelease/cache")?;
    let said = stage.fluxr("fluxr get helmreleases")?;
    anyhow::ensure!(said.contains("cache@1.0.0"), "{said}");
    stage.look(&["Deployment/cache"])?;

    stage.note("the authors of the chart publish version 1.1.0");
    stage.neighbours()?.publish("1.1.0")?;
    let said = stage.fluxr("fluxr reconcile helmrelease cache --with-source")?;
    anyhow::ensure!(said.contains("✔ applied revision 1.1.0"), "{said}");
    stage.look(&["Deployment/cache"])?;
    stage.fluxr("fluxr trace deployment cache --namespace default")?;
    stage.fluxr("fluxr debug helmrelease cache --show-values").map(drop)
}

pub(super) fn images(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("the developers of podinfo push their images to a registry; there is 6.2.0");
    stage.push_image("6.2.0")?;
    stage.fleet(
        "fluxr create image repository podinfo --image=$REGISTRY/podinfo --interval=5m --export > ./clusters/my-cluster/images.yaml",
    )?;
    stage.fleet(
        "fluxr create image policy podinfo --image-ref=podinfo --select-semver=6.x --export >> ./clusters/my-cluster/images.yaml",
    )?;
    stage.fleet(
        "fluxr create image update fleet --git-repo-ref=flux-system --git-repo-path=./clusters/my-cluster --checkout-branch=main \
         --author-name=Robot --author-email=robot@example.com --interval=30m --export >> ./clusters/my-cluster/images.yaml",
    )?;
    stage.note("a comment marks the tag that the automation may change");
    stage.fleet(
        "cat >> ./clusters/my-cluster/podinfo-kustomization.yaml <<END\n  images:\n  - name: registry.example/podinfo\n    \
         newName: $REGISTRY/podinfo\n    newTag: 6.2.0 # {\"\\$imagepolicy\": \"flux-system:podinfo:tag\"}\nEND",
    )?;
    deliver(stage, "Follow the images of podinfo")?;
    stage.fluxr("fluxr wait imagerepository/podinfo imagepolicy/podinfo imageupdateautomation/fleet")?;
    stage.fluxr("fluxr get images all")?;

    stage.note("the developers of podinfo push 6.3.0");
    stage.push_image("6.3.0")?;
    let said = stage.fluxr("fluxr reconcile image repository podinfo")?;
    anyhow::ensure!(said.contains("✔ scan fetched 2 tags"), "{said}");
    let said = stage.fluxr("fluxr reconcile image policy podinfo")?;
    anyhow::ensure!(said.contains("/podinfo:6.3.0"), "{said}");
    stage.note("the automation notices by itself");
    let committed =
        || Ok(stage.forge.git("ada/fleet-infra", &["log", "-1", "--format=%an", "main"])? == "Robot");
    until("the automation did not commit", committed)?;
    stage.fluxr("fluxr events --for=ImageUpdateAutomation/fleet")?;
    let said =
        stage.fleet("git pull --quiet && git log -1 --format='%an: %s' && git diff HEAD~1 | grep newTag")?;
    anyhow::ensure!(said.contains("Robot") && said.contains("+    newTag: 6.3.0"), "{said}");
    stage.fluxr("fluxr reconcile kustomization flux-system --with-source")?;
    let image = format!("{}/podinfo:6.3.0", stage.neighbours()?.registry.host());
    until("podinfo does not run 6.3.0", || Ok(stage.eyes.image("podinfo")? == image))?;
    stage.look(&["Deployment/podinfo"])?;
    stage.fluxr("fluxr get images all").map(drop)
}

/// The developers of the application let its Service listen on another port.
fn move_service(stage: &Stage<'_>, port: &str) -> anyhow::Result<()> {
    let moved = SERVICE.replace(" port: 9898", &format!(" port: {port}"));
    let files = [("kustomize/service.yaml", Some(moved.as_str()))];
    stage.forge.commit("ada/podinfo", "master", &files, &format!("Listen on {port}")).map(drop)
}

pub(super) fn alerts(stage: &mut Stage<'_>) -> anyhow::Result<()> {
    stage.note("a chat that takes messages at a webhook shall know what happens to podinfo");
    stage.fleet(
        "fluxr create alert-provider chat --type=generic --address=$CHAT --export > ./clusters/my-cluster/alerts.yaml",
    )?;
    stage.fleet(
        "fluxr create alert podinfo --provider-ref=chat --event-source=Kustomization/podinfo --export >> ./clusters/my-cluster/alerts.yaml",
    )?;
    deliver(stage, "Tell the chat about podinfo")?;

    stage.note("by hand, past Git, someone deletes the Service");
    stage.eyes.delete("Service/default/podinfo")?;
    stage.fluxr("fluxr reconcile kustomization podinfo")?;
    stage.hear("info", "Service/default/podinfo created")?;
    stage.look(&["Service/podinfo"])?;

    stage.note("the developers of podinfo move the Service to port 98980, which does not exist");
    move_service(stage, "98980")?;
    let here = stage.work.clone();
    stage.ends_with(1, &here, "fluxr reconcile kustomization podinfo --with-source")?;
    stage.hear("error", "98980")?;

    stage.note("their pipeline shall call a webhook after each push, signed with a token");
    stage.fluxr("head -c 24 /dev/urandom | base64 > token")?;
    stage.fluxr(
        "fluxr create secret receiver podinfo --type=generic-hmac --hostname=flux.example.com --token-file=./token",
    )?;
    stage.fleet(
        "fluxr create receiver podinfo --type=generic-hmac --secret-ref=podinfo --resource=GitRepository/podinfo \
         --export >> ./clusters/my-cluster/alerts.yaml",
    )?;
    deliver(stage, "Let the pipeline of podinfo call")?;
    stage.fluxr("fluxr wait receiver/podinfo")?;
    stage.note("the developers of podinfo correct the port and push, and their pipeline calls");
    move_service(stage, "9899")?;
    let head = stage.forge.git("ada/podinfo", &["rev-parse", "master"])?;
    let begun = Instant::now();
    stage.fluxr("fluxr trigger receiver podinfo --url=$WEBHOOKS --type=generic-hmac --token-file=./token")?;
    let revision = format!("master@sha1:{head}");
    let applied = |live: &Value| live["status"]["lastAppliedRevision"] == revision;
    stage.eyes.wait("Kustomization/flux-system/podinfo", "repaired", |live| live.is_some_and(applied))?;
    stage.note(&format!("applied {} ms after the call", begun.elapsed().as_millis()));
    stage.hear("info", "Service/default/podinfo configured")?;
    stage.look(&["Service/podinfo"])?;
    stage.fluxr("fluxr get kustomizations podinfo").map(drop)
}
