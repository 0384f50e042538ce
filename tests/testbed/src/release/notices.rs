//! The licence notices of everything that the program is made of. Licences ask for them wherever a program goes.

use super::crates::Crates;
use super::licences;
use super::native;
use anyhow::Context;
use cargo_metadata::Package;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;

/// How files with a notice begin.
const NAMES: [&str; 6] = ["license", "licence", "copying", "copyright", "notice", "unlicense"];

/// All notices as one text. What has the same words is printed once, under the names of all it is for.
///
/// # Errors
/// A crate without a notice whose licence has no known text, or a notice that cannot be read.
pub fn notices(crates: &Crates) -> anyhow::Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in &crates.linked {
        let title = format!("{} {}", package.name, package.version);
        let (own, remark) = of_crate(package)?;
        for text in own {
            texts.entry(text).or_default().push(format!("{title}{remark}"));
        }
        for native in native::carried_by(package) {
            let text = read(&folder(package).join(native.notice))?;
            texts.entry(text).or_default().push(format!("{} (in {title})", native.name));
        }
    }
    let mut all = format!(
        "fluxr {} is licensed under {}. It is built from the crates below, each under its own licence.\n\n",
        crates.program.version,
        crates.program.license.as_deref().unwrap_or("no licence"),
    );
    for package in &crates.linked {
        let licence = package.license.as_deref().unwrap_or("no licence");
        writeln!(all, "{} {}: {licence}", package.name, package.version)?;
    }
    let mut groups: Vec<(Vec<String>, String)> =
        texts.into_iter().map(|(text, titles)| (titles, text)).collect();
    groups.sort();
    for (titles, text) in groups {
        writeln!(all, "\n{}\n{}\n{}\n\n{text}", "=".repeat(80), titles.join("\n"), "-".repeat(80))?;
    }
    Ok(all)
}

/// The notices of a crate: its own files, or the words of its licence where it carries none; and a remark on them.
fn of_crate(package: &Package) -> anyhow::Result<(Vec<String>, String)> {
    let files = files(package)?;
    if !files.is_empty() {
        let texts: anyhow::Result<Vec<String>> = files.iter().map(|file| read(file)).collect();
        return Ok((texts?, String::new()));
    }
    let licence = package.license.as_deref().unwrap_or_default();
    let expression = licences::parse(licence)
        .with_context(|| format!("{} {} carries no notice", package.name, package.version))?;
    let ids: Vec<_> = expression.requirements().filter_map(|part| part.req.license.id()).collect();
    // Who may choose takes Apache-2.0, whose words name no one.
    let chosen = ids.iter().find(|id| id.name == "Apache-2.0").or(ids.first());
    let chosen = chosen.with_context(|| format!("the licence {licence:?} has no known text"))?;
    let authors = if package.authors.is_empty() {
        format!("the authors of {}", package.name)
    } else {
        package.authors.join(", ")
    };
    let repository = package.repository.as_deref().unwrap_or("no repository named");
    let remark = format!(
        "\n  by {authors} ({repository}); it carries no notice, so this is the text of {}",
        chosen.name,
    );
    Ok((vec![tidy(chosen.text())], remark))
}

/// The files with notices at the top of a crate, and the one that it names itself.
fn files(package: &Package) -> anyhow::Result<Vec<PathBuf>> {
    let folder = folder(package);
    let mut found: Vec<PathBuf> = package.license_file().into_iter().map(Into::into).collect();
    for entry in std::fs::read_dir(folder).with_context(|| format!("looking into {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            found.push(path);
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn folder(package: &Package) -> &Path {
    package.manifest_path.parent().map_or(Path::new(""), |folder| folder.as_std_path())
}

fn read(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    Ok(tidy(&String::from_utf8_lossy(&bytes)))
}

/// Without what differs between copies of the same words: ends of lines and blanks around.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
