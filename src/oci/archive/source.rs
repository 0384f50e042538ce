//! What an archive consists of: a folder, a file, or a text, walked in the order that Flux writes entries in.

use super::links::Trail;
use crate::text::IgnoreRules;
use anyhow::Context;
use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

/// What an archive consists of.
#[derive(Debug, Clone)]
pub struct Source {
    content: Content,
    ignore: IgnoreRules,
    follows_links: bool,
}

#[derive(Debug, Clone)]
enum Content {
    Path(PathBuf),
    Text(Vec<u8>),
}

/// The name of a text in its archive.
const TEXT_NAME: &str = "stdin.yaml";
/// The root of an archive that has one file only.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// One entry of an archive.
pub(super) struct Entry<'e> {
    /// Relative, with slashes; the root is `.`.
    pub(super) name: &'e str,
    /// Permissions.
    pub(super) mode: u32,
    /// Length and content; none for a folder.
    pub(super) content: Option<(u64, &'e mut dyn Read)>,
}

/// Takes the entries one by one.
pub(super) type Take<'t> = dyn FnMut(Entry<'_>) -> anyhow::Result<()> + 't;

impl Source {
    /// A folder or a file.
    pub fn path(path: &Path, ignore: IgnoreRules, follows_links: bool) -> Self {
        Self { content: Content::Path(path.to_owned()), ignore, follows_links }
    }

    /// What was read from standard input, without the ends of its last lines.
    pub fn text(mut text: Vec<u8>, ignore: IgnoreRules) -> Self {
        let kept = text.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
        text.truncate(kept);
        Self { content: Content::Text(text), ignore, follows_links: false }
    }

    /// Makes sure that every link leads somewhere, if links are followed.
    ///
    /// # Errors
    /// As that of building the archive.
    pub fn check_links(&self) -> anyhow::Result<()> {
        if self.follows_links { self.walk(&mut |_| Ok(())) } else { Ok(()) }
    }

    /// Gives every entry to `take`, in lexical order.
    ///
    /// # Errors
    /// A file that cannot be read; a broken link, if links are followed; what `take` says.
    pub(super) fn walk(&self, take: &mut Take<'_>) -> anyhow::Result<()> {
        let path = match &self.content {
            Content::Text(text) => {
                take(Entry { name: ".", mode: PRIVATE_FOLDER, content: None })?;
                if self.ignore.excludes(&[TEXT_NAME], false) {
                    return Ok(());
                }
                let content: Option<(u64, &mut dyn Read)> = Some((text.len() as u64, &mut text.as_slice()));
                return take(Entry { name: TEXT_NAME, mode: PRIVATE_FILE, content });
            }
            Content::Path(path) => path,
        };
        // What is named on the command line is followed, as everywhere.
        let facts = std::fs::metadata(path).with_context(|| format!("reading \"{}\"", path.display()))?;
        if facts.is_dir() {
            let mode = if self.follows_links { PRIVATE_FOLDER } else { permissions(&facts) };
            take(Entry { name: ".", mode, content: None })?;
            return self.walk_folder(path, &mut Vec::new(), &mut Trail::default(), take);
        }
        take(Entry { name: ".", mode: PRIVATE_FOLDER, content: None })?;
        let name = path.file_name().with_context(|| format!("\"{}\" has no name", path.display()))?;
        let name = utf8(name, path)?;
        if self.ignore.excludes(&[&name], false) {
            return Ok(());
        }
        take_file(path, &name, &facts, take)
    }

    fn walk_folder(
        &self,
        folder: &Path,
        above: &mut Vec<String>,
        trail: &mut Trail,
        take: &mut Take<'_>,
    ) -> anyhow::Result<()> {
        let reading = || format!("reading \"{}\"", folder.display());
        if self.follows_links && !trail.enter(folder)? {
            return Ok(());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).with_context(reading)? {
            names.push(utf8(&entry.with_context(reading)?.file_name(), folder)?);
        }
        names.sort_unstable();
        for name in names {
            let path = folder.join(&name);
            above.push(name);
            let walked = self.walk_one(&path, above, trail, take);
            above.pop();
            walked?;
        }
        if self.follows_links {
            trail.leave();
        }
        Ok(())
    }

    fn walk_one(
        &self,
        path: &Path,
        names: &mut Vec<String>,
        trail: &mut Trail,
        take: &mut Take<'_>,
    ) -> anyhow::Result<()> {
        let facts = if self.follows_links { super::links::target(path)? } else { own_facts(path)? };
        // Links, sockets and devices are not part of an artifact.
        if !facts.is_dir() && !facts.is_file() {
            return Ok(());
        }
        let parts: Vec<&str> = names.iter().map(String::as_str).collect();
        let is_left_out = self.ignore.excludes(&parts, facts.is_dir());
        let name = parts.join("/");
        if facts.is_file() {
            return if is_left_out { Ok(()) } else { take_file(path, &name, &facts, take) };
        }
        if !is_left_out {
            take(Entry { name: &name, mode: permissions(&facts), content: None })?;
        }
        if is_left_out && !self.ignore.includes_anything() {
            return Ok(());
        }
        self.walk_folder(path, names, trail, take)
    }
}

fn take_file(path: &Path, name: &str, facts: &Metadata, take: &mut Take<'_>) -> anyhow::Result<()> {
    let mut file = std::fs::File::open(path).with_context(|| format!("reading \"{}\"", path.display()))?;
    let content: Option<(u64, &mut dyn Read)> = Some((facts.len(), &mut file));
    take(Entry { name, mode: permissions(facts), content })
}

fn own_facts(path: &Path) -> anyhow::Result<Metadata> {
    std::fs::symlink_metadata(path).with_context(|| format!("reading \"{}\"", path.display()))
}

fn permissions(facts: &Metadata) -> u32 {
    facts.permissions().mode() & 0o7777
}

fn utf8(name: &std::ffi::OsStr, near: &Path) -> anyhow::Result<String> {
    let text = name.to_str().map(str::to_owned);
    text.with_context(|| format!("the name of {name:?} in \"{}\" is not UTF-8", near.display()))
}
