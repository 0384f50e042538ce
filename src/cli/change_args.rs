//! Where a change goes instead of into the cluster: the flags of every command that writes.

use super::Context;
use super::RequestArgs;
use super::help_text;
use crate::git;
use crate::git::Identity;
use crate::ops::change;
use crate::ops::change::Destination;
use crate::ops::change::Login;
use crate::ops::change::Task;
use crate::ops::change::Wanted;
use crate::text::WithHint;
use crate::text::with_hint;
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
    /// Folder of the cluster in the repository (default: the one the cluster follows)
    #[arg(long, global = true, help_heading = help_text::COMMITS, hide_short_help = true)]
    fleet_path: Option<String>,
    /// Forge of the repository (default: the one that the host name contains)
    #[arg(long, global = true, help_heading = help_text::COMMITS, hide_short_help = true, value_parser = forges())]
    forge: Option<String>,
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
        Ok(match (self.dry_run, request, self.push) {
            (true, ..) => Some(Destination::DryRun),
            (false, Some(request), _) => Some(Destination::Request(request)),
            (false, None, true) => Some(Destination::Push),
            (false, None, false) => None,
        })
    }

    fn forge(&self) -> Option<&'static str> {
        let named = self.forge.as_deref()?;
        change::FORGES.iter().map(|(word, _)| *word).find(|word| *word == named)
    }

    /// Judges the flags before anything is asked or done.
    ///
    /// # Errors
    /// A flag about the repository or a request where the change goes to the cluster; flags that exclude each other.
    pub fn check(&self) -> anyhow::Result<()> {
        let given = [
            ("--message", &self.message),
            ("--fleet-url", &self.fleet_url),
            ("--fleet-branch", &self.fleet_branch),
            ("--fleet-path", &self.fleet_path),
            ("--forge", &self.forge),
        ];
        self.destination()?;
        match given.iter().find(|(_, value)| value.is_some()) {
            Some((flag, _)) if !self.is_asked() => Err(needs_destination(flag)),
            _ => Ok(()),
        }
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
    pub async fn task<'a>(&self, context: &'a Context) -> anyhow::Result<Task<'a>> {
        self.task_in(context, None, &self.fleet_path).await
    }

    /// The change that is to be made in a folder of the repository that the cluster follows.
    ///
    /// # Errors
    /// As [`Self::task`]; another folder is named by a flag.
    pub async fn task_at<'a>(&self, context: &'a Context, folder: &str) -> anyhow::Result<Task<'a>> {
        anyhow::ensure!(self.fleet_path.is_none(), "--fleet-path and --to exclude each other");
        self.task_in(context, None, &Some(folder.to_owned())).await
    }

    /// The change that is to be made, in the repository that a Kustomization comes from.
    ///
    /// # Errors
    /// As [`Self::task`].
    pub async fn task_of<'a>(&self, context: &'a Context, kustomization: Value) -> anyhow::Result<Task<'a>> {
        self.task_in(context, Some(kustomization), &self.fleet_path).await
    }

    async fn task_in<'a>(
        &self,
        context: &'a Context,
        kustomization: Option<Value>,
        path: &Option<String>,
    ) -> anyhow::Result<Task<'a>> {
        let variable = |name: &str| context.env.non_empty(name).map(str::to_owned);
        let login = Login::read(context.elsewhere(), self.forge(), variable);
        login.secrets().for_each(|secret| context.ui.redact(secret));
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let wanted = Wanted {
            url: given(&self.fleet_url),
            branch: given(&self.fleet_branch),
            path: given(path),
            here: std::env::current_dir().unwrap_or_default(),
            is_waited_for: self.waits(),
        };
        let deadline = context.deadline;
        let client = async || context.client().await;
        let fleet = match kustomization {
            None => change::find(&wanted, client, &context.namespace, deadline, &login).await?,
            Some(kustomization) => {
                let client = client().await?;
                let looking = change::of(&client, kustomization, &wanted, &login);
                deadline.bound("the cluster to answer", looking).await?
            }
        };
        // Where there is none, the merge is waited for, and nothing else.
        let cluster = if fleet.is_followed { client().await.ok() } else { None };
        let Identity { name, email, signer } = git::identity()?;
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
            author_name: variable("GIT_AUTHOR_NAME")
                .or(name)
                .or_else(|| variable("USER"))
                .unwrap_or_else(|| "fluxr".to_owned()),
            author_email: variable("GIT_AUTHOR_EMAIL").or(email).unwrap_or_default(),
            signer,
        })
    }
}

fn forges() -> clap::builder::PossibleValuesParser {
    change::FORGES.map(|(word, _)| word).into()
}

/// The error for a flag that says something about a commit where there is none.
pub fn needs_destination(flag: &str) -> anyhow::Error {
    let error = anyhow::anyhow!("{flag} is about a commit, and nothing is committed");
    with_hint(error, "add --push or --pull-request, or --dry-run to see what would be committed")
}
