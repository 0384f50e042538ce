//! Edits drafted over a clone; what is not drafted is read from it.

use super::fleet::Fleet;
use super::once::OnceSink;
use super::reach::Reach;
use crate::git::Files;
use crate::git::Workspace;
use crate::ops::commit::Change;
use crate::ops::git_tree::GitTree;
use crate::render;
use crate::render::Artifact;
use crate::render::IgnoreCache;
use crate::render::IgnoreFiles;
use crate::render::Listing;
use crate::render::Memory;
use crate::render::Overlay;
use crate::render::Without;
use crate::render::kustomize;
use crate::render::spelled;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::HashSet;

/// Files drafted over a clone.
pub(super) struct Draft<'a> {
    workspace: &'a Workspace,
    present: GitTree,
    /// `None` removes the file.
    files: BTreeMap<String, Option<String>>,
    /// The `spec.ignore` of the source.
    ignore: String,
    /// The ignore files, as they were drafted.
    ignored: IgnoreCache,
}

impl<'a> Draft<'a> {
    /// Nothing but the clone of the repository of a cluster.
    pub(super) fn of(workspace: &'a Workspace, fleet: &Fleet) -> anyhow::Result<Self> {
        Self::over(workspace, BTreeMap::new(), fleet.ignore.clone())
    }

    /// The same with what the cluster applies of it. What cannot be read is told.
    pub(super) fn begin(
        workspace: &'a Workspace,
        fleet: &Fleet,
        sink: &OnceSink<'_>,
    ) -> anyhow::Result<(Self, Reach)> {
        let draft = Self::of(workspace, fleet)?;
        let reach = draft.reach(fleet)?;
        reach.unread.iter().for_each(|line| sink.warning(line.clone()));
        Ok((draft, reach))
    }

    /// The files of a change over a clone.
    pub(super) fn with(workspace: &'a Workspace, fleet: &Fleet, change: &Change) -> anyhow::Result<Self> {
        Self::over(workspace, change.files.iter().cloned().collect(), fleet.ignore.clone())
    }

    fn over(
        workspace: &'a Workspace,
        files: BTreeMap<String, Option<String>>,
        ignore: String,
    ) -> anyhow::Result<Self> {
        let present = GitTree::of(workspace)?;
        Ok(Self { workspace, present, files, ignore, ignored: IgnoreCache::default() })
    }

    /// Reads what a source with this `spec.ignore` would publish, with the drafted files in their places.
    fn published<T>(
        &self,
        ignore: &str,
        read: impl FnOnce(&Artifact<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let (drafted, left) = (self.drafted(), self.left());
        let files = Overlay::new(&drafted, &left);
        read(&self.ignored.artifact(&files, ignore)?)
    }

    /// What the cluster applies, with the drafted files in their places.
    pub(super) fn reach(&self, fleet: &Fleet) -> anyhow::Result<Reach> {
        self.published(&fleet.ignore, |files| Reach::read(files, fleet))
    }

    /// Builds a folder as a Kustomization with this spec does, with the drafted files in their places. Nothing is fetched.
    ///
    /// # Errors
    /// What cannot be built.
    pub(super) fn build(&self, folder: &str, spec: &Value) -> anyhow::Result<Vec<Value>> {
        self.published(&self.ignore, |files| {
            let prepared = render::prepare(files, folder, spec, &[])?;
            let upper = Memory([(prepared.path, prepared.text.into_bytes())].into());
            kustomize::build(&Overlay::new(&upper, files), folder, kustomize::Options::OF_CONTROLLER)
        })
    }

    /// The same without the drafted files.
    pub(super) fn before(&self) -> anyhow::Result<Self> {
        Self::over(self.workspace, BTreeMap::new(), self.ignore.clone())
    }

    /// The files of the clone, without the drafted ones.
    pub(super) fn files(&self) -> anyhow::Result<Files> {
        Ok(self.workspace.files()?)
    }

    /// The files of the clone that are not removed.
    fn left(&self) -> Without<'_> {
        let removed = self.files.iter().filter(|(_, content)| content.is_none());
        Without { tree: &self.present, files: removed.map(|(path, _)| path.clone()).collect() }
    }

    fn drafted(&self) -> Memory {
        let written = self
            .files
            .iter()
            .filter_map(|(path, content)| Some((path.clone(), content.as_ref()?.clone().into_bytes())));
        Memory(written.collect())
    }

