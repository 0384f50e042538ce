//! Adding a kind takes one file and one line: `tests/it/data/made_up_kind.rs`, added to a copy of the sources.
//! `cargo testbed test real::made_up_kind` runs it; without a name it is left out, because it compiles fluxr and its tests twice.
//!
//! A copy, and not a feature of fluxr: what is proved is that nothing else has to be touched, and a release has no trace of it.

use crate::completion::candidates;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::ready;
use fluxr::testing::text::yaml;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The topics of the hermetic tests in which a kind could be forgotten: those that loop over the kinds or over the commands. The other
/// topics do not ask which kinds there are.
const TOPICS: &[&str] = &[
    "completion::",
    "crds::",
    "create_objects::",
    "docs::",
    "documents::",
    "exit_codes::",
    "floors::",
    "graph::",
    "help::",
    "hints::",
    "install::",
    "kinds::",
    "no_secret::",
    "prose::",
    "scenarios::",
    "standard_streams::",
    "surface::",
    "types::",
    "usage::",
];

/// The sources with the kind in them.
struct Copy {
    tree: PathBuf,
    built: PathBuf,
}

impl Copy {
    /// Always in the same place, so that a second run compiles what has changed.
    fn with_the_kind() -> Self {
        let place = testbed::places::target().join("made-up");
        let copy = Self { tree: place.join("tree"), built: place.join("built") };
        let _ = std::fs::remove_dir_all(&copy.tree);
        std::fs::create_dir_all(&copy.tree).unwrap();
        // Where the copy lies within the sources, cargo reads their configuration too: flags of the compiler would be there twice, and every
        // crate would be compiled again.
        let has_configuration = copy.tree.starts_with(ROOT);
        for entry in std::fs::read_dir(ROOT).unwrap() {
            let entry = entry.unwrap();
            let is_left_out = match entry.file_name().to_str() {
                Some(".git" | "target") => true,
                Some(".cargo") => has_configuration,
                _ => false,
            };
            if !is_left_out {
                let copied = Command::new("cp").arg("-a").arg(entry.path()).arg(&copy.tree).status().unwrap();
                assert!(copied.success(), "{}", entry.path().display());
            }
        }
        if has_configuration {
            // Tests read it.
            std::fs::create_dir(copy.tree.join(".cargo")).unwrap();
            std::fs::write(copy.tree.join(".cargo/config.toml"), "").unwrap();
        }
        // Another version is another package to cargo: what is built of the copy never takes the place of what is built of the sources.
        let own = concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"");
        let manifest = std::fs::read_to_string(copy.tree.join("Cargo.toml")).unwrap();
        assert!(manifest.contains(own), "the version of fluxr is not in its manifest");
        let made_up = manifest.replacen(own, "version = \"0.0.0-made-up\"", 1);
        std::fs::write(copy.tree.join("Cargo.toml"), made_up).unwrap();
        let sources = copy.tree.join("src/api/source");
        let kind = Path::new(ROOT).join("tests/it/data/made_up_kind.rs");
        std::fs::copy(kind, sources.join("made_up.rs")).unwrap();
        let list = std::fs::read_to_string(sources.join("mod.rs")).unwrap();
        std::fs::write(sources.join("mod.rs"), list + "pub mod made_up;\n").unwrap();
        copy
    }

    /// Runs hermetic tests of the copy; `updates` has them write the golden files. Crates are not compiled again: the whole workspace is built
    /// as outside, and only what is finished goes to a folder of its own.
    fn test(&self, topics: &[&str], updates: bool) {
        let mut command = testbed::places::cargo();
        command
            .args(["test", "--offline", "--workspace", "--test", "it", "--", "--skip", "real::"])
            .args(topics)
            .current_dir(&self.tree)
            .env("CARGO_BUILD_BUILD_DIR", testbed::places::target())
            .env("CARGO_TARGET_DIR", &self.built)
            .env_remove("UPDATE");
        if updates {
            command.env("UPDATE", "1");
        }
        let seen = command.output().unwrap();
        let told = [seen.stdout, seen.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(seen.status.success(), "{}\n{}", told[0], told[1]);
    }
}

#[test]
#[ignore = "needs the testbed"]
fn a_kind_is_one_file_and_one_line() {
    let copy = Copy::with_the_kind();
    // As docs/adding-a-kind.md says: the golden files are written, and then the tests of everything that a kind could be forgotten in. They are
    // built with the program, which carries the definition that was written.
    copy.test(&["crds::", "docs::"], true);
    copy.test(TOPICS, false);

    let crd = copy.tree.join("templates/crds/madeups.source.toolkit.fluxcd.io.yaml");
    let crd = yaml::document(&std::fs::read_to_string(crd).unwrap(), "").unwrap();
    let server = ApiServer::with_flux();
    server.put(crd.clone());
    server.put(made_up(ready("True", "made it up", json!({"artifact": {"revision": "latest@sha256:abc"}}))));
    server.put(json!({
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": "one", "namespace": "flux-system"},
        "involvedObject": {"kind": "MadeUp", "name": "app", "namespace": "flux-system"},
        "type": "Normal", "reason": "Tested", "message": "an event of its own",
        "firstTimestamp": "2026-01-02T03:04:05Z", "lastTimestamp": "2026-01-02T03:04:05Z",
    }));
    server.with_controllers(std::time::Duration::from_millis(10));
    let cli = || Cli::against(&server).of(&copy.built.join("debug/fluxr"));
    let run = |line: &str| {
        let seen = cli().run(&line.split(' ').collect::<Vec<_>>());
        seen.succeeded();
        seen.out + &seen.err
    };
    let shows = |line: &str, part: &str| {
        let seen = run(line);
        assert!(seen.contains(part), "{line}: no \"{part}\" in:\n{seen}");
    };
    shows("get sources made-up", "made it up");
    shows("get all", "madeup/app");
    shows("export source made-up app", "kind: MadeUp\n");
    shows("export source made-up --all", "  interval: 1m0s\n");
    shows("events --for MadeUp/app", "an event of its own");
    shows("stats", "\nMadeUp ");
    shows("wait mu/app", "app");
    shows("why madeup/app", "MadeUp/flux-system/app");
    shows("suspend source made-up app", "source made-up suspended");
    shows("get sources made-up", "True");
    shows("wait madeup/app --for=suspended", "app");
    shows("resume source made-up app", "source made-up resumed");
    shows("reconcile source made-up app", "fetched revision latest@sha256:abc");
    shows("reconcile source made-up --all", "MadeUp/flux-system/app");
    let definition = "\n  name: madeups.source.toolkit.fluxcd.io\n";
    shows("install --export", definition);
    server.put(made_up(ready("False", "nothing comes to mind", json!({}))));
    let why = cli().run(&["why", "madeup/app"]);
    assert!((why.out + &why.err).contains("nothing comes to mind"));
    assert!(candidates(cli(), &["get", "sources", ""]).contains(&"made-up".to_owned()));
    assert!(candidates(cli(), &["suspend", "source", "made-up", ""]).contains(&"app".to_owned()));
    shows("delete source made-up app --silent", "source made-up deleted");
}

fn made_up(status: Value) -> Value {
    json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "MadeUp",
        "metadata": {"name": "app", "namespace": "flux-system"},
        "spec": {"interval": "1m0s"},
        "status": status,
    })
}
