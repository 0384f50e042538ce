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
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

/// Unpacks an archive of `size` bytes into a folder that exists; files of the same names are overwritten.
///
/// # Errors
/// As [`entries::walk`]; a file that cannot be written.
pub fn extract(archive: &File, size: u64, folder: &Path) -> anyhow::Result<()> {
    // Files are not younger than the moment they were unpacked.
    let now = archive.metadata().and_then(|facts| facts.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut buffer = vec![0; 64 * 1024];
    // The folder of the last file: most files share theirs with the one before.
    let mut made = PathBuf::new();
    entries::walk(BufReader::new(archive), size, |entry| {
        let place = folder.join(&entry.name);
        let writing = || format!("writing \"{}\"", place.display());
        let Some(content) = entry.content else {
            // Its owner can always write into it, whatever the archive says.
            return make_folder(&place, entry.mode | 0o700).with_context(writing);
        };
        if let Some(parent) = place.parent().filter(|parent| *parent != made) {
            make_folder(parent, 0o750).with_context(writing)?;
            made = parent.to_owned();
        }
        let mut file = create(&place, entry.mode).with_context(writing)?;
        copy(content, &mut file, &mut buffer, writing)?;
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(entry.modified.min(u32::MAX.into()));
        let modified = modified.min(now);
        file.set_times(FileTimes::new().set_accessed(modified).set_modified(modified)).with_context(writing)
    })
}

/// A new file in the place of whatever file or link is there. To truncate one would make file systems wait for the disk, and would write
/// through a link.
fn create(place: &Path, mode: u32) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).mode(mode);
    match options.clone().create_new(true).open(place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match std::fs::remove_file(place) {
            Ok(()) => options.create_new(true).open(place),
            // A file that is mounted, or a folder: opening it shows what can be done with it.
            Err(_) => options.create(true).truncate(true).open(place),
        },
        outcome => outcome,
    }
}

fn make_folder(place: &Path, mode: u32) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(mode).create(place)
}

/// What cannot be read is the fault of the archive, what cannot be written that of the disk.
fn copy(
    from: &mut dyn Read,
    to: &mut File,
    buffer: &mut [u8],
    writing: impl Fn() -> String,
) -> anyhow::Result<()> {
    loop {
        let read = from.read(buffer).map_err(entries::broken)?;
        if read == 0 {
            return Ok(());
        }
        io::Write::write_all(to, &buffer[..read]).with_context(&writing)?;
    }
}
