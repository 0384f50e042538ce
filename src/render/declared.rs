//! Where objects are declared: the documents of the files from which a Flux Kustomization is built, followed through the
//! kustomizations that list them. Nothing is built: what kustomizations generate or patch is not a declaration.

use super::kustomize::Image;
use super::patches::Patches;
use super::tree::PathEntry;
use super::tree::Tree;
use crate::api::ObjectId;
use crate::text::yaml::edit::Step;
use names::Names;
use names::follow_patches;
use serde_json::Value;
use walk::Walk;
pub use walk::taken_apart;

/// The fields of a kustomization that list files and folders of objects.
const LISTS: [&str; 3] = ["resources", "bases", COMPONENTS];
const COMPONENTS: &str = "components";
/// The fields of a kustomization that make objects.
const GENERATORS: [&str; 5] =
    ["configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator", "generators"];

/// The fields of a kustomization that change objects in ways that are not followed.
const OVERRIDING: [&str; 6] =
    ["patches", "patchesStrategicMerge", "patchesJson6902", "replacements", "vars", "transformers"];

/// An object in a file.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What the object is called in the cluster.
    pub id: ObjectId,
    pub object: Value,
    /// Path in the tree, links resolved.
    pub file: String,
    /// Which document of the file it is in, from zero.
    pub document: usize,
    /// The way to it in a document that is a list of objects; empty where the document is the object.
    pub path: Vec<Step>,
    /// Where that begins, from one.
    pub line: usize,
    /// The entry that leads to the file; none where files are found by their place.
    pub listed: Option<Listing>,
    /// Whether a kustomization or the Flux Kustomization gives it its namespace.
    pub has_foreign_namespace: bool,
    /// The kustomizations that lead to it, by their places in the list of those that were followed, the outermost first.
    pub through: Vec<usize>,
}

impl Declaration {
    /// The way to a part of the object in its document.
    pub fn way(&self, part: &[Step]) -> Vec<Step> {
        [&self.path, part].concat()
    }

    /// Where it is written: the file, the document and the way in that.
    pub fn written(&self) -> (&str, usize, &[Step]) {
        (&self.file, self.document, &self.path)
    }
}

/// An entry of a kustomization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The file of the kustomization, links resolved.
    pub file: String,
    /// Field and entry as they are written.
    pub field: String,
    pub entry: String,
}

/// A kustomization that was followed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its file, links resolved.
    pub file: String,
    pub folder: String,
    /// What leads to it; none for that of the folder that was asked for.
    pub listed: Option<Listing>,
    /// The fields that make objects.
    pub generators: Vec<&'static str>,
    /// Its entries about images; an invalid one is empty.
    pub images: Vec<Image>,
    /// How it spells the field for these.
    pub images_field: String,
    pub patches: Patches,
    /// The fields that may override what is written elsewhere.
    pub overriding: Vec<&'static str>,
    /// What it does to names.
    names: Names,
}

/// What the files of a folder declare.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// The folder, links resolved.
    pub folder: String,
    pub objects: Vec<Declaration>,
    pub kustomizations: Vec<Followed>,
}

/// What a Flux Kustomization with this `spec` finds in a folder.
///
/// # Errors
/// A folder that is not there; a file that cannot be read; a path that leads out of the tree.
pub fn declared(tree: &dyn Tree, folder: &str, spec: &Value) -> anyhow::Result<Declared> {
    walked(tree, folder, spec, None)
}

/// The same, except that what cannot be read becomes `failures`.
///
/// # Errors
/// A folder that is not there.
pub fn declared_in_part(
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
    failures: &mut Vec<anyhow::Error>,
) -> anyhow::Result<Declared> {
    walked(tree, folder, spec, Some((failures, Outside::Fails)))
}

/// The same of a tree that may be a part of a repository: what leads out of it is left out, and files that cannot be read become `failures`.
///
/// # Errors
/// A folder that is not there.
pub fn declared_as_far_as_readable(
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
    failures: &mut Vec<anyhow::Error>,
) -> anyhow::Result<Declared> {
    walked(tree, folder, spec, Some((failures, Outside::IsLeftOut)))
}

/// What happens to entries that lead out of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    Fails,
    IsLeftOut,
}

type Failures<'a> = (&'a mut Vec<anyhow::Error>, Outside);

fn walked(
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
    failures: Option<Failures<'_>>,
) -> anyhow::Result<Declared> {
    let mut declared = Declared::default();
    let Some(PathEntry::Folder(real)) = tree.find(folder)? else {
        let why = tree.why_left_out(folder).map(|why| format!(", which {why}")).unwrap_or_default();
        anyhow::bail!("there is no folder \"{folder}\"{why}");
    };
    declared.folder.clone_from(&real);
    Walk::new(tree, &mut declared, failures).all(&real, spec)?;
    follow_patches(&mut declared, spec);
    Ok(declared)
}

/// The entries of a list about images. A number that was meant as a tag is taken as its text; the build refuses it.
pub fn images(list: &Value) -> Vec<Image> {
    let read = |entry: &Value| {
        let text = |field: &str| match &entry[field] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        Image {
            name: text("name"),
            new_name: text("newName"),
            tag_suffix: text("tagSuffix"),
            new_tag: text("newTag"),
            digest: text("digest"),
        }
    };
    list.as_array().into_iter().flatten().map(read).collect()
}

mod names;
#[cfg(test)]
mod tests;
mod walk;
