//! A remote repository and what is needed to reach it: URL, credentials, certificate authority, proxy, host keys.

use super::GitUrl;
use super::ssh::SshAuth;
use crate::net::Proxy;
use crate::text::Secret;

/// How the client identifies itself.
#[derive(Clone, Debug, Default)]
pub enum Auth {
    /// Nothing but what the URL itself carries.
    #[default]
    None,
    /// User and password or token, over HTTP.
    Basic { username: String, password: Secret },
    /// A bearer token, over HTTP.
    Bearer(Secret),
    /// A key, over SSH.
    Ssh(SshAuth),
}

/// A remote repository. Cheap to clone; holds no connection.
#[derive(Clone, Debug)]
pub struct Remote {
    pub url: GitUrl,
    pub auth: Auth,
    /// PEM certificates of authorities trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
    /// SSH connections do not use them.
    pub proxy: Proxy,
}

/// What a remote advertises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advertised {
    /// The branch that `HEAD` points to; `None` in an empty repository.
    pub default_branch: Option<String>,
    /// Every branch with the commit it points to, by name.
    pub branches: Vec<(String, String)>,
}

impl Remote {
    /// A remote with these credentials and neither a CA nor a proxy.
    pub fn new(url: GitUrl, auth: Auth) -> Self {
        Self { url, auth, ca: None, proxy: Proxy::default() }
    }

    /// What must not be shown of its address and of what is sent there to log in.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + use<> {
        let sent = match &self.auth {
            Auth::Basic { password, .. } => Some(password.clone()),
            Auth::Bearer(token) => Some(token.clone()),
            Auth::None | Auth::Ssh(_) => None,
        };
        self.url.secrets().chain(sent)
    }
}
