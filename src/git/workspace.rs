//! A clone without a checkout: files of the last commit are read from its objects, and what is written stays in memory until it is
//! committed. Of ten thousand files, only those that are read cost anything.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use super::Files;
use super::GitError;
use super::Item;
use super::Remote;
use super::sign::Signer;

/// The mode of a new file.
const PLAIN: i32 = 0o100_644;
const FOLDER: i32 = 0o040_000;

/// Who writes or commits something, and when.
#[derive(Clone, Debug)]
pub struct Author {
    pub name: String,
    /// May be empty, as it is by default in Flux.
    pub email: String,
    /// The time of the commit, in its time zone.
    pub at: jiff::Zoned,
}

impl Author {
    /// As `name <email>`, without what would end one of them early.
    pub fn shown(&self) -> String {
        shown(&self.name, &self.email)
    }
}

/// The last commit of a clone.
#[derive(Clone, Debug)]
pub struct LastCommit {
    pub id: String,
    pub parents: Vec<String>,
    /// As `name <email>`.
    pub author: String,
    /// Someone else than the author where it was amended or rebased.
    pub committer: String,
    /// The paths that it changes; `None` where the clone does not have the commit before it.
    pub changed: Option<BTreeSet<String>>,
}

/// A private clone of one branch. Its directory goes away with it. Only files written through it are committed.
pub struct Workspace {
    pub(super) remote: Remote,
    branch: String,
    is_default: bool,
    dir: tempfile::TempDir,
    state: Mutex<WorkspaceState>,
}

/// The last commit, and what the next one changes.
struct WorkspaceState {
    committed: Files,
    /// By path. `None` removes the file.
    drafts: BTreeMap<String, Option<Vec<u8>>>,
}

impl Workspace {
    pub(super) fn open(
        remote: Remote,
        branch: &str,
        is_default: bool,
        dir: tempfile::TempDir,
    ) -> Result<Self, GitError> {
        let committed = Files::at_head(dir.path())?;
        let state = Mutex::new(WorkspaceState { committed, drafts: BTreeMap::new() });
        Ok(Self { remote, branch: branch.to_owned(), is_default, dir, state })
    }

    /// The directory of the bare repository.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Whether it was the default branch of the repository when it was cloned.
    pub fn is_default_branch(&self) -> bool {
        self.is_default
    }

    pub fn branch(&self) -> &str {
        &self.branch
    }

    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// All files, with what was written since the last commit, for reading on one thread.
    ///
    /// # Errors
    /// When the clone is damaged or its disk full.
    pub fn files(&self) -> Result<Files, GitError> {
        let tree = self.state().staged()?;
        Files::open(self.dir.path(), tree)
    }

    /// Checks that a path names something inside the clone, and leads through no link of the repository.
    ///
    /// # Errors
    /// [`GitError::OutsideClone`] for an absolute path, one with `..`, one into `.git`, or one that leads through a link.
    pub fn check(&self, path: &str) -> Result<(), GitError> {
        self.state().relative(path).map(drop)
    }

