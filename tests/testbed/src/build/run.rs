//! Builds what is missing, one part at a time, with a line about each.

use super::bitbucket;
use super::npm;
use super::recipe::Embeds;
use super::recipe::Recipe;
use super::recipe::STAGING;
use super::recipe::STAGING_VERSION;
use super::recipe::recipe;
use super::recipe::recipes;
use crate::Parts;
use crate::places;
use crate::say;
use anyhow::Context;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
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

/// Builds every part that is not in the cache, and installs what judges the APIs of forges.
///
/// # Errors
/// A missing `go`, `npm` or `node`; a build that fails, with the end of what it said.
pub fn build_all() -> anyhow::Result<()> {
    if npm::installed().is_err() {
        npm::require()?;
    }
    let all: Vec<&str> = recipes().iter().map(|recipe| recipe.part).collect();
    build_parts(&all)?;
    if npm::installed().is_err() {
        let _lock = hold_cache()?;
        npm::install()?;
    }
    if bitbucket::installed().is_err() {
        let _lock = hold_cache()?;
        bitbucket::install()?;
    }
    Ok(())
}

/// Builds what of a selection is not in the cache, and tells what it does and how long each took. Embedded parts need nothing.
///
/// # Errors
/// A missing `go`; a build that fails, with the end of what it said.
pub fn build_for(parts: Parts, selection: &[&[&str]]) -> anyhow::Result<()> {
    match parts {
        Parts::Embedded => Ok(()),
        Parts::Real => build_parts(&selection.concat()),
    }
}

fn build_parts(selection: &[&str]) -> anyhow::Result<()> {
    let missing = |part: &&Recipe| selection.contains(&part.part) && binary(part.part).is_err();
    if !recipes().iter().any(|recipe| missing(&recipe)) {
        return Ok(());
    }
    places::require(&[("go", "builds the real parts; 1.26 or newer")])?;
    let _lock = hold_cache()?;
    // Another build may have made some of them meanwhile.
    let missing: Vec<&Recipe> = recipes().iter().filter(missing).collect();
    let (cache, total, begun) = (places::cache()?, missing.len(), Instant::now());
    say::tell(&format!(
        "Building {total} parts from the Go module proxy, once per user; that takes about {} minutes on two cores",
        2 * total
    ));
    for (index, recipe) in missing.into_iter().enumerate() {
        let title = format!("[{}/{total}] {} {}", index + 1, recipe.part, recipe.version);
        let progress = Progress { title: &title, begun: Instant::now() };
        build(recipe, &cache.join(recipe.folder()), &progress)?;
        say::refresh("");
        say::tell(&format!("{title} built in {} s", progress.begun.elapsed().as_secs()));
    }
    say::tell(&format!("Built in {} s", begun.elapsed().as_secs()));
    Ok(())
}

/// Two testbeds that start at once build one after the other; the second then finds everything.
fn hold_cache() -> anyhow::Result<std::fs::File> {
    let cache = places::cache()?;
    std::fs::create_dir_all(&cache).with_context(|| format!("creating {}", cache.display()))?;
    let lock = std::fs::File::create(cache.join("lock")).context("creating the lock of the cache")?;
    if lock.try_lock().is_err() {
        say::tell("Another build is running; waiting for it");
        lock.lock().context("waiting for another build")?;
    }
    Ok(lock)
}

/// What is shown while a part is built.
struct Progress<'a> {
    title: &'a str,
    begun: Instant,
}

impl Progress<'_> {
    /// A terminal sees the seconds pass; a log gets a line a minute, so that a long build does not look like a hung one.
    fn tick(&self, what: &str, minutes: &mut u64) {
        let seconds = self.begun.elapsed().as_secs();
        let line = format!("{}: {what}, {seconds} s", self.title);
        if !say::refresh(&line) && seconds / 60 > *minutes {
            *minutes = seconds / 60;
            say::tell(&line);
        }
    }
}

fn build(recipe: &Recipe, folder: &Path, progress: &Progress) -> anyhow::Result<()> {
    let work = tempfile::tempdir().context("creating a folder for the build")?;
    match (&recipe.embeds, &recipe.whole) {
        (Some(embeds), _) => copy_of_module(recipe, embeds, work.path(), progress)?,
        (None, Some(_)) => {
            places::require(&[("gcc", "compiles what is written in C")])?;
            copy(&module(recipe, work.path(), progress)?, work.path())?;
        }
        (None, None) => wrapper(recipe, work.path(), progress)?,
    }
    let out = work.path().join(format!("built-{}", recipe.part));
    let linker = format!("-s -w {}", recipe.linker);
    let target = out.display().to_string();
    let tags = recipe.whole.iter().flat_map(|whole| ["-tags", whole.tags]);
    let flags = ["build", "-trimpath", "-ldflags", &linker, "-o", &target].into_iter().chain(tags);
    go(work.path(), &flags.chain([recipe.package]).collect::<Vec<_>>(), progress)?;
    std::fs::create_dir_all(folder)?;
    for kept in recipe.whole.iter().flat_map(|whole| whole.keeps) {
        copy(&work.path().join(kept), &folder.join(kept))?;
    }
    // Copied beside its place and renamed, so that no one ever runs half a binary.
    let half = folder.join(format!("{}.part", recipe.part));
    std::fs::copy(&out, &half)?;
    std::fs::rename(&half, folder.join(recipe.part))?;
    Ok(())
}

