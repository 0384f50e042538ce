//! How far the controllers have got with an object, whatever its kind: the revision it has reached, and when it was last worked on.

use super::object;
use jiff::Timestamp;
use serde_json::Value;

/// The revision that an object has reached, in full.
pub fn revision(object: &Value) -> &str {
    const PLACES: [&str; 4] = [
        "/status/artifact/revision",
        "/status/lastAppliedRevision",
        "/status/history/0/chartVersion",
        "/status/lastAttemptedRevision",
    ];
    PLACES.iter().find_map(|place| object::text_if_set(object, place)).unwrap_or_default()
}

/// The latest moment that the controller wrote into the status: of a condition, an artifact, a release, a scan, a run.
pub fn last_reconciled(object: &Value) -> Option<Timestamp> {
    const PLACES: [&str; 6] = [
        "/status/artifact/lastUpdateTime",
        "/status/lastScanResult/scanTime",
        "/status/lastAutomationRunTime",
        "/status/lastHandledReconcileAt",
        "/status/history/0/lastReconciled",
        "/status/history/0/lastDeployed",
    ];
    let changed =
        object::conditions(object).iter().filter_map(|one| object::moment(one, "/lastTransitionTime"));
    PLACES.iter().filter_map(|place| object::moment(object, place)).chain(changed).max()
}
