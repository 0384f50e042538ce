//! A library is used in its rooms only: the rule of `docs/architecture.md`.

use super::ROOT;
use super::imports::code_of;
use regex::Regex;
use std::collections::BTreeSet;
use std::path::Path;

/// What shows that a library is used, and the rooms that may do so.
const LIBRARIES: [(&str, &[&str]); 9] = [
    (r"(?:^|[^\w:])clap::", &["cli", "commands"]),
    (r"(?:^|[^\w:])clap_complete::", &["cli", "commands"]),
    (r"(?:^|[^\w:])git2::", &["git"]),
    (r"(?:^|[^\w:])russh::", &["git"]),
    (r"(?:^|[^\w:])ssh_key::", &["git"]),
    (r"(?:^|[^\w:])octocrab::", &["forge"]),
    (r"(?:^|[^\w:])dialoguer::", &["ui"]),
    (r"(?:^|[^\w:])indicatif::", &["ui"]),
    // What makes an HTTP client.
    (r"\bClientBuilder\b|\bClient::(?:new|builder|try_from|try_default)\(", &["cluster", "net"]),
];

#[test]
fn a_library_is_used_in_its_rooms_only() {
    let source = Path::new(ROOT).join("src");
    let mut files = Vec::new();
    super::sources(&source, &mut files);
    // Tests are given the tree of the commands.
    files.retain(|file| !file.ends_with("src/testing.rs"));
    let code: Vec<_> =
        files.iter().map(|file| (file, code_of(&std::fs::read_to_string(file).unwrap()))).collect();
    for (sign, rooms) in LIBRARIES {
        let sign = Regex::new(&format!("(?m){sign}")).unwrap();
        let users = code.iter().filter(|(_, code)| sign.is_match(code)).map(|(file, _)| *file);
        let room = |file: &Path| {
            let inside = file.strip_prefix(&source).unwrap();
            inside.iter().next().unwrap().to_string_lossy().into_owned()
        };
        let found: BTreeSet<String> = users.map(|file| room(file)).collect();
        assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), rooms, "{sign}");
    }
}
