//! The further columns of `-o wide`. One more is one more line here.

use crate::api::SuspensionNote;
use crate::api::object;
use crate::api::object::moment;
use crate::kind;
use crate::present;
use crate::present::Column;
use jiff::Timestamp;
use serde_json::Value;

pub fn wide() -> [Column; 3] {
    [
        Column::ago("age", "/metadata/creationTimestamp"),
        Column::own(
            "last reconciled",
            |object| last_reconciled(object).map(|moment| moment.as_millisecond().into()),
            |object, now| present::ago(last_reconciled(object), now),
        ),
        Column::value("suspension", |object| suspension(object).map(|note| note.to_string().into())),
    ]
}

/// Who suspended it, when and why, where that was written down.
fn suspension(object: &Value) -> Option<SuspensionNote> {
    let kind = kind::by_name(object.get("kind")?.as_str()?)?;
    SuspensionNote::of(kind, object)
}

/// The latest moment that the controller wrote into the status: of a condition, an artifact, a release, a scan, a run.
fn last_reconciled(object: &Value) -> Option<Timestamp> {
    const PLACES: [&str; 6] = [
        "/status/artifact/lastUpdateTime",
        "/status/lastScanResult/scanTime",
        "/status/lastAutomationRunTime",
        "/status/lastHandledReconcileAt",
        "/status/history/0/lastReconciled",
        "/status/history/0/lastDeployed",
    ];
    let changed = object::conditions(object).iter().filter_map(|one| moment(one, "/lastTransitionTime"));
    PLACES.iter().filter_map(|place| moment(object, place)).chain(changed).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_reconciliation_is_the_latest_moment_in_the_status() {
        let now: Timestamp = "2026-02-03T05:00:00Z".parse().unwrap();
        let object = json!({
            "metadata": {"creationTimestamp": "2026-02-01T05:00:00Z"},
            "status": {
                "conditions": [{"type": "Ready", "lastTransitionTime": "2026-02-03T04:00:00Z"}],
                "history": [{"lastReconciled": "2026-02-03T04:58:00Z"}],
                "artifact": {"lastUpdateTime": "no time"},
            },
        });
        let cells: Vec<String> = wide().iter().map(|column| column.cell(&object, now)).collect();
        assert_eq!(cells, ["2d", "2m", ""]);
        let cells: Vec<String> = wide().iter().map(|column| column.cell(&json!([]), now)).collect();
        assert_eq!(cells, ["<unknown>", "<unknown>", ""]);
    }
}
