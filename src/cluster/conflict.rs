//! What another client writes between the reading of an object and its writing.

use super::Deadline;
use crate::net::Retries;
use crate::net::Retryable;
use backon::ExponentialBuilder;
use std::fmt;
use std::time::Duration;

/// Short, as a controller that writes a status is soon done.
const PAUSES: ExponentialBuilder =
    ExponentialBuilder::new().with_min_delay(Duration::from_millis(10)).with_max_times(4);

/// A failure that may be a conflict.
pub trait Conflicting {
    /// Whether another client has written the object meanwhile, or created it.
    fn is_conflict(&self) -> bool;
}

impl Conflicting for kube::Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Api(status) if status.code == 409)
    }
}

struct Failed<E>(E);

impl<E> fmt::Display for Failed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("conflict")
    }
}

impl<E: Conflicting> Retryable for Failed<E> {
    fn is_transient(&self) -> bool {
        self.0.is_conflict()
    }
}

/// Runs what reads objects and then writes them, up to five times if there are conflicts.
///
/// # Errors
/// The last failure.
pub async fn despite_conflicts<T, E: Conflicting, F>(
    deadline: Deadline,
    mut work: impl FnMut() -> F,
) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let once = || {
        let work = work();
        async { work.await.map_err(Failed) }
    };
    Retries::new(PAUSES, deadline.instant()).run(once).await.map_err(|failed| failed.0)
}
