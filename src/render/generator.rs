//! The `kustomization.yaml` of a folder that has none: it lists the manifests in it.

use super::search::is_yaml;
use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use crate::text::yaml;
use serde_json::Value;
use serde_json::json;

/// Name of the file that makes a folder a kustomization.
pub const KUSTOMIZATION: &str = "kustomization.yaml";

/// A kustomization of these resources.
pub fn kustomization(mut resources: Vec<String>) -> String {
    resources.sort();
    resources.dedup();
    yaml::to_string(&json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    }))
}

/// Files of the folder that hold Kubernetes objects, and sub-folders that are kustomizations of their own. Links are not followed.
pub fn manifests_below(tree: &dyn Tree, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (name, entry) in tree.list(folder).unwrap_or_default() {
        let path = join(folder, &name);
        match entry {
            Entry::Folder if is_kustomization(tree, &path) => found.push(name),
            Entry::Folder => {
                found.extend(manifests_below(tree, &path).into_iter().map(|below| format!("{name}/{below}")));
            }
            Entry::File => {
                if is_yaml(&name) && holds_objects(tree, &path) {
                    found.push(name);
                }
            }
            Entry::Other => {}
        }
    }
    found
}

/// A link out of the tree counts as a file: the build reports it.
fn is_kustomization(tree: &dyn Tree, folder: &str) -> bool {
    !matches!(tree.find(&join(folder, KUSTOMIZATION)), Ok(None | Some(PathEntry::Folder(_))))
}

fn holds_objects(tree: &dyn Tree, file: &str) -> bool {
    let Some(content) = tree.read(file).ok().and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return false;
    };
    let Ok(documents) = yaml::documents(&content, "a manifest") else { return false };
    let is_object = |document: &Value| document["apiVersion"].is_string() && document["kind"].is_string();
    !documents.is_empty() && documents.iter().all(is_object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Memory;

    #[test]
    fn manifests_and_kustomizations_are_listed_and_other_files_are_not() {
        let object = "apiVersion: v1\nkind: ConfigMap\n";
        let files = [
            ("app/a.yaml", object),
            ("app/deep/b.yml", object),
            ("app/own/c.yaml", object),
            ("app/own/kustomization.yaml", "resources: [c.yaml]\n"),
            ("app/values.yaml", "replicas: 2\n"),
            ("app/notes.md", object),
            ("other/d.yaml", object),
        ];
        let tree =
            Memory(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect());
        assert_eq!(manifests_below(&tree, "app"), ["a.yaml", "deep/b.yml", "own"]);
        assert_eq!(manifests_below(&tree, "none"), Vec::<String>::new());
        let text = kustomization(vec!["b".into(), "a".into(), "b".into()]);
        assert!(text.ends_with("resources:\n- a\n- b\n"), "{text}");
    }
}
