//! Archives that have the same bytes wherever and whenever they are made.

use std::collections::BTreeMap;

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub mode: u32,
    pub bytes: Vec<u8>,
}

impl Entry {
    /// A file that is read.
    #[must_use]
    pub fn text(bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode: 0o644, bytes: bytes.into() }
    }

    /// A file that is run.
    #[must_use]
    pub fn program(bytes: impl Into<Vec<u8>>) -> Self {
        Self { mode: 0o755, bytes: bytes.into() }
    }
}

/// A gzipped tar archive of these files, all of them of this time (seconds since 1970) and owned by root.
///
/// # Errors
/// A name that is too long for an archive.
pub fn pack(entries: &BTreeMap<String, Entry>, time: u64) -> anyhow::Result<Vec<u8>> {
    // A gzip header without a time and a name, which is what the encoder writes by default.
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let mut archive = tar::Builder::new(gzip);
    for (name, entry) in entries {
        let mut header = tar::Header::new_ustar();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(entry.mode);
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        archive.append_data(&mut header, name, entry.bytes.as_slice())?;
    }
    Ok(archive.into_inner()?.finish()?)
}