/// A module that only asks for the one to build.
fn wrapper(recipe: &Recipe, work: &Path, progress: &Progress) -> anyhow::Result<()> {
    std::fs::write(work.join("go.mod"), go_mod(recipe, work, progress)?)?;
    let tools = format!("//go:build tools\n\npackage wrapper\n\nimport _ \"{}\"\n", recipe.package);
    let (file, text) = recipe.program.map_or(("tools.go", tools.as_str()), |program| ("main.go", program));
    std::fs::write(work.join(file), text)?;
    go(work, &["mod", "tidy", "-e"], progress)?;
    Ok(())
}

/// The module itself, with the files that it lacks: those below the module cache cannot be overlaid.
fn copy_of_module(recipe: &Recipe, embeds: &Embeds, work: &Path, progress: &Progress) -> anyhow::Result<()> {
    let source = module(recipe, work, progress)?;
    let files = downloaded(work, embeds.module, embeds.version, "Dir", progress)?;
    copy(&source, work)?;
    copy(&Path::new(&files).join(embeds.folder), &work.join(embeds.into))
}

/// The module of a recipe in Go's cache.
fn module(recipe: &Recipe, work: &Path, progress: &Progress) -> anyhow::Result<PathBuf> {
    Ok(PathBuf::from(downloaded(work, recipe.module, recipe.version, "Dir", progress)?))
}

/// Files keep their content only: what the module cache holds is read-only.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::write(&target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}

/// The folder of a module in Go's cache, downloaded if it is not there.
///
/// # Errors
/// A missing `go`; a module that the proxy refuses, with its answer.
pub fn module_folder(module: &str, version: &str) -> anyhow::Result<PathBuf> {
    places::require(&[("go", "downloads modules; 1.26 or newer")])?;
    let work = tempfile::tempdir().context("creating a folder for the download")?;
    let progress = Progress { title: &format!("{module} {version}"), begun: Instant::now() };
    Ok(PathBuf::from(downloaded(work.path(), module, version, "Dir", &progress)?))
}

/// Downloads a module; one of the fields of go's answer: `Dir` or `GoMod`.
fn downloaded(
    work: &Path,
    module: &str,
    version: &str,
    field: &str,
    progress: &Progress,
) -> anyhow::Result<String> {
    let answer = go(work, &["mod", "download", "-json", &format!("{module}@{version}")], progress)?;
    let answer: Value = serde_json::from_str(&answer).context("reading the answer of go mod download")?;
    let found = answer[field].as_str().with_context(|| format!("go mod download names no {field}"))?;
    Ok(found.to_owned())
}

/// The wrapper module: `go install MODULE@VERSION` refuses modules with replacements.
fn go_mod(recipe: &Recipe, work: &Path, progress: &Progress) -> anyhow::Result<String> {
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
        for line in replacements(recipe, work, progress)? {
            writeln!(text, "replace {line}")?;
        }
    }
    Ok(text)
}

/// The replacements of a module by other modules; those by folders make sense only inside it.
fn replacements(recipe: &Recipe, work: &Path, progress: &Progress) -> anyhow::Result<Vec<String>> {
    let path = downloaded(work, recipe.module, recipe.version, "GoMod", progress)?;
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let lines = text.lines().map(str::trim).filter(|line| line.contains("=>") && !line.starts_with("//"));
    Ok(lines
        .map(|line| line.strip_prefix("replace ").unwrap_or(line).to_owned())
        .filter(|line| !line.contains("=> ./") && !line.contains("=> ../"))
        .filter(|line| recipe.drops.iter().all(|dropped| !line.starts_with(dropped)))
        .filter(|line| recipe.replaces.iter().all(|(module, _)| !line.starts_with(module)))
        .collect())
}

/// Runs go; downloads flake, so a failure is tried again, but a refusal is final.
fn go(work: &Path, arguments: &[&str], progress: &Progress) -> anyhow::Result<String> {
    let mut said = String::new();
    for attempt in 0..3 {
        if attempt > 0 {
            std::thread::sleep(Duration::from_secs(5));
        }
        let output = run(work, arguments, progress)?;
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

/// Runs go once, politely: a build of many minutes must not make the machine unusable.
fn run(work: &Path, arguments: &[&str], progress: &Progress) -> anyhow::Result<Output> {
    // A module may ask for a newer Go than is needed to read it.
    let toolchain = if arguments.starts_with(&["mod", "download"]) { "auto" } else { "local" };
    let child = Command::new("nice")
        .args(["-n", "5", "go"])
        .args(arguments)
        .current_dir(work)
        .env("GOTOOLCHAIN", toolchain)
        // Only programs with tags use C.
        .env("CGO_ENABLED", if arguments.contains(&"-tags") { "1" } else { "0" })
        .env("GOWORK", "off")
        .env("GOFLAGS", "-buildvcs=false -mod=mod")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("running go")?;
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let what = if arguments.first() == Some(&"build") { "compiling" } else { "modules" };
    let mut minutes = progress.begun.elapsed().as_secs() / 60;
    loop {
        match is_done.recv_timeout(Duration::from_millis(500)) {
            Ok(output) => return output.context("waiting for go"),
            Err(RecvTimeoutError::Timeout) => progress.tick(what, &mut minutes),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("nothing waits for go any more"),
        }
    }
}
