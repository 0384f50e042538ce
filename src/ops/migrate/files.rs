//! Manifests in files. Each file is replaced as a whole, so that it is never seen half-written, and all are known to be writable first.

use super::found;
use super::found::OutdatedLine;
use crate::ops::Sink;
use crate::text;
use crate::text::NotReadable;
use crate::text::path_parts;
use anyhow::Context;
use std::fs;
use std::io;
use std::io::Write;
use std::iter::repeat_n;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

/// Which files, and to what.
pub struct FilesRequest {
    /// A file or a folder in the working directory.
    pub path: String,
    /// Ends of the names that count.
    pub extensions: Vec<String>,
    /// The release of Flux, one of [`crate::api::RELEASES`].
    pub release: &'static str,
    pub dry_run: bool,
    /// Change the files without being asked to confirm it.
    pub yes: bool,
}

/// What is to be done to a file.
struct Change {
    file: PathBuf,
    found: Vec<OutdatedLine>,
    /// As it was read.
    content: Vec<u8>,
}

/// Finds the versions to change, asks, and changes them.
///
/// # Errors
/// A path outside of the working directory, a file that cannot be read or written, a no.
pub async fn migrate_files(sink: &dyn Sink, request: &FilesRequest) -> anyhow::Result<()> {
    sink.action("starting migration of custom resources");
    let mut changes = Vec::new();
    for file in request.files(sink)? {
        changes.extend(request.change(sink, file)?);
    }
    if changes.is_empty() {
        sink.success("no custom resources found that require migration");
        return Ok(());
    }
    if request.dry_run {
        sink.success("dry-run mode enabled, no changes will be made");
        return Ok(());
    }
    if !request.yes {
        let question = "Are you sure you want to proceed with the above upgrades";
        sink.confirm(question, "--yes", "aborting").await?;
    }
    changes.iter().try_for_each(Change::check)?;
    for change in &changes {
        change.write()?;
        sink.success(format!("file {} migrated successfully", change.file.display()));
        // An interrupt is heard between two files.
        tokio::task::yield_now().await;
    }
    sink.success("custom resources migrated successfully");
    Ok(())
}

impl FilesRequest {
    /// The files, in the order of their names.
    fn files(&self, sink: &dyn Sink) -> anyhow::Result<Vec<PathBuf>> {
        let path = cleaned(&self.path);
        let shown = path.display().to_string();
        let failed = |reason: String| anyhow::anyhow!("failed to stat path {shown}: {reason}");
        let is_local = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_local {
            return Err(failed(format!("open {shown}: invalid argument")));
        }
        let unseen = |why: io::Error| failed(as_go_says(&NotReadable::new(&path, why)));
        let about = fs::metadata(&path).map_err(unseen)?;
        let (real, here) = (fs::canonicalize(&path).map_err(unseen)?, fs::canonicalize(".").map_err(unseen)?);
        if !real.starts_with(here) {
            return Err(failed(format!("openat {shown}: path escapes from parent")));
        }
        if about.is_dir() {
            let mut files = Vec::new();
            self.walk(sink, &path, &mut files)
                .map_err(|why| anyhow::anyhow!("failed to walk directory {shown}: {}", as_go_says(&why)))?;
            return Ok(files);
        }
        anyhow::ensure!(
            self.counts(&path),
            "file {shown} does not match the specified extensions: {}",
            self.extensions.join(", ")
        );
        anyhow::ensure!(fs::symlink_metadata(&path)?.is_file(), "file {shown} is irregular");
        Ok(vec![path])
    }

