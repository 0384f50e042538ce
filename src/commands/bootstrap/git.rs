//! `bootstrap git`: any Git server, without its API.

use super::shared;
use super::shared::BootstrapSharedArgs;
use super::shared::Particulars;
use crate::cli::CommandContext;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::Scheme;
use crate::git::ssh::KeyPair;
use crate::git::ssh::SshAuth;
use crate::git::ssh::read_known_hosts;
use crate::ops::bootstrap::SourceAuth;
use crate::ops::secret;
use crate::ops::secret::NewSecret;
use crate::text::GoUrl;
use crate::text::Secret;
use crate::text::WithHint as _;
use crate::text::quoted;
use crate::text::with_hint;
use crate::text::without_credentials;
use anyhow::Context as _;
use std::path::PathBuf;
use std::time::Duration;

const EXAMPLES: &str = "\
# Connect the cluster with a repository over HTTPS; GIT_PASSWORD holds a token
fluxr bootstrap git --url=https://git.example.com/ada/fleet \\
  --token-auth --username=ada --path=clusters/production";

/// Deploy Flux on a cluster connected to a Git repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GitArgs {
    /// Address of the repository: ssh or https
    #[arg(long, help_heading = help_text::REPOSITORY)]
    url: String,
    /// How often the cluster looks for new commits
    #[arg(long, default_value = "1m0s", value_parser = go_duration, help_heading = help_text::REPOSITORY)]
    interval: Duration,
    /// Folder of this cluster in the repository
    #[arg(long, value_hint = clap::ValueHint::DirPath, value_name = "path", help_heading = help_text::REPOSITORY)]
    path: Option<String>,
    /// User of basic authentication, or of SSH
    #[arg(long, short = 'u', default_value = "git", help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password or token of basic authentication, or passphrase of the private key; also from GIT_PASSWORD
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
    /// Do not ask whether the public key has access to the repository
    #[arg(long, short = 's', help_heading = help_text::AUTHENTICATION)]
    silent: bool,
    /// Allow http addresses
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    allow_insecure_http: bool,
    /// Use the password as a bearer token; implies --token-auth
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    with_bearer_token: bool,
}

impl GitArgs {
    pub(super) async fn run(
        self,
        mut shared: BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        shared.token_auth |= self.with_bearer_token;
        let given = self.given_password(context);
        context.ui.redact(&given);
        let signer = shared.check(context)?;
        let url = self.repository_url(&shared)?;
        if let Some(password) = url.password() {
            context.ui.redact(&password);
        }
        let ca = shared.ca()?;
        // A password that will be asked for may open the key.
        let is_asked = shared.token_auth && given.is_empty();
        let password = if is_asked { ask_password(context).await? } else { given };
        context.ui.redact(&password);
        shared::redact_pair(context, &self.username, &password);
        let pair = self.key_pair(&shared, &url, &password)?;
        let signer = shared.reused_signer(&password)?.or(signer);
        let client = context.client().await?;
        let sync_url = self.sync_url(&url, &shared);
        let auth = self.source_auth(&shared, pair.as_ref(), &password, ca.as_deref(), &sync_url)?;
        let remote = Remote {
            auth: self.clone_auth(&url, &shared, pair.as_ref(), &password, context).await?,
            ca,
            proxy: context.proxy(),
            url,
        };
        let particulars = Particulars {
            client,
            remote,
            path: self.path,
            sync_url,
            interval: self.interval,
            auth,
            silent: self.silent,
            signer,
            provider: None,
        };
        shared.bootstrap(particulars, context).await
    }

    /// The password of the flag, or of the environment.
    fn given_password(&self, context: &CommandContext) -> Secret {
        let given = self.password.clone().filter(|password| !password.is_empty());
        given.or_else(|| context.env.non_empty("GIT_PASSWORD").map(Secret::new)).unwrap_or_default()
    }

    /// The address, if it is one of a repository that can be bootstrapped.
    fn repository_url(&self, shared: &BootstrapSharedArgs) -> anyhow::Result<GitUrl> {
        anyhow::ensure!(!self.url.is_empty(), "--url is required");
        let read = GoUrl::parse(&self.url).map_err(|error| {
            with_hint(error.into(), GitUrl::instead_of_scp_form(&self.url).unwrap_or_default())
        })?;
        let refused = match read.scheme.as_str() {
            "http" if !self.allow_insecure_http => {
                "scheme http is insecure, pass --allow-insecure-http=true to allow it".to_owned()
            }
            "http" | "https" | "ssh" => String::new(),
            other => format!("scheme {} is not supported", quoted(other)),
        };
        anyhow::ensure!(
            refused.is_empty(),
            "failed to create authentication options for {}: {refused}",
            without_credentials(&self.url)
        );
        let url = GitUrl::of_repository(&self.url)?;
        check_code_commit(&url, shared)?;
        Ok(url)
    }

    /// The key of `--private-key-file`, where anything logs in over SSH.
    fn key_pair(
        &self,
        shared: &BootstrapSharedArgs,
        url: &GitUrl,
        password: &Secret,
    ) -> anyhow::Result<Option<KeyPair>> {
        if shared.token_auth && url.scheme() != Scheme::Ssh {
            return Ok(None);
        }
        let passphrase = Some(password).filter(|password| !password.is_empty());
        shared.key.load(passphrase)
    }

