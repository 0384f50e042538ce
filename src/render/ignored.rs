//! What stays out of a build: patterns for files that are never manifests, those of the ignore files, and those of the command line.
//! (The rules of Flux's `pkg/sourceignore`.)

use super::artifact::Artifact;
use super::tree::Entry;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use crate::text::IgnoreRules;
use crate::text::path_parts;
use anyhow::Context;
use std::sync::Arc;
use std::sync::OnceLock;

/// The files of version control.
const OF_GIT: &str = ".git/
.gitignore
.gitmodules
.gitattributes";
/// Other files that are never manifests.
const NO_MANIFESTS: &str = "*.jpg
*.jpeg
*.gif
*.png
*.wmv
*.flv
*.tar.gz
*.zip
.github/
.circleci/
.travis.yml
.gitlab-ci.yml
appveyor.yml
.drone.yml
cloudbuild.yaml
codeship-services.yml
codeship-steps.yml
**/.goreleaser.yml
**/.sops.yaml
**/.flux.yaml";
/// The file with further patterns, in every folder.
const IGNORE_FILE: &str = ".sourceignore";

/// The rules for a folder and what is below it.
pub(super) struct Ignored<'a> {
    tree: &'a dyn Tree,
    folder: &'a str,
    rules: IgnoreRules,
    /// Whether someone has written a pattern.
    is_custom: bool,
}

impl<'a> Ignored<'a> {
    /// Reads the ignore files; `further` are the strongest patterns. From an artifact, nothing is left out once more.
    ///
    /// # Errors
    /// A folder or an ignore file that cannot be read.
    pub(super) fn read(tree: &'a dyn Tree, folder: &'a str, further: &[String]) -> anyhow::Result<Self> {
        if tree.is_artifact() {
            return Ok(Self { tree, folder, rules: IgnoreRules::default(), is_custom: false });
        }
        let mut files = IgnoreFiles::read(tree, folder)?;
        files.0.extend(further.iter().map(|pattern| (Vec::new(), pattern.clone())));
        let mut rules = IgnoreRules::read([OF_GIT, NO_MANIFESTS]);
        files.add_to(&mut rules);
        Ok(Self { tree, folder, rules, is_custom: !files.0.is_empty() })
    }

    /// Whether a file that a search has found stays out; `names` lead to it from the folder. Without a pattern that someone has written,
    /// nothing does.
    pub(super) fn hides(&self, names: &[&str]) -> bool {
        self.is_custom && self.rules.excludes(names, false)
    }

    /// Whether an entry of a kustomization stays out.
    ///
    /// # Errors
    /// An entry that does not exist.
    pub(super) fn excludes(&self, entry: &str) -> anyhow::Result<bool> {
        if self.rules.is_empty() {
            return Ok(false);
        }
        let path = normal(&join(self.folder, entry))?;
        let found = self.tree.find(&path)?;
        let found =
            found.with_context(|| format!("lstat {}: no such file or directory", self.tree.name(&path)))?;
        let is_folder = matches!(found, PathEntry::Folder(_));
        Ok(names_below(self.folder, &path).is_some_and(|names| self.rules.excludes(&names, is_folder)))
    }
}

/// The patterns of all ignore files below a folder, each with the folder that it is for.
#[derive(Debug, Clone)]
pub struct IgnoreFiles(Vec<(Vec<String>, String)>);

impl IgnoreFiles {
    /// Whether a path is that of one.
    pub fn has(path: &str) -> bool {
        path.rsplit('/').next() == Some(IGNORE_FILE)
    }

    /// Reads them. Links to files are followed.
    ///
    /// # Errors
    /// A folder or an ignore file that cannot be read.
    pub fn read(tree: &dyn Tree, folder: &str) -> anyhow::Result<Self> {
        let mut found = Vec::new();
        patterns_below(tree, folder, &mut Vec::new(), &mut found)?;
        Ok(Self(found))
    }

    /// Those of a tree that is this folder of what a source publishes.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        let above = path_parts(folder).0.into_iter().map(str::to_owned);
        let placed = |(below, patterns): &(Vec<String>, String)| {
            (above.clone().chain(below.iter().cloned()).collect(), patterns.clone())
        };
        Self(self.0.iter().map(placed).collect())
    }

    /// What source-controller leaves out of an artifact; `ignore` is `spec.ignore` of the source. What people write takes the place of the
    /// patterns for files that are never manifests.
    pub fn of_source(&self, ignore: &str) -> IgnoreRules {
        let own = IgnoreRules::read([ignore]);
        let mut rules = IgnoreRules::read([OF_GIT]);
        if self.0.is_empty() && own.is_empty() {
            rules.add([NO_MANIFESTS], &[]);
        }
        self.add_to(&mut rules);
        rules.add([ignore], &[]);
        rules
    }

    fn add_to(&self, rules: &mut IgnoreRules) {
        for (below, patterns) in &self.0 {
            let below: Vec<&str> = below.iter().map(String::as_str).collect();
            rules.add([patterns.as_str()], &below);
        }
    }
}

/// The ignore files of one tree of a repository. They are read when they are first needed, for that is a look at every folder.
#[derive(Debug, Clone, Default)]
pub struct IgnoreCache(Arc<OnceLock<IgnoreFiles>>);

impl IgnoreCache {
    /// What a source with this `spec.ignore` publishes of the tree.
    ///
    /// # Errors
    /// A folder or an ignore file that cannot be read.
    pub fn artifact<'t>(&self, tree: &'t dyn Tree, ignore: &str) -> anyhow::Result<Artifact<'t>> {
        let files = match self.0.get() {
            Some(known) => known,
            None => {
                let found =
                    IgnoreFiles::read(tree, "").context("reading the ignore files of the repository")?;
                self.0.get_or_init(|| found)
            }
        };
        Ok(Artifact::new(tree, files.of_source(ignore)))
    }
}

/// The names on the way from the folder to a path; `None` for a path outside of it.
fn names_below<'p>(folder: &str, path: &'p str) -> Option<Vec<&'p str>> {
    let below = if folder.is_empty() { path } else { path.strip_prefix(folder)?.strip_prefix('/')? };
    Some(below.split('/').collect())
}

/// The patterns of all ignore files, with the folders that they are for.
fn patterns_below(
    tree: &dyn Tree,
    folder: &str,
    below: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, String)>,
) -> anyhow::Result<()> {
    let entries = tree.list(folder)?;
    if entries.contains_key(IGNORE_FILE)
        && let Some(PathEntry::File(real)) = tree.find(&join(folder, IGNORE_FILE))?
    {
        let patterns = String::from_utf8_lossy(&tree.read(&real)?).into_owned();
        if !IgnoreRules::read([patterns.as_str()]).is_empty() {
            found.push((below.clone(), patterns));
        }
    }
    for (name, entry) in entries {
        if entry == Entry::Folder && name != ".git" {
            let path = join(folder, &name);
            below.push(name);
            patterns_below(tree, &path, below, found)?;
            below.pop();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignore_files_are_known_by_their_name_in_any_folder() {
        let known = [".sourceignore", "apps/.sourceignore", "apps/sourceignore", ".sourceignore/x"];
        assert_eq!(known.map(IgnoreFiles::has), [true, true, false, false]);
    }
}
