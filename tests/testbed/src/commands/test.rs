//! Runs the real tier: those tests of fluxr that need real parts.

use crate::build;
use crate::places;
use crate::say;
use anyhow::Context;
use std::time::Instant;

/// Tests that take both cores for minutes, beside others with time limits: only when they are asked for. They need no real parts.
const APART: [&str; 2] = ["real::made_up_kind", "real::release"];

/// Builds what is missing and runs the tests below `real`, those whose names contain one of `filters` when there are any.
///
/// # Errors
/// A program is missing, a build fails, or a test fails.
pub fn test(threads: usize, filters: &[String]) -> anyhow::Result<()> {
    places::require(&[
        ("git", "serves repositories"),
        ("setpriv", "ends parts with the testbed; package util-linux"),
    ])?;
    if filters.is_empty() || !filters.iter().all(|filter| is_apart(filter)) {
        build::build_all()?;
    }
    let begun = Instant::now();
    let mut command = places::cargo();
    command
        .args(["test", "--workspace", "--test", "it", "--", "--ignored", "--show-output"])
        .arg(format!("--test-threads={threads}"))
        .env("FLUXR_TESTBED", "1");
    if filters.is_empty() {
        command
            .arg("real::")
            .args(APART.iter().flat_map(|apart| ["--skip".to_owned(), format!("{apart}::")]));
    }
    let status = command.args(filters).status().context("running cargo")?;
    say::tell(&format!("The real tier took {} s", begun.elapsed().as_secs()));
    anyhow::ensure!(status.success(), "the real tier failed ({status})");
    Ok(())
}

fn is_apart(filter: &str) -> bool {
    APART
        .iter()
        .any(|apart| filter.strip_prefix(apart).is_some_and(|rest| rest.is_empty() || rest.starts_with("::")))
}
