//! `diff kustomization -o json`: the differences as a document.

use crate::api::ObjectId;
use crate::api::object;
use crate::ops::diff::Below;
use crate::ops::diff::Change;
use crate::ops::diff::Compared;
use crate::ops::diff::Differences;
use crate::ops::diff::Drift;
use crate::text::differences;
use serde::Serialize;
use serde_json::Value;

/// All Kustomizations, those of a build after the one that they are part of.
#[derive(Serialize)]
struct Document<'d> {
    changed: bool,
    kustomizations: Vec<One<'d>>,
}

#[derive(Serialize)]
struct One<'d> {
    #[serde(flatten)]
    id: &'d ObjectId,
    changed: bool,
    /// How many objects stay as they are.
    unchanged: usize,
    objects: Vec<Changed<'d>>,
    errors: Vec<String>,
}

#[derive(Serialize)]
struct Changed<'d> {
    #[serde(flatten)]
    id: &'d ObjectId,
    change: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
}

/// A field that differs; one that does not exist has no value.
#[derive(Serialize)]
struct Field {
    /// A JSON pointer.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

/// The document about these Kustomizations.
///
/// # Errors
/// None that is known: everything in it came from JSON.
pub(super) fn of(found: &[Differences]) -> anyhow::Result<Value> {
    let changed = found.iter().any(Differences::is_change);
    let kustomizations = each(found).into_iter().map(one).collect();
    Ok(serde_json::to_value(Document { changed, kustomizations })?)
}

/// All of them, each followed by those that are part of it.
pub(super) fn each(found: &[Differences]) -> Vec<&Differences> {
    let mut all = Vec::new();
    let mut waiting: Vec<&Differences> = found.iter().rev().collect();
    while let Some(next) = waiting.pop() {
        all.push(next);
        waiting.extend(next.objects.iter().filter_map(below).rev());
    }
    all
}

fn below(one: &Compared) -> Option<&Differences> {
    match &one.below {
        Some(Below::Compared(below)) => Some(below),
        _ => None,
    }
}

/// The word for a change; `None` if nothing changes.
pub(super) fn word(change: &Change) -> Option<&'static str> {
    match change {
        Change::Skipped => Some("skipped"),
        Change::Created(_) => Some("created"),
        Change::Drifted(_) => Some("drifted"),
        Change::Unchanged => None,
    }
}

fn one(differences: &Differences) -> One<'_> {
    let changes = differences.objects.iter().filter_map(|one| {
        let fields = if let Change::Drifted(drift) = &one.change { fields(drift) } else { Vec::new() };
        Some(Changed { id: &one.id, change: word(&one.change)?, fields })
    });
    let deleted = differences.deleted.iter().map(|id| Changed { id, change: "deleted", fields: Vec::new() });
    One {
        id: &differences.kustomization,
        changed: differences.is_change(),
        unchanged: differences.objects.iter().filter(|one| word(&one.change).is_none()).count(),
        objects: changes.chain(deleted).collect(),
        errors: differences.errors.iter().map(|error| format!("{error:#}")).collect(),
    }
}

fn fields(drift: &Drift) -> Vec<Field> {
    let found = differences(&content(&drift.live), &content(&drift.merged));
    found.into_iter().map(|one| Field { path: one.path, before: one.before, after: one.after }).collect()
}

/// An object without its status and the bookkeeping of the API server.
pub(super) fn content(object: &Value) -> Value {
    let mut object = object.clone();
    object::drop_bookkeeping(&mut object);
    object
}
