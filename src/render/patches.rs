//! The patches of a kustomization as they are written, to tell which of them says what a field of an object is. Nothing is patched here.

use super::kustomize::FILE_NAMES;
use super::kustomize::Selector;
use super::tree::Found;
use super::tree::Memory;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use super::tree::parent;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use serde_json::Value;
use std::collections::HashSet;

/// A patch.
#[derive(Debug, Clone)]
pub struct PatchText {
    /// Its file, links resolved, and which document of it; none where it is written inside of the kustomization.
    pub file: Option<(String, usize)>,
    /// What it is for; null where the patch itself says so.
    target: Value,
    /// A part of an object, or a list of operations.
    pub content: Value,
}

impl PatchText {
    /// Whether it changes this object.
    pub fn is_for(&self, object: &Value) -> bool {
        if self.target.is_object() {
            // One that cannot be read is refused by the build.
            return Selector::read(&self.target).is_ok_and(|target| target.selects_object(object));
        }
        let is_same = |pointer: &str| self.content.pointer(pointer) == object.pointer(pointer);
        is_same("/kind") && is_same("/metadata/name")
    }

    /// The way to what it says about a field, if it does.
    pub fn place(&self, field: &[&str]) -> Option<Vec<Step>> {
        let pointer: String = field.iter().map(|part| format!("/{part}")).collect();
        if let Some(operations) = self.content.as_array() {
            let at = operations.iter().rposition(|one| one["path"] == pointer.as_str())?;
            return Some(vec![Step::Item(at), Step::Key("value".to_owned())]);
        }
        self.content.pointer(&pointer)?;
        Some(field.iter().map(|part| Step::Key((*part).to_owned())).collect())
    }
}

/// The patches of a Flux Kustomization, in the order in which they are applied.
pub fn patches_of_spec(spec: &Value) -> Vec<PatchText> {
    patches(&Memory::default(), "", spec)
}

/// The files of the patches of those of these files that are kustomizations, links resolved.
pub fn patch_files(tree: &dyn Tree, files: &[String]) -> HashSet<String> {
    let name = |file: &str| file.rsplit('/').next().unwrap_or_default().to_owned();
    let is_kustomization = |file: &&String| FILE_NAMES.contains(&name(file).as_str());
    let patches = files.iter().filter(is_kustomization).filter_map(|file| {
        let text = yaml::text(tree.read(file).ok()?, file).ok()?;
        Some(patches(tree, parent(file), &yaml::document(&text, file).ok()?))
    });
    patches.flatten().filter_map(|patch| Some(patch.file?.0)).collect()
}

/// The patches of a kustomization, in the order in which they are applied. What cannot be read is left to the build to refuse.
pub(super) fn patches(tree: &dyn Tree, folder: &str, kustomization: &Value) -> Vec<PatchText> {
    let mut found = Vec::new();
    let mut add = |path: Option<&str>, text: Option<&str>, target: &Value| {
        let patch = |file: Option<(String, usize)>, content: Value| PatchText {
            file,
            target: target.clone(),
            content,
        };
        if let Some((real, manifest)) = path.and_then(|path| read(tree, folder, path)) {
            let documents = manifest.documents().enumerate();
            found.extend(documents.map(|(at, content)| patch(Some((real.clone(), at)), content.clone())));
        } else if let Some(text) = text {
            let contents = yaml::documents(text, "a patch").unwrap_or_default();
            found.extend(contents.into_iter().map(|content| patch(None, content)));
        }
    };
    let list = |field: &str| kustomization[field].as_array().into_iter().flatten();
    for entry in list("patchesStrategicMerge").filter_map(Value::as_str) {
        add(Some(entry), Some(entry), &Value::Null);
    }
    for entry in list("patches").chain(list("patchesJson6902")) {
        add(entry["path"].as_str(), entry["patch"].as_str(), &entry["target"]);
    }
    found
}

fn read(tree: &dyn Tree, folder: &str, path: &str) -> Option<(String, Manifest)> {
    let Some(Found::File(real)) = tree.find(&normal(&join(folder, path)).ok()?).ok()? else { return None };
    let text = yaml::text(tree.read(&real).ok()?, path).ok()?;
    Some((real, Manifest::parse(text, path).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patches_are_found_in_files_and_inside_of_a_kustomization() {
        let files = [
            ("k/p.yaml", "kind: A\nmetadata: {name: x}\nspec: {version: \"1\"}\n---\nkind: B\n"),
            ("k/ops.yaml", "- {op: replace, path: /spec/version, value: \"2\"}\n"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let kustomization = json!({
            "patches": [
                {"path": "p.yaml"},
                {"path": "ops.yaml", "target": {"kind": "A", "name": "x.*"}},
                {"patch": "spec: {version: \"3\"}", "target": {"kind": "A"}},
                {"path": "missing.yaml"},
            ],
            "patchesStrategicMerge": ["kind: A\nmetadata: {name: x}\nspec: {other: 1}\n"],
        });
        let found = patches(&Memory(files.into_iter().collect()), "k", &kustomization);
        let object = json!({"apiVersion": "g/v1", "kind": "A", "metadata": {"name": "x"}});
        let told: Vec<_> = found
            .iter()
            .filter(|patch| patch.is_for(&object))
            .map(|patch| (patch.file.clone(), patch.place(&["spec", "version"]).map(|steps| steps.len())))
            .collect();
        let file = |name: &str| Some((name.to_owned(), 0));
        assert_eq!(
            told,
            [(None, None), (file("k/p.yaml"), Some(2)), (file("k/ops.yaml"), Some(2)), (None, Some(2))]
        );
    }
}