    /// The content of a file; `None` if there is none.
    ///
    /// # Errors
    /// As [`Self::check`], and when the file cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let state = self.state();
        let relative = state.relative(path)?;
        if let Some(draft) = state.drafts.get(&relative) {
            return Ok(draft.clone());
        }
        match state.committed.look(&relative)? {
            Some(Item::File) => state.committed.read(&relative).map(Some),
            Some(Item::Folder) => Err(unfit(&relative, ErrorKind::IsADirectory)),
            _ => Ok(None),
        }
    }

    /// Writes a file, with the directories above it, for the next commit.
    ///
    /// # Errors
    /// As [`Self::check`], and when there is a folder of this name whose files stay, or a file where a folder would have to be.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<(), GitError> {
        let mut state = self.state();
        let relative = state.relative(path)?;
        if state.committed.look(&relative)? == Some(Item::Folder) && !state.is_emptied(&relative)? {
            return Err(unfit(&relative, ErrorKind::IsADirectory));
        }
        for (end, _) in relative.match_indices('/') {
            let above = &relative[..end];
            let is_in_the_way = match state.drafts.get(above) {
                Some(draft) => draft.is_some(),
                None => matches!(state.committed.look(above)?, Some(Item::File | Item::Module)),
            };
            if is_in_the_way {
                return Err(unfit(above, ErrorKind::NotADirectory));
            }
        }
        state.drafts.insert(relative, Some(content.as_ref().to_vec()));
        Ok(())
    }

    /// Removes a file with the next commit, if it exists.
    ///
    /// # Errors
    /// As [`Self::check`], and when it is a folder.
    pub fn remove(&self, path: &str) -> Result<(), GitError> {
        let mut state = self.state();
        let relative = state.relative(path)?;
        if state.committed.look(&relative)? == Some(Item::Folder) {
            return Err(unfit(&relative, ErrorKind::IsADirectory));
        }
        state.drafts.insert(relative, None);
        Ok(())
    }

    /// The commit that the clone is at; `None` while the repository is empty.
    pub fn head(&self) -> Option<String> {
        self.state().committed.head().map(|head| head.to_string())
    }

    /// The last commit, with what it changes where the clone has the one before it.
    ///
    /// # Errors
    /// When the clone is damaged.
    pub fn last_commit(&self) -> Result<Option<LastCommit>, GitError> {
        let state = self.state();
        let Some(head) = state.committed.head() else { return Ok(None) };
        let repository = state.committed.repository();
        let read = || {
            let commit = repository.find_commit(head)?;
            let text = String::from_utf8_lossy;
            let person = |one: git2::Signature<'_>| shown(&text(one.name_bytes()), &text(one.email_bytes()));
            let mut last = LastCommit {
                id: head.to_string(),
                parents: commit.parent_ids().map(|id| id.to_string()).collect(),
                author: person(commit.author()),
                committer: person(commit.committer()),
                changed: None,
            };
            let before = commit.parent_id(0).ok().and_then(|id| repository.find_commit(id).ok());
            if let Some(before) = before {
                let diff =
                    repository.diff_tree_to_tree(Some(&before.tree()?), Some(&commit.tree()?), None)?;
                let paths =
                    diff.deltas().filter_map(|delta| delta.new_file().path()?.to_str().map(str::to_owned));
                last.changed = Some(paths.collect());
            }
            Ok(last)
        };
        read().map(Some).map_err(|error: git2::Error| GitError::other("reading the clone", error.message()))
    }

    /// Commits everything written since the last commit, and returns the new commit; `None` if nothing changed.
    /// The message ends with a newline in the commit, as Git writes it.
    ///
    /// # Errors
    /// When the signer fails, or the clone is damaged or its disk full.
    pub fn commit(
        &self,
        (author, committer): (&Author, &Author),
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<Option<String>, GitError> {
        let mut state = self.state();
        let tree = state.staged()?;
        if tree == state.committed.tree() {
            state.drafts.clear();
            return Ok(None);
        }
        let broken = |error: git2::Error| GitError::other("committing", error.message());
        let repository = state.committed.repository();
        let buffer = commit_text(tree, state.committed.head(), (author, committer), message);
        let signature = signer.map(|signer| signer.sign(buffer.as_bytes(), &committer.at)).transpose()?;
        let commit = match signature {
            Some(signature) => {
                repository.commit_signed(&buffer, signature.trim_end(), None).map_err(broken)?
            }
            None => {
                let objects = repository.odb().map_err(broken)?;
                objects.write(git2::ObjectType::Commit, buffer.as_bytes()).map_err(broken)?
            }
        };
        let name = format!("refs/heads/{}", self.branch);
        repository.reference(&name, commit, true, "commit").map_err(broken)?;
        *state = WorkspaceState { committed: Files::open(self.dir.path(), tree)?, drafts: BTreeMap::new() };
        Ok(Some(commit.to_string()))
    }

    fn state(&self) -> MutexGuard<'_, WorkspaceState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WorkspaceState {
    /// The tree of the next commit.
    fn staged(&self) -> Result<git2::Oid, GitError> {
        if self.drafts.is_empty() {
            return Ok(self.committed.tree());
        }
        let repository = self.committed.repository();
        let mut changes = Vec::with_capacity(self.drafts.len());
        for (path, content) in &self.drafts {
            let blob = content.as_ref().map(|content| repository.blob(content)).transpose();
            let blob =
                blob.map_err(|error| GitError::other(format!("writing \"{path}\""), error.message()))?;
            changes.push((path.as_str(), blob));
        }
        let stage =
            || match updated(repository, Some(&repository.find_tree(self.committed.tree())?), &changes)? {
                Some(tree) => Ok(tree),
                None => repository.treebuilder(None)?.write(),
            };
        stage().map_err(|error: git2::Error| GitError::other("staging changes", error.message()))
    }

    /// Whether all files of a folder are removed by drafts.
    fn is_emptied(&self, folder: &str) -> Result<bool, GitError> {
        for (name, item) in self.committed.list(folder)? {
            let path = format!("{folder}/{name}");
            let is_gone = match item {
                Item::Folder => self.is_emptied(&path)?,
                _ => self.drafts.get(&path).is_some_and(Option::is_none),
            };
            if !is_gone {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A path without `.`, checked to be inside the clone and not to lead through a link.
    fn relative(&self, path: &str) -> Result<String, GitError> {
        let refuse =
            |reason: &str| GitError::OutsideClone { path: path.to_owned(), reason: reason.to_owned() };
        let mut relative = String::new();
        for component in Path::new(path).components() {
            let name = match component {
                Component::Normal(name) => name.to_str().unwrap_or_default(),
                Component::CurDir => continue,
                Component::ParentDir => return Err(refuse("it contains \"..\"")),
                Component::RootDir | Component::Prefix(_) => return Err(refuse("it is absolute")),
            };
            if name.eq_ignore_ascii_case(".git") {
                return Err(refuse("it leads into .git"));
            }
            if !relative.is_empty() {
                relative.push('/');
            }
            relative.push_str(name);
            if let Some(Item::Link(_)) = self.committed.look(&relative)? {
                return Err(refuse(&format!("\"{relative}\" is a link")));
            }
        }
        if relative.is_empty() {
            return Err(refuse("it names no file"));
        }
        Ok(relative)
    }
}

/// A tree with files added and removed, in the order of their paths; `None` if nothing is left.
fn updated(
    repository: &git2::Repository,
    present: Option<&git2::Tree<'_>>,
    changes: &[(&str, Option<git2::Oid>)],
) -> Result<Option<git2::Oid>, git2::Error> {
    let mut builder = repository.treebuilder(present)?;
    let mut rest = changes;
    while let Some((path, blob)) = rest.first() {
        let Some((name, _)) = path.split_once('/') else {
            let mode = builder.get(path)?.map(|entry| entry.filemode());
            match (blob, mode) {
                // The folder that it takes the place of goes as a whole.
                (Some(blob), None | Some(FOLDER)) => drop(builder.insert(path, *blob, PLAIN)?),
                (Some(blob), Some(mode)) => drop(builder.insert(path, *blob, mode)?),
                (None, Some(_)) => builder.remove(path)?,
                (None, None) => {}
            }
            rest = &rest[1..];
            continue;
        };
        let inside = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
        let (below, after) =
            rest.split_at(rest.iter().position(|(path, _)| !inside(path)).unwrap_or(rest.len()));
        let below: Vec<_> = below.iter().map(|(path, blob)| (&path[name.len() + 1..], *blob)).collect();
        let folder = builder.get(name)?.filter(|entry| entry.filemode() == FOLDER).map(|entry| entry.id());
        let folder = folder.map(|id| repository.find_tree(id)).transpose()?;
        match updated(repository, folder.as_ref(), &below)? {
            Some(tree) => drop(builder.insert(name, tree, FOLDER)?),
            None if folder.is_some() => builder.remove(name)?,
            None => {}
        }
        rest = after;
    }
    if builder.is_empty() { Ok(None) } else { builder.write().map(Some) }
}

fn unfit(path: &str, kind: ErrorKind) -> GitError {
    GitError::File { path: PathBuf::from(path), error: kind.into() }
}

/// A commit object. Written here because libgit2 refuses an empty e-mail address, which is Flux's default.
fn commit_text(
    tree: git2::Oid,
    parent: Option<git2::Oid>,
    (author, committer): (&Author, &Author),
    message: &str,
) -> String {
    let person = |one: &Author| format!("{} {}", one.shown(), stamp(&one.at));
    let (author, committer) = (person(author), person(committer));
    let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    format!("tree {tree}\n{parent}author {author}\ncommitter {committer}\n\n{}\n", message.trim_end())
}

/// A person as commits have them.
fn shown(name: &str, email: &str) -> String {
    format!("{} <{}>", plain(name), plain(email))
}

/// Removes characters that would end the name or the address early.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '<' | '>' | '\n' | '\0')).collect::<String>().trim().to_owned()
}

/// Git's form of a time: seconds and zone.
fn stamp(at: &jiff::Zoned) -> String {
    let minutes = at.offset().seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{} {sign}{:02}{:02}", at.timestamp().as_second(), minutes / 60, minutes % 60)
}
