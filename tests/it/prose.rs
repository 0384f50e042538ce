//! Comments, messages, help and documents are plain English: phrases that were once translated word by word stay out.

use crate::floors::files;
use regex::Regex;
use std::path::Path;
use std::path::PathBuf;

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
    files(&root.join("src"), "rs", &mut found);
    files(&root.join("docs"), "md", &mut found);
    found
}

#[test]
fn the_prose_is_plain_english() {
    let phrases = PHRASES.map(|(pattern, instead)| (Regex::new(pattern).unwrap(), instead));
    let texts = texts();
    assert!(texts.len() > 300, "{} files", texts.len());
    let mut found = Vec::new();
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            for (pattern, instead) in &phrases {
                if let Some(phrase) = pattern.find(line) {
                    let place = format!("{}:{}", path.display(), number + 1);
                    found.push(format!("{place}: \"{}\": write \"{instead}\"", phrase.as_str()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
