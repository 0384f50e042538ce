//! `wait`: for many objects at once to be ready, suspended, deleted or at a revision, with a line as each gets there.

use crate::api::Kind;
use crate::api::Readiness;
use crate::api::Suspension;
use crate::api::object;
use crate::api::progress;
use crate::cluster;
use crate::cluster::Outcome;
use crate::cluster::Selection;
use crate::cluster::Status;
use crate::ops::Session;
use crate::ops::next_step;
use crate::text::with_hint;
use serde_json::Value;
use std::ops::ControlFlow;

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Observed in its present form, and ready.
    Ready,
    Suspended,
    Deleted,
    /// Ready with a revision that begins so, or whose digest does.
    Revision(String),
}

/// One object that is waited for.
#[derive(Debug, Clone)]
pub struct Target {
    pub kind: &'static Kind,
    pub namespace: String,
    pub name: String,
}

/// How far an object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub is_done: bool,
    /// Why it is not done.
    pub reason: String,
    /// What to do next.
    pub hint: String,
}

impl Condition {
    /// `ready`, `suspended`, `deleted` or `revision=…`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        match text.split_once('=') {
            None if text.eq_ignore_ascii_case("ready") => Ok(Self::Ready),
            None if text.eq_ignore_ascii_case("suspended") => Ok(Self::Suspended),
            None if text.eq_ignore_ascii_case("deleted") => Ok(Self::Deleted),
            Some(("revision", revision)) if !revision.is_empty() => Ok(Self::Revision(revision.to_owned())),
            _ => anyhow::bail!(
                "--for {text} is not known, use one of: ready, suspended, deleted, revision=<revision>"
            ),
        }
    }

    /// The word for an object that got there: `ready`, as in "is ready" and "is not ready".
    pub fn said(&self) -> String {
        match self {
            Self::Ready => "ready".to_owned(),
            Self::Suspended => "suspended".to_owned(),
            Self::Deleted => "deleted".to_owned(),
            Self::Revision(revision) => format!("ready at revision {revision}"),
        }
    }

    /// Whether objects of the kind can get there at all.
    ///
    /// # Errors
    /// They cannot; the kind is named.
    pub fn suits(&self, kind: &Kind) -> anyhow::Result<()> {
        let has_revision = kind.columns.iter().any(|column| column.header == "revision");
        match self {
            Self::Suspended if kind.suspension == Suspension::None => {
                anyhow::bail!("objects of the kind {} cannot be suspended", kind.kind)
            }
            Self::Revision(_) if !has_revision => {
                anyhow::bail!("objects of the kind {} have no revision", kind.kind)
            }
            _ => Ok(()),
        }
    }

    fn needs_readiness(&self) -> bool {
        matches!(self, Self::Ready | Self::Revision(_))
    }

    fn judge(&self, target: &Target, object: Option<&Value>) -> Standing {
        let words = target.kind.noun.one.join(" ");
        let (kind, name, namespace) = (target.kind, &target.name, &target.namespace);
        let is_done = |is_done: bool, reason: String, hint: String| Standing { is_done, reason, hint };
        let Some(object) = object else {
            let hint = format!("`fluxr get {} -n {namespace}` shows what is there", kind.noun.many.join(" "));
            return is_done(*self == Self::Deleted, "it does not exist".to_owned(), hint);
        };
        match self {
            Self::Deleted => {
                let (reason, hint) = deletion(object, &words, name, namespace);
                is_done(false, reason, hint)
            }
            Self::Suspended => is_done(
                kind.is_suspended(object),
                "nothing has suspended it".to_owned(),
                format!("`fluxr suspend {words} {name} -n {namespace}` suspends it"),
            ),
            Self::Ready | Self::Revision(_) => {
                let mut waiting = unready(kind, object);
                if let (Self::Revision(wanted), None) = (self, &waiting) {
                    let found = progress::revision(object);
                    let what = if found.is_empty() {
                        "it has no revision".to_owned()
                    } else {
                        format!("its revision is {found}")
                    };
                    waiting = (!is_at(found, wanted)).then_some(what);
                }
                let hint = if kind.is_suspended(object) {
                    format!("it is suspended: `fluxr resume {words} {name} -n {namespace}` resumes it")
                } else {
                    next_step(kind, namespace, name)
                };
                is_done(waiting.is_none(), waiting.unwrap_or_default(), hint)
            }
        }
    }
}

