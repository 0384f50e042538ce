//! Waiting for many objects at once: one watch for each kind and namespace, and a line as each object gets there.

use crate::api::Kind;
use crate::api::Readiness;
use crate::api::Suspension;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::News;
use crate::cluster::Selection;
use crate::cluster::Status;
use crate::text::with_hint;
use futures::future::try_join_all;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// How long a silent watch is believed before the objects are listed anew.
const WATCH_LIMIT: Duration = Duration::from_secs(20);

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

/// How an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub is_done: bool,
    /// In its own words, why it is not done.
    pub reason: String,
    /// What to do next.
    pub hint: String,
}

/// How to wait.
pub struct WaitOptions {
    pub condition: Condition,
    pub deadline: Deadline,
    pub poll: Duration,
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

    /// What is said of an object that got there: `is ready`.
    pub fn said(&self) -> String {
        match self {
            Self::Ready => "is ready".to_owned(),
            Self::Suspended => "is suspended".to_owned(),
            Self::Deleted => "is deleted".to_owned(),
            Self::Revision(revision) => format!("is ready at revision {revision}"),
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

    fn judge(&self, target: &Target, object: Option<&Value>) -> Standing {
        let words = target.kind.noun.one.join(" ");
        let (kind, name, namespace) = (target.kind, &target.name, &target.namespace);
        let is_done = |is_done: bool, reason: String, hint: String| Standing { is_done, reason, hint };
        let Some(object) = object else {
            let hint = format!("`get {} -n {namespace}` shows what is there", kind.noun.many.join(" "));
            return is_done(*self == Self::Deleted, "it does not exist".to_owned(), hint);
        };
        let events = format!("`events --for {}/{name} -n {namespace}` shows what was tried", kind.kind);
        match self {
            Self::Deleted => {
                let (reason, hint) = deletion(object, &words, name, namespace);
                is_done(false, reason, hint)
            }
            Self::Suspended => is_done(
                kind.is_suspended(object),
                "nobody has suspended it".to_owned(),
                format!("`suspend {words} {name} -n {namespace}` does it"),
            ),
            Self::Ready | Self::Revision(_) => {
                let mut waiting = unready(kind, object);
                if let (Self::Revision(wanted), None) = (self, &waiting) {
                    let found = revision(object);
                    let what = if found.is_empty() {
                        "it has no revision".to_owned()
                    } else {
                        format!("its revision is {found}")
                    };
                    waiting = (!is_at(found, wanted)).then_some(what);
                }
                let hint = if kind.is_suspended(object) {
                    format!("it is suspended: `resume {words} {name} -n {namespace}`")
                } else {
                    events
                };
                is_done(waiting.is_none(), waiting.unwrap_or_default(), hint)
            }
        }
    }
}

/// Why an object still exists.
fn deletion(object: &Value, words: &str, name: &str, namespace: &str) -> (String, String) {
    if object.pointer("/metadata/deletionTimestamp").is_none() {
        let hint = format!("`delete {words} {name} -n {namespace}` does it");
        return ("nobody has deleted it".to_owned(), hint);
    }
    let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array);
    let names: Vec<&str> = finalizers.into_iter().flatten().filter_map(Value::as_str).collect();
    let reason = format!("it is being deleted, and waits for {}", names.join(", "));
    (reason, "its controller must be running: `check` shows whether it is".to_owned())
}

/// Why an object is not ready: reason and message of its condition, or what comes before there is one.
fn unready(kind: &Kind, object: &Value) -> Option<String> {
    if object.pointer("/metadata/deletionTimestamp").is_some() {
        return Some("it is being deleted".to_owned());
    }
    if matches!((kind.readiness)(object), Readiness::Static(_)) {
        return None;
    }
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array);
    let ready = conditions.into_iter().flatten().find(|one| one["type"] == "Ready");
    let generation = object.pointer("/metadata/generation").and_then(Value::as_i64);
    let seen = ready.and_then(|ready| ready["observedGeneration"].as_i64());
    let is_old = generation.zip(seen).is_some_and(|(generation, seen)| seen < generation);
    let is_true = ready.is_some_and(|ready| ready["status"] == "True");
    match (cluster::status_of(object), ready) {
        (Status::Current, Some(_)) if is_true && !is_old => None,
        (_, None) => Some("it was not reconciled yet".to_owned()),
        (Status::InProgress(reason), Some(_)) if is_true => Some(reason),
        (_, Some(_)) if is_true => Some("its last change was not reconciled yet".to_owned()),
        (_, Some(ready)) => {
            let text = |field: &str| ready[field].as_str().unwrap_or_default().trim().to_owned();
            Some(format!("{}: {}", text("reason"), text("message")))
        }
    }
}

/// The revision that an object has reached, in full.
fn revision(object: &Value) -> &str {
    const PLACES: [&str; 4] = [
        "/status/artifact/revision",
        "/status/lastAppliedRevision",
        "/status/history/0/chartVersion",
        "/status/lastAttemptedRevision",
    ];
    PLACES.iter().find_map(|place| object.pointer(place)?.as_str()).unwrap_or_default()
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
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    Target { kind, namespace: text("/metadata/namespace"), name: text("/metadata/name") }
}

