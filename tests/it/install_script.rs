//! `install.sh` on a small release over HTTP on loopback, made and signed by the code that makes real ones.

mod place;
mod server;

pub(crate) use place::new_key;

use place::Fault;
use place::Place;
use std::path::Path;

/// What is wrong, how a release gets so, and what the script says of it.
type Case = (&'static str, fn(&mut Place), &'static str);

/// What can be wrong with a release, and what is reported then. Nothing is installed.
#[test]
fn a_release_that_is_not_what_was_signed_is_refused() {
    let cases: [Case; 8] = [
        (
            "the archive was changed",
            |place| place.change(&place.archive(), b"x"),
            "does not have the checksum",
        ),
        ("the archive was cut", |place| place.fault = Some((place.archive(), Fault::Cut)), "could not fetch"),
        ("the archive is missing", |place| place.remove(&place.archive()), "could not fetch"),
        (
            "checksums were changed",
            |place| place.change(&place.sums(), b"\n"),
            "is not signed with the key of fluxr",
        ),
        ("checksums are missing", |place| place.remove(&place.sums()), "could not fetch"),
        ("the signature is missing", |place| place.remove(&place.signature()), "could not fetch"),
        ("the signature is garbage", |place| place.replace(&place.signature(), b"!\n"), "is not signed with"),
        (
            "another key has signed",
            |place| place.sign_with_another_key(),
            "is not signed with the key of fluxr",
        ),
    ];
    for (case, spoil, told) in cases {
        for fetcher in ["curl", "wget"] {
            let mut place = Place::with_only(fetcher);
            spoil(&mut place);
            let seen = place.install(&[]);
            assert!(seen.err.contains(told), "{case}, {fetcher}: {}", seen.err);
            assert!(seen.err.contains("✗ ") && seen.code != 0, "{case}, {fetcher}: {}", seen.err);
            place.has_nothing_installed(case);
        }
    }
}

#[test]
fn a_release_is_installed_and_said_where_from() {
    for (shell, fetcher) in [("sh", "curl"), ("sh", "wget"), ("bash", "curl")] {
        let mut place = Place::with_only(fetcher);
        place.shell = shell;
        let seen = place.install(&[]);
        assert_eq!(seen.code, 0, "{shell}, {fetcher}: {}", seen.err);
        let bin = place.bin();
        assert_eq!(
            seen.out,
            format!("✔ installed fluxr version 9.9.9 (flux 9.9.0) as {}/fluxr\n", bin.display())
        );
        let lines: Vec<&str> = seen.err.lines().collect();
        let url = place.url();
        assert_eq!(lines[0], format!("► installing fluxr 9.9.9 from {url} into {}", bin.display()));
        assert_eq!(lines[1], "✔ signature verified");
        assert_eq!(lines[2], format!("✔ checksum of {} verified", place.archive()));
        assert_eq!(lines[3], format!("hint: add {} to your PATH", bin.display()));
        assert_eq!(lines.len(), 4, "{}", seen.err);
        place.left_nothing_behind();
    }
}

#[test]
fn a_release_beside_the_script_needs_no_network() {
    let place = Place::new();
    let folder = place.folder().join("a mirror");
    place.write_to(&folder);
    let seen = place.run(&folder.join("install.sh"), &[]);
    assert_eq!(seen.code, 0, "{}", seen.err);
    assert!(seen.err.contains(&format!("from file://{}", folder.display())), "{}", seen.err);
    assert!(place.bin().join("fluxr").is_file());
}

#[test]
fn another_version_than_that_of_the_script_is_looked_for() {
    let mut place = Place::new();
    let seen = place.install(&["--version", "v9.9.8"]);
    assert!(
        seen.err.contains("could not fetch") && seen.err.contains("fluxr_9.9.8_checksums.txt"),
        "{}",
        seen.err
    );
    place.has_nothing_installed("a version that does not exist");
    // The files of an older release under the names of a newer one: what was signed names the version.
    place.rename(&place.sums(), "fluxr_9.9.8_checksums.txt");
    place.rename(&place.signature(), "fluxr_9.9.8_checksums.txt.sig");
    let seen = place.install(&["--version=9.9.8"]);
    assert!(seen.err.contains("names no archive of fluxr 9.9.8"), "{}", seen.err);
    place.has_nothing_installed("renamed files");
}

