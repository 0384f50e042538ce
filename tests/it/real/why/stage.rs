//! One cluster with Flux, a forge, and a server of charts, for all failures.

use super::failures::Failure;
use super::folders;
use crate::real::charts::Chart;
use crate::real::charts::Charts;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::Value;
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;
use testbed::Cluster;
use testbed::Forge;

pub(super) const TOKEN: &str = "ghp_why0123456789";

pub(super) struct Stage {
    pub(super) cluster: Cluster,
    pub(super) forge: Forge,
    pub(super) charts: String,
    client: kube::Client,
    folder: tempfile::TempDir,
}

pub(super) struct Run {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) code: Option<i32>,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
        let forge = Forge::start(&folder.path().join("forge")).unwrap();
        forge.add_user("ada", TOKEN, "repo");
        forge.create_public_repository("ada/fleet").unwrap();
        forge.create_repository("ada/private").unwrap();
        forge.commit("ada/private", "main", &[("a.yaml", Some("a: 1\n"))], "Begin").unwrap();
        let chart = Chart::new("web", "1.0.0");
        let chart = folders::chart().into_iter().fold(chart, |chart, (path, text)| chart.with(path, text));
        let charts = Charts::open(&[chart]).url();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let kubeconfig = kube::config::Kubeconfig::read_from(cluster.kubeconfig()).unwrap();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &Default::default()).await.unwrap();
        let client = kube::Client::try_from(config).unwrap();
        let stage = Self { cluster, forge, charts, client, folder };
        stage.commit(&folders::all());
        stage.commit(&folders::immutable("first"));
        let installed = stage.fluxr(&["install"]);
        assert_eq!(installed.code, Some(0), "{}", installed.err);
        for name in ["stage", "tight"] {
            stage.put(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await;
        }
        stage
    }

    /// Commits to the repository that the sources read.
    pub(super) fn commit(&self, files: &[(&str, String)]) {
        let files: Vec<(&str, Option<&str>)> =
            files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
        self.forge.commit("ada/fleet", "main", &files, "Change the fleet").unwrap();
    }

    /// Runs the built program with nothing in its environment but the kubeconfig.
    pub(super) fn fluxr(&self, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_fluxr"))
            .args(arguments)
            .env_clear()
            .env("KUBECONFIG", self.cluster.kubeconfig())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }

    /// Applies an object.
    pub(super) async fn put(&self, object: &Value) {
        let api = fluxr::testing::cluster::api_for(&self.client, object).await.unwrap();
        let name = object["metadata"]["name"].as_str().unwrap();
        let applied = api.patch(name, &PatchParams::apply("stage").force(), &Patch::Apply(object)).await;
        applied.unwrap_or_else(|error| panic!("{error}: {object:#}"));
    }

    /// Applies what these failures consist of.
    pub(super) async fn put_all(&self, failures: &[&Failure]) {
        for object in failures.iter().flat_map(|failure| &failure.objects) {
            self.put(object).await;
        }
    }

    /// Changes a Deployment.
    pub(super) async fn merge(&self, kind: &str, namespace: &str, name: &str, patch: &Value) {
        let object = json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"namespace": namespace}});
        let api = fluxr::testing::cluster::api_for(&self.client, &object).await.unwrap();
        api.patch(name, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
    }

    /// Waits until `why` has nothing to say.
    pub(super) async fn wait_until_ready(&self, object: &str) {
        let begun = std::time::Instant::now();
        loop {
            let run = self.fluxr(&["why", object, "-n", "stage"]);
            if run.code == Some(0) {
                return;
            }
            assert!(begun.elapsed() < super::PATIENCE, "{object} is not well:\n{}{}", run.out, run.err);
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    }

    /// A new private key.
    pub(super) fn key(&self, name: &str) -> (String, String) {
        let path = self.folder.path().join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(&path)
            .status()
            .unwrap();
        assert!(made.success());
        let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
        (read(path.clone()), read(path.with_extension("pub")))
    }
}
