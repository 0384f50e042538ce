//! etcd, the API server, the controller manager, the scheduler, and kwok in the place of nodes.

use super::parts;
use super::parts::Part;
use crate::build;
use crate::pki::Authority;
use crate::pki::signing_key;
use crate::ports;
use crate::process;
use anyhow::Context;
use kube::Api;
use kube::api::Patch;
use kube::api::PatchParams;
use kube::api::PostParams;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tokio::process::Child;

/// What it takes to speak to the API server as a user.
#[derive(Clone)]
pub struct Access {
    pub authority: Arc<Authority>,
    pub port: u16,
}

impl Access {
    /// A kubeconfig for the user of that name, in those groups.
    pub fn kubeconfig(&self, user: &str, groups: &[&str]) -> anyhow::Result<String> {
        use base64::Engine;
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let leaf = self.authority.client(user, groups)?;
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "testbed",
            "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "testbed"}}],
            "clusters": [{"name": "testbed", "cluster": {
                "server": format!("https://127.0.0.1:{}", self.port),
                "certificate-authority-data": encode(&self.authority.certificate),
            }}],
            "users": [{"name": "testbed", "user": {
                "client-certificate-data": encode(&leaf.certificate),
                "client-key-data": encode(&leaf.key),
            }}],
        });
        Ok(serde_json::to_string_pretty(&config)?)
    }
}

pub struct ControlPlane {
    folder: PathBuf,
    etcd: Child,
    api_server: Child,
    api_server_arguments: Vec<String>,
    /// The programs that start when the API server answers.
    others: Vec<(&'static str, Child)>,
    pub client: kube::Client,
    pub access: Access,
}

impl ControlPlane {
    /// At `node_port` the API server asks for logs of pods.
    pub async fn start(folder: &Path, node_port: u16) -> anyhow::Result<Self> {
        let authority = Authority::new("testbed")?;
        let server = authority.server()?;
        let (sign, verify) = signing_key()?;
        let file = |name: &str| folder.join(name).display().to_string();
        for (name, content) in [
            ("ca.crt", &authority.certificate),
            ("server.crt", &server.certificate),
            ("server.key", &server.key),
            ("sa.key", &sign),
            ("sa.pub", &verify),
        ] {
            write_private(&folder.join(name), content)?;
        }
        let (client_port, peer_port) = (ports::free_port()?, ports::free_port()?);
        let (clients, peers) =
            (format!("http://127.0.0.1:{client_port}"), format!("http://127.0.0.1:{peer_port}"));
        let etcd = spawn(
            folder,
            "etcd",
            &[
                "--name=default".to_owned(),
                format!("--data-dir={}", file("etcd")),
                format!("--listen-client-urls={clients}"),
                format!("--advertise-client-urls={clients}"),
                format!("--listen-peer-urls={peers}"),
                format!("--initial-advertise-peer-urls={peers}"),
                format!("--initial-cluster=default={peers}"),
                "--unsafe-no-fsync".to_owned(),
                "--log-level=warn".to_owned(),
            ],
        )?;
        let port = ports::free_port()?;
        let access = Access { authority: Arc::new(authority), port };
        write_private(&folder.join("kubeconfig"), &access.kubeconfig("testbed-admin", &["system:masters"])?)?;
        let api_server_arguments = vec![
            format!("--etcd-servers={clients}"),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            format!("--secure-port={port}"),
            "--endpoint-reconciler-type=none".to_owned(),
            "--allow-privileged=true".to_owned(),
            "--authorization-mode=RBAC".to_owned(),
            format!("--client-ca-file={}", file("ca.crt")),
            format!("--tls-cert-file={}", file("server.crt")),
            format!("--tls-private-key-file={}", file("server.key")),
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local".to_owned(),
            format!("--service-account-key-file={}", file("sa.pub")),
            format!("--service-account-signing-key-file={}", file("sa.key")),
            "--service-cluster-ip-range=10.96.0.0/24".to_owned(),
            format!("--kubelet-certificate-authority={}", file("ca.crt")),
            format!("--kubelet-client-certificate={}", file("server.crt")),
            format!("--kubelet-client-key={}", file("server.key")),
            // The drain of a server without a load balancer only costs time.
            "--shutdown-delay-duration=0s".to_owned(),
        ];
        let api_server = spawn(folder, "kube-apiserver", &api_server_arguments)?;
        let client = client_of(&folder.join("kubeconfig")).await?;
        let mut plane = Self {
            folder: folder.to_owned(),
            etcd,
            api_server,
            api_server_arguments,
            others: Vec::new(),
            client,
            access,
        };
        plane.wait_for_api_server().await?;
        plane.start_others(node_port)?;
        plane.tell()?;
        plane.register_node().await?;
        Ok(plane)
    }

