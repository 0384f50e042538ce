//! A cluster of host processes: etcd, the control plane, kwok, and Flux's controllers once their Deployments are there.

mod control_plane;
mod controller;
mod kubelet;

use anyhow::Context;
use std::path::Path;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// A running cluster; it ends when this value does.
pub struct Cluster {
    folder: PathBuf,
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
        let mut cluster = Self { folder, stop: Some(stop), thread: Some(thread) };
        if is_ready.recv_timeout(Duration::from_secs(120)).is_ok() {
            return Ok(cluster);
        }
        cluster.stop.take();
        match cluster.thread.take().map(JoinHandle::join) {
            Some(Ok(Err(error))) => Err(error),
            _ => anyhow::bail!("the cluster did not come up; its logs are in {}", cluster.folder.display()),
        }
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

    /// Stops the API server, or lets it go on: the process is paused, connections hang.
    ///
    /// # Errors
    /// When the process cannot be told.
    pub fn restart_api_server(&self) -> anyhow::Result<()> {
        std::fs::write(self.folder.join("restart"), "kube-apiserver").context("asking for a restart")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run(folder: &Path, ready: &mpsc::Sender<()>, stopped: oneshot::Receiver<()>) -> anyhow::Result<()> {
    let mut plane = control_plane::ControlPlane::start(folder).await?;
    let _ = ready.send(());
    let mut kubelet = kubelet::Kubelet::new(plane.client.clone(), folder, plane.access.clone()).await?;
    let _ = tokio::select! {
        outcome = kubelet.run() => outcome,
        outcome = plane.supervise() => outcome,
        _ = stopped => Ok(()),
    };
    kubelet.stop().await;
    plane.stop().await;
    Ok(())
}
