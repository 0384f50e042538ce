//! What `cargo testbed release` makes, on the real tree of crates and on a small program; the release build itself is in the real tier.

use crate::install_script::new_key;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use testbed::release;
use testbed::release::Crates;
use testbed::release::Entry;
use testbed::release::Key;
use testbed::release::Program;
use testbed::release::Release;
use testbed::release::Rules;
use testbed::release::Symbols;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

static HOST: LazyLock<String> = LazyLock::new(|| release::host().unwrap());
static CRATES: LazyLock<Crates> = LazyLock::new(|| Crates::resolve(Path::new(ROOT), &HOST).unwrap());

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

fn rules() -> Rules {
    Rules::read(&read("deny.toml")).unwrap()
}

#[test]
fn every_crate_is_allowed() {
    assert!(CRATES.linked.len() > 100 && !CRATES.tools.is_empty());
    if let Err(error) = rules().judge(&CRATES) {
        panic!("{error:#}");
    }
}

#[test]
fn a_licence_outside_the_list_is_refused() {
    let rules = rules();
    for (licence, allowed) in [
        ("MIT", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0-only OR MIT", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("GPL-3.0-only", false),
        ("MIT AND GPL-3.0-only", false),
        ("AGPL-3.0-or-later", false),
        ("GPL-2.0-only WITH GCC-exception-2.0", false),
        ("LicenseRef-ours", false),
        ("all rights reserved", false),
        ("", false),
    ] {
        assert_eq!(rules.allows("some-crate", Some(licence)).unwrap(), allowed, "{licence}");
    }
    assert!(!rules.allows("some-crate", None).unwrap());
    assert!(rules.allows("libgit2-sys", Some("GPL-2.0-only WITH GCC-exception-2.0")).unwrap());
    let odd = Rules::read("[licenses]\nallow = [\"MTI\"]\n").unwrap();
    assert!(format!("{:#}", odd.allows("x", Some("MIT")).unwrap_err()).contains("MTI"));
}

#[test]
fn a_refusal_names_the_crates_and_their_licences() {
    let few = Rules::read("[licenses]\nallow = [\"Apache-2.0\", \"MIT\"]\n").unwrap();
    let told = format!("{:#}", few.judge(&CRATES).unwrap_err());
    for part in [
        "libgit2 (GPL-2.0-only WITH GCC-exception-2.0, in libgit2-sys ",
        "ring (Apache-2.0 AND ISC, in ring ",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("serde ("), "{told}");
}

#[test]
fn a_crate_from_elsewhere_and_one_of_any_version_are_refused() {
    let judged = |change: fn(&mut Crates)| {
        let mut crates = Crates::resolve(Path::new(ROOT), &HOST).unwrap();
        change(&mut crates);
        format!("{:#}", rules().judge(&crates).unwrap_err())
    };
    let changes: [fn(&mut Crates); 2] = [
        |crates| crates.linked[0].source.as_mut().unwrap().repr = "git+https://h/a#0".to_owned(),
        |crates| crates.linked[0].source.as_mut().unwrap().repr = "registry+https://h/index".to_owned(),
    ];
    for change in changes {
        let said = judged(change);
        assert_eq!(said, format!("sources that deny.toml does not allow: {}", CRATES.linked[0].name));
    }
    let said = judged(|crates| crates.program.dependencies[0].req = semver::VersionReq::STAR);
    let name = &CRATES.program.dependencies[0].name;
    assert_eq!(said, format!("wildcards that deny.toml does not allow: {name}"));
}

#[test]
fn the_notices_are_of_every_crate_and_of_the_libraries_in_c() {
    let text = release::notices(&CRATES).unwrap();
    for package in &CRATES.linked {
        let title = format!("\n{} {}\n", package.name, package.version);
        assert!(text.contains(&title), "{title}");
    }
    for part in
        ["LINKING EXCEPTION", "libgit2 (in libgit2-sys ", "llhttp (in ", "pcre2 (in ", "zlib (in libz-sys "]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(text.contains("Permission is hereby granted, free of charge"));
    assert!(text.contains("it carries no notice, so this is the text of Apache-2.0\n"));
    // The same words under many names, and not many times.
    assert!(text.len() < 4_000_000, "{} bytes", text.len());
}

/// Notices below the top of a crate that need no place of their own, because what they are about is not built here.
const NOT_BUILT: [(&str, &str); 8] = [
    ("libgit2-sys", "libgit2/deps/winhttp/"),
    ("libgit2-sys", "libgit2/deps/zlib/"),
    ("libz-sys", "src/zlib-ng/"),
    ("libz-sys", "src/zlib/contrib/"),
    // The words of MIT and Apache-2.0 once more.
    ("ring", "src/polyfill/once_cell/"),
    ("regex-syntax", "src/unicode_tables/"),
    ("tracing-core", "src/spin/"),
    ("pgp", "tests/"),
];

#[test]
fn what_crates_carry_below_their_top_is_known() {
    let text = release::notices(&CRATES).unwrap();
    let mut unknown = Vec::new();
    for package in &CRATES.linked {
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        for file in nested(folder) {
            let inside = file.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            let is_known =
                NOT_BUILT.iter().any(|(name, start)| package.name == name && inside.starts_with(start));
            let words = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            let middle = words.lines().map(str::trim_end).find(|line| line.len() > 50).unwrap_or_default();
            if !is_known && !text.contains(middle) {
                unknown.push(format!("{} {inside}", package.name));
            }
        }
    }
    assert_eq!(unknown, Vec::<String>::new(), "add them to release/native.rs, or to the list of this test");
}

fn nested(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
            let is_notice =
                ["license", "licence", "copying", "notice"].iter().any(|start| name.starts_with(start));
            if path.is_dir() {
                open.push(path);
            } else if next != folder && is_notice && !name.ends_with(".rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn the_bill_of_materials_names_every_crate_once_with_what_it_depends_on() {
    let make = || release::sbom(&CRATES, &HOST, &read("Cargo.lock"), "2026-01-02T03:04:05Z").unwrap();
    let bill: Value = serde_json::from_str(&make()).unwrap();
    assert_eq!(make(), make());
    assert_eq!(bill["bomFormat"], "CycloneDX");
    assert_eq!(
        bill["metadata"]["component"]["purl"],
        format!("pkg:cargo/fluxr@{}", env!("CARGO_PKG_VERSION"))
    );
    let components = bill["components"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let references: BTreeSet<String> = components.iter().map(|one| text(&one["bom-ref"])).collect();
    assert_eq!(references.len(), components.len(), "each once");
    let crates: Vec<&Value> =
        components.iter().filter(|one| text(&one["purl"]).starts_with("pkg:cargo/")).collect();
    assert_eq!(crates.len(), CRATES.linked.len());
    for one in &crates {
        assert_eq!(text(&one["hashes"][0]["content"]).len(), 64, "{one}");
        let licence = text(&one["licenses"][0]["expression"]);
        assert!(!licence.contains('/'), "{licence}");
    }
    let libgit2 = components.iter().find(|one| one["name"] == "libgit2").unwrap();
    assert!(text(&libgit2["version"]).starts_with("1."), "{libgit2}");
    let graph = bill["dependencies"].as_array().unwrap();
    let known = |value: &Value| references.contains(value.as_str().unwrap());
    for node in graph {
        assert!(known(&node["ref"]) || node["ref"] == bill["metadata"]["component"]["bom-ref"], "{node}");
        assert!(node["dependsOn"].as_array().into_iter().flatten().all(known), "{node}");
    }
    assert_eq!(graph.len(), components.len() + 1);
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let pages = release::pages("1.2.3", "2026-01-02").unwrap();
    let documented = std::fs::read_dir(Path::new(ROOT).join("docs/cli")).unwrap();
    for entry in documented {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name != "README.md" {
            let page = name.replace('_', "-").replace(".md", ".1");
            assert!(pages.contains_key(&page), "{page}");
        }
    }
    let page = String::from_utf8(pages["fluxr-create-source-git.1"].clone()).unwrap();
    assert!(page.contains(".TH fluxr-create-source-git 1 2026-01-02 \"fluxr 1.2.3\""), "{page}");
    assert!(page.contains("\\-\\-url"), "{page}");
    assert!(page.contains("fluxr create source git"), "{page}");
    assert!(!page.contains("\\-\\-kubeconfig"), "the options of every command are on one page");
    assert!(String::from_utf8_lossy(&pages["fluxr.1"]).contains("\\-\\-kubeconfig"));
}

fn release(key: Option<&Key>) -> BTreeMap<String, Vec<u8>> {
    let files = [("fluxr", Entry::program("x")), ("man/man1/fluxr.1", Entry::text("y"))];
    Release {
        version: "1.2.3",
        time: 1_700_000_000,
        url: Some("https://example.com/v{version}"),
        key,
        installer: &read("install.sh"),
        programs: vec![Program {
            platform: "linux_amd64".to_owned(),
            files: files.map(|(name, entry)| (name.to_owned(), entry)).into(),
            sbom: "{}\n".to_owned(),
        }],
    }
    .files()
    .unwrap()
}

#[test]
fn the_files_of_a_release_depend_on_what_is_in_them_and_on_nothing_else() {
    let key = new_key();
    let made = release(Some(&Key::read(&key).unwrap()));
    assert_eq!(made, release(Some(&Key::read(&key).unwrap())), "the signature too");
    let names: Vec<&str> = made.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "fluxr.pub",
            "fluxr_1.2.3_checksums.txt",
            "fluxr_1.2.3_checksums.txt.sig",
            "fluxr_1.2.3_linux_amd64.cdx.json",
            "fluxr_1.2.3_linux_amd64.tar.gz",
            "install.sh",
        ]
    );
    let sums = String::from_utf8(made["fluxr_1.2.3_checksums.txt"].clone()).unwrap();
    assert_eq!(sums.lines().count(), 3, "{sums}");
    let gzip = &made["fluxr_1.2.3_linux_amd64.tar.gz"];
    assert_eq!(gzip[3..8], [0; 5], "neither a name nor a time");
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(gzip.as_slice()));
    let entries: Vec<String> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            let (path, header) = (entry.path().unwrap().display().to_string(), entry.header());
            let owner = header.username().unwrap().unwrap().to_owned();
            format!(
                "{path} {:o} {} {owner} {}",
                header.mode().unwrap(),
                header.mtime().unwrap(),
                header.uid().unwrap()
            )
        })
        .collect();
    assert_eq!(entries, ["fluxr 755 1700000000 root 0", "man/man1/fluxr.1 644 1700000000 root 0"]);
    let unsigned = release(None);
    assert!(!unsigned.keys().any(|name| name.ends_with(".sig") || name.ends_with(".pub")));
}

