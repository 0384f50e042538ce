//! What the steps of one run share.

use super::options::Options;
use super::options::Provider;
use crate::cluster;
use crate::ops::Session;
use serde_json::Value;

/// What the steps of one run share.
pub(super) struct Run<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) options: &'a Options,
    pub(super) provider: Option<&'a Provider>,
    /// Whether this run pushed a commit.
    pub(super) pushed: bool,
    /// What this run applied already, so that it is not applied twice.
    pub(super) applied: Vec<Value>,
}

impl Run<'_> {
    /// Applies what this run has not applied yet.
    pub(super) async fn apply(&mut self, objects: Vec<Value>) -> anyhow::Result<()> {
        let Session { client, sink, deadline, poll, .. } = self.session;
        let new: Vec<Value> = objects.into_iter().filter(|object| !self.applied.contains(object)).collect();
        {
            let _busy = sink.busy("applying manifests");
            cluster::apply_in_stages(client, new.clone(), *deadline, *poll).await?;
        }
        self.applied.extend(new);
        Ok(())
    }
}