    /// All files below a folder; links are not followed.
    fn walk(&self, sink: &dyn Sink, folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), NotReadable> {
        let unread = |why| NotReadable::new(folder, why);
        let mut entries =
            fs::read_dir(folder).map_err(unread)?.collect::<Result<Vec<_>, _>>().map_err(unread)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = if folder == Path::new(".") { entry.file_name().into() } else { entry.path() };
            let kind = entry.file_type().map_err(unread)?;
            match () {
                () if kind.is_dir() => self.walk(sink, &path, files)?,
                () if !self.counts(&path) => {}
                () if kind.is_file() => files.push(path),
                () => sink.warning(format!("skipping irregular file {}", path.display())),
            }
        }
        Ok(())
    }

    fn counts(&self, path: &Path) -> bool {
        let name = path.as_os_str().to_string_lossy();
        self.extensions.iter().any(|extension| name.ends_with(extension))
    }

    /// What is to be done to a file, if anything.
    fn change(&self, sink: &dyn Sink, file: PathBuf) -> anyhow::Result<Option<Change>> {
        let shown = file.display().to_string();
        let content = text::read(&file)
            .map_err(|why| anyhow::anyhow!("failed to read file {shown}: {}", as_go_says(&why)))?;
        let found = found::find(&content, self.release, |line, reason| {
            sink.warning(format!("{shown}:{line}: {reason}"));
        });
        for OutdatedLine { line, kind, old, new } in &found {
            sink.generate(format!("{shown}:{}: {kind} {old} -> {new}", line + 1));
        }
        Ok((!found.is_empty()).then_some(Change { file, found, content }))
    }
}

impl Change {
    /// Makes sure that the file can be changed, and is what was read: a person may have thought about the question for long.
    fn check(&self) -> anyhow::Result<()> {
        let shown = self.file.display();
        let failed = || format!("failed to write file {shown}");
        let opened = fs::OpenOptions::new().write(true).open(&self.file);
        opened.map_err(|why| NotReadable::new(&self.file, why)).with_context(failed)?;
        let content = text::read(&self.file).with_context(|| format!("failed to read file {shown}"))?;
        anyhow::ensure!(
            content == self.content,
            "file {shown} has changed since it was read; no file was written"
        );
        Ok(())
    }

    /// Replaces the file by another one with its rights and its owner, or writes it in place where the folder takes no other file.
    fn write(&self) -> anyhow::Result<()> {
        let failed = || format!("failed to write file {}", self.file.display());
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let about = fs::metadata(&self.file).with_context(failed)?;
        let content = found::replace(&self.content, &self.found);
        let mut new = match tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))) {
            Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
                return fs::write(&self.file, content).with_context(failed);
            }
            new => new.with_context(failed)?,
        };
        new.write_all(&content).with_context(failed)?;
        new.as_file().set_permissions(about.permissions()).with_context(failed)?;
        keep_owner(new.path(), &about);
        new.as_file().sync_all().with_context(failed)?;
        new.persist(&self.file).map_err(|error| error.error).with_context(failed)?;
        Ok(())
    }
}

/// Go looks at paths from an open folder on, and says so.
fn as_go_says(why: &NotReadable) -> String {
    why.to_string().replacen("open ", "openat ", 1)
}

/// Only root may give files away, and only root needs to.
fn keep_owner(file: &Path, about: &fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let _ = std::os::unix::fs::chown(file, Some(about.uid()), Some(about.gid()));
}

/// A path without `.` and, where that is possible, without `..`.
fn cleaned(path: &str) -> PathBuf {
    let (parts, climbs) = path_parts(path);
    if path.starts_with('/') {
        return Path::new("/").join(parts.join("/"));
    }
    let kept: PathBuf = repeat_n("..", climbs).chain(parts).collect();
    if kept.as_os_str().is_empty() { PathBuf::from(".") } else { kept }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cleaned_as_far_as_it_stays_what_it_was() {
        for (given, kept) in [
            ("sub/", "sub"),
            ("./sub/../other", "other"),
            (".", "."),
            ("a/..", "."),
            ("../x", "../x"),
            ("a/../../x", "../x"),
            ("/etc", "/etc"),
        ] {
            assert_eq!(cleaned(given), PathBuf::from(kept), "{given}");
        }
    }
}
