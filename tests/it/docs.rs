//! `docs/cli`: one page per command, written from the command tree. `UPDATE=1 cargo test docs` writes them.
//! What documents link to exists, and so do the source files that they name.

use crate::floors::files;
use crate::support::golden_folder;
use regex::Regex;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_pages_of_the_commands_are_what_the_command_tree_says() {
    let root = fluxr::testing::commands::manual("fluxr");
    let mut wanted = fluxr::testing::commands::pages(&root);
    wanted.insert("README.md".into(), index(&wanted));
    let folder = Path::new(ROOT).join("docs/cli");
    golden_folder(&folder, &wanted);
}

fn index(pages: &BTreeMap<String, String>) -> String {
    let mut text =
        String::from("# The commands\n\nWritten from the command tree by `UPDATE=1 cargo test docs`.\n\n");
    for name in pages.keys() {
        let command = name.trim_end_matches(".md").replace('_', " ");
        writeln!(text, "- [{command}]({name})").unwrap();
    }
    text
}

/// Every document, with its text outside of blocks of code.
fn documents() -> Vec<(PathBuf, String)> {
    let root = Path::new(ROOT);
    let mut found: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(|name| root.join(name)).into();
    files(&root.join("docs"), "md", &mut found);
    assert!(found.len() > 100, "{} documents", found.len());
    let text = |path: &PathBuf| {
        let mut is_code = false;
        let whole = std::fs::read_to_string(path).unwrap();
        let is_prose = |line: &&str| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        };
        whole.lines().filter(is_prose).collect::<Vec<_>>().join("\n")
    };
    let texts: Vec<String> = found.iter().map(text).collect();
    found.into_iter().zip(texts).collect()
}

/// The anchors of the headings of a document, as forges form them.
fn anchors(text: &str) -> HashSet<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let headings = text.lines().filter(|line| line.trim_start_matches('#').starts_with(' '));
    let headings = headings.filter_map(|line| line.strip_prefix('#'));
    let anchor = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let anchor = heading.chars().filter(kept).collect::<String>().replace(' ', "-");
        let count = counts.entry(anchor.clone()).or_default();
        *count += 1;
        if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
    };
    headings.map(anchor).collect()
}

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let documents = documents();
    let anchors: HashMap<&Path, HashSet<String>> =
        documents.iter().map(|(path, text)| (path.as_path(), anchors(text))).collect();
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, text) in &documents {
        let targets = link.captures_iter(text).map(|found| found.get(1).unwrap().as_str());
        for target in targets.filter(|target| !target.contains("://")) {
            count += 1;
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let led = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let Ok(led) = led.canonicalize() else {
                wrong.push(format!("{}: {target}: there is no such file", path.display()));
                continue;
            };
            if !anchor.is_empty() && !anchors.get(led.as_path()).is_some_and(|known| known.contains(anchor)) {
                wrong.push(format!("{}: {target}: there is no such heading", path.display()));
            }
        }
    }
    assert!(count > 300, "{count} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn headings_have_the_anchors_that_forges_give_them() {
    let text = "# For programs: `-o json`\ntext # with a sign\n## It's  late\n### Again\n## Again\n#none\n";
    let wanted = ["for-programs--o-json", "its--late", "again", "again-1"];
    assert_eq!(anchors(text), wanted.map(str::to_owned).into());
}

/// A file is named as in prose, by the end of its path: `git/commits.rs`, `cluster/kstatus/`.
#[test]
fn source_files_that_documents_name_exist() {
    let root = Path::new(ROOT);
    let mut sources = Vec::new();
    for folder in ["src", "tests"] {
        files(&root.join(folder), "rs", &mut sources);
    }
    let relative = |path: &Path| format!("/{}", path.strip_prefix(root).unwrap().display());
    let mut known: HashSet<String> = sources.iter().map(|path| relative(path)).collect();
    let above = |path: &PathBuf| path.ancestors().skip(1).map(Path::to_owned).collect::<Vec<_>>();
    let folders = sources.iter().flat_map(above).filter(|folder| folder.starts_with(root));
    known.extend(folders.map(|folder| format!("{}/", relative(&folder))));
    let name = Regex::new(r"`([\w./-]+\.rs|(?:src|tests|\w+)/(?:[\w-]+/)*)`").unwrap();
    let other = ["templates/", "completions/", "docs/cli/"];
    let (mut wrong, mut count) = (Vec::new(), 0);
    for (path, text) in documents() {
        for found in name.captures_iter(&text) {
            let named = found.get(1).unwrap().as_str();
            count += 1;
            if !other.contains(&named) && !known.iter().any(|path| path.ends_with(&format!("/{named}"))) {
                wrong.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(count > 50, "{count} names");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
