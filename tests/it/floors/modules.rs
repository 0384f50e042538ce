//! A `mod.rs` says what is in its folder; the code is in files that have a name.

use super::ROOT;
use super::files;
use std::path::Path;

/// What a `mod.rs` may have besides `mod`, `use` and comments: a table of commands is one of the longest.
const LIMIT: usize = 70;

/// The folders whose `mod.rs` is longer, with what they may have.
const LONGER: [(&str, usize); 1] = [("ops/history", 134)];

/// How many lines of a module are neither `mod`, `use`, a comment of the file nor blank.
fn lines_of_code(text: &str) -> usize {
    let is_code = |line: &&str| {
        let item = line.trim_start_matches("pub").trim_start();
        let item =
            item.strip_prefix('(').and_then(|rest| rest.split_once(") ")).map_or(item, |(_, item)| item);
        let is_list = (item.starts_with("mod ") || item.starts_with("use ")) && item.ends_with(';');
        !(line.is_empty() || line.starts_with("//!") || is_list)
    };
    text.lines().filter(is_code).count()
}

#[test]
fn a_module_with_parts_lists_them_and_has_little_code() {
    let source = Path::new(ROOT).join("src");
    let mut found = Vec::new();
    files(&source, "rs", &mut found);
    found.retain(|file| file.ends_with("mod.rs"));
    assert!(found.len() > 50, "{} modules", found.len());
    let mut long = Vec::new();
    for file in found {
        let folder = file.parent().unwrap().strip_prefix(&source).unwrap();
        let limit =
            LONGER.iter().find(|(name, _)| folder == Path::new(name)).map_or(LIMIT, |(_, lines)| *lines);
        let lines = lines_of_code(&std::fs::read_to_string(&file).unwrap());
        if lines > limit {
            long.push(format!("{}: {lines} lines of code, at most {limit}", folder.display()));
        }
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn code_is_told_from_lists_of_parts() {
    let lists =
        "//! A room.\n\nmod a;\npub mod b;\npub(super) mod c;\npub use a::A;\npub(in crate::ops) use b::B;\n";
    assert_eq!(lines_of_code(lists), 0);
    assert_eq!(lines_of_code("/// A thing.\npub struct A;\nmod b {\n    fn c() {}\n}\n"), 5);
}
