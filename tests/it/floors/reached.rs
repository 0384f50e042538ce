//! No file is forgotten: each Rust file of the tests is reached by a `mod` line.

use super::ROOT;
use super::sources;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

/// The files of a module's `mod` lines, and of theirs.
fn reach(file: &Path, children: &Path, reached: &mut BTreeSet<PathBuf>) {
    reached.insert(file.to_owned());
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let declared = line.trim_start().trim_start_matches("pub(crate) ");
        let declared = declared.trim_start_matches("pub(super) ").trim_start_matches("pub ");
        let Some(name) = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) else {
            continue;
        };
        let folder = children.join(name);
        let alone = children.join(format!("{name}.rs"));
        let file = if alone.exists() { alone } else { folder.join("mod.rs") };
        reach(&file, &folder, reached);
    }
}

#[test]
fn every_file_of_the_tests_is_compiled() {
    let root = Path::new(ROOT);
    for folder in ["tests/it", "tests/testbed/src"] {
        let folder = root.join(folder);
        let mut reached = BTreeSet::new();
        for top in ["main.rs", "lib.rs", "fuzz/main.rs"]
            .map(|name| folder.join(name))
            .iter()
            .filter(|top| top.exists())
        {
            reach(top, &folder, &mut reached);
        }
        let mut files = Vec::new();
        sources(&folder, &mut files);
        let data = root.join("tests/it/data");
        let forgotten: Vec<_> =
            files.iter().filter(|file| !reached.contains(*file) && !file.starts_with(&data)).collect();
        assert!(forgotten.is_empty(), "no `mod` line leads to {forgotten:?}");
    }
}
