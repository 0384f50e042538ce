//! The last five outcomes in the status of a Kustomization.

use super::surroundings::now;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// How many are kept.
const KEPT: usize = 5;

/// Counts an outcome up, or puts a new one in front.
pub fn record(status: &mut Value, digest: &str, took: Duration, outcome: &str, revision: &str) {
    let mut all = status["history"].as_array().cloned().unwrap_or_default();
    let took = fluxr::testing::text::GoDuration(took).to_string();
    let at = all.iter().position(|one| one["digest"] == digest && one["lastReconciledStatus"] == outcome);
    let mut one = match at {
        Some(at) => all.remove(at),
        None => {
            json!({"digest": digest, "firstReconciled": now(), "lastReconciledStatus": outcome, "totalReconciliations": 0})
        }
    };
    one["lastReconciled"] = now().into();
    one["lastReconciledDuration"] = took.into();
    one["totalReconciliations"] = (one["totalReconciliations"].as_i64().unwrap_or_default() + 1).into();
    one["metadata"] = json!({"revision": revision});
    all.insert(0, one);
    all.truncate(KEPT);
    status["history"] = all.into();
}
