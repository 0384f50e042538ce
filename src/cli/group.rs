//! Groups of commands: a line for each command that is in one.

/// Declares the commands of a group as an enum, and `run`, which passes on to each what they share.
///
/// ```text
/// group! {
///     Secrets(SharedArgs) {
///         Git(git::SecretGitArgs),
///     }
/// }
/// ```
///
/// A group without flags of its own is declared as a whole:
///
/// ```text
/// group! {
///     /// Build artifacts and Kustomizations
///     pub struct BuildArgs {
///         Artifact(artifact::BuildArtifactArgs),
///     }
/// }
/// ```
macro_rules! group {
    (
        $(#[$about:meta])*
        pub struct $args:ident { $($commands:tt)+ }
    ) => {
        $(#[$about])*
        #[derive(clap::Args, Debug)]
        pub struct $args {
            #[command(subcommand)]
            what: What,
        }

        crate::cli::group! { What(()) { $($commands)+ } }

        impl $args {
            pub async fn run(self, context: &crate::cli::CommandContext) -> anyhow::Result<()> {
                self.what.run((), context).await
            }
        }
    };
    ($group:ident($shared:ty) { $($(#[$attribute:meta])* $command:ident($args:ty)),+ $(,)? }) => {
        #[derive(clap::Subcommand, Debug)]
        enum $group {
            $($(#[$attribute])* $command($args)),+
        }

        impl $group {
            async fn run(self, shared: $shared, context: &crate::cli::CommandContext) -> anyhow::Result<()> {
                match self {
                    $(Self::$command(args) => args.run(shared, context).await),+
                }
            }
        }
    };
}

pub(crate) use group;
