//! What source-controller publishes of a repository: its files without links, and without what the source ignores.
//! (The rules of its archiver, which takes regular files and folders only, and asks the patterns about each of them.)

use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use crate::text::IgnoreRules;
use crate::text::path_parts;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashMap;

/// A tree of files as a source publishes it.
pub struct Artifact<'a> {
    tree: &'a dyn Tree,
    rules: IgnoreRules,
    /// The names that lead to the tree in what the source publishes; none if it is all of that.
    above: Vec<String>,
    /// Folders that are ignored themselves, and whether they are there because of something in them.
    entered: RefCell<HashMap<String, bool>>,
}

impl<'a> Artifact<'a> {
    /// The artifact of a tree; `rules` are those of [`super::IgnoreFiles::of_source`].
    pub fn new(tree: &'a dyn Tree, rules: IgnoreRules) -> Self {
        Self { tree, rules, above: Vec::new(), entered: RefCell::default() }
    }

    /// The same of a tree that is this folder of what the source publishes.
    pub fn below(self, folder: &str) -> Self {
        Self { above: path_parts(folder).0.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// Whether a file that the tree has, and that no link leads to, is in the artifact.
    pub fn has_file(&self, path: &str) -> bool {
        !self.excludes(path, false)
    }

    fn excludes(&self, path: &str, is_folder: bool) -> bool {
        let names: Vec<&str> = self.above.iter().map(String::as_str).chain(path.split('/')).collect();
        self.rules.excludes(&names, is_folder)
    }

    /// Whether something that the tree has is in the artifact.
    fn has(&self, path: &str, is_folder: bool) -> anyhow::Result<bool> {
        if path.is_empty() || !self.excludes(path, is_folder) {
            return Ok(true);
        }
        Ok(is_folder && self.rules.includes_anything() && self.has_anything(path)?)
    }

    /// Whether something in a folder is in the artifact: then the folder is, too.
    fn has_anything(&self, folder: &str) -> anyhow::Result<bool> {
        if let Some(known) = self.entered.borrow().get(folder) {
            return Ok(*known);
        }
        let mut has_anything = false;
        for (name, entry) in self.tree.list(folder)? {
            if entry != Entry::Other && self.has(&join(folder, &name), entry == Entry::Folder)? {
                has_anything = true;
                break;
            }
        }
        self.entered.borrow_mut().insert(folder.to_owned(), has_anything);
        Ok(has_anything)
    }
}

impl Tree for Artifact<'_> {
    fn find(&self, path: &str) -> anyhow::Result<Option<PathEntry>> {
        if path.starts_with('/') {
            return self.tree.find(path);
        }
        let path = normal(path)?;
        if self.tree.leads_through_link(&path) {
            return Ok(None);
        }
        let Some(found) = self.tree.find(&path)? else { return Ok(None) };
        let is_folder = matches!(found, PathEntry::Folder(_));
        Ok(self.has(&path, is_folder)?.then_some(found))
    }

    fn is_artifact(&self) -> bool {
        true
    }

    fn why_left_out(&self, path: &str) -> Option<&'static str> {
        let path = normal(path).ok()?;
        if self.tree.leads_through_link(&path) {
            return Some("is a link, or behind one, and links are not part of an artifact");
        }
        let is_ignored = matches!(self.tree.find(&path), Ok(Some(_))) && matches!(self.find(&path), Ok(None));
        is_ignored.then_some("the source ignores (.sourceignore, spec.ignore, or what is ignored by default)")
    }

    fn read(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        self.tree.read(path)
    }

    fn written(&self, path: &str) -> Option<Vec<u8>> {
        self.tree.written(path)
    }

