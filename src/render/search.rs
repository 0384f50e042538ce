//! The search for files that may hold manifests. Helm charts are left out: their files are templates, values and what belongs to these.

use super::tree::Entry;
use super::tree::Tree;
use super::tree::join;
use std::collections::BTreeMap;

/// The file that makes a folder a Helm chart.
const CHART: &str = "Chart.yaml";

/// Whether a folder with these entries is a Helm chart.
pub(super) fn is_chart(entries: &BTreeMap<String, Entry>) -> bool {
    entries.get(CHART).is_some_and(|entry| *entry != Entry::Folder)
}

/// Whether a file may be a manifest, by its name.
pub(super) fn is_yaml(name: &str) -> bool {
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// The YAML files below a folder, in the order of their names. Hidden folders and charts are left out, and links are not followed.
///
/// # Errors
/// A folder that cannot be read.
pub fn yaml_files(tree: &dyn Tree, folder: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    search(tree, folder, &mut found)?;
    found.sort();
    Ok(found)
}

fn search(tree: &dyn Tree, folder: &str, found: &mut Vec<String>) -> anyhow::Result<()> {
    let entries = tree.list(folder)?;
    if is_chart(&entries) {
        return Ok(());
    }
    for (name, entry) in entries {
        let path = join(folder, &name);
        match entry {
            Entry::Folder if !name.starts_with('.') => search(tree, &path, found)?,
            Entry::File if is_yaml(&name) => found.push(path),
            Entry::Folder | Entry::File | Entry::Other => {}
        }
    }
    Ok(())
}
