//! A folder with its kustomization: what it may read, and how messages name it.

use super::address;
use super::address::Address;
use super::file::Kustomization;
use super::options::Restrictor;
use super::origin::Origin;
use super::resource;
use super::resource::Resource;
use super::schema;
use crate::render::remote::Remote;
use crate::render::tree;
use crate::render::tree::PathEntry;
use crate::render::tree::Tree;
use crate::text::without_credentials;
use crate::text::yaml;
use crate::text::yaml::Lines;
use crate::text::yaml::Step;
use anyhow::Context;
use std::cell::OnceCell;

pub(in crate::render) const FILE_NAMES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// How many repositories may lead to each other: in a cycle, each may be named differently every time.
const DEEPEST: usize = 20;

/// What a build has besides its tree of files.
pub(super) struct Outside<'a> {
    pub restrictor: Restrictor,
    /// Told what is deprecated.
    pub tell: &'a dyn Fn(String),
    pub remote: &'a dyn Remote,
}

/// A folder with its kustomization.
pub(super) struct Layer<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) outside: &'a Outside<'a>,
    /// Where its files may be.
    restrictor: Restrictor,
    /// Where it is in the tree.
    pub(super) folder: String,
    /// The folders of the tree that led here, and the folder itself.
    visited: Vec<String>,
    /// The addresses of repositories that led here.
    addresses: Vec<String>,
    pub(super) file: Kustomization,
    pub(super) file_name: &'static str,
    /// Where that file is in the tree, links resolved.
    file_path: String,
    /// Read when they are asked for.
    lines: OnceCell<Lines>,
    /// Where it comes from, as the resources lists say it; `None` unless `buildMetadata` wants it.
    pub(super) origin: Option<Origin>,
}

impl<'a> Layer<'a> {
    /// Reads the kustomization at the top of a build.
    ///
    /// # Errors
    /// None, or more than one; one that is not a kustomization.
    pub(super) fn top(tree: &'a dyn Tree, folder: String, outside: &'a Outside<'a>) -> anyhow::Result<Self> {
        Self::open(tree, outside, outside.restrictor, folder, &[], &[])
    }

    /// Reads the kustomization of a folder in a repository, whose files are all in or below it.
    ///
    /// # Errors
    /// As [`Layer::top`]; a folder that is not there.
    pub(super) fn elsewhere(
        tree: &'a dyn Tree,
        address: &Address,
        outside: &'a Outside<'a>,
        addresses: &[String],
    ) -> anyhow::Result<Self> {
        let Some(PathEntry::Folder(folder)) = tree.find(&address.folder)? else {
            let url = without_credentials(&address.repository.url);
            anyhow::bail!("there is no folder \"{}\" in \"{url}\"", address.folder);
        };
        let addresses: Vec<String> =
            addresses.iter().cloned().chain(std::iter::once(address.raw.clone())).collect();
        Self::open(tree, outside, Restrictor::RootOnly, folder, &[], &addresses)
    }

