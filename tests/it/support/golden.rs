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
    let mut told = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if files.contains_key(&*path.file_name().unwrap().to_string_lossy()) {
            continue;
        }
        if is_update() {
            std::fs::remove_file(&path).unwrap();
        } else {
            told.push(format!("{} belongs to nothing; {} removes it", path.display(), command()));
        }
    }
    if is_update() {
        std::fs::create_dir_all(folder).unwrap();
    }
    told.extend(files.iter().filter_map(|(name, text)| stale(&folder.join(name), text)));
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
    (found != text).then(|| {
        let difference = TextDiff::from_lines(found.as_str(), text);
        let difference = difference.unified_diff().header("in the file", "generated").to_string();
        format!("{} is stale; {} writes it:\n{difference}", path.display(), command())
    })
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
