//! Builds what is missing, one part at a time, with a line about each.

use super::recipe::Recipe;
use super::recipe::STAGING;
use super::recipe::STAGING_VERSION;
use super::recipe::recipe;
use super::recipe::recipes;
use crate::places;
use anyhow::Context;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// The binary of a part that was built before.
///
/// # Errors
/// When it was not.
pub fn binary(part: &str) -> anyhow::Result<PathBuf> {
    let recipe = recipe(part).with_context(|| format!("there is no recipe for {part}"))?;
    let path = places::cache()?.join(recipe.folder()).join(part);
    anyhow::ensure!(
        path.is_file(),
        "{part} {} is not built yet: `cargo testbed build` does it",
        recipe.version
    );
    Ok(path)
}

/// Builds every part that is not in the cache, and says how long each took.
///
/// # Errors
/// A missing `go`; a build that fails, with the end of what it said.
pub fn build_all(say: &mut dyn FnMut(&str)) -> anyhow::Result<()> {
    let missing: Vec<&Recipe> = recipes().iter().filter(|recipe| binary(recipe.part).is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Command::new("go")
        .arg("version")
        .output()
        .context("`go` is needed to build the real parts and was not found: install Go 1.26")?;
    let cache = places::cache()?;
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    // Two testbeds that start at once build one after the other; the second then finds everything.
    let lock = std::fs::File::create(cache.join("lock")).context("creating the lock of the cache")?;
    lock.lock().context("waiting for another build")?;
    let total = missing.len();
    for (index, recipe) in missing.into_iter().enumerate() {
        if binary(recipe.part).is_ok() {
            continue;
        }
        say(&format!("building {} {} ({}/{total})", recipe.part, recipe.version, index + 1));
        let begun = Instant::now();
        build(recipe, &cache.join(recipe.folder()))?;
        say(&format!("built {} in {} s", recipe.part, begun.elapsed().as_secs()));
    }
    Ok(())
}

fn build(recipe: &Recipe, folder: &Path) -> anyhow::Result<()> {
    let work = tempfile::tempdir().context("creating a folder for the build")?;
    std::fs::write(work.path().join("go.mod"), go_mod(recipe, work.path())?)?;
    let import = format!("//go:build tools\n\npackage wrapper\n\nimport _ \"{}\"\n", recipe.package);
    std::fs::write(work.path().join("tools.go"), import)?;
    go(work.path(), &["mod", "tidy", "-e"])?;
    let out = work.path().join(recipe.part);
    let linker = format!("-s -w {}", recipe.linker);
    let target = out.display().to_string();
    go(work.path(), &["build", "-trimpath", "-ldflags", &linker, "-o", &target, recipe.package])?;
    std::fs::create_dir_all(folder)?;
    // Copied beside its place and renamed, so that nobody ever runs half a binary.
    let half = folder.join(format!("{}.part", recipe.part));
    std::fs::copy(&out, &half)?;
    std::fs::rename(&half, folder.join(recipe.part))?;
    Ok(())
}

/// The wrapper module: `go install MODULE@VERSION` refuses modules with replacements.
fn go_mod(recipe: &Recipe, work: &Path) -> anyhow::Result<String> {
    let mut text = format!("module wrapper\n\ngo 1.26\n\nrequire {} {}\n", recipe.module, recipe.version);
    for (module, version) in recipe.requires {
        writeln!(text, "require {module} {version}")?;
    }
    if recipe.module == "k8s.io/kubernetes" {
        for name in STAGING {
            writeln!(text, "replace k8s.io/{name} => k8s.io/{name} {STAGING_VERSION}")?;
        }
    }
    for (module, version) in recipe.replaces {
        writeln!(text, "replace {module} => {module} {version}")?;
    }
    if recipe.keeps_replacements {
        for line in replacements(recipe, work)? {
            writeln!(text, "replace {line}")?;
        }
    }
    Ok(text)
}

/// The replacements of a module by other modules; those by folders make sense only inside it.
fn replacements(recipe: &Recipe, work: &Path) -> anyhow::Result<Vec<String>> {
    let target = format!("{}@{}", recipe.module, recipe.version);
    let answer = go(work, &["mod", "download", "-json", &target])?;
    let answer: Value = serde_json::from_str(&answer).context("reading the answer of go mod download")?;
    let path = answer["GoMod"].as_str().context("go mod download names no go.mod")?;
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {path}"))?;
    let lines = text.lines().map(str::trim).filter(|line| line.contains("=>") && !line.starts_with("//"));
    Ok(lines
        .map(|line| line.strip_prefix("replace ").unwrap_or(line).to_owned())
        .filter(|line| !line.contains("=> ./") && !line.contains("=> ../"))
        .filter(|line| recipe.drops.iter().all(|dropped| !line.starts_with(dropped)))
        .filter(|line| recipe.replaces.iter().all(|(module, _)| !line.starts_with(module)))
        .collect())
}

/// Runs go; downloads flake, so a failure is tried again, but a refusal is final.
fn go(work: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut said = String::new();
    for attempt in 0..3 {
        if attempt > 0 {
            std::thread::sleep(Duration::from_secs(5));
        }
        let output = Command::new("go")
            .args(arguments)
            .current_dir(work)
            .env("GOTOOLCHAIN", "local")
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .env("GOFLAGS", "-buildvcs=false -mod=mod")
            .output()
            .context("running go")?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if said.contains("403 Forbidden") || said.contains("404 Not Found") {
            break;
        }
    }
    let tail: Vec<&str> = said.lines().rev().take(12).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    anyhow::bail!("go {} failed:\n{}", arguments.join(" "), tail.join("\n"))
}
