//! A folder with its kustomization: what it may read, and how messages name it.

use super::build::NotCovered;
use super::build::Restrictor;
use super::file::Kustomization;
use crate::render::tree;
use crate::render::tree::Found;
use crate::render::tree::Tree;
use crate::text::yaml;
use anyhow::Context;

pub(in crate::render) const FILE_NAMES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A folder with its kustomization.
pub(super) struct Layer<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) restrictor: Restrictor,
    /// Told what is deprecated.
    pub(super) tell: &'a dyn Fn(String),
    /// Where it is in the tree.
    pub(super) folder: String,
    /// The folders that led here, and the folder itself.
    pub(super) visited: Vec<String>,
    pub(super) file: Kustomization,
    pub(super) file_name: &'static str,
    /// Its path as the resources lists say it; `None` unless `buildMetadata` wants it.
    pub(super) origin: Option<String>,
}

impl<'a> Layer<'a> {
    /// Reads the kustomization of a folder.
    ///
    /// # Errors
    /// None, or more than one; one that is not a kustomization.
    pub(super) fn open(
        tree: &'a dyn Tree,
        restrictor: Restrictor,
        tell: &'a dyn Fn(String),
        folder: String,
        visited: &[String],
    ) -> anyhow::Result<Self> {
        let mut found = None;
        for name in FILE_NAMES {
            if let Some(Found::File(path)) = tree.find(&tree::join(&folder, name))? {
                anyhow::ensure!(
                    found.is_none(),
                    "Found multiple kustomization files under: {}",
                    tree.name(&folder)
                );
                found = Some((name, path));
            }
        }
        let (file_name, path) = found.with_context(|| {
            let folder = tree.name(&folder);
            format!(
                "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{folder}'"
            )
        })?;
        let shown = tree.name(&tree::join(&folder, file_name));
        let text = yaml::text(tree.read(&path)?, &shown)?;
        let file = Kustomization::parse(&text, &shown, tell)?;
        if let Some(field) = file.uncovered() {
            anyhow::bail!(NotCovered(format!("{field} in \"{shown}\"")));
        }
        let mut visited = visited.to_vec();
        visited.push(folder.clone());
        Ok(Self { tree, restrictor, tell, folder, visited, file, file_name, origin: None })
    }

    /// The content of a file that the kustomization names.
    ///
    /// # Errors
    /// One that is missing, or stands where it may not be read from.
    pub(super) fn load(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        if is_remote(name) {
            anyhow::bail!(NotCovered(format!("the remote file \"{name}\" in \"{}\"", self.shown())));
        }
        let found = self.find(name)?;
        let path = match found {
            Some(Found::File(path)) => path,
            Some(Found::Folder(_)) => anyhow::bail!("\"{name}\" in \"{}\" is a folder", self.shown()),
            None => anyhow::bail!("there is no \"{name}\" in \"{}\"", self.shown()),
        };
        let is_allowed = self.restrictor == Restrictor::None || tree::is_below(&path, &self.folder);
        anyhow::ensure!(is_allowed, "the file \"{name}\" is not in or below \"{}\"", self.shown());
        self.tree.read(&path)
    }

    /// The same, as text.
    ///
    /// # Errors
    /// As [`Layer::load`]; a file that is not text.
    pub(super) fn text(&self, name: &str) -> anyhow::Result<String> {
        Ok(yaml::text(self.load(name)?, name)?)
    }

    /// The file or folder that the kustomization names.
    ///
    /// # Errors
    /// An empty path, or an absolute one of a folder.
    pub(super) fn find(&self, name: &str) -> anyhow::Result<Option<Found>> {
        anyhow::ensure!(!name.is_empty(), "an empty path in \"{}\"", self.shown());
        if !name.starts_with('/') {
            return self.tree.find(&tree::join(&self.folder, name));
        }
        let found = self.tree.find(name)?;
        let is_folder = matches!(found, Some(Found::Folder(_)));
        anyhow::ensure!(!is_folder, "the path \"{name}\" in \"{}\" is absolute", self.shown());
        Ok(found)
    }

    /// The name of the folder, for messages.
    pub(super) fn shown(&self) -> String {
        self.tree.name(&self.folder)
    }

    /// The name of the kustomization, for messages.
    pub(super) fn shown_file(&self) -> String {
        self.tree.name(&tree::join(&self.folder, self.file_name))
    }
}

/// An address rather than a path.
pub(super) fn is_remote(path: &str) -> bool {
    path.contains("://")
        || path.contains("?ref=")
        || path.starts_with("git@")
        || path.starts_with("git::")
        || path.starts_with("github.com/")
        || path.starts_with("gh:")
}
