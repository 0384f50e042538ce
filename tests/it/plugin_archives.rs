//! Archives of plugins that are broken, cut, or larger than anybody wants.

use crate::plugins::PROGRAM;
use crate::plugins::Shop;
use crate::plugins::folder;
use crate::plugins::tar;
use std::io::Write;

/// Installs a plugin from this download; what the command said. Nothing is left in the folder.
#[track_caller]
fn refused(archive: &[u8], form: &str) -> String {
    let shop = Shop::new();
    shop.offer("tool", "1.0.0", archive, |manifest| {
        let url = manifest.pointer_mut("/versions/0/platforms/0/url").unwrap();
        let other = url.as_str().unwrap().replace(".tar.gz", form);
        shop.put(other.rsplit('/').next().unwrap(), archive);
        *url = other.into();
    });
    let cli = shop.cli();
    let seen = cli.run(&["plugin", "install", "tool", "--timeout=60s"]);
    let left = std::fs::read_dir(folder(&cli)).into_iter().flatten().count();
    assert_eq!(left, 0, "{seen:?}");
    seen.failed().to_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The head of an entry of so many bytes.
fn head(name: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name).unwrap();
    header.set_mode(0o755);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

#[test]
fn what_is_broken_or_cut_is_named_as_flux_names_it() {
    let whole = tar(&[("flux-tool", &format!("{PROGRAM}{}", "# more\n".repeat(2000)))]);
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&whole[..]), &mut plain).unwrap();
    for (archive, form, said) in [
        (&whole[..whole.len() / 2], ".tar.gz", "failed to write plugin binary: unexpected EOF"),
        (&whole[..15], ".tar.gz", "failed to read tar: unexpected EOF"),
        (&gzip(&plain[..5000]), ".tar.gz", "failed to write plugin binary: unexpected EOF"),
        (&plain[..5000], ".tar", "failed to write plugin binary: unexpected EOF"),
        (b"hello world", ".tar.gz", "failed to read gzip: gzip: invalid header"),
        (b"", ".tar.gz", "failed to read gzip: EOF"),
        (&b"hello".repeat(500), ".tar", "failed to read tar: archive/tar: invalid tar header"),
        (&gzip(&b"hello".repeat(500)), ".tgz", "failed to read tar: archive/tar: invalid tar header"),
    ] {
        assert_eq!(refused(archive, form), format!("✗ {said}\n"), "{} bytes {form}", archive.len());
    }
}

#[test]
fn bombs_are_refused_with_their_limit() {
    // Members of gzip that follow each other are one content: 1.5 MB that unpack to 1.5 GB.
    let piece = 16 * 1024 * 1024;
    let zeros = gzip(&vec![0; piece]);
    let count = 96;
    let mut bomb = gzip(&head("flux-tool", (piece * count) as u64));
    (0..count).for_each(|_| bomb.extend_from_slice(&zeros));
    assert!(bomb.len() < 2_000_000, "{}", bomb.len());
    let most = (bomb.len() as u64 * 200).max(64 * 1024 * 1024) / 1024 / 1024;
    let limit = format!(
        "✗ the archive unpacks to more than {most} MiB, which is the limit: 200 times its size, or 64 MiB\n"
    );
    assert_eq!(refused(&bomb, ".tar.gz"), limit);
    // Also where the program is behind it.
    let mut behind = gzip(&head("zeros", (piece * count) as u64));
    (0..count).for_each(|_| behind.extend_from_slice(&zeros));
    behind.extend(gzip(&[head("flux-tool", 1), b"x".to_vec(), vec![0; 511 + 1024]].concat()));
    let said = refused(&behind, ".tar.gz");
    assert!(said.starts_with("✗ the archive unpacks to more than "), "{said}");

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("flux-tool", options).unwrap();
    for _ in 0..6 {
        zip.write_all(&vec![0; piece]).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    let said = refused(&zip, ".zip");
    assert_eq!(
        said,
        "✗ the archive unpacks to more than 64 MiB, which is the limit: 200 times its size, or 64 MiB\n"
    );
}

#[test]
fn an_archive_of_too_many_entries_is_refused() {
    let empty = head("docs", 0);
    let many: Vec<u8> = empty.iter().copied().cycle().take(empty.len() * 100_001).collect();
    assert_eq!(refused(&gzip(&many), ".tar.gz"), "✗ the archive has more than 100000 entries\n");
}
