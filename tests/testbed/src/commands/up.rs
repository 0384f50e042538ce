//! Starts a testbed and comes back when it can be worked with.

use crate::Parts;
use crate::build;
use crate::places;
use crate::say;
use crate::state::Place;
use crate::supervise;
use anyhow::Context;
use anyhow::bail;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// What must be there besides Go, which is asked for when something has to be built.
const NEEDED: [(&str, &str); 2] =
    [("git", "serves repositories"), ("setpriv", "ends parts with the testbed; package util-linux")];

/// Builds what is missing, starts the testbed of that name unless it runs, and says how to reach it.
///
/// # Errors
/// A program is missing, a build fails, or a part does not come up.
pub fn up(name: &str, parts: Parts) -> anyhow::Result<()> {
    let begun = Instant::now();
    let place = Place::named(name)?;
    if place.supervisor().is_some() {
        return already(name, &place);
    }
    places::require(match parts {
        Parts::Embedded => &NEEDED[..1],
        Parts::Real => &NEEDED,
    })?;
    build::build_for(parts, build::FOR_ALL_CONTROLLERS)?;
    let log = place.folder.with_extension("log");
    let errors = std::fs::File::create(&log).with_context(|| format!("creating {}", log.display()))?;
    // This program's own file, even when a build has put another in its place.
    let mut child = Command::new("/proc/self/exe")
        .args(["supervise", name])
        .args((parts == Parts::Real).then_some("--real"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .context("starting the supervising process")?;
    let mut word = String::new();
    if let Some(answers) = child.stdout.take() {
        BufReader::new(answers).read_line(&mut word).context("listening to the supervising process")?;
    }
    match word.trim() {
        supervise::READY => {
            let mut pipe = child.stdin.take().context("the pipe to the supervising process is gone")?;
            writeln!(pipe, "{}", supervise::STAY)?;
            say::tell(&format!("Testbed {name} is ready after {:.1} s", begun.elapsed().as_secs_f32()));
            say::tell(&format!("  eval \"$(cargo testbed env{})\"", option(name)));
            Ok(())
        }
        supervise::RUNS_ALREADY => already(name, &place),
        _ => {
            child.wait()?;
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            bail!(
                "testbed {name} did not come up: {}\nIts logs are in {}",
                said.trim(),
                place.folder.display()
            )
        }
    }
}

/// Waits for a testbed that someone else has started.
fn already(name: &str, place: &Place) -> anyhow::Result<()> {
    for _ in 0..600 {
        if place.state()?.is_some() {
            say::tell(&format!("Testbed {name} runs already"));
            return Ok(());
        }
        if place.supervisor().is_none() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    bail!("testbed {name} was being started by another process and did not come up")
}

/// How to name this testbed on a command line.
pub(super) fn option(name: &str) -> String {
    if name == "default" { String::new() } else { format!(" --name {name}") }
}