    /// Where the cluster finds the repository: over HTTP with a token, otherwise over SSH.
    fn sync_url(&self, url: &GitUrl, shared: &BootstrapSharedArgs) -> String {
        let bracketed = |host: &str| if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let path = written_path(&self.url);
        let port = written_port(&self.url);
        if shared.token_auth {
            let scheme = if url.scheme() == Scheme::Http { "http" } else { "https" };
            // A port of SSH says nothing about HTTP.
            let port = if url.scheme() == Scheme::Ssh { "" } else { port };
            return format!("{scheme}://{}{port}{path}", bracketed(url.host()));
        }
        let user = match url.user() {
            Some(user) if self.username == "git" => user,
            _ => self.username.clone(),
        };
        let host = if shared.ssh_hostname.is_empty() {
            let port = if url.scheme() == Scheme::Ssh { port } else { "" };
            format!("{}{port}", bracketed(url.host()))
        } else {
            shared.ssh_hostname.clone()
        };
        format!("ssh://{user}@{host}{path}")
    }

    fn source_auth(
        &self,
        shared: &BootstrapSharedArgs,
        pair: Option<&KeyPair>,
        password: &Secret,
        ca: Option<&[u8]>,
        sync_url: &str,
    ) -> anyhow::Result<SourceAuth> {
        if shared.token_auth {
            let secret = NewSecret::default();
            let secret = if self.with_bearer_token {
                secret.with_bearer(password)
            } else {
                secret.with_basic(&self.username, password)
            };
            return Ok(SourceAuth::Fields(match ca {
                Some(ca) => secret.with_ca(&String::from_utf8_lossy(ca)),
                None => secret,
            }));
        }
        let host = GitUrl::parse(sync_url)?;
        let host_key_algorithms = list_flag::all(&shared.ssh_hostkey_algos);
        Ok(match pair {
            Some(pair) => SourceAuth::Loaded {
                pair: Box::new(pair.clone()),
                passphrase: Some(password.clone()).filter(|password| !password.is_empty()),
                host,
                host_key_algorithms,
            },
            None => SourceAuth::Generated { algorithm: shared.key.algorithm(), host, host_key_algorithms },
        })
    }

    /// How this program logs in: as the cluster will, or with what the user has at hand.
    async fn clone_auth(
        &self,
        url: &GitUrl,
        shared: &BootstrapSharedArgs,
        pair: Option<&KeyPair>,
        password: &Secret,
        context: &CommandContext,
    ) -> anyhow::Result<Auth> {
        if url.scheme() != Scheme::Ssh {
            return Ok(if self.with_bearer_token {
                Auth::Bearer(password.clone())
            } else if password.is_empty() {
                Auth::None
            } else {
                Auth::Basic { username: self.username.clone(), password: password.clone() }
            });
        }
        let host_key_algorithms = list_flag::all(&shared.ssh_hostkey_algos);
        Ok(Auth::Ssh(match pair {
            Some(pair) => SshAuth {
                key: Some(pair.key.clone()),
                agent: None,
                known_hosts: secret::scan(url, &host_key_algorithms, context.timeout).await?,
                host_key_algorithms,
            },
            None => SshAuth {
                key: None,
                agent: context.env.non_empty("SSH_AUTH_SOCK").map(PathBuf::from),
                known_hosts: read_known_hosts(&context.known_hosts()),
                host_key_algorithms,
            },
        }))
    }
}

async fn ask_password(context: &CommandContext) -> anyhow::Result<Secret> {
    let asked = context.ui.ask_secret("Please enter your Git repository password: ").await;
    asked.context("could not read token")
}

/// The path as it was written, with its percent signs.
fn written_path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("", |at| &rest[at..])
}

/// The port as it was written, with its colon, also when it is that of the scheme.
fn written_port(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rfind(':') {
        Some(at) if is_port(&authority[at + 1..]) => &authority[at..],
        _ => "",
    }
}

/// What AWS CodeCommit asks for: over SSH the ID of the key as the user, and its file.
fn check_code_commit(url: &GitUrl, shared: &BootstrapSharedArgs) -> anyhow::Result<()> {
    if !(url.host().contains("git-codecommit") && url.host().contains("amazonaws.com")) {
        return Ok(());
    }
    match url.scheme() {
        Scheme::Ssh => {
            let user = url
                .user()
                .context("invalid AWS CodeCommit url: ssh username should be specified in the url")?;
            anyhow::ensure!(
                user != "git",
                "invalid AWS CodeCommit url: ssh username should be the SSH key ID for the provided private key"
            );
            anyhow::ensure!(
                shared.key.file().is_some(),
                "private key file is required for bootstrapping against AWS CodeCommit using ssh"
            );
        }
        Scheme::Https if !shared.token_auth => {
            return Err(anyhow::anyhow!("credentials of AWS IAM cannot be used for CodeCommit yet"))
                .hint("create Git credentials for the IAM user and pass --token-auth --username and --password, or use an ssh:// URL");
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::written_path;
    use super::written_port;

    #[test]
    fn port_and_path_stay_as_they_were_written() {
        for (url, port, path) in [
            ("ssh://git@example.com/a/b", "", "/a/b"),
            ("ssh://git@example.com:22/a%20b", ":22", "/a%20b"),
            ("https://example.com:443/a:1", ":443", "/a:1"),
            ("https://ada:secret@example.com/a", "", "/a"),
            ("ssh://git@[::1]/a", "", "/a"),
            ("ssh://git@[::1]:2222/a", ":2222", "/a"),
            ("https://example.com:8443", ":8443", ""),
        ] {
            assert_eq!((written_port(url), written_path(url)), (port, path), "{url}");
        }
    }
}
