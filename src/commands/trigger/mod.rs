//! `trigger`: what works from outside of a cluster.

mod receiver;

use crate::cli::CommandContext;

/// Trigger Flux from outside of the cluster
#[derive(clap::Args, Debug)]
pub struct TriggerArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    Receiver(receiver::TriggerReceiverArgs),
}

impl TriggerArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        match self.what {
            What::Receiver(args) => args.run(context).await,
        }
    }
}
