//! Where a change goes instead of into the cluster: the flags of every command that writes.

use super::CommandContext;
use super::RequestArgs;
use super::choice;
use super::completion;
use super::help_text;
use crate::forge::FORGES;
use crate::forge::ForgeKind;
use crate::git;
use crate::git::GitUrl;
use crate::git::Identity;
use crate::git::Person;
use crate::git::sign::Signer;
use crate::ops::change;
use crate::ops::change::Destination;
use crate::ops::change::FleetOptions;
use crate::ops::change::FleetSearch;
use crate::ops::change::Login;
use crate::ops::change::Task;
use crate::text::WithHint;
use crate::text::check_path_in_repository;
use crate::text::with_hint;
use anyhow::Context as _;
use clap::Arg;
use serde_json::Value;

// The flags that make a command write to the repository.
#[derive(clap::Args, Debug, Clone)]
pub struct ChangeArgs {
    /// Commit it to the repository that the cluster follows, and leave the cluster alone
    #[arg(long, global = true, help_heading = help_text::COMMITS)]
    push: bool,
    /// Show what --push would commit, and change nothing
    #[arg(long, global = true, help_heading = help_text::COMMITS)]
    dry_run: bool,
    /// Message of the commit
    #[arg(long, global = true, help_heading = help_text::COMMITS)]
    message: Option<String>,
    /// Address of the repository (default: the one the cluster follows)
    #[arg(long, global = true, help_heading = help_text::COMMITS, hide_short_help = true)]
    fleet_url: Option<String>,
    /// Branch of the repository (default: the one the cluster follows)
    #[arg(long, global = true, help_heading = help_text::COMMITS, hide_short_help = true)]
    fleet_branch: Option<String>,
    /// Folder of the cluster, from the root of the repository (default: the one the cluster follows)
    #[arg(long, value_hint = clap::ValueHint::DirPath, global = true, help_heading = help_text::COMMITS, hide_short_help = true)]
    fleet_path: Option<String>,
    #[arg(long, global = true, help_heading = help_text::COMMITS, hide_short_help = true, help = forge_help(), value_parser = forge, add = completion::words(words()))]
    forge: Option<&'static ForgeKind>,
    #[command(flatten)]
    request: RequestArgs,
}

/// Shows where the commit goes among the common options: for commands that change nothing but the repository.
pub fn everyday(arg: Arg) -> Arg {
    match arg.get_id().as_str() {
        "push" | "dry_run" | "pull_request" => arg.help_heading(None),
        _ => arg,
    }
}

impl ChangeArgs {
    /// Whether the change goes to the repository, as a commit or as a diff.
    pub fn is_asked(&self) -> bool {
        self.dry_run || self.push || self.request.is_asked()
    }

    /// Whether nothing is changed at all.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Whether the branch has the change when the command is done.
    pub fn lands(&self) -> bool {
        !self.dry_run && (self.push && !self.request.is_asked() || self.request.waits())
    }

    /// Whether the change is proposed as a request.
    pub fn is_proposed(&self) -> bool {
        self.request.is_asked()
    }

    /// Whether the request is waited for until it is merged.
    pub fn waits(&self) -> bool {
        !self.dry_run && self.request.waits()
    }

    fn destination(&self) -> anyhow::Result<Option<Destination>> {
        let request = self.request.options()?;
        if self.push && request.is_some() {
            return Err(anyhow::anyhow!("--push and --pull-request exclude each other"))
                .hint("a commit is pushed onto the branch, or proposed: leave one of them out");
        }
        Ok(match (self.dry_run, request, self.push) {
            (true, ..) => Some(Destination::DryRun),
            (false, Some(request), _) => Some(Destination::Request(request)),
            (false, None, true) => Some(Destination::Push),
            (false, None, false) => None,
        })
    }

    /// Judges the flags before anything is asked or done.
    ///
    /// # Errors
    /// A flag about the repository or a request where the change goes to the cluster; flags that exclude each other; an invalid
    /// address; a path that does not stay in the repository.
    pub fn check(&self) -> anyhow::Result<()> {
        let given = [
            ("--message", self.message.is_some()),
            ("--fleet-url", self.fleet_url.is_some()),
            ("--fleet-branch", self.fleet_branch.is_some()),
            ("--fleet-path", self.fleet_path.is_some()),
            ("--forge", self.forge.is_some()),
        ];
        self.destination()?;
        if let Some((flag, _)) = given.iter().find(|(_, is_given)| *is_given && !self.is_asked()) {
            return Err(needs_destination(flag));
        }
        if let Some(url) = self.fleet_url.as_deref().filter(|url| !url.is_empty()) {
            GitUrl::of_repository(url)
                .context("--fleet-url")
                .hint("it takes the address of a repository at a Git server, not a folder of this machine")?;
        }
        check_path_in_repository("--fleet-path", self.fleet_path.as_deref().unwrap_or_default())
    }

    /// Judges the flags of a command that changes nothing but the repository.
    ///
    /// # Errors
    /// As [`Self::check`]; no destination is given.
    pub fn needs_destination(&self) -> anyhow::Result<()> {
        self.check()?;
        if self.is_asked() {
            return Ok(());
        }
        Err(anyhow::anyhow!("no destination for the commit"))
            .hint("add --push or --pull-request, or --dry-run to see it")
    }

