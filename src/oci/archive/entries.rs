//! Reading an archive that may be hostile: names that stay inside, kinds of entries that are known, and limits.

use crate::text::Limited;
use crate::text::TooLarge;
use crate::text::unpacking_failure;
use flate2::bufread::GzDecoder;
use std::collections::BTreeMap;
use std::io;
use std::io::BufRead;
use std::io::Read;

/// No artifact has so many entries.
const MOST_ENTRIES: usize = 100_000;
/// No long name needs more.
const LONGEST_NAME: u64 = 64 * 1024;

/// An entry that is of interest: a file or a folder.
pub struct Entry<'e> {
    /// Relative, without `..`; a folder may end in a slash.
    pub name: String,
    pub mode: u32,
    /// Seconds since 1970.
    pub modified: u64,
    /// Nothing for a folder.
    pub content: Option<&'e mut dyn Read>,
}

/// Gives every file and folder of a gzip-compressed archive of `size` bytes to `take`. Symbolic links are passed over.
///
/// # Errors
/// A file that is not an archive; names that lead out of the folder, links and devices; more than the limits; errors of `take`.
pub fn walk(
    compressed: impl BufRead,
    size: u64,
    mut take: impl FnMut(Entry<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let unpacked = Limited::unpacked(GzDecoder::new(compressed), size);
    let mut archive = tar::Archive::new(unpacked);
    let mut extensions = Extensions::default();
    let mut count = 0_usize;
    // Raw entries: this crate would read a long name whole, however long.
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        anyhow::ensure!(
            count <= MOST_ENTRIES,
            "the archive has more than {MOST_ENTRIES} entries, which is the limit"
        );
        let kind = entry.header().entry_type();
        if kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions()
            || kind.is_gnu_longname()
            || kind.is_gnu_longlink()
        {
            let size = entry.size();
            anyhow::ensure!(
                size <= LONGEST_NAME,
                "the archive has a name of {size} bytes; the limit is {LONGEST_NAME}"
            );
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(broken)?;
            extensions.read(kind, &bytes)?;
            continue;
        }
        let known = std::mem::take(&mut extensions);
        let name = match known.name {
            Some(name) => name,
            None => String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
        };
        anyhow::ensure!(is_inside(&name), "tar contained invalid name error {}", crate::text::quoted(&name));
        if known.is_resized {
            anyhow::bail!("the entry {} is larger than this program unpacks", crate::text::quoted(&name));
        }
        let header = entry.header();
        let (mode, modified) = (header.mode().unwrap_or(0o644) & 0o777, header.mtime().unwrap_or_default());
        if kind.is_symlink() {
            continue;
        }
        // In the old format a folder is a file whose name ends in a slash.
        let is_folder = kind.is_dir() || (kind.is_file() && name.ends_with('/'));
        if !is_folder && !kind.is_file() && !kind.is_contiguous() {
            let what = if kind.is_hard_link() { "a link" } else { "neither a file nor a folder" };
            anyhow::bail!("unsupported tar entry {name}: {what}");
        }
        let content: Option<&mut dyn Read> = if is_folder { None } else { Some(&mut entry) };
        take(Entry { name, mode, modified, content })?;
    }
    Ok(())
}

/// The reason why an archive cannot be read.
pub(super) fn broken(error: io::Error) -> anyhow::Error {
    match error.downcast::<TooLarge>() {
        Ok(limit) => anyhow::Error::new(limit),
        Err(error) => anyhow::anyhow!("tar error: {}", unpacking_failure(&error)),
    }
}

/// Whether a name stays in the folder. (Upstream's rule, and no `..` at the end.)
fn is_inside(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(['\\', '\0'])
        && !name.split('/').any(|part| part == "..")
}

/// What the entries before an entry say about it.
#[derive(Default)]
struct Extensions {
    name: Option<String>,
    is_resized: bool,
}

impl Extensions {
    fn read(&mut self, kind: tar::EntryType, bytes: &[u8]) -> anyhow::Result<()> {
        if kind.is_gnu_longname() {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            self.name = Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
        } else if kind.is_pax_local_extensions() {
            let records: BTreeMap<String, String> = tar::PaxExtensions::new(bytes)
                .filter_map(|record| {
                    let record = record.ok()?;
                    Some((record.key().ok()?.to_owned(), record.value().ok()?.to_owned()))
                })
                .collect();
            self.name = records.get("path").cloned().or(self.name.take());
            // The header has the size of entries up to 8 GiB, and in another form of larger ones too.
            self.is_resized =
                records.contains_key("size") || records.keys().any(|key| key.starts_with("GNU.sparse"));
        }
        Ok(())
    }
}
