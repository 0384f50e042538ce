//! `drift` for programs.

use crate::api::ObjectId;
use crate::ops::drift::Drifted;
use crate::ops::drift::Field;
use crate::ops::drift::Outcome;
use crate::ops::drift::Report;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The document about these Kustomizations.
pub(super) fn of(reports: &[Report]) -> Value {
    let drifted = reports.iter().any(Report::is_drift);
    json!({"drifted": drifted, "kustomizations": reports.iter().map(one).collect::<Vec<_>>()})
}

fn one(report: &Report) -> Value {
    let mut fields = identity(&report.kustomization);
    push_known(&mut fields, "revision", &report.revision);
    fields.insert("drifted".into(), report.is_drift().into());
    match &report.outcome {
        Outcome::Skipped(reason) => drop(fields.insert("skipped".into(), reason.as_str().into())),
        Outcome::Failed(_) => {}
        Outcome::Compared { objects, unchanged, .. } => {
            fields.insert("unchanged".into(), (*unchanged).into());
            fields.insert("objects".into(), objects.iter().map(object).collect());
        }
    }
    let errors: Vec<String> = report.errors().iter().map(|error| format!("{error:#}")).collect();
    fields.insert("errors".into(), errors.into());
    Value::Object(fields)
}

fn object(drifted: &Drifted) -> Value {
    let mut fields = identity(&drifted.id);
    fields.insert("state".into(), drifted.state.word().into());
    if !drifted.fields.is_empty() {
        fields.insert("fields".into(), drifted.fields.iter().map(field).collect());
    }
    Value::Object(fields)
}

/// A field; a side that does not have it has no value.
fn field(field: &Field) -> Value {
    let mut fields = Map::new();
    fields.insert("path".into(), field.path.as_str().into());
    let sides = [("cluster", &field.cluster), ("git", &field.git)];
    for (side, value) in sides {
        if let Some(value) = value {
            fields.insert(side.into(), value.clone());
        }
    }
    if let Some(owner) = &field.owner {
        let mut known = Map::new();
        push_known(&mut known, "manager", &owner.manager);
        push_known(&mut known, "operation", &owner.operation);
        push_known(&mut known, "time", &owner.time);
        fields.insert("owner".into(), known.into());
    }
    Value::Object(fields)
}

/// Adds a text, unless it is empty: then it is not known.
fn push_known(fields: &mut Map<String, Value>, name: &str, text: &str) {
    if !text.is_empty() {
        fields.insert(name.to_owned(), text.into());
    }
}

fn identity(id: &ObjectId) -> Map<String, Value> {
    serde_json::to_value(id).ok().and_then(|id| id.as_object().cloned()).unwrap_or_default()
}
