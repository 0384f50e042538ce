//! Credentials of a person for the repository: the token of a forge, else what Git itself would use.

use super::forges::is_public;
use super::forges::known;
use crate::forge::FORGES;
use crate::forge::ForgeKind;
use crate::git;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::Scheme;
use crate::ops::Elsewhere;
use crate::ops::git_app::AppLogin;
use crate::ops::git_source::Server;
use crate::text::Secret;
use crate::text::is_this_machine;

/// The credentials that are known.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// How repositories are reached: authorities, proxies, SSH.
    pub elsewhere: Elsewhere,
    /// Tokens, each with its forge.
    pub tokens: Vec<(&'static ForgeKind, Secret)>,
    /// The forge, if the name of the host does not contain it.
    pub forge: Option<&'static ForgeKind>,
    /// A password or token for any host, which was given for Git.
    pub password: Option<Secret>,
    /// Git's configuration, which names credential helpers.
    pub settings: git::Settings,
}

/// Who names the address of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedBy {
    /// The one who runs the command, or the cluster that this one chose.
    Person,
    Checkout,
}

/// The user that goes with a token; most forges take any.
const USER: &str = "git";

impl Login {
    /// What the variables of the environment hold, the same as for bootstrap. Those of Git may be set to nothing.
    pub fn read(
        elsewhere: Elsewhere,
        forge: Option<&'static ForgeKind>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let given = |name: &str| variable(name).filter(|text| !text.is_empty());
        let secret = |name: &str| given(name).map(|text| Secret::new(text.trim()));
        let tokens = FORGES.iter().filter_map(|forge| Some((forge, secret(forge.token)?)));
        let tokens = tokens.collect();
        Self {
            elsewhere,
            tokens,
            forge,
            password: secret("GIT_PASSWORD"),
            settings: git::Settings::read(variable),
        }
    }

    /// Everything that must not be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.tokens.iter().map(|(_, token)| token).chain(&self.password)
    }

    /// The token of a forge.
    pub(super) fn token(&self, forge: &ForgeKind) -> Option<&Secret> {
        self.tokens.iter().find(|(known, _)| *known == forge).map(|(_, token)| token)
    }

    /// The forge at an address, whose token is sent there. A checkout is not trusted: a host that it alone names has to be a public forge.
    pub(super) fn forge_at(&self, url: &GitUrl, from: NamedBy) -> Option<&'static ForgeKind> {
        self.forge.or_else(|| known(url).filter(|_| from == NamedBy::Person || is_public(url)))
    }

    /// Whether the GitHub App of the cluster logs in at an address: nothing that is given does.
    pub(super) fn needs_app(&self, url: &str, from: NamedBy) -> bool {
        let is_other = self.forge.is_some_and(|forge| forge != ForgeKind::of_apps());
        let is_https = |url: &GitUrl| url.scheme() == Scheme::Https && url.password().is_none();
        !is_other
            && self.password.is_none()
            && from == NamedBy::Person
            && GitUrl::parse(url).is_ok_and(|url| is_https(&url) && self.token_at(&url, from).is_none())
    }

    /// The repository at an address. `server` is what the cluster knows about its server, and `app` its app, if that logs in.
    ///
    /// # Errors
    /// An invalid address of a repository; a file of authorities that cannot be read.
    pub(super) async fn remote(
        &self,
        url: &str,
        from: NamedBy,
        server: Server,
        app: Option<&AppLogin>,
    ) -> anyhow::Result<Remote> {
        let mut remote = self.elsewhere.remote(url)?;
        // A pipeline has a token, and no key: at the public forges the same repository is known over HTTPS.
        let forge = self.forge_at(&remote.url, from).filter(|_| is_public(&remote.url));
        if remote.url.scheme() == Scheme::Ssh && forge.is_some_and(|forge| self.token(forge).is_some()) {
            remote = self.elsewhere.remote(&format!("https://{}{}", remote.url.host(), remote.url.path()))?;
        }
        remote.ca = remote.ca.or(server.ca);
        if let Auth::Ssh(ssh) = &mut remote.auth {
            ssh.known_hosts.push('\n');
            ssh.known_hosts.push_str(&server.known_hosts);
            return Ok(remote);
        }
        if remote.url.password().is_none() && remote.url.scheme() != Scheme::Ssh {
            remote.auth = match app {
                Some(app) => app.auth(),
                None => self.over_http(&remote, from).await,
            };
        }
        Ok(remote)
    }

    /// The token that is sent to an address over HTTP.
    pub(super) fn token_at(&self, url: &GitUrl, from: NamedBy) -> Option<(&'static ForgeKind, &Secret)> {
        // Nothing is encrypted over plain HTTP: only this machine gets a token, unless --forge asks for it.
        let is_safe = url.scheme() != Scheme::Http || is_this_machine(url.host()) || self.forge.is_some();
        let forge = self.forge_at(url, from).filter(|_| is_safe)?;
        Some((forge, self.token(forge)?))
    }

    async fn over_http(&self, remote: &Remote, from: NamedBy) -> Auth {
        if let Some((forge, token)) = self.token_at(&remote.url, from) {
            return match forge.takes_bearer {
                true => Auth::Bearer(token.clone()),
                false => basic(USER.to_owned(), token),
            };
        }
        if let Some(password) = &self.password {
            return basic(remote.url.user().unwrap_or_else(|| USER.to_owned()), password);
        }
        let (settings, url) = (self.settings.clone(), remote.url.clone());
        let stored = tokio::task::spawn_blocking(move || git::stored_credentials(&settings, &url)).await;
        match stored.ok().flatten() {
            Some((user, password)) => basic(user, &password),
            None => Auth::None,
        }
    }
}

