//! Signals that end the program. The main thread hears them and does nothing else, so that a process ends whatever its command
//! computes or blocks on: a command that listens cleans up first, one that does not is left where it is.

use crate::ui::Interrupted;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;
use tokio::sync::watch;

/// How the process ends.
#[derive(Debug)]
pub enum Ending {
    /// The command has returned.
    Returned(ExitCode),
    /// The command still runs, and must not be waited for: nothing of it is cleaned up.
    AtOnce(u8),
}

/// How long a command may take to hear a signal.
const HEARING: Duration = Duration::from_secs(1);
/// How long a command that has heard a signal may clean up.
const CLEANING: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(5);
/// As much as the main thread of a process has; the pages that are not used cost nothing.
pub const STACK: usize = 8 << 20;

/// What tells a command of a signal.
pub struct Signal(watch::Receiver<Option<Interrupted>>);

impl Signal {
    /// Waits for a signal. Whoever awaits this has heard it, and is given time to clean up.
    pub async fn heard(mut self) -> Interrupted {
        let signal = self.0.wait_for(Option::is_some).await.ok().and_then(|signal| *signal);
        match signal {
            Some(signal) => signal,
            // The main thread is gone, and the process with it.
            None => std::future::pending().await,
        }
    }
}

/// Runs a command on a thread of its own until it returns or a signal ends it. `say` shows which signal it was, unless the
/// command does so itself; a second signal ends the process without a word.
pub fn supervised(
    command: impl FnOnce(Signal) -> ExitCode + Send + 'static,
    say: impl FnOnce(Interrupted) + Send + 'static,
) -> std::io::Result<Ending> {
    let (tell, signal) = watch::channel(None);
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let hearing = signals.handle();
    let thread =
        std::thread::Builder::new().name("command".to_owned()).stack_size(STACK).spawn(move || {
            let code = command(Signal(signal));
            hearing.close();
            code
        })?;
    let Some(number) = signals.forever().next() else {
        return Ok(Ending::Returned(thread.join().unwrap_or(ExitCode::FAILURE)));
    };
    let interrupted = if number == SIGTERM { Interrupted::ByTerm } else { Interrupted::ByKey };
    let begun = Instant::now();
    tell.send_replace(Some(interrupted));
    while !thread.is_finished() {
        if signals.pending().next().is_some() {
            return Ok(Ending::AtOnce(interrupted.code()));
        }
        let is_heard = tell.is_closed();
        if begun.elapsed() > if is_heard { CLEANING } else { HEARING } {
            // Someone may hold stderr, e.g. because nothing reads what is in the pipe.
            let (done, said) = mpsc::channel();
            let _ = std::thread::Builder::new().spawn(move || {
                say(interrupted);
                let _ = done.send(());
            });
            let _ = said.recv_timeout(STEP * 20);
            return Ok(Ending::AtOnce(interrupted.code()));
        }
        std::thread::sleep(STEP);
    }
    Ok(Ending::Returned(thread.join().unwrap_or(ExitCode::FAILURE)))
}
