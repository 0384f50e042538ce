//! Hostile archives.

use super::shared::gzipped;
use super::shared::stage;

/// An archive of entries as they are, without the checks of a library that writes archives.
fn archive(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, content) in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(content.len() as u64);
        header.set_entry_type(*kind);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    gzipped(&builder.into_inner().unwrap())
}

const FILE: tar::EntryType = tar::EntryType::Regular;

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    for name in ["../out.yaml", "a/../../out.yaml", "/etc/out.yaml", "a\\b", "..", "a/.."] {
        let stage = stage();
        stage.put("v1", &archive(&[("good.yaml", FILE, "x"), (name, FILE, "x")]));
        let seen = stage.run("pull artifact URL:v1 -o out");
        let shown = name.replace('\\', "\\\\");
        assert!(
            seen.failed().contains(&format!("tar contained invalid name error \"{shown}\"")),
            "{}",
            seen.err
        );
        assert!(!stage.cli.home().join("out.yaml").exists());
        stage.run("diff artifact URL:v1 --path app").failed();
    }
}

#[test]
fn symbolic_links_are_passed_over_and_other_links_and_devices_refused() {
    let stage = stage();
    stage.put("v1", &archive(&[("link", tar::EntryType::Symlink, ""), ("good.yaml", FILE, "x")]));
    stage.run("pull artifact URL:v1 -o out").succeeded();
    assert_eq!(stage.pulled().into_keys().collect::<Vec<_>>(), ["good.yaml"]);
    for kind in [tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Block, tar::EntryType::Fifo] {
        stage.put("v1", &archive(&[("odd", kind, "")]));
        let seen = stage.run("pull artifact URL:v1 -o out");
        assert!(seen.failed().contains("unsupported tar entry odd: "), "{}", seen.err);
        assert!(stage.cli.home().join("out/odd").symlink_metadata().is_err());
    }
}

#[test]
fn an_archive_that_is_broken_or_cut_is_named_so() {
    let whole = archive(&[("good.yaml", FILE, &*"x".repeat(4000))]);
    let garbage = gzipped(&b"no archive at all".repeat(50));
    for (content, said) in [
        (&whole[..whole.len() / 2], "unexpected EOF"),
        (&garbage[..], "archive/tar: invalid tar header"),
        (&gzipped(b"no archive at all")[..], "unexpected EOF"),
        (&[0x1f, 0x8b, 0, 0][..], "unexpected EOF"),
    ] {
        let stage = stage();
        stage.put("v1", content);
        let seen = stage.run("pull artifact URL:v1 -o out");
        // The line before names the artifact.
        assert!(seen.failed().ends_with(&format!("\n✗ tar error: {said}\n")), "{}", seen.err);
        stage.run("diff artifact URL:v1 --path app").failed();
    }
}

#[test]
fn too_many_entries_and_bombs_meet_a_limit_that_is_reported() {
    let stage = stage();
    let empty = ("a", tar::EntryType::Directory, "");
    stage.put("v1", &archive(&vec![empty; 100_001]));
    let seen = stage.run("pull artifact URL:v1 -o out");
    assert!(
        seen.failed().contains("the archive has more than 100000 entries, which is the limit"),
        "{}",
        seen.err
    );

    stage.put("v1", &archive(&[("zeros", FILE, &*"\0".repeat(80 * 1024 * 1024))]));
    for line in ["pull artifact URL:v1 -o out", "diff artifact URL:v1 --path app"] {
        let seen = stage.run(line);
        assert!(
            seen.failed().contains("the archive unpacks to more than 64 MiB, which is the limit"),
            "{}",
            seen.err
        );
    }
}

#[test]
fn a_name_without_end_is_refused_before_it_is_read() {
    let stage = stage();
    for kind in [tar::EntryType::GNULongName, tar::EntryType::XHeader, tar::EntryType::XGlobalHeader] {
        stage.put("v1", &archive(&[("long", kind, &*"a".repeat(1024 * 1024)), ("good.yaml", FILE, "x")]));
        let seen = stage.run("pull artifact URL:v1 -o out");
        assert!(seen.failed().contains("the archive has a name of 1048576 bytes"), "{}", seen.err);
    }
}