#[test]
fn a_program_that_says_another_version_or_does_not_run_is_refused() {
    let place = Place::with_program("#!/bin/sh\necho 'fluxr version 9.9.7 (flux 9.9.0)'\n");
    let seen = place.install(&[]);
    assert!(seen.err.contains("holds another version (fluxr version 9.9.7 (flux 9.9.0))"), "{}", seen.err);
    place.has_nothing_installed("another version");
    let place = Place::with_program("#!/bin/sh\necho 'version GLIBC_2.99 not found' >&2\nexit 1\n");
    let seen = place.install(&[]);
    assert!(seen.err.contains("fluxr 9.9.9 does not run here: version GLIBC_2.99 not found"), "{}", seen.err);
    place.has_nothing_installed("a program that does not run");
}

#[test]
fn where_the_quick_program_does_not_run_the_static_one_is_installed() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let place = Place::with_programs(&[
        ("linux", "#!/bin/sh\nexit 127\n"),
        ("linux_musl", "#!/bin/sh\necho 'fluxr version 9.9.9 (flux 9.9.0)'\n"),
    ]);
    let seen = place.install(&[]);
    assert_eq!(seen.code, 0, "{}", seen.err);
    assert!(seen.err.contains("fluxr_9.9.9_linux_musl_"), "{}", seen.err);
}

#[test]
fn a_platform_without_a_program_is_named_with_those_that_have_one() {
    for (system, machine) in [("Linux", "riscv64"), ("FreeBSD", "x86_64"), ("MINGW64_NT-10.0", "x86_64")] {
        let place = Place::new();
        let text = format!("#!/bin/sh\ncase $1 in -m) echo {machine} ;; *) echo {system} ;; esac\n");
        place.tool("uname", &text);
        let seen = place.install(&[]);
        let told =
            format!("fluxr 9.9.9 is not released for {system} {machine}, but for: {}", place.platform());
        assert!(seen.err.contains(&told), "{}", seen.err);
        place.has_nothing_installed(system);
    }
}

#[test]
fn without_a_network_nothing_is_installed() {
    for fetcher in ["curl", "wget"] {
        let place = Place::with_only(fetcher);
        let seen = place.install(&["--release", "http://127.0.0.1:1/releases"]);
        assert!(seen.err.contains("✗ could not fetch http://127.0.0.1:1/releases/"), "{}", seen.err);
        assert!(seen.err.contains("hint: check the network"), "{}", seen.err);
        place.has_nothing_installed(fetcher);
    }
    let place = Place::with_only("neither");
    let seen = place.install(&[]);
    assert!(seen.err.contains("neither curl nor wget is installed"), "{}", seen.err);
}

