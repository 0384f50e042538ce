//! A tree without some of its files.

use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// A tree in which these files are not there, by their paths with links resolved.
pub struct Without<'a> {
    pub tree: &'a dyn Tree,
    pub files: BTreeSet<String>,
}

impl Tree for Without<'_> {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        let is_left =
            |found: &PathEntry| !matches!(found, PathEntry::File(real) if self.files.contains(real));
        Ok(self.tree.find(path)?.filter(is_left))
    }

    fn is_dangling(&self, path: &str) -> bool {
        self.tree.is_dangling(path)
    }

    fn leads_through_link(&self, path: &str) -> bool {
        self.tree.leads_through_link(path)
    }

    fn is_artifact(&self) -> bool {
        self.tree.is_artifact()
    }

    fn why_left_out(&self, path: &str) -> Option<&'static str> {
        self.tree.why_left_out(path)
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.tree.read(path)
    }

    fn written(&self, path: &str) -> Option<Vec<u8>> {
        self.tree.written(path)
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        let mut entries = self.tree.list(folder)?;
        if !self.files.is_empty()
            && let Some(PathEntry::Folder(real)) = self.tree.find(folder)?
        {
            entries.retain(|name, _| !self.files.contains(&join(&real, name)));
        }
        Ok(entries)
    }

    fn name(&self, path: &str) -> String {
        self.tree.name(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Memory;

    #[test]
    fn files_are_neither_found_nor_listed() {
        let files = ["a/x.yaml", "a/y.yaml"].map(|path| (path.to_owned(), b"x".to_vec()));
        let whole = Memory(files.into_iter().collect());
        let tree = Without { tree: &whole, files: BTreeSet::from(["a/x.yaml".to_owned()]) };
        assert_eq!(tree.find("a/x.yaml").unwrap(), None);
        assert_eq!(tree.find("a/y.yaml").unwrap(), Some(PathEntry::File("a/y.yaml".to_owned())));
        assert_eq!(tree.list("a").unwrap().into_keys().collect::<Vec<_>>(), ["y.yaml"]);
    }
}
