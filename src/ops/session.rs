//! What operations work with, whoever asks for them.

use super::Sink;
use super::Waiting;
use crate::cluster::Deadline;
use std::time::Duration;

/// A connection to a cluster, and how to work in it.
#[derive(Clone)]
pub struct Session<'a> {
    pub client: kube::Client,
    /// Where progress is reported.
    pub sink: &'a dyn Sink,
    /// The namespace that the work is about.
    pub namespace: &'a str,
    /// When the work must have ended.
    pub deadline: Deadline,
    /// Pause between polls where no watch tells the news.
    pub poll: Duration,
    /// The clock.
    pub now: fn() -> jiff::Zoned,
}

impl Session<'_> {
    /// What waits for objects, and reports meanwhile why they are not ready.
    pub fn waiting(&self) -> Waiting<'_> {
        Waiting::new(&self.client, self.sink, self.deadline, self.poll)
    }
}
