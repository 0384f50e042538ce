//! `wait` on a real API server: what is there, what comes, what changes, what goes.

use super::stage::Stage;
use crate::support::Cli;
use crate::support::Output;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn objects_are_waited_for_while_they_come_change_and_go() {
    let stage = Stage::new().await;
    stage.fill("flux-system").await;
    let kubeconfig = stage.cluster.kubeconfig();
    let cli = || Cli::new().env("KUBECONFIG", kubeconfig.to_str().unwrap());
    let seen = cli().run(&["wait", "hr/app", "gitrepository/app", "alert/fresh", "--timeout=20s"]);
    assert_eq!((seen.code, seen.err.lines().count()), (0, 3), "{seen:?}");
    let named = cli().run(&["get", "sources", "git", "app", "-o", "name"]);
    assert_eq!(cli().run(&["wait", named.succeeded().trim(), "--timeout=20s"]).code, 0);

    let started = |line: &'static [&'static str]| -> std::thread::JoinHandle<Output> {
        let cli = cli();
        std::thread::spawn(move || cli.run(line))
    };
    let waiting = started(&["wait", "ks/broken", "gitrepo/new", "--timeout=40s"]);
    let gone = started(&["wait", "ks/running", "--for=deleted", "--timeout=40s"]);
    tokio::time::sleep(Duration::from_millis(800)).await;
    let spec = json!({"url": "https://git.example.com/new", "interval": "1m0s"});
    stage.put(&flux_object("GitRepository", "new", spec, ready("True", "stored", json!({})))).await;
    let api = kube::Api::<kube::api::DynamicObject>::namespaced_with(
        stage.client.clone(),
        "flux-system",
        &fluxr::testing::kind::by_name("Kustomization").unwrap().api_resource(),
    );
    let status = kube::api::Patch::Merge(json!({"status": ready("True", "mended", json!({}))}));
    api.patch_status("broken", &kube::api::PatchParams::default(), &status).await.unwrap();
    api.delete("running", &kube::api::DeleteParams::default()).await.unwrap();
    let seen = waiting.join().unwrap();
    assert_eq!(seen.code, 0, "{seen:?}");
    assert!(seen.err.contains("✔ kustomization/broken is ready\n"), "{seen:?}");
    assert!(seen.err.contains("✔ gitrepository/new is ready\n"), "{seen:?}");
    let seen = gone.join().unwrap();
    assert_eq!((seen.code, seen.err.as_str()), (0, "✔ kustomization/running is deleted\n"));

    let seen = cli().run(&["wait", "ks", "--all", "--timeout=2s"]);
    assert!(seen.failed().contains("✗ kustomization/fresh is not ready: "), "{seen:?}");
    assert!(seen.err.contains("✔ kustomization/app is ready\n"), "{seen:?}");
}