/// Why an object still exists.
fn deletion(object: &Value, words: &str, name: &str, namespace: &str) -> (String, String) {
    if !object::is_being_deleted(object) {
        let hint = format!("`fluxr delete {words} {name} -n {namespace}` deletes it");
        return ("nothing has deleted it".to_owned(), hint);
    }
    let names: Vec<&str> =
        object::list(object, "/metadata/finalizers").iter().filter_map(Value::as_str).collect();
    let reason = format!("it is being deleted, and waits for {}", names.join(", "));
    (reason, "its controller must be running: `fluxr check` shows whether it is".to_owned())
}

/// Why an object is not ready.
fn unready(kind: &Kind, object: &Value) -> Option<String> {
    match (cluster::status_of(object), (kind.readiness)(object)) {
        (Status::Current, _) => None,
        (status, Readiness::Static(_)) if status != Status::Terminating => None,
        (status, _) => Some(status.reason()),
    }
}

/// `main@sha1:0f1e…` is at `main@sha1:0f1e`, at `sha1:0f1e` and at `0f1e`.
fn is_at(revision: &str, wanted: &str) -> bool {
    let behind = |mark: char| revision.split_once(mark).map(|(_, rest)| rest);
    let forms = [Some(revision), behind('@'), behind(':')];
    forms.into_iter().flatten().any(|form| form.starts_with(wanted))
}

/// The objects of a kind that a selection finds.
///
/// # Errors
/// What the API server answers; a kind that it does not have only when the selection names it.
pub async fn find(
    client: &kube::Client,
    kind: &'static Kind,
    selection: &Selection,
) -> Result<Vec<Target>, kube::Error> {
    let (objects, _) = cluster::list(client, kind, selection).await?;
    Ok(objects.iter().map(|object| target_of(kind, object)).collect())
}

fn target_of(kind: &'static Kind, object: &Value) -> Target {
    Target { kind, namespace: object::namespace(object).to_owned(), name: object::name(object).to_owned() }
}

/// Waits for all targets at once and calls `reached` for each that gets there. What is left at the deadline is returned, each with its
/// standing.
///
/// # Errors
/// Errors that waiting cannot fix: a first list that fails, a refusal of the API server.
pub async fn wait(
    session: &Session<'_>,
    targets: &[Target],
    condition: &Condition,
    reached: &(dyn Fn(&Target) + Sync),
) -> anyhow::Result<Vec<(Target, Standing)>> {
    let waiting = session.waiting();
    // Where the kind does not exist, its objects are deleted.
    let waiting = if *condition == Condition::Deleted { waiting } else { waiting.strictly() };
    let mut hints: Vec<String> =
        targets.iter().map(|target| next_step(target.kind, &target.namespace, &target.name)).collect();
    let objects: Vec<cluster::WatchedObject> =
        targets.iter().map(|one| cluster::WatchedObject::of(one.kind, &one.namespace, &one.name)).collect();
    let outcomes = waiting.for_all(&objects, |place, object| {
        if let Some(object) = object.filter(|_| condition.needs_readiness()) {
            waiting.watch_reason(object);
        }
        let standing = condition.judge(&targets[place], object);
        hints[place] = standing.hint;
        if !standing.is_done {
            return Ok(ControlFlow::Continue(standing.reason));
        }
        reached(&targets[place]);
        Ok(ControlFlow::Break(()))
    });
    let outcomes = outcomes.await?;
    let mut left = Vec::new();
    for ((outcome, target), hint) in outcomes.into_iter().zip(targets).zip(hints) {
        match outcome {
            Outcome::Done(()) => {}
            Outcome::Failed(error) => return Err(error),
            Outcome::Left(reason) => left.push((target.clone(), Standing { is_done: false, reason, hint })),
        }
    }
    Ok(left)
}

/// The kind that a word means.
///
/// # Errors
/// None of Flux's.
pub fn kind_of(word: &str) -> anyhow::Result<&'static Kind> {
    crate::kind::by_word(word).ok_or_else(|| {
        let known: Vec<String> = crate::kind::KINDS.iter().map(|kind| kind.kind.to_lowercase()).collect();
        with_hint(
            anyhow::anyhow!("'{word}' is not a kind of Flux"),
            format!("the kinds are {}", known.join(", ")),
        )
    })
}
