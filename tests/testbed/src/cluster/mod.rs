//! A cluster of host processes: etcd, the control plane, kwok, and Flux's controllers once their Deployments are there.

mod control_plane;
mod controller;
mod kubelet;
mod parts;
mod pod_logs;
mod pod_status;
mod wanted;

pub(crate) use control_plane::client_of;
pub use parts::Part;
pub use parts::parts;

use crate::tls;
use anyhow::Context;
use control_plane::Access;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running cluster; it ends when this value does.
pub struct Cluster {
    folder: PathBuf,
    access: Option<Access>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl Cluster {
    /// Starts an empty cluster with its state below `folder`, and comes back when its one node is ready.
    ///
    /// # Errors
    /// Binaries that were not built; a part that does not come up, with the place of its log.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        // A cluster is always new: what an earlier one left would come back to life with it.
        if folder.exists() {
            std::fs::remove_dir_all(folder).with_context(|| format!("clearing {}", folder.display()))?;
        }
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let folder = folder.canonicalize()?;
        let (ready, is_ready) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let own = folder.clone();
        // The thread lives as long as the cluster: its children are told to end with it.
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(run(&own, &ready, stopped))
        });
        let mut cluster = Self { folder, access: None, stop: Some(stop), thread: Some(thread) };
        if let Ok(access) = is_ready.recv_timeout(Duration::from_secs(120)) {
            cluster.access = Some(access);
            return Ok(cluster);
        }
        cluster.stop()?;
        anyhow::bail!("the cluster did not come up; its logs are in {}", cluster.folder.display())
    }

    /// Ends everything and waits until it has ended.
    ///
    /// # Errors
    /// What had ended the cluster before: a part that ended by itself.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.stop.take();
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(outcome)) => outcome,
            Some(Err(_)) => anyhow::bail!("the cluster's thread ended in a panic"),
        }
    }

    /// Whether it ended by itself, because a part of it did.
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// What runs in it now.
    ///
    /// # Errors
    /// A file that is damaged.
    pub fn parts(&self) -> anyhow::Result<Vec<Part>> {
        parts(&self.folder)
    }

    /// Where a controller listens on the host, such as `storage` of source-controller or `receiver` of notification-controller.
    pub fn address(&self, controller: &str, purpose: &str) -> Option<String> {
        let parts = self.parts().ok()?;
        parts.iter().find(|part| part.name == controller)?.addresses.get(purpose).cloned()
    }

    /// Writes a kubeconfig for a user in at most two groups, who has only the rights that were granted.
    ///
    /// # Errors
    /// More groups, or a file that cannot be written.
    pub fn kubeconfig_for(&self, user: &str, groups: &[&str]) -> anyhow::Result<PathBuf> {
        let access = self.access.as_ref().context("the cluster is not up")?;
        let path = self.folder.join(format!("{}.kubeconfig", user.replace(['/', ':'], "-")));
        control_plane::write_private(&path, &access.kubeconfig(user, groups)?)?;
        Ok(path)
    }

    /// The kubeconfig of an administrator.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// Where its state and logs are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The log of a part or a controller.
    pub fn log(&self, part: &str) -> String {
        std::fs::read_to_string(self.folder.join(format!("{part}.log"))).unwrap_or_default()
    }

    /// Kills the API server and starts it again; comes back before it is up.
    ///
    /// # Errors
    /// When the wish cannot be written.
    pub fn restart_api_server(&self) -> anyhow::Result<()> {
        std::fs::write(self.folder.join("restart"), "kube-apiserver").context("asking for a restart")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // A caller that wants to know how it ended has called `stop`.
        drop(self.stop());
    }
}

async fn run(
    folder: &Path,
    ready: &mpsc::Sender<Access>,
    stopped: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    let node = TcpListener::bind(("127.0.0.1", 0)).await?;
    let mut plane = control_plane::ControlPlane::start(folder, node.local_addr()?.port()).await?;
    let access = plane.access.clone();
    let logs = pod_logs::PodLogs::new(folder);
    let acceptor = tls::acceptor(&access.authority.server()?)?;
    logs.serve(tls::TlsListener { listener: node, acceptor });
    let mut kubelet = kubelet::Kubelet::new(plane.client.clone(), folder, access.clone(), logs).await?;
    if ready.send(access).is_err() {
        plane.stop().await;
        return Ok(());
    }
    let outcome = tokio::select! {
        outcome = kubelet.run() => outcome,
        outcome = plane.supervise() => outcome,
        _ = stopped => Ok(()),
    };
    kubelet.stop().await;
    plane.stop().await;
    outcome
}