/// Waits for all targets at once and calls `reached` for each that gets there. What is left at the deadline is given back, each with how
/// it stands.
///
/// # Errors
/// What no waiting mends: a first list that fails, a refusal of the API server.
pub async fn wait(
    client: &kube::Client,
    targets: &[Target],
    options: &WaitOptions,
    reached: &(dyn Fn(&Target) + Sync),
) -> anyhow::Result<Vec<(Target, Standing)>> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Target>> = BTreeMap::new();
    for target in targets {
        groups.entry((target.kind.plural, &target.namespace)).or_default().push(target);
    }
    let groups: Vec<Group<'_>> = groups
        .into_values()
        .map(|targets| Group {
            waiting: Mutex::new(targets.into_iter().map(|one| (one.clone(), None)).collect()),
            options,
            reached,
        })
        .collect();
    let all = try_join_all(groups.iter().map(|group| group.wait(client)));
    if let Ok(outcome) = tokio::time::timeout(options.deadline.remaining(), all).await {
        outcome?;
    }
    let unseen = || Standing {
        is_done: false,
        reason: "nothing was seen of it".to_owned(),
        hint: "a higher --timeout waits longer".to_owned(),
    };
    let left = groups
        .into_iter()
        .flat_map(|group| group.waiting.into_inner().unwrap_or_else(PoisonError::into_inner));
    Ok(left.map(|(target, standing)| (target, standing.unwrap_or_else(unseen))).collect())
}

/// Targets of one kind in one namespace, with how they were seen last; those that are done are taken out.
struct Group<'a> {
    waiting: Mutex<Vec<(Target, Option<Standing>)>>,
    options: &'a WaitOptions,
    reached: &'a (dyn Fn(&Target) + Sync),
}

/// Every target of a group is done: it ends the watch.
#[derive(Debug, thiserror::Error)]
#[error("all is done")]
struct AllDone;

impl Group<'_> {
    async fn wait(&self, client: &kube::Client) -> anyhow::Result<()> {
        let Some((kind, selection)) = self.selection() else { return Ok(()) };
        let mut is_first = true;
        loop {
            match cluster::list(client, kind, &selection).await {
                Ok(listing) => match self.look(client, kind, &selection, listing).await {
                    Err(error) if error.is::<AllDone>() => return Ok(()),
                    outcome => outcome?,
                },
                Err(error)
                    if self.options.condition == Condition::Deleted && cluster::is_not_found(&error) =>
                {
                    self.compare(|_| None);
                    return Ok(());
                }
                Err(error) if is_first || is_refusal(&error) => {
                    return Err(cluster::explain(error, &format!("listing {}", kind.plural)));
                }
                Err(_) => tokio::time::sleep(self.options.poll).await,
            }
            is_first = false;
        }
    }

    /// Looks at a list and then at every change, until all are done or a watch was silent for too long.
    async fn look(
        &self,
        client: &kube::Client,
        kind: &'static Kind,
        selection: &Selection,
        listing: cluster::Listing,
    ) -> anyhow::Result<()> {
        let mut listed: BTreeMap<&str, &Value> = BTreeMap::new();
        for object in &listing.0 {
            listed
                .insert(object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default(), object);
        }
        self.compare(|target| listed.get(target.name.as_str()).copied());
        self.end_when_done()?;
        let mut see = |change: News<'_>| {
            let (object, is_there) = match change {
                News::Is(object) => (object, true),
                News::Gone(object) => (object, false),
            };
            let changed = target_of(kind, object);
            self.judge(|target| (target.name == changed.name).then(|| is_there.then_some(object)));
            self.end_when_done()
        };
        let resource = kind.api_resource();
        let follow = cluster::follow_changes(
            client,
            &resource,
            selection,
            self.options.poll,
            listing.clone(),
            &mut see,
        );
        tokio::time::timeout(WATCH_LIMIT, follow).await.unwrap_or(Ok(()))
    }

    /// What to list: one object, or all of the namespace.
    fn selection(&self) -> Option<(&'static Kind, Selection)> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, _) = waiting.first()?;
        let name = (waiting.len() == 1).then(|| first.name.clone());
        let selection = Selection { namespace: Some(first.namespace.clone()), name, ..Selection::default() };
        Some((first.kind, selection))
    }

    /// Judges every target by the object that is there now.
    fn compare<'v>(&self, object_of: impl Fn(&Target) -> Option<&'v Value>) {
        self.judge(|target| Some(object_of(target)));
    }

    /// Judges the targets of which there are news.
    fn judge<'v>(&self, news: impl Fn(&Target) -> Option<Option<&'v Value>>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain_mut(|(target, standing)| {
            let Some(object) = news(target) else { return true };
            let found = self.options.condition.judge(target, object);
            if found.is_done {
                (self.reached)(target);
                return false;
            }
            *standing = Some(found);
            true
        });
    }

    fn end_when_done(&self) -> anyhow::Result<()> {
        let is_done = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        if is_done { Err(AllDone.into()) } else { Ok(()) }
    }
}

fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403))
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