    async fn wait_for_api_server(&mut self) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            let request = http_get("/readyz")?;
            if self.client.request_text(request).await.is_ok_and(|answer| answer == "ok") {
                return Ok(());
            }
            for (name, child) in [("etcd", &mut self.etcd), ("kube-apiserver", &mut self.api_server)] {
                if let Some(status) = child.try_wait()? {
                    anyhow::bail!(
                        "{name} ended with {status}; its log is {}",
                        self.folder.join(format!("{name}.log")).display()
                    );
                }
            }
            anyhow::ensure!(
                begun.elapsed() < Duration::from_secs(60),
                "the API server is not ready after a minute"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn start_others(&mut self, node_port: u16) -> anyhow::Result<()> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let kubeconfig = format!("--kubeconfig={}", file("kubeconfig"));
        let open = "--authorization-always-allow-paths=/healthz,/readyz,/livez,/metrics".to_owned();
        let manager = spawn(
            &self.folder,
            "kube-controller-manager",
            &[
                kubeconfig.clone(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={}", ports::free_port()?),
                "--leader-elect=false".to_owned(),
                format!("--root-ca-file={}", file("ca.crt")),
                format!("--service-account-private-key-file={}", file("sa.key")),
                "--use-service-account-credentials=false".to_owned(),
                format!("--cert-dir={}", file("manager")),
                open.clone(),
            ],
        )?;
        let scheduler = spawn(
            &self.folder,
            "kube-scheduler",
            &[
                kubeconfig.clone(),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--secure-port={}", ports::free_port()?),
                "--leader-elect=false".to_owned(),
                format!("--cert-dir={}", file("scheduler")),
                open,
            ],
        )?;
        let stages = include_str!("stages.yaml").replace("{{ NodePort }}", &node_port.to_string());
        std::fs::write(self.folder.join("stages.yaml"), stages)?;
        let kwok_port = ports::free_port()?;
        let kwok = spawn(
            &self.folder,
            "kwok",
            &[
                kubeconfig,
                "--manage-all-nodes=true".to_owned(),
                "--node-ip=127.0.0.1".to_owned(),
                format!("--node-port={kwok_port}"),
                format!("--server-address=127.0.0.1:{kwok_port}"),
                "--node-lease-duration-seconds=40".to_owned(),
                format!("--tls-cert-file={}", file("server.crt")),
                format!("--tls-private-key-file={}", file("server.key")),
                format!("--config={}", file("stages.yaml")),
            ],
        )?;
        self.others =
            vec![("kube-controller-manager", manager), ("kube-scheduler", scheduler), ("kwok", kwok)];
        Ok(())
    }

    async fn register_node(&self) -> anyhow::Result<()> {
        use k8s_openapi::api::core::v1::Node;
        use k8s_openapi::api::core::v1::ServiceAccount;
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client.clone(), "default");
        let nodes: Api<Node> = Api::all(self.client.clone());
        let node = serde_json::from_value(json!({
            "metadata": {"name": "testbed", "labels": {"kubernetes.io/os": "linux", "kubernetes.io/hostname": "testbed"}},
        }))?;
        nodes.create(&PostParams::default(), &node).await.context("registering the node")?;
        let size = json!({"status": {
            "capacity": {"cpu": "64", "memory": "256Gi", "pods": "1000"},
            "allocatable": {"cpu": "64", "memory": "256Gi", "pods": "1000"},
        }});
        nodes.patch_status("testbed", &PatchParams::default(), &Patch::Merge(size)).await?;
        let begun = Instant::now();
        loop {
            let node = nodes.get("testbed").await?;
            let conditions = node.status.and_then(|status| status.conditions).unwrap_or_default();
            let ready =
                conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True");
            let tainted = node.spec.and_then(|spec| spec.taints).is_some_and(|taints| !taints.is_empty());
            // Pods can be created when they find their service account.
            if ready && !tainted && accounts.get_opt("default").await?.is_some() {
                return Ok(());
            }
            anyhow::ensure!(
                begun.elapsed() < Duration::from_secs(60),
                "the node is not ready after a minute"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Watches over the parts; comes back only when one of them ends. A file named `restart` restarts the API server.
    pub async fn supervise(&mut self) -> anyhow::Result<()> {
        loop {
            tokio::time::sleep(Duration::from_millis(200)).await;
            let wish = self.folder.join("restart");
            if wish.exists() {
                std::fs::remove_file(&wish)?;
                self.api_server.kill().await?;
                self.api_server = spawn(&self.folder, "kube-apiserver", &self.api_server_arguments)?;
                self.tell()?;
            }
            for (name, child) in self.children() {
                if let Some(status) = child.try_wait()? {
                    anyhow::bail!("{name} ended with {status}; its log is {name}.log");
                }
            }
        }
    }

    fn children(&mut self) -> impl Iterator<Item = (&'static str, &mut Child)> {
        let first = [("etcd", &mut self.etcd), ("kube-apiserver", &mut self.api_server)];
        first.into_iter().chain(self.others.iter_mut().map(|(name, child)| (*name, child)))
    }

    /// Tells what runs, for the status.
    fn tell(&mut self) -> anyhow::Result<()> {
        let folder = self.folder.clone();
        let part = |(name, child): (&str, &mut Child)| Part {
            name: name.to_owned(),
            namespace: String::new(),
            pid: child.id(),
            ready: true,
            restarts: 0,
            log: folder.join(format!("{name}.log")),
            addresses: BTreeMap::new(),
        };
        let told: Vec<Part> = self.children().map(part).collect();
        parts::tell(&folder, parts::CONTROL_PLANE, &told)
    }

    pub async fn stop(&mut self) {
        for (_, child) in self.children() {
            // One that ended by itself cannot be ended again.
            drop(child.kill().await);
        }
    }
}

fn spawn(folder: &Path, part: &str, arguments: &[String]) -> anyhow::Result<Child> {
    let home = folder.display().to_string();
    process::spawn(&build::binary(part)?, arguments, &[("HOME", &home)], &folder.join(format!("{part}.log")))
}

fn http_get(path: &str) -> anyhow::Result<http::Request<Vec<u8>>> {
    Ok(http::Request::get(path).body(Vec::new())?)
}

/// A client with the identity of the file.
pub(crate) async fn client_of(kubeconfig: &Path) -> anyhow::Result<kube::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = kube::config::Kubeconfig::read_from(kubeconfig)?;
    let options = kube::config::KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
    Ok(kube::Client::try_from(config)?)
}

/// No one else may read keys.
pub(super) fn write_private(path: &Path, content: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes()).with_context(|| format!("writing {}", path.display()))
}
