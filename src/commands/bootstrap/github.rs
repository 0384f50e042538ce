//! `bootstrap github`.

use super::shared;
use super::shared::Particulars;
use super::shared::SharedArgs;
use crate::cli::Context;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::forge::GitHub;
use crate::forge::Permission;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::ops::bootstrap::Provider;
use crate::ops::bootstrap::SourceAuth;
use crate::ops::bootstrap::Team;
use crate::ops::source_secret::SourceSecret;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context as _;
use std::time::Duration;

const EXAMPLES: &str = "\
# Connect the cluster with a repository of an organization, which is created
# if need be; GITHUB_TOKEN holds a token with the scope repo
fluxr bootstrap github --owner=acme --repository=fleet \\
  --path=clusters/production
# What would that do to a repository of your own?
fluxr bootstrap github --owner=ada --personal --repository=fleet \\
  --path=clusters/production --dry-run";

/// Deploy Flux on a cluster connected to a GitHub repository
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GitHubArgs {
    /// User or organisation that owns the repository
    #[arg(long, default_value = "", value_name = "string", hide_default_value = true, help_heading = help_text::REPOSITORY)]
    owner: String,
    /// Name of the repository; it is created when it does not exist
    #[arg(long, default_value = "", value_name = "string", hide_default_value = true, help_heading = help_text::REPOSITORY)]
    repository: String,
    /// Teams that get access, <team> or <team>:<pull|triage|push|maintain|admin>
    #[arg(long, value_parser = items, value_name = "strings", help_heading = help_text::REPOSITORY, hide_short_help = true)]
    team: Vec<Items>,
    /// The owner is a user, not an organisation
    #[arg(long, help_heading = help_text::REPOSITORY)]
    personal: bool,
    /// Make the repository private
    #[arg(long, default_value_t = true, help_heading = help_text::REPOSITORY)]
    private: bool,
    /// How often the cluster looks for new commits
    #[arg(long, default_value = "1m0s", value_parser = go_duration, value_name = "duration", help_heading = help_text::REPOSITORY)]
    interval: Duration,
    /// Host of a GitHub Enterprise Server
    #[arg(long, default_value = "github.com", value_name = "string", help_heading = help_text::REPOSITORY, hide_short_help = true)]
    hostname: String,
    /// Folder of this cluster in the repository
    #[arg(long, value_name = "safeRelativePath", help_heading = help_text::REPOSITORY)]
    path: Option<String>,
    /// Bring an existing repository to these settings too
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    reconcile: bool,
    /// Let the deploy key write
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    read_write_key: bool,
}

impl GitHubArgs {
    pub(super) async fn run(self, shared: &SharedArgs, context: &Context) -> anyhow::Result<()> {
        anyhow::ensure!(
            !shared.reuses_key(),
            "--ssh-signing-reuse-private-key is not supported by 'bootstrap github'; that subcommand generates the SSH transport key \
             in-process and has no operator-supplied key to reuse"
        );
        let signer = shared.check(context)?;
        let teams = self.teams()?;
        anyhow::ensure!(!self.owner.is_empty(), "--owner is required");
        anyhow::ensure!(!self.repository.is_empty(), "--repository is required");
        let (owner, repository) = (self.owner.clone(), self.repository.trim_matches('/').to_owned());
        anyhow::ensure!(
            !repository.contains('/'),
            "\"{repository}\" is not a repository name: GitHub has no sub-groups"
        );
        let domain = self.hostname.trim_start_matches("https://").trim_end_matches('/').to_owned();
        let ca = shared.ca()?;
        let url = GitUrl::parse(&format!("https://{domain}/{owner}/{repository}.git"))?;
        let token = token(context).await?;
        let client = context.client().await?;
        shared::redact_pair(context, &owner, &token);
        let remote = Remote {
            // Over HTTPS any user name goes with a token.
            auth: Auth::Basic { username: owner.clone(), password: token.clone() },
            ca: ca.clone(),
            proxy: shared::proxy(context),
            url,
        };
        let (auth, sync_url) = if shared.token_auth {
            let mut secret = SourceSecret::default().with_basic("git", &token);
            if let Some(ca) = &ca {
                secret = secret.with_ca(&String::from_utf8_lossy(ca));
            }
            (SourceAuth::Fields(secret), format!("https://{domain}/{owner}/{repository}.git"))
        } else {
            let host =
                if shared.ssh_hostname.is_empty() { without_port(&domain) } else { &shared.ssh_hostname };
            let url = format!("ssh://git@{host}/{owner}/{repository}");
            let auth = SourceAuth::Generated {
                algorithm: shared.key.algorithm(),
                host: GitUrl::parse(&url)?,
                host_key_algorithms: list_flag::all(&shared.ssh_hostkey_algos),
            };
            (auth, url)
        };
        let forge = GitHub::new(&domain, ca, &token, &owner, &repository, context.timeout)?;
        let provider = Provider {
            forge: Box::new(forge),
            domain,
            owner,
            repository,
            personal: self.personal,
            private: self.private,
            reconcile: self.reconcile,
            read_write_key: self.read_write_key,
            teams,
        };
        let particulars = Particulars {
            client,
            remote,
            path: self.path,
            sync_url,
            interval: self.interval,
            auth,
            silent: true,
            signer,
            provider: Some(provider),
        };
        shared.bootstrap(particulars, context).await
    }

    /// The teams with their permissions. (Upstream also asks for a team that is literally called `team:permission`.)
    fn teams(&self) -> anyhow::Result<Vec<Team>> {
        let read = |given: &str| {
            let (name, word) = given.split_once(':').unwrap_or((given, "maintain"));
            let permission = Permission::from_word(word).ok_or_else(|| {
                anyhow::anyhow!(
                    "invalid permission \"{word}\" of team \"{name}\", must be one of: pull, triage, push, maintain, admin"
                )
            })?;
            anyhow::ensure!(!name.is_empty(), "invalid team \"{given}\", it has no name");
            Ok(Team { name: name.to_owned(), permission })
        };
        list_flag::each(&self.team).map(read).collect()
    }
}

/// SSH listens on a port of its own.
fn without_port(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => domain,
    }
}

async fn token(context: &Context) -> anyhow::Result<Secret> {
    let token = match context.env.non_empty("GITHUB_TOKEN") {
        Some(token) => Secret::new(token.trim()),
        None => context
            .ui
            .ask_secret("Please enter your GitHub personal access token (PAT): ")
            .await
            .context("could not read token")?,
    };
    context.ui.redact(&token);
    if token.is_empty() {
        return Err(anyhow::anyhow!("no GitHub token was given"))
            .hint("export GITHUB_TOKEN=<token>, with the scope repo, or with administration and contents when fine-grained");
    }
    Ok(token)
}
