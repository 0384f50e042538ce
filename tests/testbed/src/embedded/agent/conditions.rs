//! An object on its way through a reconciliation, with its status as it becomes.

use super::surroundings::Surroundings;
use super::surroundings::now;
use super::surroundings::text;
use serde_json::Value;
use serde_json::json;

/// The annotation by which a reconciliation is asked for.
const REQUESTED_AT: &str = "/metadata/annotations/reconcile.fluxcd.io~1requestedAt";

pub struct Subject {
    pub object: Value,
    pub status: Value,
    told: Value,
}

impl Subject {
    pub fn new(object: Value) -> Self {
        let mut status = object.get("status").cloned().unwrap_or(Value::Null);
        if !status.is_object() {
            status = json!({});
        }
        Self { told: status.clone(), status, object }
    }

    pub fn generation(&self) -> i64 {
        self.object.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(1)
    }

    pub fn observed(&self) -> i64 {
        self.status["observedGeneration"].as_i64().unwrap_or(-1)
    }

    /// Whether a reconciliation was asked for that no status answers yet.
    pub fn is_requested(&self) -> bool {
        let requested = text(&self.object, REQUESTED_AT);
        !requested.is_empty() && requested != text(&self.status, "/lastHandledReconcileAt")
    }

    fn conditions(&self) -> Vec<Value> {
        self.status["conditions"].as_array().cloned().unwrap_or_default()
    }

    /// A condition's status, or `None` if it is missing.
    pub fn is(&self, name: &str) -> Option<String> {
        let conditions = self.conditions();
        let found = conditions.iter().find(|condition| condition["type"] == name)?;
        Some(text(found, "/status").to_owned())
    }

    /// What a condition says; `None` if it is missing.
    pub fn says(&self, name: &str, field: &str) -> String {
        let conditions = self.conditions();
        let found = conditions.iter().find(|condition| condition["type"] == name);
        found.and_then(|condition| condition[field].as_str()).unwrap_or_default().to_owned()
    }

    /// Sets a condition; the time of its last transition is that of its last change.
    pub fn set(&mut self, name: &str, status: &str, reason: &str, message: &str) {
        let mut conditions = self.conditions();
        let before = conditions.iter().find(|condition| condition["type"] == name).cloned();
        let mut condition = json!({
            "type": name, "status": status, "reason": reason, "message": message, "observedGeneration": self.generation(),
        });
        let same = |field: &str| before.as_ref().is_some_and(|before| before[field] == condition[field]);
        condition["lastTransitionTime"] = match &before {
            Some(before) if ["status", "reason", "message"].iter().all(|field| same(field)) => {
                before["lastTransitionTime"].clone()
            }
            _ => now().into(),
        };
        conditions.retain(|condition| condition["type"] != name);
        conditions.push(condition);
        let rank = |name: &str| {
            ["Ready", "Reconciling", "Stalled"].iter().position(|first| *first == name).unwrap_or(3)
        };
        conditions.sort_by_key(|condition| {
            let name = text(condition, "/type").to_owned();
            (rank(&name), name)
        });
        self.status["conditions"] = conditions.into();
    }

    pub fn unset(&mut self, name: &str) {
        let mut conditions = self.conditions();
        conditions.retain(|condition| condition["type"] != name);
        self.status["conditions"] = conditions.into();
    }

    /// What was asked for is answered, whatever became of it.
    pub fn answer_request(&mut self) {
        let requested = text(&self.object, REQUESTED_AT);
        if !requested.is_empty() {
            self.status["lastHandledReconcileAt"] = requested.into();
        }
    }

    /// Tells the API server what has changed since it was told last. An object that is gone needs no telling.
    pub async fn tell(&mut self, around: &Surroundings) -> anyhow::Result<()> {
        if self.status == self.told {
            return Ok(());
        }
        match around.merge(&self.object, &json!({"status": self.status})).await {
            Err(error) if fluxr::testing::cluster::is_missing(&error) => return Ok(()),
            outcome => outcome?,
        }
        self.told = self.status.clone();
        Ok(())
    }
}
