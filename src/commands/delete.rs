//! `delete`: one object, after asking.

use crate::api::Kind;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::ops;
use crate::text::with_article;
use clap::ArgMatches;
use clap::Command;

/// Delete resources
#[derive(clap::Args, Debug)]
pub struct DeleteArgs {
    /// Do not ask
    #[arg(long, short = 's', global = true)]
    silent: bool,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(subcommand)]
    target: ForKind<Delete>,
}

/// What `delete` reads for one kind.
#[derive(Debug)]
struct Delete {
    name: Option<String>,
}

impl Verb for Delete {
    fn offers(kind: &Kind) -> bool {
        kind.verbs.delete
    }

    fn about(kind: &Kind) -> String {
        format!("Delete {} object", with_article(kind.kind))
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!("# Delete an object without being asked\n{line} app --silent")
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Name of the object")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self { name: for_kind::given_names(matches).into_iter().next() }
    }
}

impl DeleteArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        let Some(name) = verb.name else { anyhow::bail!("{} name is required", kind.noun.label) };
        self.change.check()?;
        if self.change.is_asked() {
            let task = self.change.task(context).await?;
            let id = kind.id(&context.namespace, &name);
            if !self.silent && !self.change.is_dry_run() {
                ops::change::confirm_deletion(&task, &id).await?;
            }
            return ops::change::delete(&task, &id).await;
        }
        ops::delete(&context.session().await?, kind, &name, self.silent).await
    }
}