#[test]
fn a_fluxr_that_was_there_before_stays_until_the_new_one_is_verified() {
    let mut place = Place::new();
    let fluxr = place.bin().join("fluxr");
    place.write_program(&fluxr, "#!/bin/sh\necho fluxr version 1.0.0\n");
    place.change(&place.archive(), b"x");
    assert_ne!(place.install(&[]).code, 0);
    assert!(std::fs::read_to_string(&fluxr).unwrap().contains("1.0.0"));
    assert_eq!(std::fs::read_dir(place.bin()).unwrap().count(), 1);
    place.restore();
    let seen = place.install(&[]);
    assert!(seen.err.contains("it replaces fluxr version 1.0.0"), "{}", seen.err);
    assert!(std::fs::read_to_string(&fluxr).unwrap().contains("9.9.9"));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_reported_before_anything_is_fetched() {
    let place = Place::new();
    std::fs::write(place.folder().join("file"), "").unwrap();
    std::fs::create_dir_all(place.folder().join("taken/fluxr")).unwrap();
    let file = place.folder().join("file/bin").display().to_string();
    let taken = place.folder().join("taken").display().to_string();
    for (folder, told) in [(file, "is not a folder"), (taken, "fluxr is a folder")] {
        let seen = place.install(&["--bin-dir", &folder]);
        assert!(seen.err.contains(told) && seen.err.contains("hint: --bin-dir"), "{folder}: {}", seen.err);
        assert_eq!(seen.code, 1);
    }
    // Even root cannot make a folder there.
    let seen = place.install(&["--bin-dir", "/proc/nowhere/bin"]);
    assert_eq!(seen.code, 1, "{}", seen.err);
    assert!(seen.err.contains("/proc"), "{}", seen.err);
    place.left_nothing_behind();
    let early = place.install(&["--bin-dir", "/proc/version"]);
    assert!(early.err.contains("/proc/version is not a folder"), "{}", early.err);
    assert_eq!(place.was_asked(), Vec::<String>::new());
}

#[test]
fn a_signature_that_cannot_be_verified_is_not_passed_over() {
    let place = Place::new();
    place.without("openssl");
    let seen = place.install(&[]);
    assert!(seen.err.contains("openssl verifies the signature and is not installed"), "{}", seen.err);
    place.has_nothing_installed("no openssl");
    let seen = place.install(&["--insecure-skip-signature"]);
    assert_eq!(seen.code, 0, "{}", seen.err);
    assert!(seen.err.contains("⚠️ the signature is not verified"), "{}", seen.err);
}

#[test]
fn checksums_are_verified_even_when_signatures_are_not() {
    let mut place = Place::new();
    place.change(&place.archive(), b"x");
    let seen = place.install(&["--insecure-skip-signature"]);
    assert!(seen.err.contains("does not have the checksum"), "{}", seen.err);
    place.has_nothing_installed("a changed archive");
}

#[test]
fn a_script_that_belongs_to_no_release_says_what_it_needs() {
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
    let piped = place.pipe(&std::fs::read(&script).unwrap(), &[]);
    assert!(piped.err.starts_with("✗ this copy of install.sh belongs to no release"), "{}", piped.err);
    assert!(piped.err.contains("hint: --release URL --version X.Y.Z --public-key FILE"), "{}", piped.err);
    // With an address it lacks the key, and does not do without.
    let seen = place.run(&script, &["--release", &place.url(), "--version", "9.9.9"]);
    assert!(seen.err.contains("there is no key to verify the signature with"), "{}", seen.err);
    place.has_nothing_installed("no key");
    let key = place.folder().join("fluxr.pub");
    std::fs::write(&key, place.file("fluxr.pub")).unwrap();
    let key = key.display().to_string();
    let seen = place.run(&script, &["--release", &place.url(), "--version", "9.9.9", "--public-key", &key]);
    assert_eq!(seen.code, 0, "{}", seen.err);
}

#[test]
fn a_checkout_is_built_with_cargo_and_says_so() {
    let place = Place::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("install.sh");
    let seen = place.run(&script, &[]);
    assert!(seen.err.starts_with("► building fluxr from the checkout "), "{}", seen.err);
    assert!(seen.err.contains("✗ cargo is not installed"), "{}", seen.err);
    place.has_nothing_installed("no cargo");
    let built = place.folder().join("target/release/fluxr");
    place.write_program(&built, "#!/bin/sh\necho fluxr version 0.0.1\n");
    place.tool("cargo", "#!/bin/sh\nexit 0\n");
    let seen = place.run(&script, &["--from-source"]);
    assert!(seen.out.starts_with("✔ installed fluxr version 0.0.1 as "), "{}{}", seen.out, seen.err);
}

#[test]
fn a_line_that_is_wrong_is_refused_before_anything_is_done() {
    let place = Place::new();
    for (words, told) in [
        (&["--relese", "x"][..], "unknown option --relese"),
        (&["9.9.9"], "unknown option 9.9.9"),
        (&["--version"], "--version needs a value"),
        (&["--version", "latest"], "latest is not a version"),
        (&["--version", "1.2.3/../x"], "1.2.3/../x is not a version"),
        (&["--release", "ftp://host/x"], "is not an address that begins with https://"),
        (&["--public-key", "/nowhere"], "cannot read the key /nowhere"),
        (&["--bin-dir", ""], "--bin-dir needs a folder"),
        (&["--from-source"], "this script is not in a checkout"),
        (&["--from-source", "--version", "1.2.3"], "--from-source goes without"),
    ] {
        let seen = place.install(words);
        assert!(seen.err.contains(told), "{words:?}: {}", seen.err);
        assert_eq!((seen.code, seen.out.as_str()), (1, ""), "{words:?}");
        place.has_nothing_installed(told);
    }
    let seen = place.install(&["--help"]);
    assert!(seen.code == 0 && seen.out.starts_with("Install fluxr.\n"), "{}", seen.out);
}

#[test]
fn a_tilde_that_the_shell_leaves_alone_is_the_home_folder() {
    let place = Place::new();
    assert_eq!(place.install(&["--bin-dir=~/.local/bin"]).code, 0);
    assert!(place.bin().join("fluxr").is_file());
}

#[test]
fn a_script_that_arrives_cut_does_nothing() {
    let place = Place::new();
    let script = place.file("install.sh");
    let whole = place.pipe(&script, &["--help"]);
    assert!(whole.out.contains("Usage: install.sh"), "{}", whole.err);
    for end in (0..script.len() - 12).step_by(997) {
        place.pipe(&script[..end], &[]);
        place.has_nothing_installed(&format!("cut after {end} bytes"));
    }
}

#[test]
fn ctrl_c_leaves_nothing() {
    for fetcher in ["curl", "wget"] {
        let mut place = Place::with_only(fetcher);
        place.fault = Some((place.archive(), Fault::Hang));
        let code = place.interrupt_at(&place.archive());
        assert_eq!(code, 130, "{fetcher}");
        place.has_nothing_installed(fetcher);
    }
}
