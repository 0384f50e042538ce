//! kustomize itself beside the native build: over the cases of the hermetic test, and over generated ones.
//!
//! `UPDATE=1` writes what kustomize builds into `expected.yaml`, in folders and in archives.

mod configurations;
mod fields;
mod generate;
mod json_patches;
mod layers;
mod objects;
mod plugins;
mod random;

use crate::kustomize::Case;
use crate::kustomize::Expected;
use crate::kustomize::cases;
use crate::kustomize::files_below;
use crate::support::Cli;
use fluxr::testing::render::Disk;
use fluxr::testing::render::Nowhere;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use fluxr::testing::render::kustomize::Outside;
use fluxr::testing::render::kustomize::Restrictor;
use random::Random;
use std::path::Path;
use std::process::Command;

fn run(folder: &Path, arguments: &[&str]) -> std::process::Output {
    let program = testbed::build::binary("kustomize").unwrap();
    Command::new(program).arg("build").args(arguments).arg(folder).output().unwrap()
}

/// What kustomize makes of a folder: its output, or its refusal.
fn referee(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = run(folder, arguments);
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
#[ignore = "needs the testbed"]
fn kustomize_itself_builds_the_same_bytes() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut arguments = Vec::new();
        if case.options.restrictor == Restrictor::None {
            arguments.push("--load-restrictor=LoadRestrictionsNone");
        }
        if case.options.managed_by_label {
            arguments.push("--enable-managedby-label");
        }
        match (&case.expected, referee(&case.unpacked().folder, &arguments)) {
            (Expected::Refused(_), Err(_)) => {}
            (Expected::Refused(_), Ok(_)) => wrong.push(format!("{}: kustomize builds it", case.name)),
            (Expected::Built(_), Err(error)) => {
                wrong.push(format!("{}: kustomize refuses it: {error}", case.name));
            }
            (Expected::Built(_), Ok(text)) => wrong.extend(case.stale(&text)),
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
#[ignore = "needs the testbed"]
fn deprecated_fields_are_told_in_the_same_lines() {
    let mut told = 0;
    for case in cases().iter().filter(|case| case.options.restrictor == Restrictor::RootOnly) {
        let output = run(&case.unpacked().folder, &[]);
        let theirs = String::from_utf8(output.stderr).unwrap();
        // What kustomize logs begins with the time.
        let line = |line: &'_ str| match line.find("well-defined vars ") {
            Some(at) => Some(line[at..].to_owned()),
            None => line.starts_with("# Warning: ").then(|| line.to_owned()),
        };
        let theirs: Vec<String> = theirs.lines().filter_map(line).collect();
        let ours = std::cell::RefCell::<Vec<String>>::default();
        let tell = |line| ours.borrow_mut().push(line);
        let _ = case.build(Outside { tell: &tell, remote: &Nowhere });
        assert_eq!(theirs, ours.into_inner(), "{}", case.name);
        told += theirs.len();
    }
    assert!(told > 10, "{told} lines");
}

/// Cases with other files in a folder: there kustomize does not write a text and read it again, names a file after a number, and knows
/// which types of `openapi` have no namespace.
const OTHER_IN_A_FOLDER: [&str; 11] = [
    "block-scalars",
    "carriage-returns",
    "flow-places",
    "odd-yaml",
    "openapi-base",
    "openapi-kinds",
    "openapi-late",
    "openapi-top",
    "patch-quotes",
    "refused: a-name-that-is-a-number",
    "yaml-forms",
];

#[test]
#[ignore = "needs the testbed"]
fn a_folder_gets_the_same_files() {
    let cli = Cli::new();
    let is_alike = |case: &Case| {
        let is_plain = case.options.restrictor == Restrictor::RootOnly && !case.options.managed_by_label;
        let is_built = matches!(case.expected, Expected::Built(_));
        is_plain && is_built && !OTHER_IN_A_FOLDER.contains(&case.name.as_str())
    };
    for (at, case) in cases().into_iter().filter(is_alike).enumerate().step_by(8) {
        let unpacked = case.unpacked();
        let [ours, theirs] = ["ours", "theirs"].map(|name| cli.home.path().join(format!("{at}-{name}")));
        std::fs::create_dir(&ours).unwrap();
        std::fs::create_dir(&theirs).unwrap();
        referee(&unpacked.folder, &["-o", theirs.to_str().unwrap()]).unwrap();
        let folder = unpacked.folder.to_str().unwrap();
        cli.run(&["kustomize", folder, "-o", ours.to_str().unwrap()]).succeeded();
        assert_eq!(files_below(&ours), files_below(&theirs), "{}", case.name);
    }
}

/// Holds both programs beside each other on folders that `generate` writes, as many as `COUNT` says, from the seed `SEED` on.
#[track_caller]
fn compare(count: u64, generate: fn(&mut Random, &Path)) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let (first, count) = (number("SEED").unwrap_or(1), number("COUNT").unwrap_or(count));
    let home = tempfile::tempdir().unwrap();
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for seed in first..first + count {
        let folder = home.path().join(seed.to_string());
        generate(&mut Random::new(seed), &folder);
        let theirs = referee(&folder, &[]);
        let ours = kustomize::build(&Disk::new(&folder).unwrap(), "", Options::default());
        let ours = ours.map(|objects| kustomize::render(&objects)).map_err(|error| format!("{error:#}"));
        refused += u64::from(theirs.is_err());
        let is_same = match (&theirs, &ours) {
            (Ok(theirs), Ok(ours)) => theirs == ours,
            (Err(_), Err(_)) => true,
            // Where kustomize crashes there is nothing to agree with.
            (Err(error), Ok(_)) => error.contains("panic: "),
            _ => false,
        };
        if !is_same {
            wrong.push(format!(
                "== seed {seed}\n{}-- kustomize: {}\n-- ours: {}\n",
                written(&folder),
                theirs.unwrap_or_else(|error| format!("refused: {error}")),
                ours.unwrap_or_else(|error| format!("refused: {error}")),
            ));
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
    let most = if std::env::var_os("COUNT").is_some() { wrong.len() } else { 5 };
    let shown = &wrong[..wrong.len().min(most)];
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), shown.join("\n"));
    // A generator whose folders are all refused would prove nothing. (Most JSON patches miss what they are made for.)
    assert!(refused < count * 19 / 20, "{refused} of {count} are refused by both");
}

/// The files of a folder, for a message.
fn written(folder: &Path) -> String {
    let mut text = String::new();
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            text.push_str(&written(&path));
        } else {
            text.push_str(&format!("# {}\n{}\n", path.display(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    text
}

#[test]
#[ignore = "needs the testbed"]
fn generated_json_patches_are_applied_alike() {
    compare(300, json_patches::json_patches);
}

#[test]
#[ignore = "needs the testbed"]
fn generated_configurations_change_the_same_fields() {
    compare(150, configurations::configurations);
}

#[test]
#[ignore = "needs the testbed"]
fn generated_kustomizations_are_read_alike() {
    compare(150, fields::fields);
}

#[test]
#[ignore = "needs the testbed"]
fn generators_transformers_and_vars_that_are_objects_do_the_same() {
    compare(200, plugins::plugins);
}

#[test]
#[ignore = "needs the testbed"]
fn generated_layers_are_built_alike() {
    compare(300, layers::layers);
}
