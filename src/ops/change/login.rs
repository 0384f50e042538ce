//! Credentials of a person for the repository: the token of a forge, else what Git itself would use.

use super::forges::FORGES;
use super::forges::known;
use crate::forge::Hosted;
use crate::forge::Word;
use crate::forge::bitbucket::BitbucketServer;
use crate::git;
use crate::git::Auth;
use crate::git::Remote;
use crate::git::Scheme;
use crate::ops::Elsewhere;
use crate::ops::git_source::Server;
use crate::text::Secret;

/// The credentials that are known.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// How repositories are reached: authorities, proxies, SSH.
    pub elsewhere: Elsewhere,
    /// Tokens, each with the word of its forge.
    pub tokens: Vec<(Word, Secret)>,
    /// The forge, if the name of the host does not contain it.
    pub forge: Option<Word>,
    /// A password or token for any host, which was given for Git.
    pub password: Option<Secret>,
}

/// The user that goes with a token; most forges take any.
const USER: &str = "git";

impl Login {
    /// What the variables of the environment hold, the same as for bootstrap.
    pub fn read(
        elsewhere: Elsewhere,
        forge: Option<Word>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let secret = |name: &str| variable(name).map(|text| Secret::new(text.trim()));
        let tokens = FORGES.into_iter().filter_map(|(word, name)| Some((word, secret(name)?)));
        Self { elsewhere, tokens: tokens.collect(), forge, password: secret("GIT_PASSWORD") }
    }

    /// Everything that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.tokens.iter().map(|(_, token)| token).chain(&self.password)
    }

    /// The token of a forge.
    pub(super) fn token(&self, forge: Word) -> Option<&Secret> {
        self.tokens.iter().find(|(word, _)| *word == forge).map(|(_, token)| token)
    }

    /// The repository at an address. `server` is what the cluster knows about its server.
    ///
    /// # Errors
    /// An invalid address of a repository; a file of authorities that cannot be read.
    pub(super) async fn remote(&self, url: &str, server: Server) -> anyhow::Result<Remote> {
        let mut remote = self.elsewhere.remote(url)?;
        remote.ca = remote.ca.or(server.ca);
        if let Auth::Ssh(ssh) = &mut remote.auth {
            ssh.known_hosts.push('\n');
            ssh.known_hosts.push_str(&server.known_hosts);
            return Ok(remote);
        }
        if remote.url.password().is_none() && remote.url.scheme() != Scheme::Ssh {
            remote.auth = self.over_http(&remote).await;
        }
        Ok(remote)
    }

    async fn over_http(&self, remote: &Remote) -> Auth {
        let forge = self.forge.or_else(|| known(&remote.url));
        if let Some((forge, token)) = forge.and_then(|forge| Some((forge, self.token(forge)?))) {
            // Bitbucket Server takes a token with the name of its owner only, or alone.
            return match forge {
                BitbucketServer::COMMAND => Auth::Bearer(token.clone()),
                _ => basic(USER.to_owned(), token),
            };
        }
        if let Some(password) = &self.password {
            return basic(remote.url.user().unwrap_or_else(|| USER.to_owned()), password);
        }
        let url = remote.url.clone();
        let stored = tokio::task::spawn_blocking(move || git::stored_credentials(&url)).await;
        match stored.ok().flatten() {
            Some((user, password)) => basic(user, &password),
            None => Auth::None,
        }
    }
}

fn basic(username: String, password: &Secret) -> Auth {
    Auth::Basic { username, password: password.clone() }
}
