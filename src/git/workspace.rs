//! A clone on disk: reading and writing its files, and committing them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::GitError;
use super::Remote;
use super::sign::Signer;

/// Who commits, and when.
#[derive(Clone, Debug)]
pub struct Author {
    pub name: String,
    /// May be empty, as Flux's default is.
    pub email: String,
    /// The time of the commit, with the zone it is written in.
    pub at: jiff::Zoned,
}

/// A private clone of one branch. Its directory goes away with it. Only files written through it are committed.
pub struct Workspace {
    pub(super) remote: Remote,
    branch: String,
    dir: tempfile::TempDir,
    written: Mutex<BTreeSet<PathBuf>>,
}

impl Workspace {
    pub(super) fn open(remote: Remote, branch: &str, dir: tempfile::TempDir) -> Result<Self, GitError> {
        Ok(Self { remote, branch: branch.to_owned(), dir, written: Mutex::default() })
    }

    /// The directory of the clone, for reading.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn branch(&self) -> &str {
        &self.branch
    }

    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Where a file of the repository is on disk.
    ///
    /// # Errors
    /// [`GitError::OutsideClone`] for an absolute path, one with `..`, one into `.git`, or one that leads through a link of the
    /// repository.
    pub fn resolve(&self, path: &str) -> Result<PathBuf, GitError> {
        let relative = self.relative(path)?;
        Ok(self.dir.path().join(relative))
    }

    /// The content of a file; `None` if there is none.
    ///
    /// # Errors
    /// As [`Self::resolve`], and when the file cannot be read.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let file = self.resolve(path)?;
        match std::fs::read(&file) {
            Ok(content) => Ok(Some(content)),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(GitError::File { path: PathBuf::from(path), error }),
        }
    }

    /// Writes a file, with the directories above it, and marks it for the next commit.
    ///
    /// # Errors
    /// As [`Self::resolve`], and when the file cannot be written.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> Result<(), GitError> {
        let relative = self.relative(path)?;
        let file = self.dir.path().join(&relative);
        let broken = |error| GitError::File { path: relative.clone(), error };
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory).map_err(broken)?;
        }
        std::fs::write(&file, content).map_err(broken)?;
        self.written().insert(relative);
        Ok(())
    }

    /// Removes a file, if it is there, and marks that for the next commit.
    ///
    /// # Errors
    /// As [`Self::resolve`], and when the file cannot be removed.
    pub fn remove(&self, path: &str) -> Result<(), GitError> {
        let relative = self.relative(path)?;
        match std::fs::remove_file(self.dir.path().join(&relative)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(GitError::File { path: relative, error })
            }
            _ => {
                self.written().insert(relative);
                Ok(())
            }
        }
    }

    /// The commit that the clone is at; `None` while the repository is empty.
    pub fn head(&self) -> Option<String> {
        let repository = self.repository().ok()?;
        let head = repository.head().ok()?.target()?;
        Some(head.to_string())
    }

    /// Whether a commit would change anything.
    ///
    /// # Errors
    /// When the clone is damaged.
    pub fn is_changed(&self) -> Result<bool, GitError> {
        let repository = self.repository()?;
        self.stage(&repository).map(|tree| tree.is_some())
    }

    /// Commits everything written since the last commit, and returns the new commit; `None` if nothing changed.
    /// The message ends with a newline in the commit, as Git writes it.
    ///
    /// # Errors
    /// When the signer fails, or the clone is damaged or its disk full.
    pub fn commit(
        &self,
        author: &Author,
        message: &str,
        signer: Option<&Signer>,
    ) -> Result<Option<String>, GitError> {
        let repository = self.repository()?;
        let Some(tree) = self.stage(&repository)? else {
            self.written().clear();
            return Ok(None);
        };
        let broken = |error: git2::Error| GitError::other("committing", error.message());
        let parent = repository.head().ok().and_then(|head| head.target());
        let buffer = commit_text(tree, parent, author, message);
        let signature = signer.map(|signer| signer.sign(buffer.as_bytes(), &author.at)).transpose()?;
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
        repository.index().and_then(|mut index| index.write()).map_err(broken)?;
        self.written().clear();
        Ok(Some(commit.to_string()))
    }

    pub(super) fn repository(&self) -> Result<git2::Repository, GitError> {
        git2::Repository::open(self.dir.path())
            .map_err(|error| GitError::other("opening the clone", error.message()))
    }

    /// Puts what was written into the index; the new tree, if it differs from that of the last commit.
    fn stage(&self, repository: &git2::Repository) -> Result<Option<git2::Oid>, GitError> {
        let broken = |error: git2::Error| GitError::other("staging changes", error.message());
        let mut index = repository.index().map_err(broken)?;
        for path in self.written().iter() {
            // By path, so that an ignore rule of the repository cannot drop a file silently.
            match self.dir.path().join(path).exists() {
                true => index.add_path(path).map_err(broken)?,
                false => index.remove_path(path).map_err(broken)?,
            }
        }
        index.write().map_err(broken)?;
        let tree = index.write_tree().map_err(broken)?;
        let current = repository.head().ok().and_then(|head| head.peel_to_tree().ok()).map(|tree| tree.id());
        let unchanged = current == Some(tree) || (current.is_none() && index.is_empty());
        Ok(Some(tree).filter(|_| !unchanged))
    }

    fn written(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that a path names something inside the clone and leads through no link.
    fn relative(&self, path: &str) -> Result<PathBuf, GitError> {
        let refuse =
            |reason: &str| GitError::OutsideClone { path: path.to_owned(), reason: reason.to_owned() };
        let mut relative = PathBuf::new();
        for component in Path::new(path).components() {
            match component {
                Component::Normal(name) if name.eq_ignore_ascii_case(".git") => {
                    return Err(refuse("it leads into .git"));
                }
                Component::Normal(name) => relative.push(name),
                Component::CurDir => continue,
                Component::ParentDir => return Err(refuse("it contains \"..\"")),
                Component::RootDir | Component::Prefix(_) => return Err(refuse("it is absolute")),
            }
            let here = self.dir.path().join(&relative);
            if std::fs::symlink_metadata(&here).is_ok_and(|found| found.is_symlink()) {
                return Err(refuse(&format!("\"{}\" is a link", relative.display())));
            }
        }
        if relative.as_os_str().is_empty() {
            return Err(refuse("it names no file"));
        }
        Ok(relative)
    }
}

/// A commit object. Written here because libgit2 refuses an empty e-mail address, which is Flux's default.
fn commit_text(tree: git2::Oid, parent: Option<git2::Oid>, author: &Author, message: &str) -> String {
    let person = format!("{} <{}> {}", plain(&author.name), plain(&author.email), stamp(&author.at));
    let parent = parent.map(|parent| format!("parent {parent}\n")).unwrap_or_default();
    format!("tree {tree}\n{parent}author {person}\ncommitter {person}\n\n{}\n", message.trim_end())
}

/// Characters that would end the name or the address early have no place in them.
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
