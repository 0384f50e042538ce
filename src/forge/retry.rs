//! Retries: with growing pauses, or as long as the forge asks to wait, until the deadline of the whole operation.

use super::ForgeError;
use crate::net;
use backon::BackoffBuilder;
use backon::ExponentialBuilder;
use std::time::Duration;
use tokio::time::Instant;

/// The pauses between attempts.
const PAUSES: ExponentialBuilder = net::pauses(Duration::from_millis(250));

/// Runs `call` until it succeeds, fails for good, or would have to wait past `until`.
pub(super) async fn retry<T, F>(until: Instant, mut call: impl FnMut() -> F) -> Result<T, ForgeError>
where
    F: Future<Output = Result<T, ForgeError>>,
{
    let mut pauses = PAUSES.build();
    loop {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        // If the forge says how long to wait, only the deadline limits the attempts.
        let pause = error.retry_after().or_else(|| pauses.next());
        match pause.filter(|pause| error.is_transient() && Instant::now() + *pause < until) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    async fn attempts(until: Duration, error: fn() -> ForgeError) -> u32 {
        let count = AtomicU32::new(0);
        let _ = retry::<(), _>(Instant::now() + until, || {
            count.fetch_add(1, Ordering::Relaxed);
            async move { Err(error()) }
        })
        .await;
        count.into_inner()
    }

    #[tokio::test]
    async fn the_deadline_bounds_a_wait_that_the_forge_asks_for() {
        let limited =
            || ForgeError::RateLimited { doing: String::new(), retry_after: Some(Duration::from_secs(3600)) };
        assert_eq!(attempts(Duration::from_secs(1), limited).await, 1);
    }

    #[tokio::test]
    async fn a_refusal_is_not_asked_again_and_a_failure_is() {
        let refused = || ForgeError::NotFound { doing: String::new() };
        assert_eq!(attempts(Duration::from_secs(5), refused).await, 1);
        let failed = || ForgeError::Server {
            doing: String::new(),
            status: 502,
            reason: String::new(),
            retry_after: Some(Duration::from_millis(20)),
        };
        assert!(attempts(Duration::from_millis(200), failed).await > 3);
    }
}