fn basic(username: String, password: &Secret) -> Auth {
    Auth::Basic { username, password: password.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github() -> Option<&'static ForgeKind> {
        FORGES.iter().find(|forge| forge.word == "github")
    }

    fn login(forge: Option<&'static ForgeKind>) -> Login {
        let tokens = [("GITHUB_TOKEN", "hunter22"), ("GITLAB_TOKEN", "hunter23")];
        let variable = |name: &str| {
            let found = tokens.iter().find(|(known, _)| *known == name);
            found.map(|(_, token)| (*token).to_owned())
        };
        Login::read(Elsewhere::default(), forge, variable)
    }

    #[test]
    fn the_token_of_a_forge_goes_to_its_own_hosts() {
        let at = |url: &str, from| {
            login(None).forge_at(&GitUrl::parse(url).unwrap(), from).map(|forge| forge.word)
        };
        for (url, by_person, by_checkout) in [
            ("https://github.com/acme/fleet", Some("github"), Some("github")),
            ("ssh://git@gitlab.com/acme/fleet", Some("gitlab"), Some("gitlab")),
            ("https://github.example.com/acme/fleet", Some("github"), None),
            ("https://gitlab.example.com/acme/fleet", Some("gitlab"), None),
            ("https://code.example.com/acme/fleet", None, None),
        ] {
            assert_eq!(at(url, NamedBy::Person), by_person, "{url}");
            assert_eq!(at(url, NamedBy::Checkout), by_checkout, "{url}");
        }
        let url = GitUrl::parse("https://code.example.com/acme/fleet").unwrap();
        assert_eq!(login(github()).forge_at(&url, NamedBy::Checkout), github());
    }

    #[tokio::test]
    async fn with_a_token_a_public_forge_needs_no_key() {
        let url = "ssh://git@github.com/acme/fleet.git";
        let remote = login(None).remote(url, NamedBy::Person, Server::default(), None).await.unwrap();
        assert_eq!(remote.url.to_string(), "https://github.com/acme/fleet.git");
        assert!(matches!(remote.auth, Auth::Basic { .. }));
        for url in ["ssh://git@github.example.com/acme/fleet.git", "ssh://git@codeberg.org/acme/fleet.git"] {
            let remote = login(None).remote(url, NamedBy::Person, Server::default(), None).await.unwrap();
            assert_eq!(remote.url.to_string(), url);
        }
    }

    #[tokio::test]
    async fn a_token_is_not_sent_in_the_clear() {
        let has_token = async |url: &str, forge| {
            let remote = login(forge).remote(url, NamedBy::Person, Server::default(), None).await.unwrap();
            matches!(remote.auth, Auth::Basic { .. })
        };
        assert!(has_token("https://github.example.com/acme/fleet", None).await);
        assert!(!has_token("http://github.example.com/acme/fleet", None).await);
        assert!(has_token("http://github.example.com/acme/fleet", github()).await);
    }
}
