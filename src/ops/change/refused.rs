//! Where the credentials for a repository come from, and what to do if its server refuses them.

use super::forges::is_public;
use super::forges::known;
use super::login::Login;
use super::login::NamedBy;
use crate::forge::FORGES;
use crate::forge::ForgeKind;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::Scheme;

/// Where the credentials for a repository come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The variable with the token of this forge.
    Token(&'static ForgeKind),
    /// `GIT_PASSWORD`.
    Password,
    /// A credential helper of Git.
    Helper,
    /// The address itself.
    Address,
    /// Keys of SSH.
    Key,
    /// There are none.
    Nothing,
}

impl Login {
    fn origin(&self, remote: &Remote, from: NamedBy) -> Origin {
        match &remote.auth {
            _ if remote.url.scheme() == Scheme::Ssh => Origin::Key,
            _ if remote.url.password().is_some() => Origin::Address,
            Auth::None => Origin::Nothing,
            _ => match self.token_at(&remote.url, from) {
                Some((forge, _)) => Origin::Token(forge),
                None if self.password.is_some() => Origin::Password,
                None => Origin::Helper,
            },
        }
    }

    /// What to do if the Git server refuses the credentials.
    pub(super) fn when_refused(&self, remote: &Remote, from: NamedBy) -> String {
        let (url, host) = (&remote.url, remote.url.host());
        match self.origin(remote, from) {
            Origin::Token(forge) => self.when_token_is_refused(url, forge),
            Origin::Password => format!(
                "{host} refused the password in GIT_PASSWORD: correct it, or unset it and {}",
                self.another_way(url)
            ),
            Origin::Helper => format!(
                "{host} refused the password that a credential helper of Git has for it: store another one there, or {}",
                self.another_way(url)
            ),
            Origin::Address => {
                format!("{host} refused the password in the address of the repository: correct it there")
            }
            Origin::Key => "load a key into the SSH agent that may write to the repository, or pass its address over HTTPS with --fleet-url, to log in with a token"
                .to_owned(),
            Origin::Nothing => {
                format!("nothing was sent to {host} to log in with: {}", self.another_way(url))
            }
        }
    }

    /// What to do if a forge refuses its token.
    pub(super) fn when_token_is_refused(&self, url: &GitUrl, forge: &ForgeKind) -> String {
        let (variable, word, host) = (forge.token, forge.word, url.host());
        let renew = format!("create another one and export it as {variable}");
        let others = listed(|other| other != forge);
        if self.forge.is_some() {
            return format!(
                "{host} refused the token in {variable}, which --forge={word} sends there: {renew}, or correct --forge if it is another forge ({others})"
            );
        }
        if is_public(url) {
            return format!("{host} refused the token in {variable}: {renew}");
        }
        let name = forge.name_in_hosts();
        format!(
            "{host} refused the token in {variable}, which is sent there because \"{name}\" is in the name of the host: {renew}, or pass --forge if it is another forge ({others})"
        )
    }

    /// How else to log in, by what is known of the host.
    fn another_way(&self, url: &GitUrl) -> String {
        match self.forge.or_else(|| known(url)) {
            Some(forge) if self.token(forge).is_none() => {
                format!(
                    "export a token as {}, or store a password with a credential helper of Git",
                    forge.token
                )
            }
            // Only a checkout names the host, or nothing is encrypted.
            Some(forge) if self.forge.is_none() => {
                format!("pass --forge={} to send the token in {} there", forge.word, forge.token)
            }
            Some(_) => "store a password with a credential helper of Git".to_owned(),
            None => {
                let set = self.tokens.first().map(|(forge, _)| *forge);
                match set {
                    Some(forge) => format!(
                        "pass --forge={} if that is its forge, to send the token in {} there (or {})",
                        forge.word,
                        forge.token,
                        listed(|other| other != forge)
                    ),
                    None => format!(
                        "name its forge with --forge ({}) and export its token, or export a password as GIT_PASSWORD, or store one with a credential helper of Git",
                        listed(|_| true)
                    ),
                }
            }
        }
    }
}

fn listed(is_meant: impl Fn(&ForgeKind) -> bool) -> String {
    let words = FORGES.iter().filter(|forge| is_meant(forge)).map(|forge| forge.word);
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Elsewhere;
    use crate::ops::git_source::Server;

    /// The hint for a repository where these variables are set.
    async fn said(url: &str, forge: Option<&str>, variables: &[&str], from: NamedBy) -> String {
        let set = |name: &str| variables.contains(&name).then(|| "hunter22".to_owned());
        let nothing = |name: &str| match name {
            "GIT_CONFIG_NOSYSTEM" => Some("true".to_owned()),
            "GIT_CONFIG_GLOBAL" => Some(String::new()),
            _ => None,
        };
        let forge = FORGES.iter().find(|known| Some(known.word) == forge);
        let login = Login::read(Elsewhere::default(), forge, |name| set(name).or_else(|| nothing(name)));
        let remote = login.remote(url, from, Server::default(), None).await.unwrap();
        login.when_refused(&remote, from)
    }

    #[tokio::test]
    async fn what_was_refused_is_told_from_what_was_not_sent() {
        use NamedBy::Checkout;
        use NamedBy::Person;
        let (tokens, none) = (&["GITHUB_TOKEN"][..], &[][..]);
        let (github, odd) = ("https://github.example.com/acme/fleet", "https://code.example.com/acme/fleet");
        for (url, forge, variables, from, words) in [
            (
                "https://github.com/a/b",
                None,
                tokens,
                Person,
                "github.com refused the token in GITHUB_TOKEN: create",
            ),
            (github, None, tokens, Person, "because \"github\" is in the name of the host"),
            (github, None, tokens, Checkout, "pass --forge=github to send the token in GITHUB_TOKEN there"),
            (
                github,
                None,
                none,
                Person,
                "nothing was sent to github.example.com to log in with: export a token as GITHUB_TOKEN",
            ),
            (odd, Some("github"), tokens, Person, "which --forge=github sends there"),
            (odd, None, tokens, Person, "pass --forge=github if that is its forge"),
            (
                odd,
                None,
                none,
                Person,
                "name its forge with --forge (github, gitlab, gitea, bitbucket-server)",
            ),
            (odd, None, &["GIT_PASSWORD"], Person, "refused the password in GIT_PASSWORD"),
            (
                odd,
                Some("gitlab"),
                &["GIT_PASSWORD", "GITHUB_TOKEN"],
                Person,
                "export a token as GITLAB_TOKEN",
            ),
            ("http://github.example.com/a/b", None, tokens, Person, "pass --forge=github to send"),
            (
                "https://ada:x@code.example.com/a/b",
                None,
                tokens,
                Person,
                "refused the password in the address",
            ),
            ("ssh://git@code.example.com/a/b", None, tokens, Person, "load a key into the SSH agent"),
        ] {
            let said = said(url, forge, variables, from).await;
            assert!(said.contains(words), "{url}: no \"{words}\" in: {said}");
            assert!(!said.contains("hunter22"), "{said}");
        }
    }
}
