//! What every command works with.

use super::Env;
use super::Tree;
use crate::cluster::Access;
use crate::cluster::Deadline;
use crate::cluster::ProxyVariables;
use crate::net::Proxy;
use crate::ops::ChildVariables;
use crate::ops::Session;
use crate::ui::Ui;
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

    /// What a program that is started to build is given of the environment.
    pub fn child_variables(&self) -> ChildVariables {
        ChildVariables::of(self.env.iter())
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
