//! `create secret git`.

use crate::cli::CommandContext;
use crate::cli::SshKeyArgs;
use crate::cli::help_text;
use crate::commands::create::common;
use crate::commands::create::common::SharedArgs;
use crate::commands::create::secret::deliver;
use crate::git::GitUrl;
use crate::git::Scheme;
use crate::ops;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use anyhow::Context as _;
use std::path::PathBuf;

const EXAMPLES: &str = "\
# User and token for a repository over HTTPS
fluxr create secret git app-login --url=https://github.com/acme/app \\
  --username=git --password=\"$GIT_PASSWORD\"";

/// Create or update a Kubernetes secret for Git authentication
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SecretGitArgs {
    /// Name of the Secret
    #[arg(value_name = "name")]
    name: Vec<String>,
    /// Address of the repository: ssh, http or https
    #[arg(long)]
    url: String,
    /// User of basic authentication
    #[arg(long, short = 'u', help_heading = help_text::AUTHENTICATION)]
    username: String,
    /// Password of basic authentication, or of the private key
    #[arg(long, short = 'p', help_heading = help_text::AUTHENTICATION)]
    password: Option<Secret>,
    /// Bearer token, instead of user and password
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    bearer_token: Option<Secret>,
    #[command(flatten)]
    key: SshKeyArgs,
    /// File with the certificate authority of the server
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    ca_crt_file: Option<PathBuf>,
}

impl SecretGitArgs {
    pub(super) async fn run(self, shared: SharedArgs, context: &CommandContext) -> anyhow::Result<()> {
        let name = common::name_of(&self.name)?.to_owned();
        anyhow::ensure!(!self.url.is_empty(), "url is required");
        let url = common::url(&self.url)?;
        let labels = shared.labels()?;
        let ui = &context.ui;
        let (secret, public) = match common::scheme(&url)? {
            Scheme::Ssh => {
                let pair = common::key_pair(&self.key, self.password.as_ref(), ui).await?;
                let host = GitUrl::parse(&self.url)?;
                let known_hosts = ops::secret::scan(&host, &[], context.timeout).await?;
                (NewSecret::ssh(&pair, &known_hosts, self.password.as_ref()), Some(pair.public))
            }
            Scheme::Http | Scheme::Https => (self.over_http()?, None),
        };
        if let Some(public) = public.filter(|_| !shared.export) {
            // With an empty line below it, as upstream: the key ends its own line.
            ui.generate(format!("deploy key: {public}"));
        }
        deliver(context, &shared, &name, "git", &secret.with_labels(labels)).await
    }

    fn over_http(&self) -> anyhow::Result<NewSecret> {
        let password = self.password.as_ref().filter(|password| !password.is_empty());
        let bearer = self.bearer_token.as_ref().filter(|token| !token.is_empty());
        let basic = password.filter(|_| !self.username.is_empty());
        let mut secret = match (basic, bearer) {
            (Some(_), Some(_)) => {
                anyhow::bail!("user credentials and bearer token cannot be used together")
            }
            (Some(password), None) => NewSecret::default().with_basic(&self.username, password),
            (None, Some(token)) => NewSecret::default().with_bearer(token),
            (None, None) => {
                anyhow::bail!("for Git over HTTP/S the username and password, or a bearer token is required")
            }
        };
        if let Some(path) = self.ca_crt_file.as_ref().filter(|path| !path.as_os_str().is_empty()) {
            let ca = crate::text::read_text(path).context("unable to read TLS CA file")?;
            secret = secret.with_ca(&ca);
        }
        Ok(secret)
    }
}
