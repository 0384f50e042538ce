//! Ends a testbed, with everything it has.

use crate::say;
use crate::state::Place;
use anyhow::Context;
use anyhow::bail;
use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use std::time::Duration;

/// Ends the testbed of that name and removes its folder. One that does not run is not an error.
///
/// # Errors
/// The supervising process does not end.
pub fn down(name: &str) -> anyhow::Result<()> {
    let place = Place::named(name)?;
    let running = place.supervisor();
    for signal in [Signal::TERM, Signal::KILL] {
        let Some(pid) = place.supervisor() else { break };
        let pid = Pid::from_raw(pid).context("the lock names no process")?;
        // It may have ended between the two looks.
        let _ = kill_process(pid, signal);
        for _ in 0..100 {
            if place.supervisor().is_none() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    if place.supervisor().is_some() {
        bail!("testbed {name} does not end");
    }
    drop(std::fs::remove_dir_all(&place.folder));
    drop(std::fs::remove_file(place.folder.with_extension("log")));
    drop(std::fs::remove_file(&place.lock));
    say::tell(&match running {
        Some(_) => format!("Testbed {name} is down"),
        None => format!("Testbed {name} does not run"),
    });
    Ok(())
}
