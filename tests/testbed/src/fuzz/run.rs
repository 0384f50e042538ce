//! Builds the fuzzer and runs it over the targets, two at once.

use super::targets::TARGETS;
use super::targets::Target;
use super::targets::corpus;
use crate::places;
use crate::say;
use anyhow::Context;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

/// How many targets run at once.
const AT_ONCE: usize = 2;
/// Longer inputs say little that short ones do not.
const LONGEST: usize = 4096;

/// Runs the targets whose names contain one of `filters`, all without any, `seconds` each. What a run finds is kept in
/// `target/fuzz/<target>` for the next one. The same `seed` gives the same inputs; without one every run tries others.
///
/// # Errors
/// A build that fails; a target that panics, hangs or takes too much memory, with the input that made it.
pub fn fuzz(seconds: u64, seed: Option<u32>, filters: &[String]) -> anyhow::Result<()> {
    let wanted = |target: &&Target| {
        filters.is_empty() || filters.iter().any(|filter| target.name.contains(filter.as_str()))
    };
    let waiting = Mutex::new(TARGETS.iter().filter(wanted).collect::<Vec<_>>());
    let program = build()?;
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(target) = next(&waiting) {
                    if let Err(error) = one(&program, target, seconds, seed) {
                        say::tell(&format!("{error:#}"));
                        lock(&failures).push(target.name);
                    }
                }
            });
        }
    });
    let failures = lock(&failures).join(", ");
    anyhow::ensure!(failures.is_empty(), "found something to mend: {failures}");
    Ok(())
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn next(waiting: &Mutex<Vec<&'static Target>>) -> Option<&'static Target> {
    lock(waiting).pop()
}

fn build() -> anyhow::Result<PathBuf> {
    say::tell("Building fluxr with counters");
    let wrapper = places::checkout().join("tests/testbed/src/fuzz/rustc");
    let arguments = ["build", "--quiet", "--package", "testbed", "--bin", "fuzz", "--features", "fuzz"];
    let status = places::cargo()
        .args(arguments)
        .env("RUSTC_WORKSPACE_WRAPPER", wrapper)
        .status()
        .context("running cargo")?;
    anyhow::ensure!(status.success(), "the fuzzer does not build");
    Ok(places::target().join("debug/fuzz"))
}

fn one(program: &Path, target: &Target, seconds: u64, seed: Option<u32>) -> anyhow::Result<()> {
    let folder = places::target().join("fuzz").join(target.name);
    let found = folder.join("found");
    fs::create_dir_all(&found).with_context(|| format!("creating {}", found.display()))?;
    let mut command = Command::new(program);
    command.env("FUZZ_TARGET", target.name).arg(&found);
    if corpus(target).is_dir() {
        command.arg(corpus(target));
    }
    command
        .arg(format!("-max_total_time={seconds}"))
        // Zero is libFuzzer's word for a seed of its own.
        .arg(format!("-seed={}", seed.unwrap_or(0)))
        .arg(format!("-max_len={LONGEST}"))
        .arg(format!("-artifact_prefix={}/", folder.display()))
        .args(["-timeout=20", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    let output = command.output().with_context(|| format!("running {}", program.display()))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let last = log.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>();
    anyhow::ensure!(output.status.success(), "{}: {}\n{}", target.name, output.status, last.join("\n"));
    let runs = log.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let runs = runs.context("libFuzzer printed no count of its runs")?.trim();
    let inputs = fs::read_dir(&found)?.count();
    say::answer(&format!("{}: {runs} runs, {inputs} inputs that reach different code", target.name));
    Ok(())
}
