//! `logs` with the controllers' own output, held against the Flux CLI, through the end of a process and of a pod.

use crate::support::Cli;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::DeleteParams;
use kube::api::ListParams;
use kube::api::LogParams;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;
use testbed::Cluster;

fn flux(cluster: &Cluster, line: &str) -> (Option<i32>, String, String) {
    let ended = Command::new(testbed::build::binary("flux").unwrap())
        .args(line.split(' '))
        .env_clear()
        .env("HOME", cluster.folder())
        .env("KUBECONFIG", cluster.kubeconfig())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ended.status.code(), text(&ended.stdout), text(&ended.stderr))
}

fn pid(cluster: &Cluster, controller: &str) -> Option<u32> {
    cluster.parts().unwrap().into_iter().find(|part| part.name == controller)?.pid
}

#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Makes a repository that cannot be fetched, and gives what the log says about it.
fn fail_to_fetch(cli: &Cli, name: &str) -> String {
    // Right after their definitions, objects take their time to be stored.
    let line =
        ["create", "source", "git", name, "--url=https://127.0.0.1:9/a", "--branch=main", "--timeout=6s"];
    assert!(cli.run(&line).failed().contains("GitRepository source created"));
    format!("GitRepository/{name}.flux-system")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn the_logs_of_controllers_are_those_that_the_flux_cli_shows_and_are_followed_through_restarts() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let cli = Cli::new().with_kubeconfig(&kubeconfig);
    cli.run(&["install", "--components=source-controller,kustomize-controller"]).succeeded();
    let mut following = cli.spawn(&["logs", "-f", "--kind=GitRepository", "--tail=0"]);
    let first = fail_to_fetch(&cli, "app");
    eventually("the failure is logged", || cli.run(&["logs", "--level=error"]).succeeded().contains(&first));
    for line in [
        "logs",
        "logs -A",
        "logs -A --tail=3",
        "logs --level=error",
        "logs -A --level=info",
        "logs --kind=gitrepository --name=APP",
        "logs -n none",
        "logs -A --since-time=2026-01-01T00:00:00Z",
        "logs -A --since=1h",
        "logs -A --since-time=2099-01-01T00:00:00Z",
    ] {
        // Controllers may write between the two answers.
        eventually(line, || {
            let theirs = flux(&cluster, line);
            let ours = cli.run(&line.split(' ').collect::<Vec<_>>());
            theirs == (Some(ours.code), ours.out, ours.err)
        });
    }
    assert!(cli.run(&["logs", "-A"]).succeeded().lines().count() > 10);
    assert!(following.line().contains(&first));

    let before = pid(&cluster, "source-controller").unwrap();
    Command::new("/bin/kill").args(["-KILL", &before.to_string()]).status().unwrap();
    eventually("it is started again", || pid(&cluster, "source-controller").is_some_and(|now| now != before));
    let second = fail_to_fetch(&cli, "restarted");
    while !following.line().contains(&second) {}

    let kubeconfig = kube::config::Kubeconfig::read_from(cluster.kubeconfig()).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    let pods: Api<Pod> = Api::namespaced(kube::Client::try_from(config).unwrap(), "flux-system");
    let listed = pods.list(&ListParams::default().labels("app=source-controller")).await.unwrap();
    let old = listed.items[0].metadata.name.clone().unwrap();
    let of = |limit_bytes, follow| LogParams { limit_bytes, follow, ..LogParams::default() };
    let whole = pods.logs(&old, &of(None, false)).await.unwrap();
    // What follows a limit that is reached is no longer waited for.
    for follow in [false, true] {
        assert_eq!(pods.logs(&old, &of(Some(100), follow)).await.unwrap(), whole[..100], "{follow}");
    }
    pods.delete(&old, &DeleteParams::default()).await.unwrap();
    let third = fail_to_fetch(&cli, "replaced");
    while !following.line().contains(&third) {}
    assert_eq!(following.interrupt(), 130);
}