    /// The text of a file; `None` if there is none.
    ///
    /// # Errors
    /// A path that leaves the repository or leads through a link; a file that is not UTF-8.
    pub(super) fn text(&self, file: &str) -> anyhow::Result<Option<String>> {
        if let Some(drafted) = self.files.get(file) {
            return Ok(drafted.clone());
        }
        let Some(bytes) = self.workspace.read(file)? else { return Ok(None) };
        anyhow::ensure!(!yaml::is_wide(&bytes), "{file} is UTF-16, which is not edited: convert it to UTF-8");
        Ok(Some(yaml::text(bytes, file)?))
    }

    /// The parsed documents of a file.
    ///
    /// # Errors
    /// As [`Draft::text`]; it is not YAML.
    pub(super) fn manifest(&self, file: &str) -> anyhow::Result<Manifest> {
        Ok(Manifest::parse(self.text(file)?.unwrap_or_default(), file)?)
    }

    pub(super) fn write(&mut self, file: &str, text: impl Into<String>) {
        self.put(file, Some(text.into()));
    }

    pub(super) fn remove(&mut self, file: &str) {
        self.put(file, None);
    }

    fn put(&mut self, file: &str, text: Option<String>) {
        self.files.insert(file.to_owned(), text);
        if IgnoreFiles::has(file) {
            self.ignored = IgnoreCache::default();
        }
    }

    /// The drafted files that differ from those of the clone.
    pub(super) fn changed(&self) -> anyhow::Result<HashSet<String>> {
        let mut changed = HashSet::new();
        for (file, text) in &self.files {
            if self.workspace.read(file)?.as_deref() != text.as_deref().map(str::as_bytes) {
                changed.insert(file.clone());
            }
        }
        Ok(changed)
    }

    /// Edits a file. Returns whether that has changed it.
    ///
    /// # Errors
    /// As [`Draft::manifest`]; what the edit refuses.
    pub(super) fn edit(
        &mut self,
        file: &str,
        edit: impl FnOnce(Manifest) -> anyhow::Result<Manifest>,
    ) -> anyhow::Result<bool> {
        let present = self.manifest(file)?;
        let before = present.text().to_owned();
        let edited = edit(present)?;
        self.write(file, edited.text());
        Ok(edited.text() != before)
    }

    /// Adds an entry to the resources of a kustomization, in the style of the present ones, unless it is there.
    ///
    /// # Errors
    /// As [`Draft::edit`].
    pub(super) fn list(&mut self, kustomization: &str, entry: &str) -> anyhow::Result<()> {
        self.edit(kustomization, |manifest| {
            let document = content(&manifest);
            let value = manifest.documents().nth(document).cloned().unwrap_or_default();
            let field = spelled(&value, "resources");
            let entries: Vec<&str> =
                value[field].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if entries.iter().any(|present| present.trim_start_matches("./") == entry) {
                return Ok(manifest);
            }
            let has_dot = !entries.is_empty() && entries.iter().all(|entry| entry.starts_with("./"));
            let entry = if has_dot { format!("./{entry}") } else { entry.to_owned() };
            Ok(manifest.append(document, &keys([field]), &json!(entry))?)
        })?;
        Ok(())
    }

    /// Removes an entry from a kustomization. Returns whether the kustomization has any entries left.
    ///
    /// # Errors
    /// As [`Draft::edit`].
    pub(super) fn unlist(&mut self, listing: &Listing) -> anyhow::Result<bool> {
        let mut leads_somewhere = true;
        self.edit(&listing.file, |manifest| {
            let document = content(&manifest);
            let list = |manifest: &Manifest| {
                let value = manifest.documents().nth(document).map(|value| value[&listing.field].clone());
                value.and_then(|value| value.as_array().cloned()).unwrap_or_default()
            };
            let at = list(&manifest).iter().position(|entry| entry == listing.entry.as_str());
            let Some(at) = at else { return Ok(manifest) };
            let path = [keys([&listing.field]), vec![Step::Item(at)]].concat();
            let edited = manifest.remove(document, &path)?;
            let rest = edited.documents().nth(document).cloned().unwrap_or_default();
            leads_somewhere = rest.as_object().is_some_and(|fields| {
                fields.iter().any(|(name, value)| {
                    !["apiVersion", "kind", "metadata", "namespace"]
                        .iter()
                        .any(|other| name.eq_ignore_ascii_case(other))
                        && value.as_array().is_some_and(|items| !items.is_empty())
                })
            });
            Ok(edited)
        })?;
        Ok(leads_somewhere)
    }

    /// What was drafted, as a change.
    pub(super) fn change(self, message: String) -> Change {
        Change::of(self.files.into_iter().collect(), message)
    }
}

/// The index of the first non-empty document.
pub(super) fn content(manifest: &Manifest) -> usize {
    manifest.documents().position(|value| !value.is_null()).unwrap_or_default()
}
