//! Folders and archives with what kustomize makes of them: `expected.yaml` holds its bytes, `expected.error` words of our refusal.

use super::archive::Archive;
use crate::support::stale;
use fluxr::testing::render::Disk;
use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use fluxr::testing::render::kustomize::Outside;
use fluxr::testing::render::kustomize::Restrictor;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a build should come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    Built(String),
    /// Words of the error.
    Refused(String),
}

/// One kustomization to build.
pub struct Case {
    /// Its path below the data, or its archive and its name there.
    pub name: String,
    pub expected: Expected,
    pub options: Options,
    /// The folder that is built, relative to its tree.
    folder: String,
    tree: Tree,
}

enum Tree {
    /// All the data: folders may refer to each other.
    Disk,
    /// The files of one case of an archive.
    Archive { path: PathBuf, at: usize, files: BTreeMap<String, String> },
}

/// A case on the disk, for programs that read files.
pub struct Unpacked {
    pub folder: PathBuf,
    _home: Option<tempfile::TempDir>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/kustomize")
}

/// Every folder with an expectation, and every one of an archive.
pub fn cases() -> Vec<Case> {
    let mut found = Vec::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        let name = folder.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).ok();
        found.extend(Case::of(&name, &name, Tree::Disk, read));
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.parent() == Some(&root()) {
                found.extend(archived(&path));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn archived(path: &Path) -> Vec<Case> {
    let archive = Archive::read(&std::fs::read_to_string(path).unwrap());
    let topic = path.file_stem().unwrap().to_str().unwrap();
    let mut found = Vec::new();
    for (at, name) in archive.names().enumerate() {
        let files = archive.files(at);
        let name = format!("{topic}: {name}");
        let folders = files.keys().filter_map(|path| {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            file.starts_with("expected.").then_some(folder)
        });
        let [folder] = *folders.collect::<Vec<_>>() else { panic!("{name} needs one expectation") };
        let read = |file: &str| files.get([folder, file].join("/").trim_start_matches('/')).cloned();
        let tree = Tree::Archive { path: path.to_owned(), at, files: files.clone() };
        found.extend(Case::of(&name, folder, tree, read));
    }
    found
}

impl Case {
    /// The case that a folder is, if it says what is expected.
    fn of(name: &str, folder: &str, tree: Tree, read: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let refused = read("expected.error").map(|words| Expected::Refused(words.trim().to_owned()));
        let expected = refused.or_else(|| read("expected.yaml").map(Expected::Built))?;
        let restrictor = match read("load-restrictor-none") {
            Some(_) => Restrictor::None,
            None => Restrictor::RootOnly,
        };
        let managed_by_label = read("managed-by-label").is_some();
        let options = Options { restrictor, managed_by_label, ..Options::default() };
        Some(Self { name: name.to_owned(), expected, options, folder: folder.to_owned(), tree })
    }

    /// The objects, with the lines that are told meanwhile.
    pub fn build(&self, outside: Outside<'_>) -> Result<Vec<Value>, String> {
        let built = match &self.tree {
            Tree::Disk => {
                let tree = Disk::new(&root()).unwrap();
                kustomize::build_with(&tree, &self.folder, self.options, outside)
            }
            Tree::Archive { .. } => {
                let (folder, files) = self.files();
                kustomize::build_with(&Memory(files), &folder, self.options, outside)
            }
        };
        built.map_err(|error| format!("{error:#}"))
    }

    pub fn unpacked(&self) -> Unpacked {
        match &self.tree {
            Tree::Disk => Unpacked { folder: root().join(&self.folder), _home: None },
            Tree::Archive { files, .. } => {
                let home = tempfile::tempdir().unwrap();
                for (path, text) in files {
                    let path = home.path().join(path);
                    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                    std::fs::write(path, text).unwrap();
                }
                Unpacked { folder: home.path().join(&self.folder), _home: Some(home) }
            }
        }
    }

    /// The folder to build, and the files that this takes; of a folder of the disk, those in or below it.
    pub fn files(&self) -> (String, BTreeMap<String, Vec<u8>>) {
        match &self.tree {
            Tree::Disk => (String::new(), files_below(&root().join(&self.folder))),
            Tree::Archive { files, .. } => {
                let bytes = |(path, text): (&String, &String)| (path.clone(), text.clone().into_bytes());
                (self.folder.clone(), files.iter().map(bytes).collect())
            }
        }
    }

    /// The texts of the kustomizations that belong to it.
    pub fn kustomizations(&self) -> Vec<String> {
        let is_one = |path: &str| KUSTOMIZATIONS.contains(&path.rsplit('/').next().unwrap_or(path));
        let (_, files) = self.files();
        let ours = files.into_iter().filter(|(path, _)| is_one(path));
        ours.filter_map(|(_, bytes)| String::from_utf8(bytes).ok()).collect()
    }

    /// As [`stale`], for `expected.yaml`.
    #[track_caller]
    pub fn stale(&self, text: &str) -> Option<String> {
        let file = Path::new(&self.folder).join("expected.yaml");
        match &self.tree {
            Tree::Disk => stale(&root().join(file), text),
            Tree::Archive { path, at, .. } => {
                let mut archive = Archive::read(&std::fs::read_to_string(path).unwrap());
                archive.set(*at, file.to_str().unwrap(), text);
                stale(path, &archive.to_text())
            }
        }
    }
}

/// All files below a folder, by their paths there.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                found.insert(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), bytes);
            }
        }
    }
    found
}
