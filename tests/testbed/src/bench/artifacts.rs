//! Artifacts: into a registry, out of it, and what is there.

use super::measure::Line;
use super::measure::Programs;
use super::measure::Row;
use crate::registry::RealRegistry;
use anyhow::Context;
use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::path::Path;
use std::process::Command;

const FILES: usize = 2000;
/// Of each file: 10 MiB in all.
const BYTES: usize = 10 * 1024 * 1024 / FILES;
const TAGS: usize = 200;

/// Pushes, pulls and lists at a registry of its own.
pub(super) fn rows(programs: &Programs, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let registry = RealRegistry::start(&folder.join("registry"), false, false)?;
    let (content, output) = (folder.join("content"), folder.join("output"));
    fill(&content)?;
    fs::create_dir_all(&output)?;
    let artifact = format!("oci://{}/bench", registry.host());
    let from =
        format!("--path={} --source=https://git.example.com/app --revision=main@sha1:1", content.display());
    let push = format!("push artifact {artifact}:v1 {from}");
    let pull = format!("pull artifact {artifact}:v1 --output={}", output.display());
    let list = format!("list artifacts {artifact}");
    let measure = |title, words| programs.compare(Line { title, words, kubectl: None }, &[], None);
    let pushed = measure("`push artifact`, 10 MiB in 2,000 files", &push)?;
    let pulled = measure("`pull artifact`, the same", &pull)?;
    let mut tags = Command::new(&programs.fluxr);
    tags.args(["tag", "artifact", &format!("{artifact}:v1")]);
    tags.args((2..=TAGS).map(|number| format!("--tag=v{number}")));
    anyhow::ensure!(tags.status().context("running fluxr")?.success(), "the artifact is not tagged");
    Ok(vec![pushed, pulled, measure("`list artifacts` of 200 tags", &list)?])
}

/// Text that is compressed to about half, in twenty folders.
fn fill(folder: &Path) -> anyhow::Result<()> {
    for number in 0..FILES {
        let mut text = String::with_capacity(BYTES + 64);
        for line in 0.. {
            if text.len() >= BYTES {
                break;
            }
            text.push_str(&hex::encode(Sha256::digest(format!("{number} {line}"))));
        }
        text.truncate(BYTES);
        let place = folder.join(format!("{}/{number}.txt", number % 20));
        fs::create_dir_all(place.parent().context("a folder")?)?;
        fs::write(place, text)?;
    }
    Ok(())
}