#[test]
fn a_target_that_no_release_has_is_refused_with_those_that_it_has() {
    let options = release::Options {
        targets: vec!["x86_64-pc-windows-msvc".to_owned()],
        url: None,
        key: None,
        twice: false,
        output: None,
    };
    let told = format!("{:#}", release::release(&options).unwrap_err());
    assert!(told.starts_with(
        "a release has no target \"x86_64-pc-windows-msvc\"; it has x86_64-unknown-linux-gnu, "
    ));
}

#[test]
fn what_does_not_sign_is_refused_and_not_shown() {
    let rsa = Command::new("openssl").args(["genpkey", "-algorithm", "RSA"]).output().unwrap();
    let sec1 = Command::new("openssl")
        .args(["ecparam", "-name", "prime256v1", "-genkey", "-noout"])
        .output()
        .unwrap();
    assert!(Key::read(&String::from_utf8(sec1.stdout).unwrap()).is_ok(), "the older form");
    for text in [String::from_utf8(rsa.stdout).unwrap(), "-----BEGIN hunter2".to_owned(), String::new()] {
        let Err(error) = Key::read(&text) else { panic!("{text}") };
        let told = format!("{error:#}");
        assert!(told.contains("is not an unencrypted private key for P-256"), "{told}");
        assert!(!told.contains("hunter2") && !told.contains("MII"), "{told}");
    }
}

