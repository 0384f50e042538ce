//! The forge that a repository is at, for what Git alone cannot do.

use super::fleet::Fleet;
use super::forges::known;
use super::login::Login;
use crate::forge::Forge;
use crate::forge::ForgeKind;
use crate::forge::Opening;
use crate::forge::Owner;
use crate::forge::RepositoryAddress;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::ops::Sink;
use crate::ops::git_app::AppLogin;
use crate::text::Secret;
use crate::text::WithHint;
use std::time::Duration;

/// The forge of a repository, ready to be asked; `None` where only its Git is known.
///
/// # Errors
/// Neither a token nor an app for it; an address without an owner; what the forge answers.
pub(super) async fn open(
    login: &Login,
    fleet: &Fleet,
    limit: Duration,
) -> anyhow::Result<Option<Box<dyn Forge>>> {
    let remote = &fleet.remote;
    let Some(forge) = fleet.forge else {
        return match known(&remote.url) {
            // The token would go to whatever host a checkout names.
            Some(forge) => {
                Err(anyhow::anyhow!("only a checkout says that {} is the forge", remote.url.host()))
                    .hint(format!("pass --forge={} to send the token there", forge.word))
            }
            None => Ok(None),
        };
    };
    let token = fleet.app.as_ref().map(|app| &app.token).or(login.token(forge)).cloned();
    let token = token
        .ok_or_else(|| anyhow::anyhow!("a request at {} needs a token", remote.url.host()))
        .hint(format!("export a token as {}", forge.token))?;
    open_with(forge, remote, token, limit).await.map(Some)
}

/// The forge of a repository that its app logs in at, once the token of that was replaced; `None` as long as it need not be.
///
/// # Errors
/// What the forge answers.
pub(super) async fn reopen(
    fleet: &Fleet,
    app: &mut Option<AppLogin>,
    (sink, now): (&dyn Sink, &jiff::Zoned),
    limit: Duration,
) -> anyhow::Result<Option<Box<dyn Forge>>> {
    let (Some(present), Some(forge)) = (&app, fleet.forge) else { return Ok(None) };
    let Some(newer) = present.renewed(sink, now, limit).await? else { return Ok(None) };
    let token = app.insert(newer).token.clone();
    open_with(forge, &fleet.remote, token, limit).await.map(Some)
}

async fn open_with(
    forge: &ForgeKind,
    remote: &Remote,
    token: Secret,
    limit: Duration,
) -> anyhow::Result<Box<dyn Forge>> {
    let target = target(&remote.url, forge.folder)?;
    forge.open(Opening { target, token, ca: remote.ca.clone(), proxy: remote.proxy.clone(), limit }).await
}

/// Which repository an address is of; addresses over HTTP may begin with a folder.
///
/// # Errors
/// An address that has no owner and name.
fn target(url: &GitUrl, folder: &str) -> anyhow::Result<RepositoryAddress> {
    let path = url.path();
    let path = path.trim_matches('/').trim_end_matches(".git");
    let path = path.strip_prefix(folder).unwrap_or(path);
    let (owner, name) = path
        .rsplit_once('/')
        .ok_or_else(|| anyhow::anyhow!("\"{url}\" does not tell the owner and the name of a repository"))?;
    let owner = match owner.strip_prefix('~') {
        Some(user) => Owner::User(user.to_owned()),
        None => Owner::Group(owner.to_owned()),
    };
    Ok(RepositoryAddress { domain: domain(url), owner, name: name.to_owned() })
}

/// The host of the API. Over SSH the port is that of another service.
fn domain(url: &GitUrl) -> String {
    let authority = url.authority();
    let is_usual = url.port() == 443 || url.scheme() == crate::git::Scheme::Ssh;
    match authority.rsplit_once(':') {
        Some((host, _)) if is_usual => host.to_owned(),
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_forge_owner_and_name() {
        for (address, forge, domain, full_name) in [
            ("https://github.com/acme/fleet", Some("github"), "github.com", "acme/fleet"),
            ("ssh://git@github.com/acme/fleet.git", Some("github"), "github.com", "acme/fleet"),
            ("https://gitlab.example.com/a/b/fleet.git", Some("gitlab"), "gitlab.example.com", "a/b/fleet"),
            ("https://code.example.com:3000/ada/fleet", None, "code.example.com:3000", "ada/fleet"),
            (
                "https://bitbucket.example.com/scm/ops/fleet.git",
                Some("bitbucket-server"),
                "bitbucket.example.com",
                "ops/fleet",
            ),
            (
                "ssh://git@my-gitea.example.com:2222/ada/fleet.git",
                Some("gitea"),
                "my-gitea.example.com",
                "ada/fleet",
            ),
        ] {
            let url = GitUrl::parse(address).unwrap();
            let known = known(&url);
            let target = target(&url, known.map_or("", |forge| forge.folder)).unwrap();
            assert_eq!(
                (known.map(|forge| forge.word), &*target.domain, &*target.full_name()),
                (forge, domain, full_name),
                "{address}"
            );
        }
        let user =
            target(&GitUrl::parse("https://bitbucket.example.com/scm/~ada/fleet.git").unwrap(), "scm/")
                .unwrap();
        assert_eq!(user.owner, Owner::User("ada".to_owned()));
        assert!(target(&GitUrl::parse("https://example.com/fleet").unwrap(), "").is_err());
    }
}
