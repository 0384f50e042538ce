//! Signals that end the program. A thread handles them and does nothing else, so that a process ends whatever its command computes or
//! blocks on: a command that listens cleans up first, one that does not is left where it is. The command runs on the main thread, whose
//! memory the allocator of glibc enlarges in large steps; that of other threads grows page by page.

use crate::ui::Interrupted;
use signal_hook::consts::SIGINT;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;
use tokio::sync::watch;

/// Ends the process at once, with this exit code. Nothing is cleaned up.
pub type EndAtOnce = fn(u8);

/// How long a command may take to hear a signal.
const HEARING: Duration = Duration::from_secs(1);
/// How long a command that has heard a signal may clean up.
const CLEANING: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(5);
/// Of a thread for blocking work: as much as the main thread of a process has. Pages that are not used cost nothing.
pub const STACK: usize = 8 << 20;

/// Notifies a command of a signal.
pub struct Signal(watch::Receiver<Option<Interrupted>>);

impl Signal {
    /// Waits for a signal. A caller that awaits this has heard it, and is given time to clean up.
    pub async fn heard(mut self) -> Interrupted {
        let signal = self.0.wait_for(Option::is_some).await.ok().and_then(|signal| *signal);
        match signal {
            Some(signal) => signal,
            // The thread that hears is gone: the process is about to end.
            None => std::future::pending().await,
        }
    }
}

/// Runs a command until it returns or a signal ends it. `say` shows which signal it was, unless the command does so itself; a second
/// signal ends the process without a word.
///
/// # Errors
/// No thread, or no place to hear signals at.
pub fn supervised(
    command: impl FnOnce(Signal) -> ExitCode,
    say: impl FnOnce(Interrupted) + Send + 'static,
    end: EndAtOnce,
) -> std::io::Result<ExitCode> {
    let (tell, signal) = watch::channel(None);
    let signals = Signals::new([SIGINT, SIGTERM])?;
    let hearing = signals.handle();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || hear(signals, &tell, say, end))?;
    let code = command(Signal(signal));
    hearing.close();
    Ok(code)
}

/// Tells the command of the first signal, and ends the process for one that does not end by itself.
fn hear(
    mut signals: Signals,
    tell: &watch::Sender<Option<Interrupted>>,
    say: impl FnOnce(Interrupted) + Send + 'static,
    end: EndAtOnce,
) {
    let hearing = signals.handle();
    let Some(number) = signals.forever().next() else { return };
    let interrupted = if number == SIGTERM { Interrupted::ByTerm } else { Interrupted::ByKey };
    let begun = Instant::now();
    tell.send_replace(Some(interrupted));
    while !hearing.is_closed() {
        if signals.pending().next().is_some() {
            return end(interrupted.code());
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
            return end(interrupted.code());
        }
        std::thread::sleep(STEP);
    }
}
