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
macro_rules! group {
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
