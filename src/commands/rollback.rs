//! `rollback`: rolls a Kustomization or a HelmRelease back to the last state that worked, with a commit.

use crate::api::Role;
use crate::cli::ChangeArgs;
use crate::cli::CommandContext;
use crate::cli::change_args;
use crate::cli::completion;
use crate::cli::named_object;
use crate::kind;
use crate::ops::change;
use crate::ops::change::Around;
use crate::ops::change::Hold;
use crate::ops::change::Rollback;
use crate::text::WithHint;

const EXAMPLES: &str = "\
# What would a rollback to the last revision that worked change?
fluxr rollback ks/app --dry-run
# Roll back, and wait until the cluster has applied it
fluxr rollback ks/app --push --wait
# Propose a rollback to a revision that `history` shows
fluxr rollback ks/app --to=0f1e2d3c --pull-request
# Apply nothing until the request is merged, then wait until it works
fluxr rollback ks/app --hold --pull-request --pr-wait
# Roll back to the chart and the values that worked
fluxr rollback hr/web -n web --push --wait";

/// Roll back a Kustomization or a HelmRelease to the last state that worked, with a commit
///
/// For a Kustomization, everything below its folder is restored to a revision: the given one, or the last that worked before the present one. Other folders stay as they are. For a HelmRelease, its manifest is restored to what it was when the last release that worked was deployed. The message of the commit names what it reverts.
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES, mut_args(change_args::everyday))]
pub struct RollbackArgs {
    /// What to roll back: kustomization/<name> or helmrelease/<name>
    #[arg(id = "object", value_name = "KIND/NAME", num_args = 0.., add = completion::by(completion::objects))]
    words: Vec<String>,
    /// Revision or chart version to roll back to, as shown by `history`, or a full commit ID
    #[arg(long, value_name = "revision")]
    to: Option<String>,
    /// Suspend the object until the request is merged
    #[arg(long)]
    hold: bool,
    /// Wait until the cluster has applied it, and everything is healthy
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl RollbackArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        let (kind, name) = named_object(&self.words)?;
        let is_release = kind.has(Role::Installer);
        let known = [Role::Builder, Role::Installer].into_iter().flat_map(kind::with).map(|kind| kind.kind);
        anyhow::ensure!(
            is_release || kind.has(Role::Builder),
            "objects of the kind {} are not rolled back, only those of {}",
            kind.kind,
            known.collect::<Vec<_>>().join(" and ")
        );
        self.check()?;
        let session = context.session().await?;
        let to = self.to.as_deref().filter(|to| !to.is_empty());
        let finding = async {
            if is_release {
                Rollback::of_release(&session, &name, to).await
            } else {
                Rollback::of_kustomization(&session, &name, to).await
            }
        };
        let rollback = session.deadline.bound("the history", finding).await?;
        let task = self.change.task_of(context, rollback.kustomization.clone()).await?;
        let user = context.env.non_empty("USER").unwrap_or_default();
        let hold = Hold { session: &session, kind, object: &rollback.object, fallback: user };
        let around = Around { hold: self.hold.then_some(hold), waits: self.wait || self.change.waits() };
        change::rollback(&task, &rollback, around).await
    }

    /// Judges the flags before anything is asked or done.
    fn check(&self) -> anyhow::Result<()> {
        self.change.needs_destination()?;
        if self.wait && !self.change.lands() {
            return Err(anyhow::anyhow!("--wait waits for a commit that is on the branch"))
                .hint("add --push, or --pull-request with --pr-wait");
        }
        if self.hold && !self.change.is_proposed() {
            return Err(anyhow::anyhow!("--hold lasts until a request is merged"))
                .hint("add --pull-request; `fluxr suspend --reason` suspends without one");
        }
        Ok(())
    }
}
