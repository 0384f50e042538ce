//! `bootstrap` at a forge, whichever it is: its flags, and the way from them to a run.

use super::shared;
use super::shared::BootstrapSharedArgs;
use super::shared::Particulars;
use crate::cli::CommandContext;
use crate::cli::go_duration;
use crate::cli::help_text;
use crate::cli::list_flag;
use crate::cli::list_flag::Items;
use crate::cli::list_flag::items;
use crate::forge::Forge;
use crate::forge::Hosted;
use crate::forge::Opening;
use crate::forge::Owner;
use crate::forge::RepositoryAddress;
use crate::forge::Team;
use crate::forge::Word;
use crate::git::Auth;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::ssh::KeyPair;
use crate::ops::bootstrap;
use crate::ops::bootstrap::Provider;
use crate::ops::bootstrap::SourceAuth;
use crate::ops::secret::NewSecret;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::find_cause;
use crate::text::with_article;
use crate::text::with_hint;
use crate::ui::Interrupted;
use anyhow::Context as _;
use std::marker::PhantomData;
use std::time::Duration;

// Flags of every forge; the forge knows what differs between forges.
#[derive(clap::Args, Debug)]
pub(super) struct HostedArgs<F: Hosted> {
    #[arg(skip)]
    forge: PhantomData<F>,
    #[arg(long, help_heading = help_text::REPOSITORY,
        help = format!("User or {} that owns the repository", F::GROUP))]
    owner: String,
    /// Name of the repository; it is created when it does not exist
    #[arg(long, help_heading = help_text::REPOSITORY)]
    repository: String,
    #[arg(long = F::TEAM_FLAG, value_parser = items, help_heading = help_text::REPOSITORY, hide_short_help = true,
        help = format!("{0}s that get access, <{1}> or <{1}>:<{2}>", capitalised(F::TEAM_FLAG), F::TEAM_FLAG, F::ACCESS.join("|")))]
    team: Vec<Items>,
    #[arg(long, help_heading = help_text::REPOSITORY, help = format!("The owner is a user, not {}", with_article(F::GROUP)))]
    personal: bool,
    /// How often the cluster looks for new commits
    #[arg(long, default_value = "1m0s", value_parser = go_duration, help_heading = help_text::REPOSITORY)]
    interval: Duration,
    #[arg(long, default_value = F::HOST, hide_default_value = F::HOST.is_empty(),
        help_heading = help_text::REPOSITORY, hide_short_help = true, help = F::HOST_HELP)]
    hostname: String,
    /// Folder of this cluster in the repository
    #[arg(long, value_hint = clap::ValueHint::DirPath, value_name = "path", help_heading = help_text::REPOSITORY)]
    path: Option<String>,
    /// Bring an existing repository to these settings too
    #[arg(long, help_heading = help_text::REPOSITORY, hide_short_help = true)]
    reconcile: bool,
    /// Let the deploy key write
    #[arg(long, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    read_write_key: bool,
}

// Forges that know no more than private and public.
#[derive(clap::Args, Debug)]
pub(super) struct PrivateArgs {
    /// Make the repository private
    #[arg(long, default_value_t = true, help_heading = help_text::REPOSITORY)]
    private: bool,
}

impl PrivateArgs {
    pub(super) fn choices<'a>(&self) -> Choices<'a> {
        Choices { visibility: if self.private { "private" } else { "public" }, ..Choices::default() }
    }
}

/// What not every forge asks in the same way.
#[derive(Debug, Default)]
pub(super) struct Choices<'a> {
    pub(super) visibility: Word,
    /// Whom the token belongs to, where that matters; any name goes with most tokens.
    pub(super) username: Option<&'a str>,
    /// Let the cluster log in with a deploy token.
    pub(super) deploy_token: bool,
}

impl<F: Hosted> HostedArgs<F> {
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    pub(super) fn hostname(&self) -> &str {
        &self.hostname
    }

