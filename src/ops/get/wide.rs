//! The further columns of `-o wide`. One more is one more line here.

use crate::api::SuspensionNote;
use crate::api::progress;
use crate::kind;
use crate::present;
use crate::present::Column;
use serde_json::Value;

pub fn wide() -> [Column; 3] {
    [
        Column::ago("age", "/metadata/creationTimestamp"),
        Column::own(
            "last reconciled",
            |object| progress::last_reconciled(object).map(|moment| moment.as_millisecond().into()),
            |object, now| present::ago(progress::last_reconciled(object), now),
        ),
        Column::value("suspension", |object| suspension(object).map(|note| note.to_string().into())),
    ]
}

/// Who suspended it, when and why, where that was written down.
fn suspension(object: &Value) -> Option<SuspensionNote> {
    let kind = kind::by_name(object.get("kind")?.as_str()?)?;
    SuspensionNote::of(kind, object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
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
