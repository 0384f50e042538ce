//! When to try again.

use backon::ExponentialBuilder;
use reqwest::header::HeaderMap;
use reqwest::header::RETRY_AFTER;
use std::time::Duration;

/// Growing pauses between attempts. A server that fails five times in a row will not recover within the run.
pub const fn pauses(first: Duration) -> ExponentialBuilder {
    ExponentialBuilder::new().with_min_delay(first).with_max_delay(Duration::from_secs(8)).with_max_times(4)
}

/// The seconds that a server asks to wait.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