#[test]
fn an_address_that_could_leave_its_quotes_is_refused() {
    let release = Release {
        version: "1.2.3",
        time: 0,
        url: Some("https://x/';id;'"),
        key: None,
        installer: &read("install.sh"),
        programs: Vec::new(),
    };
    assert!(format!("{:#}", release.files().unwrap_err()).contains("cannot be written into install.sh"));
}

/// A program that has every folder in it that a compiler knows of: its own, that of its build, that of its C code.
fn small_program(folder: &Path) {
    std::fs::create_dir_all(folder.join("src")).unwrap();
    let manifest = "[package]\nname = \"small\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n[profile.release]\nstrip = true\n";
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let lock = "version = 4\n\n[[package]]\nname = \"small\"\nversion = \"1.0.0\"\n";
    std::fs::write(folder.join("Cargo.lock"), lock).unwrap();
    let script = "fn main() {\n    let out = std::env::var(\"OUT_DIR\").unwrap();\n    std::fs::write(format!(\"{out}/made.rs\"), \"pub fn made() -> &'static str { file!() }\").unwrap();\n}\n";
    std::fs::write(folder.join("build.rs"), script).unwrap();
    let main = "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\nfn main() {\n    println!(\"{} {} {}\", file!(), made(), std::panic::Location::caller());\n}\n";
    std::fs::write(folder.join("src/main.rs"), main).unwrap();
}

#[test]
fn builds_from_two_folders_have_the_same_bytes() {
    let build = |folder: &Path| {
        let source = folder.join("source");
        small_program(&source);
        let (build, target) = (folder.join("build"), (HOST.as_str(), "cc"));
        let made = release::compile(&source, &build, "small", target, 1_700_000_000, Symbols::Stripped);
        std::fs::read(made.unwrap()).unwrap()
    };
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, second) = (build(one.path()), build(&other.path().join("a folder with a longer name")));
    assert!(first == second, "the two programs differ");
    let place = one.path().to_string_lossy().into_owned();
    assert!(
        !first.windows(place.len()).any(|bytes| bytes == place.as_bytes()),
        "the folder is in the program"
    );
    assert!(first.windows(8).any(|bytes| bytes == b"/target/"), "what is written instead");
}
