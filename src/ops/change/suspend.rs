//! Suspends and resumes objects where they are declared.

use super::edit::Draft;
use super::once::OnceSink;
use super::reach::LOOK_ELSEWHERE;
use super::reach::Reach;
use super::run::Task;
use super::trial::Outcome;
use super::trial::prove;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::SuspensionNote;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::render::Declaration;
use crate::text::WithHint;
use crate::text::short_hash;
use crate::text::yaml::edit::Edit;
use crate::text::yaml::edit::EditKind;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::at;
use crate::text::yaml::edit::keys;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// The names of more objects than fit into this many letters are summed up.
const LONGEST_NAMES: usize = 100;

const RESUME: &str = "Resume";

/// Suspends the named objects of a kind, or all of the namespace if none is named, each with the note if there is one.
///
/// # Errors
/// An object that is not declared, is declared more than once, or cannot be edited; those of Git.
pub async fn suspend(
    task: &Task<'_>,
    kind: &Kind,
    namespace: &str,
    names: &[String],
    note: Option<SuspensionNote>,
) -> anyhow::Result<()> {
    // What is written into the repository, others will read.
    let note = note.map(|note| SuspensionNote {
        by: task.author.name.clone().unwrap_or_default(),
        reason: task.sink.redacted(&note.reason),
        ..note
    });
    let reason = note.as_ref().map(|note| note.reason.as_str()).filter(|reason| !reason.is_empty());
    let edit = |object: &Value| {
        let mut edits = vec![(keys(["spec", "suspend"]), EditKind::Set(json!(true)))];
        if let Some(note) = &note {
            let note = since(note, SuspensionNote::of(kind, object));
            note.fits(object)?;
            edits.extend(annotated(object, &note));
        }
        Ok(edits)
    };
    let sink = OnceSink::new(task.sink);
    task.run(|workspace| each((task, &sink), workspace, (kind, namespace, names), "Suspend", reason, edit))
        .await
}

/// The note that was left before if it says the same, so that its time stays.
fn since(note: &SuspensionNote, left: Option<SuspensionNote>) -> SuspensionNote {
    let at = left.filter(|left| SuspensionNote { at: note.at.clone(), ..left.clone() } == *note);
    at.unwrap_or_else(|| note.clone())
}

/// Resumes the named objects of a kind, or all of the namespace if none is named, and removes their notes.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(task: &Task<'_>, kind: &Kind, namespace: &str, names: &[String]) -> anyhow::Result<()> {
    let edit = |object: &Value| {
        let way = keys(["spec", "suspend"]);
        let mut edits = match object["spec"].get("suspend") {
            None | Some(Value::Null | Value::Bool(false)) => Vec::new(),
            // A variable is refused.
            Some(Value::String(_)) => vec![(way, EditKind::Set(json!(false)))],
            Some(_) => vec![(way, EditKind::Remove)],
        };
        if SuspensionNote::left_on(object).is_some() {
            edits.extend(annotated(object, &SuspensionNote::default()));
        }
        Ok(edits)
    };
    let sink = OnceSink::new(task.sink);
    task.run(|workspace| each((task, &sink), workspace, (kind, namespace, names), RESUME, None, edit)).await
}

