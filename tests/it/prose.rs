//! Comments, messages, help and documents are plain English: phrases that were once translated word by word stay out.
//! The lines of a comment or a paragraph are read as one. Of the tests, comments, messages and names are read, not the data. In names, `_` counts as a blank.

use crate::floors::files;
use regex::Regex;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

/// What must not be written, and what is written instead.
const PHRASES: [(&str, &str); 16] = [
    (r"\banew\b", "again"),
    (r"\b[Ss]omebody\b", "someone, another client"),
    (r"\b[Nn]obody\b", "no one, nothing"),
    (r"\b[Ee]verybody\b", "everyone, all clients"),
    (r"(?:; n|// N|/// N)othing when\b", "`None` if"),
    (r"\b[Nn]one when\b", "`None` if"),
    (r"\b[Nn]one` when\b", "`None` if"),
    (r"\bgo(?:es)? on\b", "continue, take over"),
    (r"\b[Cc]ircles?\b", "cycle"),
    (r"\b[Gg]ives (?:why|how|whether|the (?:list|time))\b", "returns"),
    (r"\b[Ss]tands?\b", "is, appears, depends"),
    (r#"\b(?:is|are) no [\w`"\[]"#, "is not a, invalid"),
    (r"\w (?:is|are) none\b", "invalid, not one, counts as not set"),
    (r"\b(?:[Tt]akes? (?:[^.;:]{0,40} )?|taken |took (?:[^.;:]{0,40} )?)away\b", "removes, removed"),
    (r"\b[Ww]hoever\b", "anyone who, a client that, no matter who"),
    (r"\b(?:is|are|was|were|be|unless|[Aa]s) said\b", "is reported, by default"),
];

/// What is good English although a phrase above is in it.
const GOOD: [&str; 6] = [
    r"\b[Tt]here (?:is|are) no(?:ne)?\b",
    r"\b(?:is|are) none of\b",
    r"\bon and on\b",
    r"\b(?:is|are) no (?:longer|more)\b",
    r"\bstands? for\b",
    r"\bstand[- ]ins?\b",
];

/// What of the tree is prose, or has some.
fn texts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let top = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "install.sh",
        ".ci/run",
        ".cargo/config.toml",
        "Cargo.toml",
        "clippy.toml",
        "deny.toml",
        "rust-toolchain.toml",
        "rustfmt.toml",
        "tests/testbed/Cargo.toml",
    ];
    let mut found: Vec<PathBuf> = top.iter().map(|name| root.join(name)).collect();
    files(&root.join(".github/workflows"), "yml", &mut found);
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

/// What a file is written in, which says where its prose is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Rust,
    Markdown,
    /// Scripts, workflows and settings: comments begin with `#`.
    Script,
}

impl Language {
    fn of(path: &Path) -> Self {
        match path.extension().and_then(|end| end.to_str()) {
            Some("rs") => Self::Rust,
            Some("md") => Self::Markdown,
            _ => Self::Script,
        }
    }

    /// What a line adds to the paragraph that it is in, after the mark of one that it begins; `None` if it is in none.
    fn part(self, line: &str) -> Option<(&'static str, &str)> {
        static BEGINS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(?:[|#`>*-]|[0-9]+\. )").unwrap());
        let line = line.trim();
        match self {
            Self::Rust => Some(("// ", line.strip_prefix("//")?.trim_start_matches(['/', '!']).trim())),
            Self::Script => Some(("# ", line.strip_prefix('#')?.trim())),
            Self::Markdown => Some(("", line)).filter(|_| !line.is_empty() && !BEGINS.is_match(line)),
        }
    }
}

/// The prose of a text, each with the line on which it begins: the lines of a paragraph are joined.
fn paragraphs(text: &str, language: Language, is_test: bool) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut is_open = false;
    for (number, line) in text.lines().enumerate() {
        match (language.part(line).filter(|(_, part)| !part.is_empty()), found.last_mut()) {
            (Some((_, part)), Some((_, paragraph))) if is_open => {
                paragraph.push(' ');
                paragraph.push_str(part);
            }
            (Some((mark, part)), _) => {
                found.push((number + 1, format!("{mark}{part}")));
                is_open = true;
            }
            (None, _) => {
                found.push((number + 1, read(line, language, is_test)));
                // The item of a list may be continued.
                is_open = language == Language::Markdown && !line.trim().is_empty();
            }
        }
    }
    found
}

/// What of a line is prose.
fn read(line: &str, language: Language, is_test: bool) -> String {
    match language {
        Language::Rust if is_test => format!("{}\n{}", prose(line), names(line)),
        Language::Rust => format!("{line}\n{}", names(line)),
        Language::Markdown | Language::Script => line.to_owned(),
    }
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
        let paragraphs = paragraphs(&text, Language::of(&path), path.starts_with(&tests));
        for (number, paragraph) in paragraphs {
            for (phrase, instead) in phrases_in(&paragraph) {
                found.push(format!("{}:{number}: \"{phrase}\": write \"{instead}\"", path.display()));
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
        ("let is_new = found.is_none();", None),
        ("/// It is the one that goes\n    /// on with it.", Some("goes on")),
        ("/// An address that is\n/// none.", Some("t is none")),
        ("// It is\nlet no = 1;\n// no text.", None),
        ("// There is no file, and it stands for nothing.", None),
    ] {
        assert_eq!(first(line, Language::Rust), phrase.map(str::to_owned), "{line}");
    }
}

/// The first phrase in a text of a test that must not be there.
fn first(text: &str, language: Language) -> Option<String> {
    let paragraphs = paragraphs(text, language, true);
    paragraphs.iter().flat_map(|(_, paragraph)| phrases_in(paragraph)).map(|(phrase, _)| phrase).next()
}

#[test]
fn paragraphs_of_documents_and_comments_of_scripts_are_joined() {
    for (text, language, phrase) in [
        ("The first line goes\non here.", Language::Markdown, Some("goes on")),
        ("- An item goes\n  on here.", Language::Markdown, Some("goes on")),
        ("The first goes\n\non here.", Language::Markdown, None),
        ("- It goes\n- on here.", Language::Markdown, None),
        ("    # The script goes\n    # on here.\n", Language::Script, Some("goes on")),
        ("# The script goes\non=1\n", Language::Script, None),
    ] {
        assert_eq!(first(text, language), phrase.map(str::to_owned), "{text}");
    }
}
