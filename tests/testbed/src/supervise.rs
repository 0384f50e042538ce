//! The process that a testbed is: in a session of its own, it holds everything that runs, and everything ends with it.

use crate::Parts;
use crate::Testbed;
use crate::say;
use crate::state::Place;
use crate::state::State;
use anyhow::Context;
use std::fs::File;
use std::io::BufRead;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

/// What its parent says if it may outlive it; without this word it ends with the parent's end of the pipe.
pub const STAY: &str = "stay";
/// The answer when everything runs.
pub const READY: &str = "ready";
/// The answer when another process is the testbed of that name already.
pub const RUNS_ALREADY: &str = "runs already";

/// Runs the testbed of that name until it is told to end.
///
/// # Errors
/// Something does not come up, or ends by itself. The logs stay.
pub fn supervise(name: &str, parts: Parts) -> anyhow::Result<()> {
    // A session of its own: what interrupts the shell does not reach it. It fails only for one that leads a session already.
    let _ = rustix::process::setsid();
    let place = Place::named(name)?;
    let Some(lock) = place.hold()? else {
        say::answer(RUNS_ALREADY);
        return Ok(());
    };
    // What a testbed that was killed left behind.
    drop(std::fs::remove_dir_all(&place.folder));
    let (tell, told) = mpsc::channel();
    listen(tell.clone());
    await_signals(tell.clone())?;
    let begun = Instant::now();
    let folder = place.folder.clone();
    std::thread::spawn(move || tell.send(Event::Started(Box::new(Testbed::start(parts, &folder)))));
    let mut testbed = match told.recv().context("nothing reports what happens")? {
        Event::Started(outcome) => (*outcome)?,
        // What has been started already ends with this process.
        Event::End => return clear(&place, lock),
    };
    let environment = testbed.environment();
    State { ready_after: begun.elapsed().as_secs_f64(), environment }.write(&place.folder)?;
    say::answer(READY);
    while told.recv_timeout(Duration::from_millis(300)).is_err() {
        if testbed.cluster.has_ended() {
            drop(std::fs::remove_file(place.folder.join("state.json")));
            return testbed.cluster.stop().context("the testbed ended by itself");
        }
    }
    testbed.cluster.stop()?;
    drop(testbed);
    clear(&place, lock)
}

/// What can happen to a testbed from outside, and the end of its start.
enum Event {
    Started(Box<anyhow::Result<Testbed>>),
    End,
}

/// Removes the folder, and gives the name free only then.
fn clear(place: &Place, lock: File) -> anyhow::Result<()> {
    drop(std::fs::remove_dir_all(&place.folder));
    drop(lock);
    Ok(())
}

/// Ends the testbed when the pipe to its parent ends before that has said that it may stay.
fn listen(end: mpsc::Sender<Event>) {
    std::thread::spawn(move || {
        let mut word = String::new();
        let heard = std::io::stdin().lock().read_line(&mut word);
        if heard.is_err() || word.trim() != STAY {
            let _ = end.send(Event::End);
        }
    });
}

fn await_signals(end: mpsc::Sender<Event>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let (Ok(mut terminate), Ok(mut interrupt)) =
                (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
            else {
                return;
            };
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            let _ = end.send(Event::End);
        });
    });
    Ok(())
}
