//! The two streams of the output, what is known about them, and where they go.

use std::io::Write;
#[cfg(test)]
use std::sync::Arc;
use std::sync::Mutex;

/// What is known about one of the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Whether a person is looking.
    pub is_terminal: bool,
    /// Whether colour may be used.
    pub colour: bool,
}

/// stdout was closed by its reader, as `head` does. Not a failure: the program ends quietly.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the output has gone")]
pub struct ClosedPipe;

/// The process was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// The person pressed Ctrl-C.
    #[error("interrupted")]
    ByKey,
    /// A SIGTERM came.
    #[error("terminated")]
    ByTerm,
}

impl Interrupted {
    /// The exit code: 128 and the number of the signal, as a shell reports it for programs that leave signals alone.
    pub fn code(self) -> u8 {
        match self {
            Self::ByKey => 130,
            Self::ByTerm => 143,
        }
    }
}

/// When colour is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    Always,
    Never,
}

/// One of the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Where it goes.
#[derive(Clone, Debug, Default)]
pub(super) enum Sink {
    #[default]
    Process,
    Nowhere,
    #[cfg(test)]
    Captured(Arc<Mutex<Captured>>),
}

/// What a captured `Ui` has received.
#[cfg(test)]
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Captured {
    pub out: String,
    pub err: String,
    /// Both, and what was drawn, as a terminal would have got it.
    pub screen: String,
}

impl Sink {
    /// Writes what is drawn, which is not part of the output.
    pub(super) fn draw(&self, stream: Stream, text: &[u8]) -> std::io::Result<()> {
        match self {
            #[cfg(test)]
            Self::Captured(captured) => {
                lock(captured).screen.push_str(&String::from_utf8_lossy(text));
                Ok(())
            }
            _ => self.write(stream, text),
        }
    }

    pub(super) fn write(&self, stream: Stream, text: &[u8]) -> std::io::Result<()> {
        let all = |mut stream: std::io::StdoutLock| stream.write_all(text).and_then(|()| stream.flush());
        match (self, stream) {
            (Self::Process, Stream::Out) => all(std::io::stdout().lock()),
            (Self::Process, Stream::Err) => std::io::stderr().lock().write_all(text),
            (Self::Nowhere, _) => Ok(()),
            #[cfg(test)]
            (Self::Captured(captured), _) => {
                let text = &String::from_utf8_lossy(text);
                let mut captured = lock(captured);
                captured.screen.push_str(text);
                match stream {
                    Stream::Out => captured.out.push_str(text),
                    Stream::Err => captured.err.push_str(text),
                }
                Ok(())
            }
        }
    }
}

/// A poisoned lock only means that another thread panicked while writing a line.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
