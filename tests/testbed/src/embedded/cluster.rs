//! A cluster in this process: the API server, what a controller manager and a kubelet would do about Deployments, and the agent.

use super::agent::Agent;
use super::api_server::ApiServer;
use anyhow::Context;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

/// A running cluster; it ends when this value does.
pub struct Cluster {
    // The agent ends before the server that it speaks to.
    agent: Option<Agent>,
    api: ApiServer,
    folder: PathBuf,
}

impl Cluster {
    /// Starts an empty cluster; its kubeconfig is all that it writes below `folder`.
    ///
    /// # Errors
    /// A folder that cannot be written, a port or a thread that cannot be had.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        if folder.exists() {
            std::fs::remove_dir_all(folder).with_context(|| format!("clearing {}", folder.display()))?;
        }
        std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        let api = ApiServer::in_real_time()?;
        let agent = Agent::start(api.shared.clone(), &api.url())?;
        let cluster = Self { agent: Some(agent), api, folder: folder.canonicalize()? };
        let config = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "testbed",
            "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "testbed"}}],
            "clusters": [{"name": "testbed", "cluster": {"server": cluster.api.url()}}],
            "users": [{"name": "testbed", "user": {}}],
        });
        std::fs::write(cluster.kubeconfig(), serde_json::to_string_pretty(&config)?)?;
        Ok(cluster)
    }

    /// The kubeconfig of its only user, who may do everything.
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kubeconfig")
    }

    /// Where its kubeconfig is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.agent.take();
        self.api.stop();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}
