//! `rollback`: a Kustomization goes back to what worked, by a commit.

use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::cli::ChangeArgs;
use crate::cli::Context;
use crate::cli::completion;
use crate::cli::named_object;
use crate::ops;
use crate::ops::ReconcileRequest;
use crate::ops::change;
use crate::ops::change::Rollback;
use crate::text::WithHint;

const EXAMPLES: &str = "\
# What would a rollback to the last revision that worked change?
fluxr rollback ks/app --dry-run
# Roll back, and wait until the cluster has applied it
fluxr rollback ks/app --push --wait
# Propose to go back to a revision that `history` shows
fluxr rollback ks/app --to=0f1e2d3c --pull-request";

/// Bring what a Kustomization applies back to what worked, by a commit
///
/// Everything below the folder of the Kustomization becomes what it was at a revision: the given one, or the last that worked before the present one. Other folders stay as they are, and the message of the commit names what it takes back.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RollbackArgs {
    /// The Kustomization: kustomization/<name>
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    /// Revision to go back to: one that `history` shows, by its beginning, or any commit in full
    #[arg(long, value_name = "revision")]
    to: Option<String>,
    /// Wait until the cluster has applied it, and everything is healthy
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl RollbackArgs {
    pub async fn run(self, context: &Context) -> anyhow::Result<()> {
        let (kind, name) = named_object(&self.words)?;
        anyhow::ensure!(
            std::ptr::eq(kind, &KUSTOMIZATION),
            "a {} is not rolled back by this command, only a {} is",
            kind.kind,
            KUSTOMIZATION.kind
        );
        self.change.needs_destination()?;
        if self.wait && !self.change.lands() {
            return Err(anyhow::anyhow!("--wait waits for a commit that is on the branch"))
                .hint("add --push, or --pull-request with --pr-wait");
        }
        let session = context.session().await?;
        let to = self.to.as_deref().filter(|to| !to.is_empty());
        let proxy = context.proxy();
        let finding = Rollback::find(&session, &name, to, &proxy);
        let rollback = session.deadline.bound("the history", finding).await?;
        let task = self.change.task_of(context, rollback.kustomization.clone()).await?;
        change::rollback(&task, &rollback).await?;
        if !self.wait {
            return Ok(());
        }
        let request = ReconcileRequest {
            kind,
            namespace: context.namespace.clone(),
            name,
            with_source: true,
            force: false,
            reset: false,
        };
        ops::reconcile(&session, &request).await.map(drop)
    }
}
