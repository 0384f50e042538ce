//! Imports point down only: the table of `docs/architecture.md`, held against every `crate::…` path, and the picture above it.

mod cycles;
mod imports;
mod libraries;
mod modules;
mod picture;
mod reached;

use fluxr::testing::api::DOMAIN;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use regex::Regex;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A row of the table of `docs/architecture.md`.
struct Row {
    floor: String,
    room: String,
    /// What the room may use, in the words of the table.
    may_use: String,
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(Path::new(ROOT).join("docs/architecture.md")).unwrap();
    let rows: Vec<Row> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let room = cells
                .get(1)?
                .strip_prefix('`')?
                .trim_end_matches('`')
                .trim_end_matches('/')
                .trim_end_matches(".rs");
            (cells.len() == 4).then(|| Row {
                floor: cells[0].to_owned(),
                room: room.to_owned(),
                may_use: cells[3].to_owned(),
            })
        })
        .collect();
    assert!(rows.len() > 8, "the table of docs/architecture.md was not found");
    rows
}

/// Every Rust file below a folder.
pub(crate) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    files(folder, "rs", found);
}

/// Every file below a folder whose name ends so.
pub(crate) fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.extension().is_some_and(|extension| extension == end) {
            found.push(path);
        }
    }
}

/// Whether the table allows `user` to use `used`.
fn allows(user: &Row, used: &str, rows: &[Row]) -> bool {
    match user.may_use.as_str() {
        "everything below" => true,
        "floors 1 and 0" => rows.iter().any(|row| row.room == used && ["1", "0"].contains(&&*row.floor)),
        "nothing" => false,
        list => list.split(',').any(|word| word.trim() == used),
    }
}

#[test]
fn every_import_points_down() {
    let rows = rows();
    let mut files = Vec::new();
    sources(&Path::new(ROOT).join("src"), &mut files);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in files {
        let inside = file.strip_prefix(Path::new(ROOT).join("src")).unwrap();
        let first = inside.iter().next().unwrap().to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if ["build", "lib", "main", "process", "testing"].contains(&room) {
            continue;
        }
        let Some(row) = rows.iter().find(|row| row.room == room) else {
            wrong.push(format!("{} is in no room of the table", inside.display()));
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            // A link in documentation is not an import.
            if line.trim_start().starts_with("//") {
                continue;
            }
            for part in line.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if used == room || !rows.iter().any(|row| row.room == used) {
                    continue;
                }
                seen += 1;
                if !allows(row, &used, &rows) {
                    wrong.push(format!("{}:{}: {room} uses {used}", inside.display(), number + 1));
                }
            }
        }
    }
    assert!(seen > 50, "only {seen} imports were found");
    assert_eq!(wrong, Vec::<String>::new());
}

/// What is compared with a kind, by one of its facts or as a value, where its own file should say what differs.
static COMPARED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"kind\.kind [=!]= "|[=!]= &?[A-Z][A-Z_]+\.(kind|group|plural)\b|[A-Z][A-Z_]+\.(kind|group|plural) [=!]=|ptr::eq\(.*\b[A-Z][A-Z_]+\b"#,
    )
    .unwrap()
});

/// Whether a line knows a fact about a kind: its name, its group, a label of its controller, or that it differs from other kinds.
fn knows_a_kind(line: &str) -> bool {
    // kustomize has a kind called Kustomization, too.
    let is_of_kustomize = line.trim() == "\"kind\": \"Kustomization\",";
    let names = |kind: &&Kind| line.contains(&format!("\"{}\"", kind.kind));
    let is_named = KINDS.iter().any(names) && !is_of_kustomize;
    is_named || line.contains(DOMAIN) || COMPARED.is_match(line)
}

