//! The commands: flags in, a call of a lower floor, lines on the `Ui` out.

mod bootstrap;
mod build;
mod check;
mod completion;
mod create;
mod debug;
mod delete;
mod diff;
mod docgen;
mod drift;
mod envsubst;
mod events;
mod export;
mod get;
mod graph;
mod help;
mod history;
mod install;
mod kustomize;
mod list;
mod logs;
mod migrate;
mod plugin;
mod promote;
mod pull;
mod push;
mod reconcile;
mod resume;
mod rollback;
mod set;
mod stats;
mod suspend;
mod tag;
mod trace;
mod tree;
mod trigger;
mod uninstall;
mod version;
mod wait;
mod why;

use crate::cli::CommandContext;
use crate::cli::RootArgs;
use crate::cli::Run;
use crate::cli::Tree;

/// The tree of the commands.
pub const TREE: Tree = Tree {
    about: "Bootstrap and operate GitOps on Kubernetes",
    examples: EXAMPLES,
    root: RootArgs::command,
    all: <Command as clap::Subcommand>::augment_subcommands,
    one: Command::one,
    has: Command::has,
    groups: &GROUPS,
    // There, 1 means that there are changes, or drift.
    usage_code: |path| if path == ["diff", "kustomization"] || path == ["drift"] { 2 } else { 1 },
    banner: version::banner,
};

const EXAMPLES: &str = "\
# Is the cluster ready for Flux?
fluxr check --pre
# What runs, and how is it?
fluxr get all -A
# Why is an application not ready, and what is to be done?
fluxr why ks/apps";

/// The commands by what they are for. A test holds that each that is shown is in one of these groups.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Start", &["bootstrap", "install", "check", "uninstall", "version", "plugin", "completion", "help"]),
    (
        "Look",
        &["get", "why", "graph", "history", "drift", "tree", "trace", "events", "logs", "stats", "debug"],
    ),
    ("Steer", &["reconcile", "wait", "suspend", "resume", "rollback", "delete", "trigger"]),
    ("Write", &["create", "set", "promote", "export", "migrate"]),
    ("Build", &["kustomize", "build", "diff", "envsubst"]),
    ("Publish", &["push", "pull", "tag", "list"]),
];

/// The commands, one module each: a word of the command line is the name of a module.
macro_rules! commands {
    ($($module:ident :: $args:ident as $variant:ident),+ $(,)?) => {
        #[derive(clap::Subcommand, Debug)]
        pub enum Command {
            $($variant(Box<$module::$args>)),+
        }

        impl Run for Command {
            /// `create` names objects before it looks at namespaces, and a plugin has none: their trees have hooks of their own, as upstream's.
            fn resolves_namespace(&self) -> bool {
                !matches!(self, Self::Create(_) | Self::Plugin(_))
            }

            async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
                match self {
                    $(Self::$variant(args) => args.run(context).await),+
                }
            }
        }

        impl Command {
            /// Whether a word names a command.
            fn has(word: &str) -> bool {
                [$(stringify!($module)),+].contains(&word)
            }

            /// The command that a word names, with all that is below it.
            fn one(word: &str) -> Option<clap::Command> {
                match word {
                    $(stringify!($module) => {
                        Some(<$module::$args as clap::Args>::augment_args(clap::Command::new(stringify!($module))))
                    })+
                    _ => None,
                }
            }
        }
    };
}

commands! {
    bootstrap::BootstrapArgs as Bootstrap,
    build::BuildArgs as Build,
    check::CheckArgs as Check,
    completion::CompletionArgs as Completion,
    create::CreateArgs as Create,
    debug::DebugArgs as Debug,
    delete::DeleteArgs as Delete,
    diff::DiffArgs as Diff,
    docgen::DocgenArgs as Docgen,
    drift::DriftArgs as Drift,
    envsubst::EnvsubstArgs as Envsubst,
    events::EventsArgs as Events,
    export::ExportArgs as Export,
    get::GetArgs as Get,
    graph::GraphArgs as Graph,
    help::HelpArgs as Help,
    history::HistoryArgs as History,
    install::InstallArgs as Install,
    kustomize::KustomizeArgs as Kustomize,
    list::ListArgs as List,
    logs::LogsArgs as Logs,
    migrate::MigrateArgs as Migrate,
    plugin::PluginArgs as Plugin,
    promote::PromoteArgs as Promote,
    pull::PullArgs as Pull,
    push::PushArgs as Push,
    reconcile::ReconcileArgs as Reconcile,
    resume::ResumeArgs as Resume,
    rollback::RollbackArgs as Rollback,
    set::SetArgs as Set,
    stats::StatsArgs as Stats,
    suspend::SuspendArgs as Suspend,
    tag::TagArgs as Tag,
    trace::TraceArgs as Trace,
    tree::TreeArgs as Tree,
    trigger::TriggerArgs as Trigger,
    uninstall::UninstallArgs as Uninstall,
    version::VersionArgs as Version,
    wait::WaitArgs as Wait,
    why::WhyArgs as Why,
}
