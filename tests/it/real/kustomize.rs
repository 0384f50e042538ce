//! kustomize itself over the folders of the hermetic test: the same bytes, and a refusal where it refuses.
//!
//! `UPDATE=1` writes what it says into `expected.yaml`. The oracle is `kubectl kustomize`, or the program that `KUSTOMIZE` names.

use crate::kustomize::cases;
use std::process::Command;

/// Folders that kustomize 5.5, which is in kubectl 1.32, builds otherwise than 5.8, which Flux uses; those are held against 5.8.1.
const NEWER: &[(&str, &str)] = &[
    ("images-volumes", "5.5 does not know images as volumes"),
    ("patch-empty", "5.5 refuses a patch that is only a comment"),
    ("replacements-patterns", "5.5 knows neither sourceValue, nor patterns in select, nor JSON in a text"),
];

fn oracle() -> (Command, bool) {
    match std::env::var_os("KUSTOMIZE") {
        Some(program) => {
            let mut command = Command::new(program);
            command.arg("build");
            (command, true)
        }
        None => {
            let mut command = Command::new("kubectl");
            command.arg("kustomize");
            (command, false)
        }
    }
}

#[test]
#[ignore = "needs the testbed"]
fn kustomize_itself_says_the_same() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (mut command, is_newest) = oracle();
        if !is_newest && NEWER.iter().any(|(name, _)| *name == case.name) {
            continue;
        }
        if case.options.restrictor == fluxr::manifests::kustomize::Restrictor::None {
            command.arg("--load-restrictor=LoadRestrictionsNone");
        }
        let output = command.arg(&case.folder).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        if output.status.success() == case.is_refused {
            wrong.push(format!("{}: refused is {}: {errors}", case.name, !output.status.success()));
            continue;
        }
        if case.is_refused {
            continue;
        }
        let golden = case.folder.join("expected.yaml");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&golden, &output.stdout).unwrap();
        }
        if std::fs::read(&golden).unwrap() != output.stdout {
            wrong.push(format!("{}: other bytes", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
