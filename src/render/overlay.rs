//! A tree of files laid over another: what is in neither is not there, and what is in both is read from the upper one.

use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use std::collections::BTreeMap;

/// Two trees as one. Nothing is written to either.
pub struct Overlay<'a> {
    upper: &'a dyn Tree,
    lower: &'a dyn Tree,
}

impl<'a> Overlay<'a> {
    /// `upper` over `lower`.
    pub fn new(upper: &'a dyn Tree, lower: &'a dyn Tree) -> Self {
        Self { upper, lower }
    }

    /// The file of the upper tree at this path; the path of a folder says nothing about what is in it.
    fn upper_file(&self, path: &str) -> Option<PathEntry> {
        self.upper.find(path).ok().flatten().filter(|found| matches!(found, PathEntry::File(_)))
    }
}

impl Tree for Overlay<'_> {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        if let Some(file) = self.upper_file(path) {
            return Ok(Some(file));
        }
        match self.lower.find(path)? {
            Some(found) => {
                let (PathEntry::File(real) | PathEntry::Folder(real)) = &found;
                Ok(Some(self.upper_file(real).unwrap_or(found)))
            }
            None => {
                // The file may be new in a folder that a link of the lower tree leads to.
                if let Some((above, name)) = path.rsplit_once('/')
                    && let Ok(Some(PathEntry::Folder(real))) = self.lower.find(above)
                    && real != above
                {
                    return self.upper.find(&join(&real, name));
                }
                self.upper.find(path)
            }
        }
    }

    fn is_dangling(&self, path: &str) -> bool {
        self.lower.is_dangling(path)
    }

    fn leads_through_link(&self, path: &str) -> bool {
        self.lower.leads_through_link(path)
    }

    fn is_artifact(&self) -> bool {
        self.lower.is_artifact()
    }

    fn why_left_out(&self, path: &str) -> Option<&'static str> {
        self.lower.why_left_out(path)
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        if self.upper_file(path).is_some() { self.upper.read(path) } else { self.lower.read(path) }
    }

    fn written(&self, path: &str) -> Option<Vec<u8>> {
        self.lower.written(path)
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        match (self.upper.list(folder), self.lower.list(folder)) {
            (Ok(upper), Ok(mut lower)) => {
                lower.extend(upper);
                Ok(lower)
            }
            (Ok(only), Err(_)) | (Err(_), Ok(only)) => Ok(only),
            (Err(_), Err(error)) => Err(error),
        }
    }

    fn name(&self, path: &str) -> String {
        self.lower.name(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Disk;
    use crate::render::Memory;

    fn memory(files: &[(&str, &str)]) -> Memory {
        Memory(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
    }

    #[test]
    fn files_of_the_upper_tree_hide_those_of_the_lower_one() {
        let (upper, lower) = (
            memory(&[("app/new.yaml", "new"), ("app/both.yaml", "upper")]),
            memory(&[("app/old.yaml", "old"), ("app/both.yaml", "lower"), ("base/x.yaml", "x")]),
        );
        let tree = Overlay::new(&upper, &lower);
        for (path, text) in [
            ("app/new.yaml", "new"),
            ("app/old.yaml", "old"),
            ("app/both.yaml", "upper"),
            ("app/../base/./x.yaml", "x"),
        ] {
            let Some(PathEntry::File(real)) = tree.find(path).unwrap() else { panic!("no {path}") };
            assert_eq!(tree.read(&real).unwrap(), text.as_bytes(), "{path}");
        }
        assert_eq!(tree.written("app/both.yaml").as_deref(), Some(&b"lower"[..]));
        assert_eq!(tree.written("app/new.yaml"), None);
        assert_eq!(tree.find("app").unwrap(), Some(PathEntry::Folder("app".to_owned())));
        assert_eq!(tree.find("none").unwrap(), None);
        let names: Vec<String> = tree.list("app").unwrap().into_keys().collect();
        assert_eq!(names, ["both.yaml", "new.yaml", "old.yaml"]);
        assert!(tree.find("../secret").is_err());
    }

    #[test]
    fn a_file_is_found_behind_a_link_of_the_lower_tree() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("real")).unwrap();
        std::fs::write(folder.path().join("real/old.yaml"), "old").unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
        let (upper, lower) = (
            memory(&[("real/new.yaml", "new"), ("real/old.yaml", "changed")]),
            Disk::new(folder.path()).unwrap(),
        );
        let tree = Overlay::new(&upper, &lower);
        for (path, text) in [("link/new.yaml", "new"), ("link/old.yaml", "changed")] {
            let Some(PathEntry::File(real)) = tree.find(path).unwrap() else { panic!("no {path}") };
            assert_eq!(tree.read(&real).unwrap(), text.as_bytes(), "{path}");
        }
        assert_eq!(tree.list("").unwrap()["link"], Entry::Other);
    }
}
