//! When to try again: with growing pauses, or as long as the server asks to wait, until the deadline of the whole operation.

use backon::BackoffBuilder;
use backon::ExponentialBackoff;
use backon::ExponentialBuilder;
use reqwest::header::HeaderMap;
use reqwest::header::RETRY_AFTER;
use std::fmt::Display;
use std::time::Duration;
use tokio::time::Instant;

/// Growing pauses between attempts. A server that fails five times in a row will not recover within the run.
pub const fn pauses(first: Duration) -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(first).with_max_delay(Duration::from_secs(8)).with_max_times(4)
}

/// The seconds that a server asks to wait.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

/// The failure of an attempt.
pub trait Retryable: Display {
    /// Whether asking again may succeed.
    fn is_transient(&self) -> bool;

    /// How long the server asks to wait.
    fn retry_after(&self) -> Option<Duration> {
        None
    }
}

/// How often, and until when, something is tried again.
pub struct Retries<'a> {
    pauses: ExponentialBackoff,
    until: Instant,
    is_patient: bool,
    on_retry: Option<&'a OnRetry<'a>>,
}

/// Hears of a failure, and of the pause before the next attempt.
pub type OnRetry<'a> = dyn Fn(&str, Duration) + Sync + 'a;

impl<'a> Retries<'a> {
    /// As often as there are pauses, with pauses that end before this moment.
    pub fn new(pauses: ExponentialBuilder, until: Instant) -> Self {
        Self { pauses: pauses.build(), until, is_patient: false, on_retry: None }
    }

    /// If the server says how long to wait, only the deadline limits the attempts.
    pub fn patient(self) -> Self {
        Self { is_patient: true, ..self }
    }

    /// Each failure is reported before its pause.
    pub fn telling(self, on_retry: Option<&'a OnRetry<'a>>) -> Self {
        Self { on_retry, ..self }
    }

    /// Runs `call` until it succeeds, fails for good, or would have to wait too long.
    ///
    /// # Errors
    /// The last failure.
    pub async fn run<T, E: Retryable, F>(mut self, mut call: impl FnMut() -> F) -> Result<T, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        loop {
            match call().await {
                Ok(done) => return Ok(done),
                Err(error) => self.pause(error).await?,
            }
        }
    }

    /// Waits until it is time for the next attempt.
    ///
    /// # Errors
    /// The failure, if there is none.
    pub async fn pause<E: Retryable>(&mut self, error: E) -> Result<(), E> {
        let pause = match error.retry_after() {
            Some(asked) if self.is_patient => Some(asked),
            asked => self.pauses.next().map(|pause| asked.unwrap_or(pause)),
        };
        let in_time = |pause: &Duration| error.is_transient() && Instant::now() + *pause < self.until;
        let Some(pause) = pause.filter(in_time) else { return Err(error) };
        if let Some(told) = self.on_retry {
            told(&error.to_string(), pause);
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Copy, thiserror::Error)]
    #[error("failed")]
    struct Failed {
        is_transient: bool,
        asks: Option<u64>,
    }

    impl Retryable for Failed {
        fn is_transient(&self) -> bool {
            self.is_transient
        }

        fn retry_after(&self) -> Option<Duration> {
            self.asks.map(Duration::from_millis)
        }
    }

    async fn attempts(until: u64, is_patient: bool, is_transient: bool, asks: Option<u64>) -> u32 {
        let mut count = 0;
        let pauses = ExponentialBuilder::new().with_min_delay(Duration::from_millis(1)).with_max_times(2);
        let retries = Retries::new(pauses, Instant::now() + Duration::from_millis(until));
        let retries = if is_patient { retries.patient() } else { retries };
        let failing = || {
            count += 1;
            std::future::ready(Err::<(), _>(Failed { is_transient, asks }))
        };
        retries.run(failing).await.unwrap_err();
        count
    }

    #[tokio::test]
    async fn the_deadline_bounds_a_wait_that_the_server_asks_for() {
        assert_eq!(attempts(1000, true, true, Some(3_600_000)).await, 1);
        assert_eq!(attempts(1000, false, true, Some(3_600_000)).await, 1);
    }

    #[tokio::test]
    async fn a_refusal_is_not_asked_again_and_a_failure_is() {
        assert_eq!(attempts(5000, true, false, None).await, 1);
        assert_eq!(attempts(5000, true, true, None).await, 3);
    }

    #[tokio::test]
    async fn each_failure_is_told_with_the_pause_that_follows() {
        let told = std::sync::Mutex::new(Vec::new());
        let hear = |error: &str, pause: Duration| told.lock().unwrap().push((error.to_owned(), pause));
        let pauses = ExponentialBuilder::new().with_min_delay(Duration::from_millis(1)).with_max_times(2);
        let retries = Retries::new(pauses, Instant::now() + Duration::from_secs(5)).telling(Some(&hear));
        let failing = || std::future::ready(Err::<(), _>(Failed { is_transient: true, asks: None }));
        retries.run(failing).await.unwrap_err();
        let wanted = [1, 2].map(|millis| ("failed".to_owned(), Duration::from_millis(millis)));
        assert_eq!(*told.lock().unwrap(), wanted);
    }

    #[tokio::test]
    async fn only_the_patient_wait_as_often_as_the_server_asks() {
        assert_eq!(attempts(5000, false, true, Some(1)).await, 3);
        assert!(attempts(200, true, true, Some(20)).await > 3);
    }
}
