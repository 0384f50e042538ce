//! Waits until people, or the forge, have merged a request.

use super::propose::name;
use super::proposing::Proposing;
use crate::forge::Forge;
use crate::forge::Progress;
use crate::forge::Request;
use crate::text::with_hint;
use anyhow::Context;
use std::time::Duration;

/// The longest pause between two calls: every forge limits their number.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What is left of the time for the last answer.
const FOR_ANSWER: Duration = Duration::from_secs(1);

impl Proposing<'_> {
    /// Waits until the request is merged. Before each look, `reopen` may give the forge with another login.
    ///
    /// # Errors
    /// It was closed, or is not merged in time; what the forge answers.
    pub(in crate::ops) async fn merged(
        &self,
        request: &Request,
        mut reopen: impl AsyncFnMut() -> anyhow::Result<Option<Box<dyn Forge>>>,
    ) -> anyhow::Result<()> {
        let first = self.requests.context("a request is waited for at a forge")?;
        let (sink, deadline) = (self.publisher.sink, self.publisher.deadline);
        let name = name(first, request);
        sink.waiting(format!("waiting for {name} to be merged into \"{}\"", request.base));
        let _spinner = sink.busy(&name);
        let mut pause = self.poll;
        let mut conflicts = request.progress == Progress::Conflicting;
        let mut reopened = None;
        loop {
            let look = async {
                reopened = reopen().await?.or(reopened.take());
                let requests = reopened.as_ref().map_or(first, |forge| forge.requests());
                anyhow::Ok(requests.look(request.number).await?)
            };
            let Some(now) = deadline.cut(look).await else {
                return Err(self.late(&name, request, conflicts));
            };
            let now = now?;
            match now.progress {
                Progress::Merged(commit) => {
                    let commit = commit.map(|commit| format!(" (\"{commit}\")")).unwrap_or_default();
                    sink.success(format!("{name} was merged into \"{}\"{commit}", now.base));
                    return Ok(());
                }
                Progress::Closed => {
                    let error = anyhow::anyhow!("{name} was closed without being merged: {}", now.url);
                    return Err(with_hint(error, "run the command again to open another one"));
                }
                Progress::Conflicting if !conflicts => {
                    conflicts = true;
                    sink.warning(format!("{name} cannot be merged: it conflicts with \"{}\"", now.base));
                }
                Progress::Conflicting | Progress::Open => {}
            }
            // The last look is shortly before the end.
            let left = deadline.remaining().saturating_sub(FOR_ANSWER);
            if left.is_zero() {
                return Err(self.late(&name, request, conflicts));
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 5 / 4).min(LONGEST_PAUSE);
        }
    }

    fn late(&self, name: &str, request: &Request, conflicts: bool) -> anyhow::Error {
        let error = anyhow::anyhow!("{name} was not merged in time: {}", request.url);
        if conflicts {
            return with_hint(
                error.context(format!("{name} conflicts with \"{}\"", request.base)),
                "resolve the conflict at the forge, or close the request; then run the command again",
            );
        }
        with_hint(error, "run the command again when it is merged; a higher --timeout waits longer")
    }
}
