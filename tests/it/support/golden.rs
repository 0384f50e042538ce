//! Golden files: what a test generates and the tree keeps. `UPDATE=1` writes them, any other run compares.

use similar::TextDiff;
use std::collections::BTreeMap;
use std::panic::Location;
use std::path::Path;

/// The file has exactly this text.
#[track_caller]
pub fn golden(path: &Path, text: &str) {
    if let Some(told) = stale(path, text) {
        panic!("{told}");
    }
}

/// The folder has exactly these files, by name.
#[track_caller]
pub fn golden_folder(folder: &Path, files: &BTreeMap<String, String>) {
    let update = command();
    let mut told = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if files.contains_key(&*path.file_name().unwrap().to_string_lossy()) {
            continue;
        }
        if is_update() {
            std::fs::remove_file(&path).unwrap();
        } else {
            told.push(format!("{} belongs to nothing; {update} removes it", path.display()));
        }
    }
    if is_update() {
        std::fs::create_dir_all(folder).unwrap();
    }
    for (name, text) in files {
        told.extend(stale(&folder.join(name), text));
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// The file has exactly this text between the lines `<!-- NAME -->` and `<!-- end of NAME -->`.
#[track_caller]
pub fn golden_part(path: &Path, name: &str, text: &str) {
    let whole = std::fs::read_to_string(path).unwrap();
    let (before, rest) = whole.split_once(&format!("<!-- {name} -->\n")).expect("the mark before the part");
    let (_, after) = rest.split_once(&format!("<!-- end of {name} -->\n")).expect("the mark after the part");
    golden(path, &format!("{before}<!-- {name} -->\n{text}<!-- end of {name} -->\n{after}"));
}

/// As [`golden`]; a difference is returned, for tests that go through many files before they fail.
#[track_caller]
pub fn stale(path: &Path, text: &str) -> Option<String> {
    if is_update() {
        std::fs::write(path, text).unwrap();
        return None;
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    let update = command();
    (found != text)
        .then(|| format!("{} is stale; {update} writes it:\n{}", path.display(), difference(&found, text)))
}

/// What the first text has and the second has not, and the other way round.
pub fn difference(wanted: &str, found: &str) -> String {
    TextDiff::from_lines(wanted, found).unified_diff().header("wanted", "found").to_string()
}

fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// What updates the files of the test module that asked.
#[track_caller]
fn command() -> String {
    let file = Location::caller().file().trim_end_matches(".rs").trim_end_matches("/mod");
    let module = file.rsplit_once("tests/it/").map_or(file, |(_, module)| module).replace('/', "::");
    let run = if module.starts_with("real::") { "cargo testbed test" } else { "cargo test --test it" };
    format!("`UPDATE=1 {run} {module}`")
}