/// A fact about a kind that is written elsewhere is forgotten when a kind is added.
#[test]
fn no_kind_is_named_outside_of_its_file() {
    let source = Path::new(ROOT).join("src");
    let mut files = Vec::new();
    sources(&source, &mut files);
    let others = ["api", "render/kustomize", "testing.rs"];
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        if others.iter().any(|other| inside.starts_with(other)) || inside.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = imports::without_tests(&text).lines().enumerate();
        for (number, line) in code.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if knows_a_kind(line) {
                wrong.push(format!("{}:{}: {}", inside.display(), number + 1, line.trim()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_fact_about_a_kind_is_found() {
    for (line, is_found) in [
        ("if kind == \"GitRepository\" {", true),
        ("kind.kind != \"Pod\"", true),
        ("kind.kind == KUSTOMIZATION.kind,", true),
        ("    == HELM_RELEASE.kind", true),
        ("if GIT_REPOSITORY.group != id.group", true),
        ("let is_release = std::ptr::eq(kind, &HELM_RELEASE);", true),
        ("const OWNER: &str = \"kustomize.toolkit.fluxcd.io\";", true),
        ("format!(\"deleting {DOMAIN} finalizers\")", false),
        ("std::ptr::eq(*known, kind)", false),
        ("self.group == id.group && self.kind == id.kind", false),
        ("kind.has(Role::Builder)", false),
        ("cluster::get(client, &KUSTOMIZATION, name)", false),
    ] {
        assert_eq!(knows_a_kind(line), is_found, "{line}");
    }
}

#[test]
fn no_operation_and_no_flag_knows_a_forge_by_its_name() {
    let mut files = Vec::new();
    for room in ["src/ops", "src/cli"] {
        sources(&Path::new(ROOT).join(room), &mut files);
    }
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().enumerate().take_while(|(_, line)| *line != "#[cfg(test)]");
        for (number, line) in lines.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            let lower = line.to_lowercase();
            // Plugins come from there.
            let is_address = line.contains("\"https://github.com/");
            if !is_address
                && ["github", "gitlab", "gitea", "bitbucket"].iter().any(|name| lower.contains(name))
            {
                wrong.push(format!("{}, line {}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "what differs between forges belongs to src/forge:\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_four_hundred_lines() {
    let mut files = Vec::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    let long: Vec<_> =
        files.iter().filter(|file| std::fs::read_to_string(file).unwrap().lines().count() > 400).collect();
    assert_eq!(long, Vec::<&PathBuf>::new());
}

/// How a function begins.
static BEGIN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^( *)(?:pub(?:\([a-z: ]+\))? )?(?:(?:const|async|unsafe) )*fn (\w+)").unwrap()
});

/// The functions of a file that are longer than eighty lines: the line on which each begins, and its name. In tests, tables are not counted.
fn long_functions(text: &str, only_tests: bool) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let is_test = |number: usize| {
        let before = lines[..number].iter().rev().take_while(|line| line.trim_start().starts_with("#["));
        before.into_iter().any(|line| line.contains("test"))
    };
    let length = |number: usize, indentation: &str| {
        let head = lines[number..].iter().position(|line| line.ends_with(['{', '}', ';']))?;
        let ends = |line: &&str| line.strip_prefix(indentation) == Some("}");
        lines[number + head].ends_with('{').then(|| lines[number..].iter().position(ends))?
    };
    let long = lines.iter().enumerate().filter_map(|(number, line)| {
        let found = BEGIN.captures(Some(*line).filter(|line| line.contains("fn "))?)?;
        let is_long = length(number, &found[1]).is_some_and(|length| length >= 80);
        (is_long && (!only_tests || is_test(number))).then(|| (number + 1, found[2].to_owned()))
    });
    long.collect()
}

#[test]
fn no_function_is_longer_than_eighty_lines() {
    let mut long = Vec::new();
    for folder in ["src", "tests"] {
        let mut files = Vec::new();
        sources(&Path::new(ROOT).join(folder), &mut files);
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let found = long_functions(&text, folder == "tests").into_iter();
            long.extend(found.map(|(line, name)| format!("{}:{line}: {name}", file.display())));
        }
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn a_long_function_is_found() {
    let of = |lines: usize| {
        format!("#[test]\nfn first()\nwhere\n    T: X,\n{{\n{}}}\n", "    a();\n".repeat(lines))
    };
    assert_eq!(long_functions(&of(75), false), []);
    assert_eq!(long_functions(&of(76), false), [(2, "first".to_owned())]);
    assert_eq!(long_functions(&of(76), true).len(), 1);
    assert_eq!(long_functions(&of(76)[8..], true), []);
    let declared = format!("trait A {{\n    fn one();\n{}}}\n", "    fn two();\n".repeat(90));
    assert_eq!(long_functions(&declared, false), []);
}
