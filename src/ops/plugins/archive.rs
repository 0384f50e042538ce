//! The program within a download: an archive of one of the usual forms, or the program itself.

use crate::text::Limited;
use crate::text::TooLarge;
use crate::text::unpacking_failure;
use anyhow::Context;
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::Read;
use std::io::Seek;
use std::path::Component;
use std::path::Path;

/// What an archive may unpack to at most; a program that is larger is something else.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// What an archive may have in it before the program; no plugin comes with so many files.
const MOST_ENTRIES: usize = 100_000;

/// How a gzip archive begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

const READING: &str = "failed to read tar";
const WRITING: &str = "failed to write plugin binary";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Zip,
    TarGz,
    Tar,
    Program,
}

/// Writes the program called `target` that is in a download from `url`. A target with a slash is the whole path of an entry.
///
/// # Errors
/// A broken archive, one without the program, or one that unpacks to too much.
pub(super) fn unpack(download: &mut File, url: &str, target: &str, program: &mut File) -> anyhow::Result<()> {
    let form = form(download, url).context("failed to detect plugin format")?;
    download.rewind()?;
    match form {
        Form::Program => copy(download, program).map(drop),
        Form::Tar => from_tar(io::BufReader::new(download), target, program),
        Form::TarGz => {
            let size = download.metadata()?.len();
            let mut packed = io::BufReader::new(download);
            let begins = packed.fill_buf().context("failed to read gzip")?;
            anyhow::ensure!(!begins.is_empty(), "failed to read gzip: EOF");
            anyhow::ensure!(begins.starts_with(GZIP), "failed to read gzip: gzip: invalid header");
            from_tar(Limited::unpacked(MultiGzDecoder::new(packed), size), target, program)
        }
        Form::Zip => from_zip(download, target, program),
    }
}

/// By the name of the download, else by its first bytes.
fn form(download: &mut File, url: &str) -> io::Result<Form> {
    let name = url.to_lowercase();
    for (end, form) in
        [(".zip", Form::Zip), (".tar.gz", Form::TarGz), (".tgz", Form::TarGz), (".tar", Form::Tar)]
    {
        if name.ends_with(end) {
            return Ok(form);
        }
    }
    let mut head = Vec::new();
    download.rewind()?;
    download.take(262).read_to_end(&mut head)?;
    Ok(match &head[..] {
        [b'P', b'K', 3 | 5 | 7, _, ..] => Form::Zip,
        gzip if gzip.starts_with(GZIP) => Form::TarGz,
        tar if tar.get(257..262) == Some(b"ustar") => Form::Tar,
        _ => Form::Program,
    })
}

fn from_tar(archive: impl Read, target: &str, program: &mut File) -> anyhow::Result<()> {
    let mut archive = tar::Archive::new(archive);
    for (number, entry) in archive.entries().map_err(|error| broken(error, READING))?.enumerate() {
        anyhow::ensure!(number < MOST_ENTRIES, "the archive has more than {MOST_ENTRIES} entries");
        let mut entry = entry.map_err(|error| broken(error, READING))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if entry.header().entry_type().is_file() && is_wanted(&name, target) {
            let size = entry.size();
            let written = copy(&mut entry, program)?;
            // The tar library takes an archive that breaks off for the end of the program.
            anyhow::ensure!(written == size, "{WRITING}: unexpected EOF");
            return Ok(());
        }
    }
    missing(target)
}

fn from_zip(archive: &mut File, target: &str, program: &mut File) -> anyhow::Result<()> {
    let mut archive = zip::ZipArchive::new(archive).context("failed to open zip")?;
    anyhow::ensure!(archive.len() < MOST_ENTRIES, "the archive has more than {MOST_ENTRIES} entries");
    for number in 0..archive.len() {
        let mut entry = archive.by_index(number).context("failed to open zip")?;
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if entry.is_file() && !entry.is_symlink() && is_wanted(&name, target) {
            let packed = entry.compressed_size();
            return copy(&mut Limited::unpacked(&mut entry, packed), program).map(drop);
        }
    }
    missing(target)
}

fn missing(target: &str) -> anyhow::Result<()> {
    anyhow::bail!("binary \"{target}\" not found in archive")
}

/// Names that lead out of the archive are passed over.
fn is_wanted(name: &str, target: &str) -> bool {
    let path = Path::new(name);
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let is_it = if target.contains('/') { name == target } else { crate::text::base_name(name) == target };
    is_inside && !name.is_empty() && is_it
}

/// How many bytes were written.
fn copy(from: &mut impl Read, program: &mut File) -> anyhow::Result<u64> {
    let written = io::copy(&mut from.take(LARGEST), program).map_err(|error| broken(error, WRITING))?;
    anyhow::ensure!(written < LARGEST, "the plugin unpacks to more than {} MiB", LARGEST / 1024 / 1024);
    Ok(written)
}

fn broken(error: io::Error, doing: &str) -> anyhow::Error {
    match error.downcast::<TooLarge>() {
        Ok(limit) => anyhow::Error::new(limit),
        Err(error) => anyhow::anyhow!("{doing}: {}", unpacking_failure(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn unpacked(bytes: &[u8], url: &str, target: &str) -> anyhow::Result<String> {
        let mut program = tempfile::tempfile()?;
        unpack(&mut file(bytes), url, target, &mut program)?;
        program.rewind()?;
        let mut text = String::new();
        program.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Entries by name, with what is in them; a name that ends in `@` is a link.
    fn tar(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, text) in entries {
            let mut header = tar::Header::new_gnu();
            // Past the checks of the library.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            if name.ends_with('@') {
                header.set_entry_type(tar::EntryType::Symlink);
            }
            header.set_size(text.len() as u64);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_program_is_found_by_its_name_or_its_path_in_every_form() {
        let entries =
            [("docs/flux-tool.md", "no"), ("other/flux-tool", "first"), ("bin/flux-tool", "second")];
        let tar = tar(&entries);
        for (bytes, url) in [(tar.clone(), "x.tar"), (gzip(&tar), "x.TGZ"), (gzip(&tar), "x"), (tar, "x")] {
            assert_eq!(unpacked(&bytes, url, "flux-tool").unwrap(), "first");
            assert_eq!(unpacked(&bytes, url, "bin/flux-tool").unwrap(), "second");
            let missing = unpacked(&bytes, url, "flux-other").unwrap_err().to_string();
            assert_eq!(missing, "binary \"flux-other\" not found in archive");
        }
        assert_eq!(unpacked(b"#!/bin/sh\n", "https://example.com/x", "flux-tool").unwrap(), "#!/bin/sh\n");
    }

    #[test]
    fn entries_with_odd_names_are_passed_over() {
        let odd = [
            ("../flux-tool", "up"),
            ("/flux-tool", "root"),
            ("a/../../flux-tool", "away"),
            ("flux-tool@", ""),
        ];
        assert!(unpacked(&tar(&odd), "x.tar", "flux-tool").is_err());
        let good = [&odd[..], &[("bin/flux-tool", "good")]].concat();
        assert_eq!(unpacked(&tar(&good), "x.tar", "flux-tool").unwrap(), "good");
    }

    #[test]
    fn what_breaks_off_is_not_an_archive() {
        let whole = gzip(&tar(&[("flux-tool", &"x".repeat(5000))]));
        for (bytes, url) in [(&whole[..whole.len() / 2], "x.tgz"), (b"PK\x03\x04", "x.zip"), (b"no", "x.tar")]
        {
            assert!(unpacked(bytes, url, "flux-tool").is_err(), "{url}");
        }
    }
}
