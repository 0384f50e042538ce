//! `logs`: what the controllers say about their work.

use crate::api::Kind;
use crate::cli::CommandContext;
use crate::cli::Exit;
use crate::cli::LOG_LEVELS;
use crate::cli::completion;
use crate::cli::completion::Line;
use crate::cli::go_duration;
use crate::cli::log_level;
use crate::cluster;
use crate::cluster::Access;
use crate::cluster::LogStart;
use crate::kind::KINDS;
use crate::ops::logs;
use crate::ops::logs::Entry;
use crate::ops::logs::Follower;
use anyhow::Context as _;
use futures::StreamExt;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use k8s_openapi::jiff::Timestamp;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::Duration;

const EXAMPLES: &str = "\
# Errors of all controllers in the last hour
fluxr logs -A --level=error --since=1h
# Follow what the controllers say about one object
fluxr logs --kind=Kustomization --name=app --follow";

/// Show what the controllers of Flux log
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct LogsArgs {
    #[arg(hide = true, num_args = 0..)]
    words: Vec<String>,
    /// Entries of all namespaces
    #[arg(long, short = 'A')]
    all_namespaces: bool,
    /// Namespace in which the controllers run
    #[arg(long, default_value = "flux-system")]
    flux_namespace: String,
    /// Follow the logs
    #[arg(long, short = 'f')]
    follow: bool,
    /// Only entries about this kind, e.g. GitRepository
    #[arg(long, add = completion::by(|_, _| KINDS.iter().map(|kind| kind.kind.to_owned()).collect()))]
    kind: String,
    /// Only entries of this level: debug, info or error
    #[arg(long, value_name = "level", value_parser = log_level, add = completion::by(|_, _| LOG_LEVELS.map(str::to_owned).to_vec()))]
    level: Option<String>,
    /// Only entries about the object of this name
    #[arg(long, add = completion::by(|line, _| names_in_logs(line)))]
    name: String,
    /// Only entries of the last, e.g., 5s, 2m or 3h
    #[arg(long, default_value = "0s", hide_default_value = true, value_parser = go_duration)]
    since: Duration,
    /// Only entries after this time, in RFC 3339
    #[arg(long)]
    since_time: String,
    /// Number of recent lines per controller (-1: all)
    #[arg(long, default_value = "-1", allow_negative_numbers = true, value_parser = crate::cli::go_int)]
    tail: i64,
}

impl LogsArgs {
    pub async fn run(self, context: &CommandContext) -> anyhow::Result<()> {
        anyhow::ensure!(self.words.is_empty(), "no argument required");
        let from = self.from()?;
        if !self.follow {
            let work = self.read(context, from);
            return cluster::in_time(context.timeout, "reading the logs", work).await;
        }
        let is_complete = Cell::new(true);
        let work = self.follow(context, from, &is_complete);
        if !context.timeout_was_given {
            return work.await;
        }
        match tokio::time::timeout(context.timeout, work).await {
            Ok(ended) => ended,
            // A limit that was asked for ends a watch, as upstream without an error.
            Err(_) if is_complete.get() => Ok(()),
            Err(_) => Err(Exit::silent(1).into()),
        }
    }

    fn from(&self) -> anyhow::Result<LogStart> {
        anyhow::ensure!(
            self.since_time.is_empty() || self.since.is_zero(),
            "at most one of `sinceTime` or `sinceDuration` may be specified"
        );
        let seconds = (self.since + Duration::from_millis(500)).as_secs();
        Ok(LogStart {
            tail: (self.tail > -1).then_some(self.tail),
            since_seconds: if self.since.is_zero() { None } else { i64::try_from(seconds).ok() },
            since: match self.since_time.as_str() {
                "" => None,
                text => Some(rfc3339(text).with_context(|| format!("{text} is not a valid (RFC3339) time"))?),
            },
        })
    }

