//! Comments, messages, help and documents are plain English: phrases that were once translated word by word stay out.
//! Of the tests, comments, messages and names are read, not the data. In names, `_` counts as a blank.

use crate::floors::files;
use regex::Regex;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

/// What must not be written, and what is written instead.
const PHRASES: [(&str, &str); 13] = [
    (r"\banew\b", "again"),
    (r"\b[Ss]omebody\b", "someone, another client"),
    (r"\b[Nn]obody\b", "no one, nothing"),
    (r"\b[Ee]verybody\b", "everyone, all clients"),
    (r"(?:; n|// N|/// N)othing when\b", "`None` if"),
    (r"\b[Nn]one when\b", "`None` if"),
    (r"\b[Gg]o(?:es)? on (?:where|from|until|while|with|over)\b", "continue, take over"),
    (r"\b[Ss]tands?\b", "is, appears, depends"),
    (r#"\b(?:is|are) no [\w`"\[]"#, "is not a, invalid"),
    (r"\b(?:that|which|what|who) (?:is|are) none\b", "invalid, not one"),
    (r"\b(?:[Tt]akes? (?:[^.;:]{0,40} )?|taken |took (?:[^.;:]{0,40} )?)away\b", "removes, removed"),
    (r"\b[Ww]hoever\b", "anyone who, a client that, no matter who"),
    (r"\b(?:is|are|was|were|be|unless|[Aa]s) said\b", "is reported, by default"),
];

/// What is good English although a phrase above is in it.
const GOOD: [&str; 4] = [
    r"\b[Tt]here (?:is|are) no\b",
    r"\b(?:is|are) no (?:longer|more)\b",
    r"\bstands? for\b",
    r"\bstand[- ]ins?\b",
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

/// The comment of a line, and what of its texts reads like a message. Names and values such as `app=nobody` or `\"nobody\"` are data of a test.
fn prose(line: &str) -> String {
    static DATA: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\S*\w[-/=:]\w\S*|'\w*'").unwrap());
    let code = line.split("//").next().unwrap();
    let unescaped = code.replace("\\\"", "'");
    let messages = unescaped.split('"').skip(1).step_by(2).filter(|text| text.split(' ').count() > 2);
    let messages: Vec<_> = messages.map(|text| DATA.replace_all(text, "…").into_owned()).collect();
    format!("{}\n{}", messages.join("\n"), &line[code.len()..])
}

/// The names in a line of Rust, with blanks in them.
fn names(line: &str) -> String {
    let code = line.split("//").next().unwrap().replace("\\\"", "'");
    code.split('"').step_by(2).collect::<Vec<_>>().join("\n").replace('_', " ")
}

/// What of a line is prose.
fn read(line: &str, is_rust: bool, is_test: bool) -> String {
    let text = if is_test { prose(line) } else { line.to_owned() };
    if is_rust { format!("{text}\n{}", names(line)) } else { text }
}

/// The phrases in a text that must not be there, each with what is written instead.
fn phrases_in(text: &str) -> Vec<(String, &'static str)> {
    static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        PHRASES.iter().map(|(pattern, instead)| (Regex::new(pattern).unwrap(), *instead)).collect()
    });
    static GOOD_ONES: LazyLock<Regex> = LazyLock::new(|| Regex::new(&GOOD.join("|")).unwrap());
    let rest = GOOD_ONES.replace_all(text, "…");
    let found = |(pattern, instead): &(Regex, &'static str)| {
        pattern.find(&rest).map(|phrase| (phrase.as_str().to_owned(), *instead))
    };
    PATTERNS.iter().filter_map(found).collect()
}

#[test]
fn the_prose_is_plain_english() {
    let texts = texts();
    assert!(texts.len() > 500, "{} files", texts.len());
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut found = Vec::new();
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        let (is_rust, is_test) = (path.extension().is_some_and(|end| end == "rs"), path.starts_with(&tests));
        for (number, line) in text.lines().enumerate() {
            for (phrase, instead) in phrases_in(&read(line, is_rust, is_test)) {
                found.push(format!("{}:{}: \"{phrase}\": write \"{instead}\"", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn comments_messages_and_names_of_tests_are_read_and_data_is_not() {
    for (line, phrase) in [
        ("// It is no text.", Some("is no t")),
        ("fn what_is_no_text() {", Some("is no t")),
        ("let nobody = 1;", Some("nobody")),
        (r#"panic!("the field takes its neighbour away");"#, Some("takes its neighbour away")),
        (r#"run("app=nobody is what it selects");"#, None),
        (r#"expect("no team \"nobody\" was found");"#, None),
        ("fn there_is_no_longer_a_file() {", None),
        ("// There is no file, and it stands for nothing.", None),
    ] {
        let found = phrases_in(&read(line, true, true));
        assert_eq!(found.first().map(|(phrase, _)| phrase.as_str()), phrase, "{line}");
    }
}
