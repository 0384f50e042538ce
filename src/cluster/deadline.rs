//! Time limits of operations.

use crate::text::with_hint;
use std::time::Duration;
use tokio::time::Instant;

tokio::task_local! {
    /// The earliest of the deadlines that a piece of work is run with.
    static WORK: Deadline;
}

/// When what runs at present must have ended, if something limits it.
pub(super) fn of_work() -> Option<Deadline> {
    WORK.try_with(|deadline| *deadline).ok()
}

/// When an operation must have ended.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Instant);

/// The deadline passed; what was last seen, in one line.
#[derive(Debug, thiserror::Error)]
#[error("timed out waiting for {what}: {last}")]
pub struct TimedOut {
    pub what: String,
    pub last: String,
}

impl Deadline {
    /// That far from now.
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// This one, or a later one that leaves so much time.
    pub fn with_at_least(self, time: Duration) -> Self {
        Self(self.0.max(Instant::now() + time))
    }

    /// This one, or the other if that is earlier.
    pub(super) fn or_earlier(self, other: Option<Self>) -> Self {
        Self(other.map_or(self.0, |other| self.0.min(other.0)))
    }

    /// The moment itself.
    pub fn instant(self) -> Instant {
        self.0
    }

    /// What is left of the time.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }

    /// Runs something until the deadline; `None` if that passes first. Its requests have no more time either.
    pub async fn cut<T>(self, work: impl Future<Output = T>) -> Option<T> {
        self.cut_after(Duration::ZERO, work).await
    }

    async fn cut_after<T>(self, grace: Duration, work: impl Future<Output = T>) -> Option<T> {
        let work = WORK.scope(self.or_earlier(of_work()), work);
        tokio::time::timeout_at(self.0 + grace, work).await.ok()
    }

    /// Runs something that must end in time.
    ///
    /// # Errors
    /// [`TimedOut`], naming `what`.
    pub async fn bound<T>(
        self,
        what: &str,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        let late = || TimedOut { what: what.to_owned(), last: EXCEEDED.to_owned() }.into();
        self.or_late(work, late).await
    }

    /// Runs something that must end in time, or fails with what `late` says.
    async fn or_late<T>(
        self,
        work: impl Future<Output = anyhow::Result<T>>,
        late: impl FnOnce() -> anyhow::Error,
    ) -> anyhow::Result<T> {
        let outcome = self.cut_after(GRACE, work).await;
        outcome.unwrap_or_else(|| Err(with_hint(late(), "a higher --timeout waits longer")))
    }
}

/// A request that is given up at the same moment as the whole says more: it may end first.
const GRACE: Duration = Duration::from_millis(250);
const EXCEEDED: &str = "context deadline exceeded";

/// Runs something that must end within the limit.
///
/// # Errors
/// Those of the work; the end of the time, with what was being done.
pub async fn in_time<T>(
    limit: Duration,
    doing: &str,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    Deadline::after(limit).or_late(work, || anyhow::anyhow!("{doing}: {EXCEEDED}")).await
}
