//! `export`: objects as YAML that can be committed.

use crate::api::Kind;
use crate::cli::CommandContext;
use crate::cli::for_kind;
use crate::cli::for_kind::ForKind;
use crate::cli::for_kind::Verb;
use crate::ops;
use clap::ArgMatches;
use clap::Command;

/// Export resources in YAML format
#[derive(clap::Args, Debug)]
#[command(mut_subcommand("source", with_credentials))]
pub struct ExportArgs {
    /// Every object of the kind in the namespace
    #[arg(long, global = true)]
    all: bool,
    #[command(subcommand)]
    target: ForKind<Export>,
}

/// What `export` reads for one kind.
#[derive(Debug)]
struct Export {
    name: Option<String>,
    with_credentials: bool,
}

impl Verb for Export {
    fn offers(_: &Kind) -> bool {
        true
    }

    fn about(kind: &Kind) -> String {
        format!("Export {} objects in YAML format", kind.kind)
    }

    fn examples(_: &Kind, line: &str) -> String {
        format!(
            "# One object, ready to be committed\n{line} app > app.yaml\n\
             # All objects of the namespace\n{line} --all > all.yaml"
        )
    }

    fn arguments(kind: &'static Kind, leaf: Command) -> Command {
        for_kind::names_of(kind, leaf, "Name of the object")
    }

    fn read(_: &'static Kind, matches: &ArgMatches) -> Self {
        Self {
            name: for_kind::given_names(matches).into_iter().next(),
            with_credentials: for_kind::switch(matches, "with-credentials"),
        }
    }
}

/// Flags of the commands of sources, which may also precede their names.
fn with_credentials(group: Command) -> Command {
    let help = "Export the Secret of the source too";
    for_kind::declare_switch(group, "with-credentials", help)
        .mut_arg("with-credentials", |arg| arg.global(true))
}

impl ExportArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let ForKind { kind, verb } = self.target;
        anyhow::ensure!(self.all || verb.name.is_some(), "name is required");
        let name = verb.name.filter(|_| !self.all);
        ops::export(&context.session().await?, kind, name.as_deref(), verb.with_credentials).await
    }
}
