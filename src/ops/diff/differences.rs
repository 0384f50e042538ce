//! What an apply would change, as a value.

use crate::api::ObjectId;
use serde_json::Value;

/// What would change for one Kustomization.
#[derive(Debug)]
pub struct Differences {
    pub kustomization: ObjectId,
    /// In the order of the build.
    pub objects: Vec<Compared>,
    /// What the Kustomization has applied and would remove.
    pub deleted: Vec<ObjectId>,
    /// What could not be compared, also further down, each naming its object.
    pub errors: Vec<anyhow::Error>,
}

/// One object of the build.
#[derive(Debug)]
pub struct Compared {
    pub id: ObjectId,
    pub change: Change,
    pub below: Option<Below>,
}

/// What would happen to an object.
#[derive(Debug)]
pub enum Change {
    /// It says itself that it is not applied.
    Skipped,
    /// What it would be, without managed fields and the values of a Secret.
    Created(Box<Value>),
    Drifted(Box<Drift>),
    Unchanged,
}

/// An object without managed fields, ignored fields and secret values: as it is, and as it would be.
#[derive(Debug)]
pub struct Drift {
    pub live: Value,
    pub merged: Value,
    /// Who owns which fields of the object as it is, as the API server keeps it.
    pub managed: Value,
}

/// A Kustomization that is part of the build.
#[derive(Debug)]
pub enum Below {
    Compared(Differences),
    /// It applies to another cluster.
    Remote,
}

impl Differences {
    /// Whether an apply would change anything.
    pub fn is_change(&self) -> bool {
        let changes = |one: &Compared| {
            let below = matches!(&one.below, Some(Below::Compared(below)) if below.is_change());
            below || matches!(one.change, Change::Created(_) | Change::Drifted(_))
        };
        !self.deleted.is_empty() || self.objects.iter().any(changes)
    }
}
