//! `suspend`: pause the reconciliation of objects.

use crate::api::Kind;
use crate::api::SuspensionNote;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::ops;
use crate::ops::suspension;
use clap::ArgMatches;
use clap::Command;

/// Suspend the reconciliation of resources
#[derive(clap::Args, Debug)]
pub struct SuspendArgs {
    /// Every object of the kind in the namespace, if none is named
    #[arg(long, global = true)]
    all: bool,
    /// Why: written on the object with who and when, shown by `why`, removed by `resume`
    #[arg(long, value_name = "text", global = true)]
    reason: Option<String>,
    /// Until when it is meant to last, RFC 3339 or a duration; nothing resumes by itself
    #[arg(long, value_name = "time", global = true)]
    until: Option<String>,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(subcommand)]
    target: ForKind<Suspend>,
}

/// What `suspend` reads for one kind.
#[derive(Debug)]
struct Suspend {
    names: Vec<String>,
}

impl Verb for Suspend {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.suspend
    }

    fn about(kind: &Kind) -> String {
        format!("Suspend the reconciliation of {} objects", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# Pause an object, and leave a note for colleagues\n\
             {line} app --reason=\"moving the database\" --until=2h\n\
             # Pause all objects of the namespace\n{line} --all"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Names of the objects")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { names: for_kind::given_names(matches) }
    }
}

impl SuspendArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let note = self.note(context);
        let ForKind { kind, verb } = self.target;
        anyhow::ensure!(self.all || !verb.names.is_empty(), "{} name is required", kind.noun.label);
        let note = note?;
        self.change.check()?;
        if self.change.is_asked() {
            let task = self.change.task(context).await?;
            return ops::change::suspend(&task, kind, &context.namespace, &verb.names, note).await;
        }
        let session = context.session().await?;
        let user = context.env.non_empty("USER").unwrap_or_default();
        let failed = ops::suspend(&session, kind, &verb.names, note, user).await?;
        if failed > 0 { Err(Exit::silent(1).into()) } else { Ok(()) }
    }

    /// What is written down, where something is to be.
    fn note(&self, context: &CommandContext) -> anyhow::Result<Option<SuspensionNote>> {
        let (reason, until) = (self.reason.as_deref(), self.until.as_deref());
        if reason.is_none() && until.is_none() {
            return Ok(None);
        }
        suspension::note(reason, until, (context.now)().timestamp()).map(Some)
    }
}