    fn open(
        tree: &'a dyn Tree,
        outside: &'a Outside<'a>,
        restrictor: Restrictor,
        folder: String,
        visited: &[String],
        addresses: &[String],
    ) -> anyhow::Result<Self> {
        let mut found = None;
        for name in FILE_NAMES {
            if let Some(PathEntry::File(path)) = tree.find(&tree::join(&folder, name))?
                && may_read(restrictor, &path, &folder)
            {
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
        let file = Kustomization::parse(&text, &shown, outside.tell, &|| lines(tree, &path))?;
        file.refuse_charts(&shown)?;
        let mut visited = visited.to_vec();
        visited.push(folder.clone());
        let (addresses, file_path) = (addresses.to_vec(), path);
        Ok(Self {
            tree,
            outside,
            restrictor,
            folder,
            visited,
            addresses,
            file,
            file_name,
            file_path,
            lines: OnceCell::new(),
            origin: None,
        })
    }

    /// Reads the kustomization of a folder that this one names by its path.
    ///
    /// # Errors
    /// As [`Layer::top`]; a folder that led here.
    pub(super) fn below(&self, folder: String, path: &str) -> anyhow::Result<Self> {
        let cycle = self.visited.iter().find(|visited| tree::is_below(visited, &folder));
        if let Some(visited) = cycle {
            let (folder, visited) = (self.tree.name(&folder), self.tree.name(visited));
            anyhow::bail!("cycle detected: candidate root '{folder}' contains visited root '{visited}'");
        }
        let (visited, addresses) = (&self.visited, &self.addresses);
        let mut layer = Self::open(self.tree, self.outside, self.restrictor, folder, visited, addresses)?;
        layer.origin = self.origin.as_ref().map(|origin| origin.join(path));
        layer.set_schema()?;
        Ok(layer)
    }

    /// The files of a repository that the kustomization names.
    ///
    /// # Errors
    /// A repository that led here, or cannot be fetched.
    pub(super) fn fetch(&self, address: &Address) -> anyhow::Result<Box<dyn Tree>> {
        if let Some(earlier) = self.addresses.iter().find(|earlier| earlier.starts_with(&address.raw)) {
            let (new, earlier) = (without_credentials(&address.raw), without_credentials(earlier));
            anyhow::bail!("cycle detected: URI '{new}' referenced by previous URI '{earlier}'");
        }
        anyhow::ensure!(
            self.addresses.len() < DEEPEST,
            "cycle detected: {DEEPEST} repositories lead to each other, the last to '{}'",
            without_credentials(&address.raw)
        );
        self.outside.remote.repository(&address.repository)
    }

    /// Reads the kustomization of a folder in a repository that was fetched.
    ///
    /// # Errors
    /// As [`Layer::elsewhere`].
    pub(super) fn elsewhere_below<'b>(
        &self,
        tree: &'b dyn Tree,
        address: &Address,
    ) -> anyhow::Result<Layer<'b>>
    where
        'a: 'b,
    {
        let mut layer = Layer::elsewhere(tree, address, self.outside, &self.addresses)?;
        layer.origin = self.origin.as_ref().map(|origin| origin.join(&address.raw));
        layer.set_schema()?;
        Ok(layer)
    }

    /// Tells the build which schema the kustomization wants.
    ///
    /// # Errors
    /// A schema that cannot be read.
    pub(super) fn set_schema(&self) -> anyhow::Result<()> {
        let set = schema::set(&self.file.openapi, |path| self.text(path));
        set.with_context(|| format!("openapi {}", self.within_field("openapi")))
    }

    /// The content of a file that the kustomization names.
    ///
    /// # Errors
    /// One that is missing, or in a place that may not be read from.
    pub(super) fn load(&self, name: &str) -> anyhow::Result<Vec<u8>> {
        if address::is_file_url(name) {
            return self.outside.remote.file(name);
        }
        let found = self.find(name)?;
        let path = match found {
            Some(PathEntry::File(path)) => path,
            Some(PathEntry::Folder(_)) => anyhow::bail!("\"{name}\" in \"{}\" is a folder", self.shown()),
            None if self.is_dangling(name) => {
                anyhow::bail!("\"{name}\" in \"{}\" is a link that leads to nothing", self.shown());
            }
            None => anyhow::bail!("there is no \"{name}\" in \"{}\"", self.shown()),
        };
        let is_allowed = may_read(self.restrictor, &path, &self.folder);
        anyhow::ensure!(is_allowed, "the file \"{name}\" is not in or below \"{}\"", self.shown());
        self.tree.read(&path)
    }

    /// The same, as text.
    ///
    /// # Errors
    /// As [`Layer::load`]; a file that is not text.
    pub(super) fn text(&self, name: &str) -> anyhow::Result<String> {
        Ok(yaml::text(self.load(name)?, &self.shown_path(name))?)
    }

    /// The file or folder that the kustomization names.
    ///
    /// # Errors
    /// An empty path, or an absolute one of a folder.
    pub(super) fn find(&self, name: &str) -> anyhow::Result<Option<PathEntry>> {
        anyhow::ensure!(!name.is_empty(), "an empty path in \"{}\"", self.shown());
        if !name.starts_with('/') {
            return self.tree.find(&tree::join(&self.folder, name));
        }
        let found = self.tree.find(name)?;
        let is_folder = matches!(found, Some(PathEntry::Folder(_)));
        anyhow::ensure!(!is_folder, "the path \"{name}\" in \"{}\" is absolute", self.shown());
        Ok(found)
    }

    /// Whether the kustomization names a link that leads to nothing.
    pub(super) fn is_dangling(&self, name: &str) -> bool {
        self.tree.is_dangling(&tree::join(&self.folder, name))
    }

    /// The name of the folder, for messages.
    pub(super) fn shown(&self) -> String {
        self.tree.name(&self.folder)
    }

    /// The last part of its path.
    pub(super) fn folder_name(&self) -> String {
        let path = if self.folder.is_empty() { self.tree.name("") } else { self.folder.clone() };
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
    }

    /// The name of the kustomization, for messages.
    pub(super) fn shown_file(&self) -> String {
        self.tree.name(&tree::join(&self.folder, self.file_name))
    }

    /// The name of a file that the kustomization names, for messages.
    pub(super) fn shown_path(&self, name: &str) -> String {
        if address::is_file_url(name) {
            return without_credentials(name);
        }
        let path = if name.starts_with('/') { name.to_owned() } else { tree::join(&self.folder, name) };
        self.tree.name(&tree::tidy(path))
    }

    /// What is inline in the kustomization, as resources that were read there.
    ///
    /// # Errors
    /// Text that holds no resources.
    pub(super) fn inline(&self, field: &str, at: usize, text: &str) -> anyhow::Result<Vec<Resource>> {
        let mut resources = resource::read(text, &self.shown_file())?;
        let path = [Step::field(field), Step::Item(at)];
        let line = resources.first().and_then(|_| self.lines().at(&path));
        for source in resources.iter_mut().filter_map(|resource| resource.source.as_mut()) {
            source.line = line;
        }
        Ok(resources)
    }

    /// The kustomization with the line of an item of a list in it, for messages.
    pub(super) fn within(&self, field: &str, at: usize) -> String {
        format!("in {}", self.place_of(self.lines().at(&[Step::field(field), Step::Item(at)])))
    }

    /// The kustomization with the line of a field, for messages.
    pub(super) fn within_field(&self, field: &str) -> String {
        format!("in {}", self.place_of(self.lines().at(&[Step::field(field)])))
    }

    /// The kustomization with a line, if that is known.
    pub(super) fn place_of(&self, line: Option<usize>) -> String {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("\"{}\"{line}", self.shown_file())
    }

    /// The lines of the kustomization.
    pub(super) fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| lines(self.tree, &self.file_path))
    }

    /// Where the file of the kustomization comes from.
    pub(super) fn origin_of_file(&self) -> Option<Origin> {
        self.origin.as_ref().map(|origin| origin.join(self.file_name))
    }
}

/// Whether the kustomization of a folder may read a file.
fn may_read(restrictor: Restrictor, path: &str, folder: &str) -> bool {
    restrictor == Restrictor::None || tree::is_below(path, folder)
}

/// The lines of a kustomization as it was written; no others are known.
fn lines(tree: &dyn Tree, path: &str) -> Lines {
    let text = tree.written(path).and_then(|bytes| yaml::text(bytes, path).ok());
    Lines::of(&text.unwrap_or_default())
}
