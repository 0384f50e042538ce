//! The graph of what files declare. They are read as they are written; nothing is built, and no cluster is asked.

use super::Drawn;
use super::Start;
use super::assemble::assemble;
use super::part::part;
use super::repository::Remembering;
use super::repository::clusters;
use super::seen::Key;
use super::seen::Seen;
use super::seen::key_of;
use crate::api::ObjectId;
use crate::api::object;
use crate::kind;
use crate::present::graph::Finding;
use crate::present::graph::Graph;
use crate::present::graph::State;
use crate::render::Artifact;
use crate::render::Declaration;
use crate::render::Disk;
use crate::render::IgnoreFiles;
use crate::render::Tree;
use crate::render::patch_files;
use crate::render::yaml_files;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;

/// The objects of one cluster; without a name those that are reached from none, or all where there are not several clusters.
struct Group {
    name: String,
    seen: Vec<Seen>,
}

/// The graph of what the manifests below a folder declare. Objects that name no namespace are in `namespace`. If bootstrap has put several
/// clusters into the folder, each has what it applies for itself. Links, and what the sources leave out, are not part of it.
///
/// # Errors
/// A folder that cannot be read; the object that it is about is not declared.
pub fn from_folder(folder: &Path, namespace: &str, start: Option<Start<'_>>) -> anyhow::Result<Drawn> {
    let disk = Disk::new(folder)?;
    let files = yaml_files(&disk, "")?;
    let ignored = IgnoreFiles::read(&disk, "").context("reading the ignore files")?;
    let mut failures = Vec::new();
    let mut groups = groups((&disk, files, &ignored), namespace, &mut failures);
    if let [cluster, rest] = &mut groups[..] {
        // One cluster has everything, but not twice what it does not apply again.
        let known: HashSet<Key> = cluster.seen.iter().map(Seen::key).collect();
        rest.seen.retain(|one| !known.contains(&one.key()));
        rest.seen.append(&mut cluster.seen);
        rest.seen.sort_by(|one, other| one.file.cmp(&other.file));
        groups.remove(0);
    }
    let mut graph = drawn(groups);
    if let Some(start) = start {
        let Start { kind, namespace, name } = start;
        let places = start.places_in(&graph);
        anyhow::ensure!(
            !places.is_empty(),
            "no file below \"{}\" declares {} \"{namespace}/{name}\"",
            folder.display(),
            kind.kind
        );
        graph = part(graph, &places);
    }
    // A file of several clusters is read for each of them.
    let mut told = HashSet::new();
    failures.retain(|failure| told.insert(format!("{failure:#}")));
    Ok(Drawn { graph, failures })
}

/// The objects of each cluster, and at last those of files that are reached from none of them.
fn groups(
    (disk, mut files, ignored): (&Disk, Vec<String>, &IgnoreFiles),
    namespace: &str,
    failures: &mut Vec<anyhow::Error>,
) -> Vec<Group> {
    let tree = Remembering::new(disk);
    let clusters = clusters(disk, &files);
    let mut published: Vec<Artifact<'_>> =
        clusters.iter().map(|cluster| cluster.published(&tree, ignored)).collect();
    let mut groups = Vec::new();
    for (cluster, published) in clusters.iter().zip(&published) {
        let mut known = HashSet::new();
        let mut seen = Vec::new();
        let (objects, others) = cluster.applied(published, failures);
        for one in objects {
            // Two Kustomizations may apply the same folder.
            if known.insert((one.file.clone(), one.document, one.id.clone())) {
                let why = others.get(&one.id).cloned().unwrap_or_default();
                seen.extend(applied(one, namespace).map(|mut one| {
                    one.node.message = why;
                    one
                }));
            }
        }
        groups.push(Group { name: cluster.name(), seen });
    }
    if published.is_empty() {
        published.push(Artifact::new(disk, ignored.of_source("")));
    }
    files.retain(|file| published.iter().any(|published| published.has_file(file)));
    drop(published);
    let (read, patches) = (tree.into_read(), patch_files(disk, &files));
    let mut seen = Vec::new();
    for file in files.iter().filter(|file| !read.contains(*file) && !patches.contains(*file)) {
        match written(disk, file, namespace) {
            Ok(found) => seen.extend(found),
            Err(error) => failures.push(error),
        }
    }
    groups.push(Group { name: String::new(), seen });
    groups
}

/// An object of Flux that a cluster applies, as it is called there.
fn applied(declaration: Declaration, namespace: &str) -> Option<Seen> {
    let Declaration { id, mut object, file, .. } = declaration;
    let metadata = object["metadata"].as_object_mut()?;
    metadata.insert("name".to_owned(), id.name.as_str().into());
    metadata.insert("namespace".to_owned(), id.namespace.as_str().into());
    seen(object, &file, namespace)
}

/// The objects of Flux in a file.
fn written(tree: &dyn Tree, file: &str, namespace: &str) -> anyhow::Result<Vec<Seen>> {
    let text = yaml::text(tree.read(file)?, file)?;
    let objects = yaml::documents(&text, file)?;
    Ok(objects.into_iter().filter_map(|object| seen(object, file, namespace)).collect())
}

fn seen(mut object: Value, file: &str, namespace: &str) -> Option<Seen> {
    let id = ObjectId::of(&object);
    let kind = kind::of(&id).filter(|_| !id.name.is_empty())?;
    if object::namespace(&object).is_empty() {
        object["metadata"]["namespace"] = namespace.into();
    }
    Some(Seen::declared(kind, &object, file))
}

/// The graphs of all groups as one.
fn drawn(groups: Vec<Group>) -> Graph {
    let names: HashMap<Key, String> = groups
        .iter()
        .flat_map(|group| group.seen.iter().map(move |one| (one.key(), group.name.clone())))
        .filter(|(_, name)| !name.is_empty())
        .collect();
    let mut whole = Graph::default();
    for Group { name, seen } in groups {
        let absent = |id: &ObjectId| match (names.get(&key_of(id)), name.as_str()) {
            (Some(cluster), "") => (State::Unknown, format!("{cluster} declares it")),
            (None, "") => (State::Missing, "no file declares it".to_owned()),
            _ => (State::Missing, "no file that the cluster applies declares it".to_owned()),
        };
        let mut graph = assemble(seen, &absent);
        graph.nodes.iter_mut().for_each(|node| node.cluster.clone_from(&name));
        append(&mut whole, graph);
    }
    whole
}

/// Puts a graph behind another one.
fn append(whole: &mut Graph, graph: Graph) {
    let before = whole.nodes.len();
    whole.nodes.extend(graph.nodes);
    whole.edges.extend(graph.edges.into_iter().map(|mut edge| {
        edge.from += before;
        edge.to += before;
        edge
    }));
    let behind = |nodes: Vec<usize>| nodes.into_iter().map(|node| node + before).collect();
    whole.findings.extend(graph.findings.into_iter().map(|finding| match finding {
        Finding::Cycle(nodes) => Finding::Cycle(behind(nodes)),
        Finding::Missing(node, by) => Finding::Missing(node + before, behind(by)),
        Finding::Twice(node, first, other) => Finding::Twice(node + before, first, other),
    }));
}
