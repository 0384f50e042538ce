//! Watches on a real API server: connections break, the server restarts, history is forgotten; every change is one row.

use super::objects::install_definitions;
use crate::support::Cli;
use crate::support::Running;
use kube::Api;
use kube::Client;
use kube::api::DynamicObject;
use kube::api::Patch;
use kube::api::PatchParams;
use serde_json::json;
use std::collections::BTreeSet;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use testbed::Cluster;

const OBJECTS: usize = 6;

/// A way to the API server that can be cut.
struct Cable {
    port: u16,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cable = Self {
            port: listener.local_addr().unwrap().port(),
            is_cut: Arc::default(),
            open: Arc::default(),
        };
        let (server, is_cut, open) = (server.to_owned(), cable.is_cut.clone(), cable.open.clone());
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // What is refused here is what a caller sees whose way is cut.
                let Ok(far) = TcpStream::connect(&server) else { continue };
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
                open.lock().unwrap().extend(ends);
                for (mut from, mut to) in [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)]
                {
                    std::thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        cable
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for end in self.open.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

/// Kustomizations whose message is changed, and the rows that a watch has to show for it.
struct Scene {
    api: Api<DynamicObject>,
    step: usize,
    wanted: Vec<String>,
}

impl Scene {
    /// Changes an object; each call changes the next one.
    async fn change(&mut self) {
        let (name, message) = (format!("app-{}", self.step % OBJECTS), format!("step {}", self.step));
        self.step += 1;
        let condition = json!({
            "type": "Ready", "status": "True", "reason": "Tested", "message": message,
            "lastTransitionTime": "2026-01-02T03:04:05Z",
        });
        let patch = Patch::Merge(json!({"status": {"conditions": [condition]}}));
        // A server that has just come back may still refuse.
        let mut tries = 0;
        while let Err(error) = self.api.patch_status(&name, &PatchParams::default(), &patch).await {
            tries += 1;
            assert!(tries < 300, "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.wanted.push(format!("default\t{name}\t\tFalse\tTrue\t{message}\t"));
    }

    /// Every wanted row comes, in any order among those that came together, and nothing else.
    #[track_caller]
    fn is_seen_by(&mut self, watching: &mut Running, when: &str) {
        let wanted: BTreeSet<String> = self.wanted.drain(..).collect();
        let seen: Vec<String> = wanted.iter().map(|_| squeezed(&watching.line())).collect();
        let distinct: BTreeSet<String> = seen.iter().cloned().collect();
        assert_eq!(distinct, wanted, "{when}: {seen:?}");
        assert!(watching.is_silent_for(Duration::from_millis(300)), "{when}: a row too many");
    }
}

/// A row without the spaces that align it.
fn squeezed(row: &str) -> String {
    row.split('\t').map(str::trim).collect::<Vec<_>>().join("\t")
}

async fn scene(client: &Client) -> Scene {
    let kind = fluxr::testing::kind::by_name("Kustomization").unwrap();
    let api: Api<DynamicObject> = Api::default_namespaced_with(client.clone(), &kind.api_resource());
    let spec =
        json!({"interval": "1h", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "app"}});
    for number in 0..OBJECTS {
        let name = format!("app-{number}");
        let object = json!({
            "apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"name": name}, "spec": spec,
        });
        api.patch(&name, &PatchParams::apply("test"), &Patch::Apply(object)).await.unwrap();
    }
    Scene { api, step: 0, wanted: Vec::new() }
}

#[test]
#[ignore = "needs the testbed"]
fn no_row_is_lost_or_repeated_when_connections_break_and_the_server_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(folder.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
    let address = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let cable = Cable::to(address.find(&kubeconfig).unwrap().as_str());
    let cli = Cli::new().with_kubeconfig(&address.replace(&kubeconfig, format!("127.0.0.1:{}", cable.port)));
    let mut scene = runtime.block_on(async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = kube::config::Kubeconfig::from_yaml(&kubeconfig).unwrap();
        let config = kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        install_definitions(&client).await;
        scene(&client).await
    });
    for _ in 0..OBJECTS {
        runtime.block_on(scene.change());
    }
    let mut watching = cli.spawn(&["get", "kustomizations", "-A", "--watch", "--no-header"]);
    scene.is_seen_by(&mut watching, "the list");

    runtime.block_on(scene.change());
    scene.is_seen_by(&mut watching, "a change");

    cable.cut();
    cable.mend();
    for _ in 0..2 {
        runtime.block_on(scene.change());
    }
    scene.is_seen_by(&mut watching, "after a connection broke");

    cluster.restart_api_server().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    runtime.block_on(scene.change());
    scene.is_seen_by(&mut watching, "after the server restarted");

    // A server that restarted remembers nothing from before, so that the watch's version is too old.
    cable.cut();
    for _ in 0..OBJECTS {
        runtime.block_on(scene.change());
    }
    cluster.restart_api_server().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    cable.mend();
    scene.is_seen_by(&mut watching, "after the version had expired");

    runtime.block_on(scene.change());
    scene.is_seen_by(&mut watching, "in the end");
    assert!(watching.is_running());
    assert_eq!(watching.interrupt(), 130);
}
