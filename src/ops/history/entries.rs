//! Entries of a history: from the status of an object, its last attempt, and events.

use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Past;
use crate::api::helm::history;
use crate::api::kustomize::kustomization;
use crate::api::object;
use crate::text::first_line;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

/// The reason of what has not ended.
pub(in crate::ops) const PROGRESSING: &str = "Progressing";
/// Attempts that can end before anything is kept of them.
const FAILS_EARLY: [&str; 3] = ["BuildFailed", "InstallFailed", "UpgradeFailed"];

/// A revision that was live, or was tried. A document leaves out what is not known.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    #[serde(flatten)]
    pub object: ObjectId,
    pub revision: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub origin_revision: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub digest: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub chart: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub app_version: String,
    /// How it ended, as the controller puts it.
    pub status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    pub first: String,
    pub last: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub duration: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitInfo>,
    /// Where the revision comes from.
    #[serde(skip)]
    pub(in crate::ops) source: Option<ObjectId>,
    /// What says so.
    #[serde(skip)]
    pub(in crate::ops) evidence: Evidence,
}

/// What says that a revision was live, or was tried.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::ops) enum Evidence {
    /// The history in the status of the object.
    #[default]
    Kept,
    /// Its last attempt.
    Attempt,
    Event,
}

/// A commit as it is shown.
#[derive(Debug, Clone, Serialize)]
pub struct CommitInfo {
    pub id: String,
    pub author: String,
    pub email: String,
    /// In RFC 3339.
    pub date: String,
    pub subject: String,
    /// `#12` or `!12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
}

impl Entry {
    /// Whether it lasted until this moment; one without a time did.
    pub(super) fn is_since(&self, since: Timestamp) -> bool {
        self.last.parse::<Timestamp>().map_or(true, |last| last >= since)
    }

    /// When it was last so, for sorting.
    fn moment(&self) -> Timestamp {
        self.last.parse().unwrap_or(Timestamp::MIN)
    }
}

/// The entries of objects, the latest first.
pub(super) fn entries(objects: &[(&'static Kind, Value)], events: &[Value]) -> Vec<Entry> {
    let mut by_object: HashMap<(&str, &str, &str), Vec<&Value>> = HashMap::new();
    for event in events {
        let part = |at: &str| object::text(event, at);
        let key =
            (part("/involvedObject/kind"), part("/involvedObject/namespace"), part("/involvedObject/name"));
        by_object.entry(key).or_default().push(event);
    }
    let mut found = Vec::new();
    for (kind, object) in objects {
        let key = (kind.kind, object::namespace(object), object::name(object));
        let events = by_object.get(&key).map_or(&[][..], Vec::as_slice);
        found.extend(of_object(kind, object, events));
    }
    sort(&mut found);
    found
}

/// Sorts the latest first. Entries of the same second are grouped by object, and keep the order they have there.
pub(super) fn sort(entries: &mut [Entry]) {
    entries
        .sort_by(|one, other| other.moment().cmp(&one.moment()).then_with(|| one.object.cmp(&other.object)));
}

/// Leaves so many entries of each object.
pub(super) fn limit(entries: &mut Vec<Entry>, most: usize) {
    let mut counts: HashMap<ObjectId, usize> = HashMap::new();
    entries.retain(|entry| {
        let count = counts.entry(entry.object.clone()).or_default();
        *count += 1;
        *count <= most
    });
}

fn of_object(kind: &Kind, object: &Value, events: &[&Value]) -> Vec<Entry> {
    let own = Entry {
        object: kind.id(object::namespace(object), object::name(object)),
        source: (kind.source)(object),
        ..Entry::default()
    };
    let kept = kind.past.map(|past| past(object)).unwrap_or_default();
    let attempt = attempt(object, &own).filter(|attempt| !is_kept(attempt, object, &kept));
    let mut entries: Vec<Entry> = attempt.into_iter().collect();
    entries.extend(kept.into_iter().map(|past| from_past(past, &own)));
    let known: HashSet<String> = entries.iter().map(|entry| entry.revision.clone()).collect();
    // In the order of their names: times are whole seconds, so some are the same.
    let mut told: BTreeMap<String, Entry> = BTreeMap::new();
    for event in events {
        let Some(entry) = from_event(kind, event, &own) else { continue };
        if known.contains(&entry.revision) {
            continue;
        }
        match told.get_mut(&entry.revision) {
            Some(before) if before.moment() >= entry.moment() => {
                before.first = older(&before.first, &entry.first)
            }
            Some(before) => *before = Entry { first: older(&before.first, &entry.first), ..entry },
            None => drop(told.insert(entry.revision.clone(), entry)),
        }
    }
    entries.extend(told.into_values());
    entries
}

fn older(one: &str, other: &str) -> String {
    let moment = |text: &str| text.parse::<Timestamp>().unwrap_or(Timestamp::MAX);
    if moment(one) <= moment(other) { one } else { other }.to_owned()
}

fn from_past(past: Past, own: &Entry) -> Entry {
    Entry {
        revision: past.revision,
        origin_revision: past.origin,
        digest: past.digest,
        chart: past.chart,
        app_version: past.app_version,
        status: past.status,
        first: past.first,
        last: past.last,
        duration: past.took,
        count: past.count,
        ..own.clone()
    }
}

/// The last attempt of an object, which its history may lack: a failed build is never live.
fn attempt(object: &Value, own: &Entry) -> Option<Entry> {
    let revision = object::text_if_set(object, "/status/lastAttemptedRevision")?;
    let ready = object::condition(object, "Ready").filter(|ready| ready["status"] != "True")?;
    let at = object::text(ready, "/lastTransitionTime").to_owned();
    Some(Entry {
        revision: revision.to_owned(),
        status: object::text(ready, "/reason").to_owned(),
        message: first_line(object::text(ready, "/message")),
        first: at.clone(),
        last: at,
        evidence: Evidence::Attempt,
        ..own.clone()
    })
}

fn has_worked(status: &str) -> bool {
    status == kustomization::WORKED || history::WORKED.contains(&status)
}

/// Whether the history has an attempt. The version of a chart can be the same with other values.
fn is_kept(attempt: &Entry, object: &Value, kept: &[Past]) -> bool {
    let config = object::text(object, "/status/lastAttemptedConfigDigest");
    let fails_early = FAILS_EARLY.contains(&attempt.status.as_str());
    kept.iter().any(|past| {
        past.revision == attempt.revision
            && (config.is_empty() || past.config == config)
            && !(fails_early && has_worked(&past.status))
    })
}

/// What an event says, if it names a revision.
fn from_event(kind: &Kind, event: &Value, own: &Entry) -> Option<Entry> {
    let revision = object::annotation(event, &kind.mark("revision"))?;
    let reason = object::text(event, "/reason");
    if reason == PROGRESSING {
        return None;
    }
    let time = |fields: [&str; 3]| {
        let found = fields.iter().map(|field| object::text(event, field)).find(|text| !text.is_empty());
        found.unwrap_or_default().to_owned()
    };
    let last = time(["/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"]);
    // Similar events become one that has the first time of them all, whatever revision they were about.
    let is_merged = object::number(event, "/count").is_some_and(|count| count > 1);
    let first = if is_merged {
        last.clone()
    } else {
        time(["/firstTimestamp", "/eventTime", "/metadata/creationTimestamp"])
    };
    Some(Entry {
        revision: revision.to_owned(),
        status: reason.to_owned(),
        message: first_line(object::text(event, "/message")),
        first,
        last,
        evidence: Evidence::Event,
        ..own.clone()
    })
}
