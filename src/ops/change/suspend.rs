//! Suspends and resumes objects where they are declared.

use super::edit::Draft;
use super::once::OnceSink;
use super::reach::LOOK_ELSEWHERE;
use super::reach::Reach;
use super::run::Task;
use super::trial::Outcome;
use super::trial::Trial;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::SuspensionNote;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::render::Declaration;
use crate::text::WithHint;
use crate::text::short_hash;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::at;
use crate::text::yaml::edit::keys;
use serde_json::Value;
use serde_json::json;

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
    let edit = |manifest: Manifest, declared: &Declaration| {
        let way = declared.way(&keys(["spec", "suspend"]));
        let manifest = manifest.set(declared.document, &way, &json!(true))?;
        match &note {
            Some(note) => {
                let note = since(note, SuspensionNote::of(kind, &declared.object));
                note.fits(&declared.object)?;
                annotated(manifest, declared, &note)
            }
            None => Ok(manifest),
        }
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
    let edit = |manifest: Manifest, declared: &Declaration| {
        let way = declared.way(&keys(["spec", "suspend"]));
        let manifest = match declared.object["spec"].get("suspend") {
            None | Some(Value::Null | Value::Bool(false)) => manifest,
            // A variable is refused.
            Some(Value::String(_)) => manifest.set(declared.document, &way, &json!(false))?,
            Some(_) => manifest.remove(declared.document, &way)?,
        };
        match SuspensionNote::left_on(&declared.object) {
            Some(_) => annotated(manifest, declared, &SuspensionNote::default()),
            None => Ok(manifest),
        }
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
    edit: impl Fn(Manifest, &Declaration) -> anyhow::Result<Manifest>,
) -> anyhow::Result<Change> {
    let mut draft = Draft::of(workspace, &task.fleet)?;
    let reach = draft.reach(&task.fleet)?;
    reach.unread.iter().for_each(|line| sink.warning(line.clone()));
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
    let mut edited = Vec::new();
    for id in &ids {
        let declared = reach.one(id, &task.fleet)?;
        if draft.edit(&declared.file, |manifest| edit(manifest, declared))? {
            edited.push(id.clone());
        }
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
    let mut trial = Trial::of(&draft)?;
    trial.prove(&task.fleet, &reach, &ids, Outcome::Suspended(verb != RESUME))?;
    trial.warnings.drain(..).for_each(|line| sink.warning(line));
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

/// Sets the annotations of a note, and removes those that it leaves out.
fn annotated(
    mut manifest: Manifest,
    declared: &Declaration,
    note: &SuspensionNote,
) -> anyhow::Result<Manifest> {
    let present = &declared.object["metadata"]["annotations"];
    for (name, value) in note.annotations().as_object().into_iter().flatten() {
        let path = declared.way(&keys(["metadata", "annotations", name]));
        manifest = match value {
            Value::Null if present.get(name).is_none() => manifest,
            Value::Null => manifest.remove(declared.document, &path)?,
            value => manifest.set(declared.document, &path, value)?,
        };
    }
    // A mapping that only the note needed goes with it.
    let path = declared.way(&keys(["metadata", "annotations"]));
    let left = manifest.documents().nth(declared.document).and_then(|document| at(document, &path));
    let is_empty = left.and_then(Value::as_object).is_some_and(serde_json::Map::is_empty);
    Ok(if is_empty && present.is_object() { manifest.remove(declared.document, &path)? } else { manifest })
}
