//! Comments, messages, help and documents are plain English: phrases that were once translated word by word stay out.
//! Of the tests, comments and messages are read, not the data.

use crate::floors::files;
use regex::Regex;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

/// What must not be written, and what is written instead.
const PHRASES: [(&str, &str); 9] = [
    (r"\banew\b", "again"),
    (r"\b[Ss]omebody\b", "someone, another client"),
    (r"\b[Nn]obody\b", "no one, nothing"),
    (r"\b[Ee]verybody\b", "everyone, all clients"),
    (r"(?:; n|// N|/// N)othing when\b", "`None` if"),
    (r"\b[Nn]one when\b", "`None` if"),
    (r"\bgoes on (?:where|from|until|while|with)\b", "continues"),
    (r"\bstands (?:twice|between|before|behind|there)\b", "is, appears"),
    (
        r"\b(?:that|it|which|what) is no (?:list|mapping|scalar|text|file|kind|valid|error|failure|reason)\b",
        "is not a",
    ),
];

/// What of the tree is prose, or has some.
fn texts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "install.sh"];
    let mut found: Vec<PathBuf> = top.iter().map(|name| root.join(name)).collect();
    for (folder, end) in [("src", "rs"), ("docs", "md"), ("tests/it", "rs"), ("tests/testbed", "rs")] {
        files(&root.join(folder), end, &mut found);
    }
    found.retain(|file| !file.starts_with(root.join("tests/it/data")) && !file.ends_with("it/prose.rs"));
    found
}

/// The comment of a line, and what of its texts reads like a message. Names and values such as `app=nobody` are data of a test.
fn prose(line: &str) -> String {
    static DATA: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\S*\w[-/=:]\w\S*").unwrap());
    let code = line.split("//").next().unwrap();
    let quoted: Vec<&str> = code.split('"').skip(1).step_by(2).collect();
    let messages = quoted.iter().filter(|text| text.split(' ').count() > 2);
    let messages: Vec<_> = messages.map(|text| DATA.replace_all(text, "…").into_owned()).collect();
    format!("{}\n{}", messages.join("\n"), &line[code.len()..])
}

#[test]
fn the_prose_is_plain_english() {
    let phrases = PHRASES.map(|(pattern, instead)| (Regex::new(pattern).unwrap(), instead));
    let texts = texts();
    assert!(texts.len() > 500, "{} files", texts.len());
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = Vec::new();
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let line = if path.starts_with(&tests) { prose(line) } else { line.to_owned() };
            for (pattern, instead) in &phrases {
                if let Some(phrase) = pattern.find(&line) {
                    let place = format!("{}:{}", path.display(), number + 1);
                    found.push(format!("{place}: \"{}\": write \"{instead}\"", phrase.as_str()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
