//! The search for manifests in a folder that has no kustomization.

use super::ignored::Ignored;
use super::kustomize::FILE_NAMES;
use super::kustomize::parse_resources;
use super::search::is_yaml;
use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use anyhow::Context;

/// The file that makes a folder a kustomization, as it is named and as it is read.
///
/// # Errors
/// A place that cannot be looked at.
pub(super) fn own_kustomization(tree: &dyn Tree, folder: &str) -> anyhow::Result<Option<(String, String)>> {
    for name in FILE_NAMES {
        let path = join(folder, name);
        if let Some(PathEntry::File(real)) = tree.find(&path)? {
            return Ok(Some((path, real)));
        }
    }
    Ok(None)
}

/// The manifests below a folder and the kustomizations in it, in the order of their names.
///
/// # Errors
/// A file that does not hold Kubernetes objects, named.
pub(super) fn manifests(tree: &dyn Tree, folder: &str, ignored: &Ignored<'_>) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    Scan { tree, folder, ignored }.folder("", &mut found)?;
    Ok(found)
}

struct Scan<'a> {
    tree: &'a dyn Tree,
    folder: &'a str,
    ignored: &'a Ignored<'a>,
}

impl Scan<'_> {
    /// Adds the manifests of a folder below the first one, in the order of their names.
    fn folder(&self, below: &str, found: &mut Vec<String>) -> anyhow::Result<()> {
        let folder = normal(&join(self.folder, below))?;
        for (name, entry) in self.tree.list(&folder)? {
            let (path, relative) = (join(&folder, &name), join(below, &name));
            if entry == Entry::Folder {
                if own_kustomization(self.tree, &path)?.is_some() {
                    found.push(format!("./{relative}"));
                } else {
                    self.folder(&relative, found)?;
                }
                continue;
            }
            let names: Vec<&str> = relative.split('/').collect();
            let is_manifest = is_yaml(&name);
            if !is_manifest || self.ignored.hides(&names) {
                continue;
            }
            let shown = self.tree.name(&path);
            let Some(PathEntry::File(real)) = self.tree.find(&path)? else { continue };
            let text = String::from_utf8_lossy(&self.tree.read(&real)?).into_owned();
            parse_resources(&text, &shown)
                .with_context(|| format!("failed to decode Kubernetes YAML from {shown}"))?;
            found.push(format!("./{relative}"));
        }
        Ok(())
    }
}
