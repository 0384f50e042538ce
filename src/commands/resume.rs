//! `resume`: take up the reconciliation of objects again.

use crate::api::Kind;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::ops;
use clap::ArgMatches;
use clap::Command;

/// Resume suspended resources
#[derive(clap::Args, Debug)]
pub struct ResumeArgs {
    /// Every object of the kind in the namespace, if none is named
    #[arg(long, global = true)]
    all: bool,
    /// Wait for the objects to be reconciled; a single one is waited for anyway
    #[arg(long, global = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = crate::cli::go_bool)]
    wait: Option<bool>,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(subcommand)]
    target: ForKind<Resume>,
}

/// What `resume` reads for one kind.
#[derive(Debug)]
struct Resume {
    names: Vec<String>,
}

impl Verb for Resume {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.suspend
    }

    fn about(kind: &Kind) -> String {
        format!("Resume suspended {} objects", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# Resume an object, and wait until it is reconciled\n{line} app\n\
             # Resume all objects of the namespace\n{line} --all"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Names of the objects")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { names: for_kind::given_names(matches) }
    }
}

impl ResumeArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        anyhow::ensure!(self.all || !verb.names.is_empty(), "{} name is required", kind.noun.label);
        self.change.check()?;
        if self.change.is_asked() {
            let task = self.change.task(context).await?;
            return ops::change::resume(&task, kind, &context.namespace, &verb.names).await;
        }
        let waits = self.wait.unwrap_or(verb.names.len() == 1);
        let session = context.session().await?;
        let failed = ops::resume(&session, kind, &verb.names, waits).await?;
        if failed > 0 { Err(Exit::silent(1).into()) } else { Ok(()) }
    }
}