    /// One controller after the other.
    async fn read(&self, context: &CommandContext, from: LogStart) -> anyhow::Result<()> {
        let client = context.client().await?;
        let mut is_complete = true;
        for (_, pod) in logs::sources(&client, &self.flux_namespace).await? {
            let outcome = logs::read(&client, &pod, from, &mut |lines| self.show(lines, context)).await?;
            if let Some(error) = outcome {
                complain(context, &error);
                is_complete = false;
            }
        }
        anyhow::ensure!(is_complete, "failed to collect logs from all Flux pods");
        Ok(())
    }

    /// All controllers at once; says whether each may be read.
    async fn follow(
        &self,
        context: &CommandContext,
        from: LogStart,
        is_complete: &Cell<bool>,
    ) -> anyhow::Result<()> {
        // An answer begins with the first line of the log, which may be long in coming.
        let patient =
            Access { answer_limit: Some(Duration::from_secs(u32::MAX.into())), ..context.access.clone() };
        let client = cluster::connect(&patient).await?;
        let sources = logs::sources(&context.client().await?, &self.flux_namespace).await?;
        let mut followed: FuturesUnordered<_> = sources
            .into_iter()
            .map(async |(pods, pod)| {
                let follower = Follower { client: &client, pods, pod, from, pause: context.poll };
                let mut see = |lines: &[String]| self.show(lines, context);
                follower.follow(&mut see, &mut |error| complain(context, error)).await
            })
            .collect();
        while let Some(refused) = followed.next().await {
            complain(context, &refused?);
            is_complete.set(false);
        }
        // Every log was refused.
        Err(Exit::silent(1).into())
    }

    fn show(&self, lines: &[String], context: &CommandContext) -> anyhow::Result<()> {
        let mut shown = Vec::new();
        for line in lines {
            match Entry::parse(line) {
                Ok(Some(entry)) if self.admits(&entry, &context.namespace) => shown.push(entry.to_string()),
                Ok(_) => {}
                Err(error) => context.ui.failure(format!("parse error: {error}")),
            }
        }
        if shown.is_empty() { Ok(()) } else { context.ui.line(&shown.join("\n")) }
    }

    fn admits(&self, entry: &Entry, namespace: &str) -> bool {
        let fits = |wanted: &str, found: &str| wanted.eq_ignore_ascii_case(found);
        self.level.as_deref().is_none_or(|level| level == entry.level)
            && (self.kind.is_empty()
                || fits(&self.kind, &entry.kind)
                || fits(&self.kind, &entry.controller_kind))
            && (self.name.is_empty() || fits(&self.name, &entry.name))
            && (self.all_namespaces || fits(namespace, &entry.namespace))
    }
}

fn complain(context: &CommandContext, error: &anyhow::Error) {
    context.ui.note(&format!("failed getting logs: {error:#}"));
    context.ui.hints(error);
}

/// A time with its zone; none of the other forms that ISO 8601 knows.
fn rfc3339(text: &str) -> Option<Timestamp> {
    let shape: String =
        text.chars().take(20).map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    let is_strict = shape.starts_with("0000-00-00T00:00:00");
    is_strict.then(|| text.parse().ok()).flatten()
}

/// The names of the kind that is asked for, else of all kinds.
fn names_in_logs(line: &Line) -> Vec<String> {
    let given = line.values("kind");
    let chosen = |kind: &&&Kind| given.first().is_none_or(|given| given.eq_ignore_ascii_case(kind.kind));
    let kinds: Vec<&Kind> = KINDS.iter().filter(chosen).copied().collect();
    line.ask(|context, client| async move {
        let lists = kinds.into_iter().map(|kind| completion::listed(&client, kind, &context.namespace));
        let found: BTreeSet<String> = join_all(lists).await.into_iter().flatten().flatten().collect();
        Some(found.into_iter().collect())
    })
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn a_time_is_taken_in_rfc_3339_only() {
        for good in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.25Z", "2026-01-02T03:04:05+02:00"] {
            assert!(rfc3339(good).is_some(), "{good}");
        }
        for bad in ["2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z", "yesterday", ""] {
            assert!(rfc3339(bad).is_none(), "{bad}");
        }
    }
}
