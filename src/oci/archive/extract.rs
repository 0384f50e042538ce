//! Writing the content of an archive into a folder.

use super::entries;
use anyhow::Context;
use std::fs::File;
use std::fs::FileTimes;
use std::fs::OpenOptions;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;
use std::time::SystemTime;

/// Unpacks an archive of `size` bytes into a folder that exists; files of the same names are overwritten.
///
/// # Errors
/// As [`entries::walk`]; a file that cannot be written.
pub fn extract(archive: &File, size: u64, folder: &Path) -> anyhow::Result<()> {
    // Files are not younger than the moment they were unpacked.
    let now = archive.metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    entries::walk(BufReader::new(archive), size, |entry| {
        let place = folder.join(&entry.name);
        let writing = || format!("writing \"{}\"", place.display());
        let Some(content) = entry.content else {
            // Its owner can always write into it, whatever the archive says.
            return make_folder(&place, entry.mode | 0o700).with_context(writing);
        };
        if let Some(parent) = place.parent() {
            make_folder(parent, 0o750).with_context(writing)?;
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(entry.mode).open(&place);
        let mut file = file.with_context(writing)?;
        copy(content, &mut file).with_context(writing)?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(entry.modified.min(u32::MAX.into()));
        let modified = modified.min(now);
        file.set_times(FileTimes::new().set_accessed(modified).set_modified(modified)).with_context(writing)
    })
}

fn make_folder(place: &Path, mode: u32) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(mode).create(place)
}

/// What cannot be read is the fault of the archive, what cannot be written that of the disk.
fn copy(from: &mut dyn Read, to: &mut File) -> anyhow::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).map_err(entries::broken)?;
        if read == 0 {
            return Ok(());
        }
        io::Write::write_all(to, &buffer[..read])?;
    }
}