    fn list(&self, folder: &str) -> anyhow::Result<BTreeMap<String, Entry>> {
        let Some(PathEntry::Folder(folder)) = self.find(folder)? else {
            anyhow::bail!("there is no folder \"{folder}\"");
        };
        let mut found = BTreeMap::new();
        for (name, entry) in self.tree.list(&folder)? {
            if entry != Entry::Other && self.has(&join(&folder, &name), entry == Entry::Folder)? {
                found.insert(name, entry);
            }
        }
        Ok(found)
    }

    fn name(&self, path: &str) -> String {
        self.tree.name(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::IgnoreFiles;
    use crate::render::Memory;

    /// What is left of these files.
    fn left(files: &[(&str, &str)], ignore: &str) -> Vec<String> {
        let all = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
        let tree = Memory(all.collect());
        let rules = IgnoreFiles::read(&tree, "").unwrap().of_source(ignore);
        let artifact = Artifact::new(&tree, rules);
        let mut found = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            for (name, entry) in artifact.list(&folder).unwrap() {
                let path = join(&folder, &name);
                assert!(artifact.find(&path).unwrap().is_some(), "{path}");
                if entry == Entry::Folder { folders.push(path) } else { found.push(path) }
            }
        }
        let gone = tree.0.keys().filter(|path| !found.contains(path));
        gone.for_each(|path| assert_eq!(artifact.find(path).unwrap(), None, "{path}"));
        found.sort();
        found
    }

    #[test]
    fn what_people_ignore_takes_the_place_of_what_is_ignored_by_default() {
        let files = [("a.png", ""), ("a.yaml", ""), (".gitignore", ""), ("x/cloudbuild.yaml", "")];
        assert_eq!(left(&files, ""), ["a.yaml"]);
        assert_eq!(left(&files, "# nothing\n\n"), ["a.yaml"]);
        assert_eq!(left(&files, "/none\n"), ["a.png", "a.yaml", "x/cloudbuild.yaml"]);
        assert_eq!(left(&files, "!.gitignore\n"), [".gitignore", "a.png", "a.yaml", "x/cloudbuild.yaml"]);
    }

    #[test]
    fn ignore_files_count_for_their_folders_and_the_source_has_the_last_word() {
        let files = [
            (".sourceignore", "*.txt\n/drafts\n"),
            ("a/.sourceignore", "/b.yaml\n!keep.txt\n"),
            ("a/b.yaml", ""),
            ("a/keep.txt", ""),
            ("b.yaml", ""),
            ("drafts/x.yaml", ""),
            ("keep.txt", ""),
        ];
        assert_eq!(left(&files, ""), [".sourceignore", "a/.sourceignore", "a/keep.txt", "b.yaml"]);
        let wanted =
            [".sourceignore", "a/.sourceignore", "a/b.yaml", "a/keep.txt", "b.yaml", "drafts/x.yaml"];
        assert_eq!(left(&files, "!/a/b.yaml\n!/drafts/*.yaml"), wanted);
    }

    #[test]
    fn a_folder_is_there_unless_it_is_ignored_with_all_that_is_in_it() {
        let files = [("a/x.yaml", ""), ("b/x.yaml", ""), ("c/d/x.yaml", ""), ("c/y.yaml", "")];
        let tree = Memory(files.iter().map(|(path, _)| ((*path).to_owned(), Vec::new())).collect());
        let rules = IgnoreFiles::read(&tree, "").unwrap().of_source("/a/*\n/b\n/c\n!/c/d/*.yaml\n");
        let artifact = Artifact::new(&tree, rules);
        assert_eq!(artifact.find("a").unwrap(), Some(PathEntry::Folder("a".to_owned())));
        assert!(artifact.list("a").unwrap().is_empty());
        assert_eq!(artifact.find("b").unwrap(), None);
        let told = artifact.why_left_out("b/x.yaml").unwrap();
        assert!(told.starts_with("the source ignores"), "{told}");
        assert_eq!(artifact.why_left_out("none"), None);
        assert_eq!(artifact.list("c").unwrap().into_keys().collect::<Vec<_>>(), ["d"]);
    }
}
