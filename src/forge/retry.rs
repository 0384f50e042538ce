//! Asking again: with growing pauses, or as long as the forge asks to wait, until the deadline of the whole operation.

use super::ForgeError;
use std::time::Duration;
use tokio::time::Instant;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// A forge that fails this often in a row will not recover within the run.
const ATTEMPTS: u32 = 5;

/// Runs `call` until it succeeds, fails for good, or would have to wait past `until`.
pub(super) async fn retry<T, F>(until: Instant, mut call: impl FnMut() -> F) -> Result<T, ForgeError>
where
    F: Future<Output = Result<T, ForgeError>>,
{
    let mut pause = FIRST_PAUSE;
    let mut attempt = 1;
    loop {
        let error = match call().await {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        let asked = error.retry_after();
        let wait = asked.unwrap_or(pause);
        // Where the forge says when to come back, attempts are not counted: only the deadline is.
        let exhausted = asked.is_none() && attempt >= ATTEMPTS;
        if !error.is_transient() || exhausted || Instant::now() + wait >= until {
            return Err(error);
        }
        tokio::time::sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        attempt += 1;
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
        let refused = || ForgeError::Unauthorized { doing: String::new(), reason: String::new() };
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