    pub(super) async fn run(
        self,
        choices: Choices<'_>,
        shared: &BootstrapSharedArgs,
        context: &CommandContext,
    ) -> anyhow::Result<()> {
        anyhow::ensure!(
            F::TAKES_KEY_FILE || !shared.reuses_key(),
            "--ssh-signing-reuse-private-key is not supported by 'bootstrap {}'; that subcommand generates the SSH transport key \
             in-process and has no operator-supplied key to reuse",
            F::COMMAND
        );
        let signer = shared.check(context)?;
        let teams = self.teams()?;
        let target = self.target()?;
        let ca = shared.ca()?;
        // A host that cannot be one is refused before anything is asked for.
        GitUrl::parse(&format!("{}.git", target.url()))?;
        let token = token::<F>(context).await?;
        let token_refused = token_refused::<F>(context, &target.domain);
        let pair = if F::TAKES_KEY_FILE && !shared.token_auth { shared.key.load(None)? } else { None };
        let signer = shared.reused_signer(&Secret::default())?.or(signer);
        let client = context.client().await?;
        // Where any name goes with a token, it is this.
        let user = match choices.username {
            Some(name) if !self.personal => name.to_owned(),
            _ => target.owner.path().to_owned(),
        };
        shared::redact_pair(context, &user, &token);
        let opening = Opening {
            target,
            token: token.clone(),
            ca: ca.clone(),
            proxy: context.proxy(),
            limit: context.timeout,
        };
        let forge =
            F::open(opening).await.map_err(|error| bootstrap::explained(error, Some(&token_refused)))?;
        let https = forge.https_url();
        let ca_text = ca.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let (auth, sync_url) = if shared.token_auth {
            let secret_user = choices.username.map_or("git", |_| user.as_str());
            let secret = NewSecret::default().with_basic(secret_user, &token).with_ca(&ca_text);
            (SourceAuth::Fields(secret), https.clone())
        } else if choices.deploy_token {
            (SourceAuth::DeployToken { ca: ca_text.into_owned() }, https.clone())
        } else {
            by_key(shared, &forge, pair)?
        };
        let remote = Remote {
            auth: Auth::Basic { username: user, password: token },
            ca,
            proxy: context.proxy(),
            url: GitUrl::parse(&https)?,
        };
        let provider = Provider {
            forge: Box::new(forge),
            token_refused,
            visibility: choices.visibility,
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

    /// The repository that the flags name.
    fn target(&self) -> anyhow::Result<RepositoryAddress> {
        anyhow::ensure!(!self.owner.is_empty(), "--owner is required");
        anyhow::ensure!(!self.repository.is_empty(), "--repository is required");
        let name = self.repository.trim_matches('/');
        anyhow::ensure!(
            !name.contains('/'),
            "\"{name}\" is not a repository name: {} has no sub-groups",
            F::NAME
        );
        let owner = self.owner.trim_matches('/').to_owned();
        let owner = if self.personal { Owner::User(owner) } else { Owner::Group(owner) };
        let domain = self.hostname.trim_start_matches("https://").trim_end_matches('/').to_owned();
        Ok(RepositoryAddress { domain, owner, name: name.to_owned() })
    }

    /// The teams with their access. (Upstream also asks for a team that is literally called `team:permission`.)
    fn teams(&self) -> anyhow::Result<Vec<Team>> {
        let read = |given: &str| {
            let (name, word) = given.split_once(':').unwrap_or((given, F::DEFAULT_ACCESS));
            let access = F::ACCESS.iter().find(|access| **access == word).with_context(|| {
                format!(
                    "invalid permission \"{word}\" of {} \"{name}\", must be one of: {}",
                    F::TEAM_FLAG,
                    F::ACCESS.join(", ")
                )
            })?;
            anyhow::ensure!(!name.is_empty(), "invalid {} \"{given}\", it has no name", F::TEAM_FLAG);
            Ok(Team { name: name.to_owned(), access })
        };
        list_flag::each(&self.team).map(read).collect()
    }
}

/// How the cluster logs in with a key, and the address for it.
fn by_key(
    shared: &BootstrapSharedArgs,
    forge: &impl Forge,
    pair: Option<KeyPair>,
) -> anyhow::Result<(SourceAuth, String)> {
    let host = match shared.ssh_hostname.as_str() {
        "" => without_port(&forge.target().domain),
        given => given,
    };
    let url = forge.ssh_url(host);
    let (host, host_key_algorithms) = (GitUrl::parse(&url)?, list_flag::all(&shared.ssh_hostkey_algos));
    let auth = match pair {
        Some(pair) => {
            SourceAuth::Loaded { pair: Box::new(pair), passphrase: None, host, host_key_algorithms }
        }
        None => SourceAuth::Generated { algorithm: shared.key.algorithm(), host, host_key_algorithms },
    };
    Ok((auth, url))
}

fn capitalised(noun: &str) -> String {
    let (first, rest) = noun.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// SSH listens on a port of its own.
fn without_port(domain: &str) -> &str {
    match domain.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => domain,
    }
}

/// What to do if the forge refuses the token.
fn token_refused<F: Hosted>(context: &CommandContext, domain: &str) -> String {
    let (variable, rights) = (F::TOKEN, F::RIGHTS);
    let which = match context.env.non_empty(variable) {
        Some(_) => format!("in {variable}"),
        None => "that was entered".to_owned(),
    };
    let other = match domain == F::HOST {
        true => String::new(),
        false => format!("; if {domain} is no {} server, correct --hostname", F::NAME),
    };
    format!(
        "{domain} refused the token {which}: create another one with {rights}, and export it as {variable}{other}"
    )
}

async fn token<F: Hosted>(context: &CommandContext) -> anyhow::Result<Secret> {
    let hint = format!("export {}=<token>, with {}", F::TOKEN, F::RIGHTS);
    let token = match context.env.non_empty(F::TOKEN) {
        Some(token) => Secret::new(token.trim()),
        None => {
            let question = format!("Please enter your {} personal access token (PAT): ", F::NAME);
            let asked = context.ui.ask_secret(&question).await.context("could not read token");
            match asked {
                Err(error) if find_cause::<Interrupted>(&error).is_none() => {
                    return Err(with_hint(error, hint));
                }
                asked => asked?,
            }
        }
    };
    context.ui.redact(&token);
    if token.is_empty() {
        return Err(anyhow::anyhow!("no {} token was given", F::NAME)).hint(hint);
    }
    Ok(token)
}
