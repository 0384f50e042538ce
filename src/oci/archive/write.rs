//! Writing an archive: gzip around tar, with nothing in it that depends on the machine or the time.

use super::Source;
use super::source::Entry;
use anyhow::Context;
use flate2::Compression;
use flate2::GzBuilder;
use sha2::Digest;
use sha2::Sha256;
use std::fs::File;
use std::fs::Permissions;
use std::io;
use std::io::BufWriter;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// "Unknown", which is what Go writes.
const OPERATING_SYSTEM: u8 = 255;
const BUFFER: usize = 64 * 1024;
/// The next level takes longer, and manifests hardly get smaller.
const LEVEL: Compression = Compression::new(5);
/// Of an archive that is kept.
const MODE: u32 = 0o640;

/// An archive in a temporary file, which has no name: it is gone when the program is, however that ends.
pub struct Archive {
    file: File,
    /// With its `sha256:`.
    pub digest: String,
    pub size: u64,
}

/// Writes the archive of a source.
///
/// # Errors
/// As [`Source`]'s; a disk that is full.
pub fn build(source: &Source) -> anyhow::Result<Archive> {
    let file = tempfile::tempfile().context("creating a temporary file")?;
    let hashed = Hashed { inner: BufWriter::with_capacity(BUFFER, file), hash: Sha256::new(), size: 0 };
    let gzip = GzBuilder::new().operating_system(OPERATING_SYSTEM).write(hashed, LEVEL);
    let mut tar = tar::Builder::new(gzip);
    source.walk(&mut |entry| append(&mut tar, entry))?;
    let writing = "writing the archive";
    let hashed = tar.into_inner().context(writing)?.finish().context(writing)?;
    let digest = format!("sha256:{}", hex::encode(hashed.hash.finalize()));
    let file = hashed.inner.into_inner().map_err(io::IntoInnerError::into_error).context(writing)?;
    Ok(Archive { file, digest, size: hashed.size })
}

fn append(tar: &mut tar::Builder<impl Write>, entry: Entry<'_>) -> anyhow::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_mode(entry.mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    let adding = || format!("adding \"{}\" to the archive", entry.name);
    header.set_device_major(0).with_context(adding)?;
    header.set_device_minor(0).with_context(adding)?;
    let (size, kind) = match &entry.content {
        Some((size, _)) => (*size, tar::EntryType::Regular),
        None => (0, tar::EntryType::Directory),
    };
    header.set_size(size);
    header.set_entry_type(kind);
    if !entry.name.is_ascii() || header.set_path(entry.name).is_err() {
        tar.append_pax_extensions([("path", entry.name.as_bytes())]).with_context(adding)?;
        // Who does not know these extensions still finds a file.
        let short: String = entry.name.chars().filter(char::is_ascii).take(99).collect();
        let bytes = header.as_ustar_mut().map(|header| &mut header.name);
        if let Some(field) = bytes {
            field.fill(0);
            field[..short.len()].copy_from_slice(short.as_bytes());
        }
    }
    header.set_cksum();
    match entry.content {
        Some((size, content)) => {
            let mut exact = Exact { inner: content, left: size };
            tar.append(&header, &mut exact).with_context(adding)
        }
        None => tar.append(&header, io::empty()).with_context(adding),
    }
}

/// A file that is written to meanwhile must not break the archive.
struct Exact<'e> {
    inner: &'e mut dyn Read,
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let room = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..room])?;
        if read == 0 && room > 0 {
            return Err(io::Error::other("the file became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

struct Hashed {
    inner: BufWriter<File>,
    hash: Sha256,
    size: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Archive {
    /// The file, to be read.
    pub(in crate::oci) fn file(&self) -> &File {
        &self.file
    }

    /// Copies the archive to its place. A reader sees the old file or the whole new one.
    ///
    /// # Errors
    /// A place that cannot be written to.
    pub fn persist(mut self, place: &Path) -> anyhow::Result<()> {
        let writing = || format!("writing \"{}\"", place.display());
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut beside = NamedTempFile::new_in(folder).with_context(writing)?;
        self.file.rewind().with_context(writing)?;
        io::copy(&mut self.file, beside.as_file_mut()).with_context(writing)?;
        beside.as_file().set_permissions(Permissions::from_mode(MODE)).with_context(writing)?;
        beside.persist(place).map_err(|error| error.error).with_context(writing)?;
        Ok(())
    }
}
