//! The root of the tree of commands, and how its commands are declared.

use super::Command;
use super::GROUPS;
use super::version;
use crate::cli::RootArgs;
use crate::cli::Tree;

/// The tree of the commands.
pub const TREE: Tree = Tree {
    about: "Bootstrap and operate GitOps on Kubernetes",
    examples: EXAMPLES,
    root: RootArgs::command,
    all: Command::all,
    one: Command::one,
    has: Command::has,
    groups: GROUPS,
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

/// Declares the commands, one module each, in groups with the titles that help shows: a word of the command line is the name of a module.
macro_rules! commands {
    (
        $($title:literal { $($module:ident :: $args:ident as $variant:ident),+ $(,)? })+
        hidden { $($hidden:tt)+ }
    ) => {
        /// The commands that help shows.
        const GROUPS: &[(&str, &[&str])] = &[$(($title, &[$(stringify!($module)),+])),+];

        commands! { $($($module::$args as $variant,)+)+ $($hidden)+ }
    };
    ($($module:ident :: $args:ident as $variant:ident),+ $(,)?) => {
        #[derive(clap::Subcommand, Debug)]
        pub enum Command {
            $($variant(Box<$module::$args>)),+
        }

        impl crate::cli::Run for Command {
            /// `create` names objects before it looks at namespaces, and a plugin has none: their trees have hooks of their own, as upstream's.
            fn resolves_namespace(&self) -> bool {
                !matches!(self, Self::Create(_) | Self::Plugin(_))
            }

            async fn run(self, context: &crate::cli::CommandContext) -> anyhow::Result<()> {
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

            /// Adds all commands to the root, in the order of the alphabet.
            fn all(root: clap::Command) -> clap::Command {
                let mut names = [$(stringify!($module)),+];
                names.sort_unstable();
                names.into_iter().filter_map(Self::one).fold(root, clap::Command::subcommand)
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

pub(super) use commands;
