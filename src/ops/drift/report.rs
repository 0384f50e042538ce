//! The results of a comparison, by Kustomization.

use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::ops::diff::Change;
use crate::ops::diff::Differences;
use crate::ops::diff::Drift;
use crate::render;
use crate::render::Owner;
use crate::text::differences;
use serde_json::Value;

/// The result for one Kustomization.
#[derive(Debug)]
pub struct Report {
    pub kustomization: ObjectId,
    /// The revision that it was built from.
    pub revision: String,
    pub outcome: Outcome,
}

/// How the comparison went.
#[derive(Debug)]
pub enum Outcome {
    /// It cannot be compared, and why.
    Skipped(String),
    /// Nothing could be compared.
    Failed(anyhow::Error),
    Compared {
        objects: Vec<Drifted>,
        /// How many objects are as in Git.
        unchanged: usize,
        /// What could not be compared.
        errors: Vec<anyhow::Error>,
    },
}

/// An object that is not as in Git.
#[derive(Debug)]
pub struct Drifted {
    pub id: ObjectId,
    pub state: DriftState,
    /// What differs in an object that drifted.
    pub fields: Vec<Field>,
}

/// How an object differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftState {
    Drifted,
    /// It is in Git, but not in the cluster.
    Missing,
    /// The Kustomization has applied it, but it is no longer in Git.
    Foreign,
}

/// A field that differs. `None` if it does not exist on that side.
#[derive(Debug)]
pub struct Field {
    /// A JSON pointer.
    pub path: String,
    pub cluster: Option<Value>,
    pub git: Option<Value>,
    /// Its manager, as far as the API server knows.
    pub owner: Option<Owner>,
}

impl DriftState {
    /// One lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Drifted => "drifted",
            Self::Missing => "missing",
            Self::Foreign => "foreign",
        }
    }
}

impl Report {
    /// Whether anything is not as in Git.
    pub fn is_drift(&self) -> bool {
        matches!(&self.outcome, Outcome::Compared { objects, .. } if !objects.is_empty())
    }

    /// What went wrong.
    pub fn errors(&self) -> &[anyhow::Error] {
        match &self.outcome {
            Outcome::Skipped(_) => &[],
            Outcome::Failed(error) => std::slice::from_ref(error),
            Outcome::Compared { errors, .. } => errors,
        }
    }
}

/// What a comparison says about drift.
pub(super) fn outcome(differences: Differences, foreign: Vec<ObjectId>) -> Outcome {
    let (mut objects, mut unchanged) = (Vec::new(), 0);
    for one in differences.objects {
        let (state, fields) = match &one.change {
            Change::Created(_) => (DriftState::Missing, Vec::new()),
            Change::Drifted(drift) => (DriftState::Drifted, fields(drift)),
            Change::Unchanged => {
                unchanged += 1;
                continue;
            }
            Change::Skipped => continue,
        };
        objects.push(Drifted { id: one.id, state, fields });
    }
    let foreign =
        foreign.into_iter().map(|id| Drifted { id, state: DriftState::Foreign, fields: Vec::new() });
    objects.extend(foreign);
    Outcome::Compared { objects, unchanged, errors: differences.errors }
}

fn fields(drift: &Drift) -> Vec<Field> {
    let content = |object: &Value| {
        let mut object = object.clone();
        object::drop_bookkeeping(&mut object);
        object
    };
    let found = differences(&content(&drift.live), &content(&drift.merged));
    let field = |one: crate::text::Difference| Field {
        owner: render::owner(&drift.managed, &drift.live, &one.path, KUSTOMIZATION.controller),
        path: one.path,
        cluster: one.before,
        git: one.after,
    };
    found.into_iter().map(field).collect()
}
