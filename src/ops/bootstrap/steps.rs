//! The order of the steps.

use super::components;
use super::health;
use super::options::Options;
use super::options::Provider;
use super::plan::Plan;
use super::proposal;
use super::publish;
use super::repository;
use super::run::Run;
use super::secret;
use super::sync;
use crate::cluster;
use crate::ops::Session;
use crate::ops::confirm_override;
use std::time::Duration;
use tokio::time::Instant;

/// How long a step took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    pub step: &'static str,
    pub took: Duration,
}

struct Stopwatch {
    since: Instant,
    times: Vec<Timing>,
}

impl Stopwatch {
    fn lap(&mut self, step: &'static str) {
        self.times.push(Timing { step, took: self.since.elapsed() });
        self.since = Instant::now();
    }
}

/// Runs all steps, or with `dry_run` says what they would do. Returns the time that each step took.
///
/// # Errors
/// The first step that cannot be done, with what to do about it. What was done before stays, and the next run continues from there.
pub async fn bootstrap(
    session: &Session<'_>,
    options: &Options,
    provider: Option<&Provider>,
) -> anyhow::Result<Vec<Timing>> {
    for secret in secret::secrets_of(&options.auth) {
        session.sink.redact(&secret);
    }
    let run = Run { session, options, provider, pushed: false, applied: Vec::new() };
    let token_refused = provider.map(|provider| provider.token_refused.as_str());
    run.steps().await.map_err(|error| publish::explained(error, token_refused))
}

impl Run<'_> {
    async fn steps(mut self) -> anyhow::Result<Vec<Timing>> {
        let run = &mut self;
        let (options, provider, deadline) = (run.options, run.provider, run.session.deadline);
        let mut watch = Stopwatch { since: Instant::now(), times: Vec::new() };
        run.look_at_cluster().await?;
        if options.dry_run {
            let mut plan = Plan::default();
            run.plan(&mut plan).await?;
            plan.show(run.session.sink)?;
            watch.lap("plan");
            return Ok(watch.times);
        }
        watch.lap("cluster");
        // Keys and host keys take their time and depend on nothing: they are created while the repository is looked after.
        let prepared = secret::prepare(&options.auth, deadline);
        let before_secret = async {
            if provider.is_some() {
                repository::apply(run).await?;
                watch.lap("repository");
            }
            let mut workspace = publish::publisher(run).clone(None).await?;
            watch.lap("clone");
            if let Some(request) = &options.request {
                let merged = proposal::merged(run, request, workspace).await?;
                watch.lap("request");
                let Some(merged) = merged else { return Ok(None) };
                workspace = merged;
            }
            components::apply(run, &mut workspace).await?;
            watch.lap("components");
            anyhow::Ok(Some(workspace))
        };
        let (workspace, prepared) = futures::future::try_join(before_secret, prepared).await?;
        // What is proposed is not in the branch yet: the next run continues from there.
        let Some(mut workspace) = workspace else { return Ok(watch.times) };
        secret::apply(run, prepared).await?;
        watch.lap("source secret");
        sync::apply(run, &mut workspace).await?;
        watch.lap("sync");
        health::confirm(run, &workspace).await?;
        watch.lap("health");
        Ok(watch.times)
    }

    /// Refuses early what would be refused late: before anything is written anywhere.
    async fn look_at_cluster(&self) -> anyhow::Result<()> {
        let info = self
            .session
            .deadline
            .bound("the cluster to answer", cluster::cluster_info(&self.session.client))
            .await?;
        let Some(info) = info else { return Ok(()) };
        if info.is_managed_by_another_tool() && !self.options.force && !self.options.dry_run {
            confirm_override(self.session.sink, &info, "bootstrap").await?;
        }
        let present = sync::present(self).await?;
        sync::refuse_other_path(self.options, present.as_ref())
    }

    async fn plan(&self, plan: &mut Plan) -> anyhow::Result<()> {
        let exists = match self.provider {
            Some(provider) => repository::plan(self, provider, plan).await?,
            None => true,
        };
        let workspace = if exists { Some(publish::publisher(self).clone_quietly().await?) } else { None };
        if let Some(request) = &self.options.request {
            proposal::plan(self, request, workspace.as_ref(), plan)?;
        }
        components::plan(self, workspace.as_ref(), plan).await?;
        secret::plan(self, plan).await?;
        sync::plan(self, workspace.as_ref(), plan).await
    }
}
