//! `install`, `check`, `version` and `uninstall` on a real API server, with real controllers behind the Deployments.

use fluxr::testing::distribution::Release;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use testbed::Cluster;

struct Run {
    out: String,
    err: String,
    code: Option<i32>,
}

/// Runs the built program as `flux` would be run, with nothing in its environment but the kubeconfig.
fn flux(kubeconfig: &Path, arguments: &[&str]) -> Run {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_fluxr"))
        .args(arguments)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .output()
        .unwrap();
    Run {
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code(),
    }
}

fn flux_well(kubeconfig: &Path, arguments: &[&str]) -> Run {
    let run = flux(kubeconfig, arguments);
    assert_eq!(run.code, Some(0), "{arguments:?}\n{}{}", run.out, run.err);
    run
}

/// A kubeconfig for the same server with other credentials, or for another server.
fn changed(cluster: &Cluster, folder: &Path, name: &str, change: impl Fn(&mut Value)) -> std::path::PathBuf {
    let text = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let mut config = fluxr::testing::text::yaml::documents(&text, "kubeconfig").unwrap().remove(0);
    change(&mut config);
    let path = folder.join(name);
    std::fs::write(&path, config.to_string()).unwrap();
    path
}

async fn client(kubeconfig: &Path) -> kube::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
    kube::Client::try_from(config).unwrap()
}

async fn apply(client: &kube::Client, object: Value) {
    use kube::api::Patch;
    use kube::api::PatchParams;
    let api = fluxr::testing::cluster::api_for(client, &object).await.unwrap();
    let name = object["metadata"]["name"].as_str().unwrap().to_owned();
    api.patch(&name, &PatchParams::apply("test").force(), &Patch::Apply(&object)).await.unwrap();
}