/// Edits each of the objects.
fn each(
    (task, sink): (&Task<'_>, &OnceSink<'_>),
    workspace: &Workspace,
    (kind, namespace, names): (&Kind, &str, &[String]),
    verb: &str,
    reason: Option<&str>,
    edit: impl Fn(&Value) -> anyhow::Result<Vec<ObjectEdit>>,
) -> anyhow::Result<Change> {
    let (mut draft, reach) = Draft::begin(workspace, &task.fleet, sink)?;
    let mut ids = chosen(&reach, kind, namespace, names);
    let lifeline = ids.iter().position(|id| task.fleet.is_lifeline(id)).filter(|_| verb != RESUME);
    if let Some(place) = lifeline {
        let id = &ids[place];
        if !names.is_empty() {
            return Err(anyhow::anyhow!(
                "{id} is what the cluster follows the repository with: no commit could resume it"
            ))
            .hint("without --push, it is suspended in the cluster only");
        }
        sink.warning(format!("{id} is left out: the cluster follows the repository with it"));
        ids.remove(place);
    }
    if ids.is_empty() {
        let what = format!("no {} of the namespace {namespace} is declared", kind.kind);
        return Err(anyhow::anyhow!("{what} in {}", task.fleet.shown())).hint(LOOK_ELSEWHERE);
    }
    // Each file is read and edited once, however many of the objects it has.
    let mut files: BTreeMap<&str, Vec<Edit>> = BTreeMap::new();
    let mut edited = Vec::new();
    for id in &ids {
        let declared = reach.one(id, &task.fleet)?;
        let edits = edits(declared, edit(&declared.object)?);
        if !edits.is_empty() {
            edited.push(id.clone());
            files.entry(&declared.file).or_default().extend(edits);
        }
    }
    for (file, edits) in files {
        draft.edit(file, |manifest| Ok(manifest.edit_all(edits).map_err(|(_, refused)| refused)?))?;
    }
    if verb == RESUME {
        let suspended = ids.iter().filter(|id| edited.contains(id) || task.fleet.is_suspended(id));
        for id in suspended.filter(|id| task.fleet.is_lifeline(id)) {
            let words = kind.noun.one.join(" ");
            sink.warning(format!(
                "while {id} is suspended, nothing that is committed reaches the cluster: `fluxr resume {words} {} -n {}` resumes it there",
                id.name, id.namespace
            ));
        }
    }
    prove(&draft, (&task.fleet, &reach), &ids, Outcome::Suspended(verb != RESUME), sink)?;
    let titled = |ids: &[ObjectId]| match ids {
        [one] => format!("{verb} {one}"),
        several => format!("{verb} {} in {namespace}: {}", kind.kind, together(several)),
    };
    // The next run has to find the same branch, whatever others have done meanwhile.
    let key = Some(titled(&ids));
    let mut message = titled(if edited.is_empty() { &ids } else { &edited });
    if let Some(reason) = reason {
        message.push_str("\n\n");
        message.push_str(reason);
    }
    Ok(Change { key, ..draft.change(message) })
}

/// The names of several objects in one line. Where that would be too long, what is left of them still tells them from others.
fn together(ids: &[ObjectId]) -> String {
    let names = ids.iter().map(|id| id.name.as_str()).collect::<Vec<_>>().join(", ");
    if names.len() <= LONGEST_NAMES {
        return names;
    }
    let digest = short_hash(&names);
    format!("{} and {} others ({digest})", ids[0].name, ids.len() - 1)
}

/// The named objects, each once; all of the namespace if none is named.
fn chosen(reach: &Reach, kind: &Kind, namespace: &str, names: &[String]) -> Vec<ObjectId> {
    let mut ids: Vec<ObjectId> = Vec::new();
    let mut add = |id: ObjectId| {
        if !ids.iter().any(|known| known.is_same(&id)) {
            ids.push(id);
        }
    };
    if names.is_empty() {
        let of_namespace = |one: &&Declaration| kind.is_of(&one.id) && one.id.namespace == namespace;
        reach.objects.iter().filter(of_namespace).for_each(|one| add(one.id.clone()));
    } else {
        names.iter().for_each(|name| add(kind.id(namespace, name)));
    }
    ids
}

/// An edit of an object: the way to a part of it, and what becomes of that.
type ObjectEdit = (Vec<Step>, EditKind);

/// The edits of the document that declares an object, without those that would change nothing.
fn edits(declared: &Declaration, wanted: Vec<ObjectEdit>) -> Vec<Edit> {
    let changes = |(way, kind): &ObjectEdit| !matches!(kind, EditKind::Set(value) if at(&declared.object, way) == Some(value));
    let edit = |(way, kind): ObjectEdit| Edit { document: declared.document, path: declared.way(&way), kind };
    wanted.into_iter().filter(changes).map(edit).collect()
}

/// Sets the annotations of a note, and removes those that it leaves out.
fn annotated(object: &Value, note: &SuspensionNote) -> Vec<ObjectEdit> {
    let present = object["metadata"]["annotations"].as_object();
    let has = |name: &str| present.is_some_and(|present| present.contains_key(name));
    let all = note.annotations();
    let all = all.as_object();
    let (removed, set): (Vec<_>, Vec<_>) = all.into_iter().flatten().partition(|(_, value)| value.is_null());
    let removed: Vec<&String> = removed.into_iter().map(|(name, _)| name).filter(|name| has(name)).collect();
    // A mapping that only the note needed goes with it.
    if set.is_empty() && present.is_some_and(|present| present.len() == removed.len()) {
        return vec![(keys(["metadata", "annotations"]), EditKind::Remove)];
    }
    let way = |name: &str| keys(["metadata", "annotations", name]);
    let set = set.into_iter().map(|(name, value)| (way(name), EditKind::Set(value.clone())));
    set.chain(removed.into_iter().map(|name| (way(name), EditKind::Remove))).collect()
}
