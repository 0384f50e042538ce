//! What every command works with.

use super::Env;
use super::Tree;
use crate::cluster::Access;
use crate::cluster::Deadline;
use crate::cluster::ProxyVariables;
use crate::git::SshAuth;
use crate::git::ssh::PrivateKey;
use crate::net::Proxy;
use crate::ops::Elsewhere;
use crate::ops::Session;
use crate::ui::Ui;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// What a command works with.
pub struct Context {
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
    /// Whether that limit was asked for; a watch without one continues until it is interrupted.
    pub timeout_was_given: bool,
    pub verbose: bool,
    /// Pause between polls where no watch tells the news.
    pub poll: Duration,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
}

impl Context {
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

    /// The user's `known_hosts`; a file that cannot be read knows no host, and the host will be refused by name.
    pub fn known_hosts(&self) -> String {
        let files: Vec<PathBuf> = match self.env.non_empty("SSH_KNOWN_HOSTS") {
            Some(list) => std::env::split_paths(list).collect(),
            None => {
                let own = self.env.non_empty("HOME").map(|home| PathBuf::from(home).join(".ssh/known_hosts"));
                own.into_iter().chain([PathBuf::from("/etc/ssh/ssh_known_hosts")]).collect()
            }
        };
        let texts: Vec<String> = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
        texts.join("\n")
    }

    /// How what kustomizations name by an address is reached: as Git and SSH would reach it.
    ///
    /// # Errors
    /// A file of certificates that cannot be read.
    pub fn elsewhere(&self) -> anyhow::Result<Elsewhere> {
        let home = self.env.non_empty("HOME").map(PathBuf::from);
        let file = ["GIT_SSL_CAINFO", "SSL_CERT_FILE"].iter().find_map(|name| self.env.non_empty(name));
        let ca = file.map(|file| crate::text::read(Path::new(file))).transpose()?;
        let cache = self.env.non_empty("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(home.clone()?.join(".cache")));
        let agent = self.env.non_empty("SSH_AUTH_SOCK").map(PathBuf::from);
        let key = if agent.is_some() { None } else { home.and_then(|home| own_key(&home)) };
        Ok(Elsewhere {
            is_offline: false,
            proxy: self.proxy(),
            ca,
            ssh: SshAuth { key, agent, known_hosts: self.known_hosts(), ..SshAuth::default() },
            cache: cache.map(|cache| cache.join("fluxr/repositories")),
        })
    }

    /// What an operation works with. Its time begins now.
    ///
    /// # Errors
    /// As [`Context::client`].
    pub async fn session(&self) -> anyhow::Result<Session<'_>> {
        Ok(self.session_with(self.client().await?))
    }

    /// As [`Context::session`], with a client that is there already.
    pub fn session_with(&self, client: kube::Client) -> Session<'_> {
        Session {
            client,
            sink: &self.ui,
            namespace: &self.namespace,
            deadline: Deadline::after(self.timeout),
            poll: self.poll,
            now: self.now,
        }
    }
}

/// The first of the user's keys that has no passphrase.
fn own_key(home: &Path) -> Option<PrivateKey> {
    ["id_ed25519", "id_ecdsa", "id_rsa"].iter().find_map(|name| {
        let text = std::fs::read_to_string(home.join(".ssh").join(name)).ok()?;
        PrivateKey::parse(&text, None, name).ok()
    })
}