    /// The change that is to be made, in the repository that the cluster follows.
    ///
    /// # Errors
    /// The repository cannot be found; a signing key that cannot be used.
    pub async fn task<'a>(&self, context: &'a CommandContext) -> anyhow::Result<Task<'a>> {
        self.task_in(context, None, &self.fleet_path).await
    }

    /// The change that is to be made in a folder of the repository that the cluster follows.
    ///
    /// # Errors
    /// As [`Self::task`]; another folder is named by a flag.
    pub async fn task_at<'a>(&self, context: &'a CommandContext, folder: &str) -> anyhow::Result<Task<'a>> {
        anyhow::ensure!(self.fleet_path.is_none(), "--fleet-path and --to exclude each other");
        check_path_in_repository("--to", folder)?;
        self.task_in(context, None, &Some(folder.to_owned())).await
    }

    /// The change that is to be made, in the repository that a Kustomization comes from.
    ///
    /// # Errors
    /// As [`Self::task`].
    pub async fn task_of<'a>(
        &self,
        context: &'a CommandContext,
        kustomization: Value,
    ) -> anyhow::Result<Task<'a>> {
        self.task_in(context, Some(kustomization), &self.fleet_path).await
    }

    async fn task_in<'a>(
        &self,
        context: &'a CommandContext,
        kustomization: Option<Value>,
        path: &Option<String>,
    ) -> anyhow::Result<Task<'a>> {
        let variable = |name: &str| context.env.get(name).map(str::to_owned);
        let login = Login::read(context.elsewhere(), self.forge, variable);
        login.secrets().for_each(|secret| context.ui.redact(secret));
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let wanted = FleetOptions {
            url: given(&self.fleet_url),
            branch: given(&self.fleet_branch),
            path: given(path),
            here: std::env::current_dir().unwrap_or_default(),
            is_waited_for: self.waits(),
        };
        // Messages and texts of requests are made without them: others will read these.
        let checkout = git::checkout_around(&wanted.here).ok().flatten().and_then(|checkout| checkout.url);
        let named = wanted.url.iter().chain(&checkout).filter_map(|url| GitUrl::parse(url).ok());
        named.flat_map(|url| url.secrets()).for_each(|secret| context.ui.redact(&secret));
        let deadline = context.deadline;
        let client = async || context.client().await;
        let search = FleetSearch { login: &login, sink: &context.ui, deadline, now: context.now };
        let fleet = match kustomization {
            None => change::find(&wanted, client, &context.namespace, search).await?,
            Some(kustomization) => {
                let client = client().await?;
                let found = change::of(&client, kustomization, &wanted, search);
                deadline.bound("the cluster to answer", found).await?
            }
        };
        fleet.remote.secrets().for_each(|secret| context.ui.redact(&secret));
        // Where there is none, the merge is waited for, and nothing else.
        let cluster = if fleet.is_followed { client().await.ok() } else { None };
        let is_own = checkout.is_some_and(|url| fleet.is_at(&url));
        let settings = if is_own { login.settings.within(&wanted.here) } else { login.settings.clone() };
        let (author, committer, signer) = who(context, &settings)?;
        Ok(Task {
            sink: &context.ui,
            deadline,
            now: context.now,
            poll: context.poll,
            fleet,
            login,
            cluster,
            destination: self.destination()?.unwrap_or(Destination::DryRun),
            message: given(&self.message),
            author,
            committer,
            signer,
        })
    }
}

/// Author, committer and signer, as Git would have them in a checkout of the repository.
fn who(
    context: &CommandContext,
    settings: &git::Settings,
) -> anyhow::Result<(Person, Person, Option<Signer>)> {
    let variable = |name: &str| context.env.get(name).map(str::to_owned);
    let Identity { author, committer, signer } = git::identity(settings, variable, &(context.now)())?;
    let named = |person: Person| {
        let name = person.name.or_else(|| context.env.non_empty("USER").map(str::to_owned));
        Person { name: name.or_else(|| Some("fluxr".to_owned())), ..person }
    };
    Ok((named(author), named(committer), signer))
}

/// The words for forges.
fn words() -> Vec<&'static str> {
    FORGES.iter().map(|forge| forge.word).collect()
}

fn forge_help() -> String {
    format!("Forge of the repository: {} (default: the one that the host name contains)", words().join(", "))
}

fn forge(text: &str) -> Result<&'static ForgeKind, String> {
    let none = format!("no forge given, must be one of: {}", words().join(", "));
    let known: String = choice(text, &words(), &none, "forge")?;
    FORGES.iter().find(|forge| forge.word == known).ok_or(none)
}

/// The error for a flag that says something about a commit where there is none.
pub fn needs_destination(flag: &str) -> anyhow::Error {
    let error = anyhow::anyhow!("{flag} is about a commit, and nothing is committed");
    with_hint(error, "add --push or --pull-request, or --dry-run to see what would be committed")
}
