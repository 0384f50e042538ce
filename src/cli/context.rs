//! What every command works with.

use super::Env;
use super::Tree;
use crate::cluster::Access;
use crate::cluster::Deadline;
use crate::cluster::ProxyVariables;
use crate::net::Proxy;
use crate::ops::Elsewhere;
use crate::ops::Session;
use crate::ops::SshFiles;
use crate::ui::Ui;
use std::path::PathBuf;
use std::time::Duration;

/// What a command works with.
pub struct CommandContext {
    pub ui: Ui,
    pub env: Env,
    /// The name the program was called by: `fluxr` or `flux`.
    pub program: &'static str,
    /// The commands that there are.
    pub tree: Tree,
    pub access: Access,
    /// The effective namespace.
    pub namespace: String,
    /// Limit of the whole operation.
    pub timeout: Duration,
    /// When that is over.
    pub deadline: Deadline,
    /// Whether that limit was asked for; a watch without one continues until it is interrupted.
    pub timeout_was_given: bool,
    pub verbose: bool,
    /// Pause between polls where no watch tells the news.
    pub poll: Duration,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
}

impl CommandContext {
    /// A client of the API server.
    ///
    /// # Errors
    /// As [`crate::cluster::connect`].
    pub async fn client(&self) -> anyhow::Result<kube::Client> {
        crate::cluster::connect(&self.access).await
    }

    /// The proxies of the environment.
    pub fn proxy(&self) -> Proxy {
        let ProxyVariables { https, http, no } = self.access.proxy.clone();
        Proxy { https: Some(https), http: Some(http), none: Some(no) }
    }

    /// The user's `known_hosts` files.
    pub fn known_hosts(&self) -> Vec<PathBuf> {
        match self.env.non_empty("SSH_KNOWN_HOSTS") {
            Some(list) => std::env::split_paths(list).collect(),
            None => {
                let own = self.env.non_empty("HOME").map(|home| PathBuf::from(home).join(".ssh/known_hosts"));
                own.into_iter().chain([PathBuf::from("/etc/ssh/ssh_known_hosts")]).collect()
            }
        }
    }

    /// How what kustomizations name by an address is reached: as Git and SSH would reach it. No file is read before something is fetched.
    pub fn elsewhere(&self) -> Elsewhere {
        let path = |name: &str| self.env.non_empty(name).map(PathBuf::from);
        let home = path("HOME");
        let keys = ["id_ed25519", "id_ecdsa", "id_rsa"];
        let in_home = |home: &PathBuf| keys.map(|name| home.join(".ssh").join(name)).to_vec();
        let cache = path("XDG_CACHE_HOME").or_else(|| Some(home.as_ref()?.join(".cache")));
        Elsewhere {
            is_offline: false,
            proxy: self.proxy(),
            ca_file: path("GIT_SSL_CAINFO").or_else(|| path("SSL_CERT_FILE")),
            ssh: SshFiles {
                agent: path("SSH_AUTH_SOCK"),
                keys: home.as_ref().map(in_home).unwrap_or_default(),
                known_hosts: self.known_hosts(),
            },
            cache: cache.map(|cache| cache.join("fluxr/repositories")),
        }
    }

    /// What an operation works with. Its time begins now.
    ///
    /// # Errors
    /// As [`CommandContext::client`].
    pub async fn session(&self) -> anyhow::Result<Session<'_>> {
        Ok(self.session_with(self.client().await?))
    }

    /// As [`CommandContext::session`], with a client that is there already.
    pub fn session_with(&self, client: kube::Client) -> Session<'_> {
        Session {
            client,
            sink: &self.ui,
            namespace: &self.namespace,
            deadline: self.deadline,
            poll: self.poll,
            now: self.now,
        }
    }
}
