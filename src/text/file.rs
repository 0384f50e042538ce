//! Files that a person named, and errors about them in the words that Go's programs use.

use std::io;
use std::path::Path;

/// Why a file could not be read: `open ca.crt: no such file or directory`.
#[derive(Debug, thiserror::Error)]
#[error("{} {path}: {}", if why.kind() == io::ErrorKind::IsADirectory { "read" } else { "open" }, in_go_words(why))]
pub struct NotReadable {
    path: String,
    why: io::Error,
}

impl NotReadable {
    /// The error about a file that was named.
    pub fn new(path: &Path, why: io::Error) -> Self {
        Self { path: path.display().to_string(), why }
    }
}

/// The bytes of a file.
///
/// # Errors
/// [`NotReadable`], which names it.
pub fn read(path: &Path) -> Result<Vec<u8>, NotReadable> {
    std::fs::read(path).map_err(|why| NotReadable::new(path, why))
}

/// The text of a file.
///
/// # Errors
/// [`NotReadable`], also when it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, NotReadable> {
    std::fs::read_to_string(path).map_err(|why| NotReadable::new(path, why))
}

/// The text of a file of which nothing is known: what is not UTF-8 becomes U+FFFD, byte by byte, as in Go.
///
/// # Errors
/// [`NotReadable`].
pub fn read_lossy(path: &Path) -> Result<String, NotReadable> {
    let bytes = read(path)?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('\u{fffd}', chunk.invalid().len()));
    }
    Ok(text)
}

/// What a person named is not there: `stat deploy: no such file or directory`.
#[derive(Debug, thiserror::Error)]
#[error("stat {path}: {}", in_go_words(why))]
pub struct NotThere {
    path: String,
    why: io::Error,
}

/// The facts about a file or a folder.
///
/// # Errors
/// [`NotThere`], which names it.
pub fn stat(path: &Path) -> Result<std::fs::Metadata, NotThere> {
    path.metadata().map_err(|why| NotThere { path: path.display().to_string(), why })
}

/// The reason of the system as Go says it.
pub fn in_go_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::NotADirectory => "not a directory".to_owned(),
        _ => error.to_string(),
    }
}
