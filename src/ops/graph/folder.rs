//! The graph of what files declare. They are read as they are written; nothing is built, and no cluster is asked.

use super::Drawn;
use super::Start;
use super::assemble::assemble;
use super::part::part;
use super::seen::Seen;
use crate::api::ObjectId;
use crate::api::object;
use crate::kind;
use crate::present::graph::State;
use crate::render::Disk;
use crate::render::Entry;
use crate::render::Tree;
use crate::render::join;
use crate::text::yaml;
use anyhow::Context;
use std::path::Path;

/// The graph of what the manifests below a folder declare. Objects that name no namespace are in `namespace`.
///
/// # Errors
/// A folder that cannot be read; the object that it is about is not declared.
pub fn from_folder(folder: &Path, namespace: &str, start: Option<Start<'_>>) -> anyhow::Result<Drawn> {
    let tree = Disk::new(folder)?;
    let mut files = Vec::new();
    manifests(&tree, "", &mut files)?;
    files.sort();
    let (mut seen, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        match declared(&tree, &file, namespace) {
            Ok(found) => seen.extend(found),
            Err(error) => failures.push(error),
        }
    }
    let absent = |_: &ObjectId| (State::Missing, "no file declares it".to_owned());
    let mut graph = assemble(seen, &absent);
    if let Some(start) = start {
        let Start { kind, namespace, name } = start;
        let place = start.place_in(&graph).with_context(|| {
            format!("no file below \"{}\" declares {} \"{namespace}/{name}\"", folder.display(), kind.kind)
        });
        graph = part(graph, place?);
    }
    Ok(Drawn { graph, failures })
}

/// The YAML files below a folder. Hidden folders are left out, and so are the templates of charts, which are not manifests yet.
fn manifests(tree: &Disk, folder: &str, found: &mut Vec<String>) -> anyhow::Result<()> {
    let entries = tree.list(folder)?;
    let is_chart = entries.contains_key("Chart.yaml");
    for (name, entry) in entries {
        let path = join(folder, &name);
        match entry {
            Entry::Folder if name.starts_with('.') || (is_chart && name == "templates") => {}
            Entry::Folder => manifests(tree, &path, found)?,
            Entry::File if name.ends_with(".yaml") || name.ends_with(".yml") => found.push(path),
            Entry::File | Entry::Other => {}
        }
    }
    Ok(())
}

/// The objects of Flux that a file declares.
fn declared(tree: &Disk, file: &str, namespace: &str) -> anyhow::Result<Vec<Seen>> {
    let text = yaml::text(tree.read(file)?, file)?;
    let objects = yaml::documents(&text, file)?.into_iter().filter_map(|mut object| {
        let id = ObjectId::of(&object);
        let kind = kind::of(&id).filter(|_| !id.name.is_empty())?;
        if object::namespace(&object).is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        Some(Seen::declared(kind, &object, file))
    });
    Ok(objects.collect())
}
