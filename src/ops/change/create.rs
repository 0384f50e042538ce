//! Adds objects, or changes them where they are declared.

use super::edit::Draft;
use super::once::OnceSink;
use super::place;
use super::reach::Reach;
use super::run::Task;
use super::trial::Outcome;
use super::trial::prove;
use crate::api::ObjectId;
use crate::api::object::text;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::render::Declaration;
use crate::text::WithHint;
use crate::text::clean_relative_path;
use crate::text::yaml;
use serde_json::Value;

/// Writes objects into the repository; those that are declared already are changed in place. `what` is the object that file and message
/// are named after, with the word for it.
///
/// # Errors
/// An object that is declared more than once, or so that it cannot be edited; a file that the cluster does not apply; those of Git.
pub async fn create(
    task: &Task<'_>,
    what: (&ObjectId, &str),
    objects: &[Value],
    file: Option<&str>,
) -> anyhow::Result<()> {
    let sink = OnceSink::new(task.sink);
    task.run(|workspace| change((task, &sink), workspace, what, objects, file)).await
}

/// Refuses an address that has credentials in it: everyone who reads the repository would have them.
fn refuse_credentials(object: &Value) -> anyhow::Result<()> {
    for field in ["url", "address", "endpoint"] {
        let address = text(object, &format!("/spec/{field}"));
        let Ok(url) = url::Url::parse(address) else { continue };
        // Over HTTP, some servers take a token in place of the user.
        let is_token = url.scheme().starts_with("http") && !matches!(url.username(), "" | "git");
        if url.password().is_some() || is_token {
            return Err(anyhow::anyhow!(
                "spec.{field} of {} has credentials in it, which are not committed",
                ObjectId::of(object)
            ))
            .hint("put them into a Secret, and name that with --secret-ref");
        }
    }
    Ok(())
}

fn change(
    (task, sink): (&Task<'_>, &OnceSink<'_>),
    workspace: &Workspace,
    (id, word): (&ObjectId, &str),
    objects: &[Value],
    file: Option<&str>,
) -> anyhow::Result<Change> {
    objects.iter().try_for_each(refuse_credentials)?;
    let fleet = &task.fleet;
    let (mut draft, reach) = Draft::begin(workspace, fleet, sink)?;
    let file = file.map(clean_relative_path);
    if let Some(file) = file.as_ref().filter(|file| place::is_of_bootstrap(file)) {
        return Err(anyhow::anyhow!(
            "\"{file}\" is written by bootstrap, and its next run would overwrite the object"
        ))
        .hint("choose another file with --manifest-file");
    }
    let mut new = Vec::new();
    for object in objects {
        let id = ObjectId::of(object);
        if reach.all(&id).is_empty() {
            new.push(object.clone());
            continue;
        }
        let declared = reach.one(&id, fleet)?;
        if let Some(file) = file.as_ref().filter(|file| **file != declared.file) {
            return Err(anyhow::anyhow!("{id} is declared in {}, not in {file}", declared.file))
                .hint("leave out --manifest-file to change it there");
        }
        let wanted = changed(declared, object);
        draft.edit(&declared.file, |manifest| {
            Ok(manifest.merge(declared.document, &declared.path, &wanted)?)
        })?;
    }
    let verb = if new.is_empty() { "Change" } else { "Add" };
    if !new.is_empty() {
        let file = match file {
            Some(file) => file,
            None if !reach.unread.is_empty() => return Err(reach.unknown(&ObjectId::of(&new[0]), fleet)),
            None => place::file(&draft, &reach, fleet, id, word)?,
        };
        add(&mut draft, &reach, &file, &new)?;
        applied(&draft, task, &file, &new)?;
    }
    let [ids, new] = [objects, &new[..]].map(|objects| objects.iter().map(ObjectId::of).collect::<Vec<_>>());
    prove(&draft, (fleet, &reach), &ids, Outcome::Exist { new: &new }, sink)?;
    let shown = if word == id.kind { id.to_string() } else { format!("{word} {}", id.name) };
    Ok(draft.change(format!("{verb} {shown}")))
}

/// The declared object with what the new one says. Its labels and annotations stay beside those that are given.
fn changed(declared: &Declaration, object: &Value) -> Value {
    let mut wanted = declared.object.clone();
    for (field, value) in object.as_object().into_iter().flatten() {
        if !matches!(field.as_str(), "apiVersion" | "kind" | "metadata") {
            wanted[field] = value.clone();
        }
    }
    for field in ["labels", "annotations"] {
        for (name, value) in object["metadata"][field].as_object().into_iter().flatten() {
            wanted["metadata"][field][name] = value.clone();
        }
    }
    wanted
}

/// Writes new objects into a file, and the file into the kustomization that has to list it.
fn add(draft: &mut Draft<'_>, reach: &Reach, file: &str, objects: &[Value]) -> anyhow::Result<()> {
    anyhow::ensure!(
        file.ends_with(".yaml") || file.ends_with(".yml"),
        "--manifest-file \"{file}\" does not end with .yaml"
    );
    if draft.text(file)?.is_some() {
        draft.edit(file, |manifest| {
            objects.iter().try_fold(manifest, |manifest, object| Ok(manifest.add_document(object)?))
        })?;
        return Ok(());
    }
    let documents = objects.iter().map(|object| format!("---\n{}", yaml::to_string(object)));
    draft.write(file, documents.collect::<String>());
    if let Some((kustomization, entry)) = place::listing(reach, file) {
        draft.list(&kustomization, &entry)?;
    }
    Ok(())
}

/// Whether the cluster will apply what was added, under the names that were meant.
fn applied(draft: &Draft<'_>, task: &Task<'_>, file: &str, objects: &[Value]) -> anyhow::Result<()> {
    let reach = draft.reach(&task.fleet)?;
    for object in objects {
        let id = ObjectId::of(object);
        if reach.all(&id).is_empty() {
            let as_other = reach.objects.iter().find(|one| one.file == file && one.object == *object);
            let why = match as_other {
                Some(other) => format!("would be applied as {}", other.id),
                None => format!("would not be applied from \"./{}\"", task.fleet.path),
            };
            return Err(anyhow::anyhow!("{id} in {file} {why}")).hint(
                "choose a file with --manifest-file in a folder that a Kustomization applies, and that is not ignored",
            );
        }
    }
    Ok(())
}