async fn is_there(client: &kube::Client, object: Value) -> bool {
    let api = fluxr::testing::cluster::api_for(client, &object).await.unwrap();
    api.get_opt(object["metadata"]["name"].as_str().unwrap()).await.unwrap().is_some()
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// `check` and `version` know what was installed.
fn is_checked(config: &Path) {
    let check = flux_well(config, &["check"]);
    assert!(check.err.ends_with("✔ all checks passed\n"), "{}", check.err);
    assert!(check.err.contains("✔ kustomizations.kustomize.toolkit.fluxcd.io/v1\n"), "{}", check.err);
    let release = Release::current();
    let distribution = format!("flux-{}", release.version);
    let told = format!("✔ distribution: {distribution}\n✔ bootstrapped: false\n");
    assert!(check.err.contains(&told), "{}", check.err);
    let version = flux_well(config, &["version", "-o", "json"]);
    let versions: Value = serde_json::from_str(&version.out).unwrap();
    assert_eq!(versions["distribution"], distribution.as_str());
    let source_controller = release.component("source-controller").unwrap();
    assert_eq!(versions["source-controller"], source_controller.version.as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the testbed"]
async fn an_installation_is_made_checked_repeated_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).unwrap();
    let config = cluster.kubeconfig();

    let pre = flux_well(&config, &["check", "--pre"]);
    assert!(pre.err.ends_with("✔ prerequisites checks passed\n"), "{}", pre.err);
    assert_eq!(pre.out, "");
    let without = flux(&config, &["check"]);
    assert_eq!(without.code, Some(1));
    assert!(without.err.contains("no controllers found in the 'flux-system' namespace"), "{}", without.err);

    let first = flux_well(&config, &["install"]);
    assert!(first.err.ends_with("✔ install finished\n"), "{}", first.err);
    assert!(first.out.lines().all(|line| line.ends_with(" created")), "{}", first.out);
    assert_eq!(first.out.lines().count(), 32);
    for controller in ["source", "kustomize", "helm", "notification"] {
        assert!(
            first.err.contains(&format!("✔ {controller}-controller: deployment ready\n")),
            "{}",
            first.err
        );
        assert!(
            !cluster.log(&format!("{controller}-controller")).is_empty(),
            "{controller}-controller wrote no log"
        );
    }

    let again = flux_well(&config, &["install"]);
    assert!(again.out.lines().all(|line| line.ends_with(" unchanged")), "{}", again.out);
    let changed = flux_well(&config, &["install", "--log-level=debug"]);
    let configured: Vec<&str> = changed.out.lines().filter(|line| line.ends_with(" configured")).collect();
    assert_eq!(configured.len(), 4, "{}", changed.out);

    is_checked(&config);

    // A wrong namespace takes nothing along.
    let client = client(&config).await;
    let typo = flux(&config, &["uninstall", "-n", "default", "--silent"]);
    assert_eq!(typo.code, Some(1));
    assert!(
        typo.err.contains("not installed in the namespace \"default\", but in \"flux-system\""),
        "{}",
        typo.err
    );

    // What Flux deployed keeps running, and what it was told leaves no finalizer behind.
    apply(&client, namespace("apps")).await;
    apply(&client, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "workload", "namespace": "apps"}})).await;
    apply(
        &client,
        json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
            "metadata": {"name": "app", "namespace": "apps", "finalizers": ["finalizers.fluxcd.io"]},
            "spec": {"interval": "1h", "url": "https://127.0.0.1:1/app"}}),
    )
    .await;
    let plan = flux_well(&config, &["uninstall", "--dry-run"]);
    assert!(plan.err.contains("✔ Namespace/flux-system deleted (dry run)\n"), "{}", plan.err);
    flux_well(&config, &["check"]);

    let gone = flux_well(&config, &["uninstall", "--silent"]);
    assert!(gone.err.contains("✔ GitRepository/apps/app finalizers deleted \n"), "{}", gone.err);
    assert!(gone.err.ends_with("✔ Namespace/flux-system deleted \n✔ uninstall finished\n"), "{}", gone.err);
    assert!(is_there(&client, json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "workload", "namespace": "apps"}})).await);

    // At once again: the namespace and the definitions are still going away.
    let again = flux_well(&config, &["install", "--components=source-controller"]);
    assert!(again.out.contains("Namespace/flux-system created\n"), "{}", again.out);
    assert!(again.err.ends_with("✔ install finished\n"), "{}", again.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the testbed"]
async fn a_server_that_refuses_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
    let client = client(&cluster.kubeconfig()).await;
    let path = |name: &str, change: &dyn Fn(&mut Value)| changed(&cluster, folder.path(), name, change);

    let unreachable = path("unreachable", &|config| {
        config["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:1")
    });
    let token = path("token", &|config| config["users"][0]["user"] = json!({"token": "expired-token-value"}));
    for (config, words) in [
        (&unreachable, "cannot reach the API server https://127.0.0.1:1: Connection refused"),
        (&token, "Unauthorized"),
    ] {
        for arguments in [&["check", "--pre"][..], &["install"], &["version"], &["uninstall", "--silent"]] {
            let run = flux(config, arguments);
            assert_eq!(run.code, Some(1), "{arguments:?}");
            assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
            assert!(run.err.contains("\nhint: "), "{arguments:?}: {}", run.err);
            assert!(!run.err.contains("expired-token-value"), "{arguments:?}: {}", run.err);
        }
    }

    // A reader may look at everything, so that only the writing is refused.
    apply(
        &client,
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "reader"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}]}),
    )
    .await;
    apply(
        &client,
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "reader"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]}),
    )
    .await;
    let refused = flux(&cluster.kubeconfig(), &["install", "--as=jane"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("applying CustomResourceDefinition/"), "{}", refused.err);
    assert!(refused.err.contains("User \"jane\" cannot"), "{}", refused.err);
    assert!(refused.err.contains("\nhint: this user lacks the right"), "{}", refused.err);
    assert!(!is_there(&client, namespace("flux-system")).await);
}
