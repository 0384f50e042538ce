//! What operations work with, whatever front end calls them.

use super::Sink;
use super::Waiting;
use super::get::listing_failed;
use crate::api::Kind;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Selection;
use serde_json::Value;
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
    /// All objects of a kind in the namespace.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn objects(&self, kind: &Kind) -> anyhow::Result<Vec<Value>> {
        let listed = cluster::list(&self.client, kind, &Selection::within(self.namespace)).await;
        Ok(listed.map_err(|error| listing_failed(error, kind))?.0)
    }

    /// What waits for objects, and reports meanwhile why they are not ready.
    pub fn waiting(&self) -> Waiting<'_> {
        Waiting::new(&self.client, self.sink, self.deadline, self.poll)
    }
}
