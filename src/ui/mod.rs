//! The only door to the terminal. Data goes to stdout; progress, prompts, warnings and errors go to stderr.

mod progress;
mod prompt;

pub use progress::Spinner;

use std::borrow::Cow;
use std::io::IsTerminal;
use std::io::Write;
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

/// Somebody asked the program to end.
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

enum Sink {
    Process,
    Captured(Arc<Mutex<Captured>>),
}

/// What a captured `Ui` was told.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Captured {
    pub out: String,
    pub err: String,
}

/// The terminal, or what stands for it. All output of the program passes here, and loses its secrets on the way.
pub struct Ui {
    sink: Sink,
    /// stdout.
    pub out: Terminal,
    /// stderr.
    pub err: Terminal,
    stdin_is_terminal: bool,
    secrets: Mutex<Vec<String>>,
    spinner: Mutex<Option<indicatif::ProgressBar>>,
}

impl Ui {
    /// The `Ui` of a real process. `no_color` and `force_color` are the values of `NO_COLOR` and `CLICOLOR_FORCE`.
    pub fn for_process(no_color: Option<&str>, force_color: Option<&str>) -> Self {
        let forced = force_color.is_some_and(|value| !value.is_empty() && value != "0");
        let refused = no_color.is_some_and(|value| !value.is_empty());
        let facts = |is_terminal: bool| Terminal { is_terminal, colour: forced || (is_terminal && !refused) };
        Self::new(
            Sink::Process,
            facts(std::io::stdout().is_terminal()),
            facts(std::io::stderr().is_terminal()),
            std::io::stdin().is_terminal(),
        )
    }

    /// A `Ui` that keeps everything it is told, as if on a terminal or in a pipe.
    pub fn for_test(is_terminal: bool) -> (Self, Arc<Mutex<Captured>>) {
        let captured = Arc::new(Mutex::new(Captured::default()));
        let facts = Terminal { is_terminal, colour: is_terminal };
        (Self::new(Sink::Captured(captured.clone()), facts, facts, false), captured)
    }

    fn new(sink: Sink, out: Terminal, err: Terminal, stdin_is_terminal: bool) -> Self {
        Self { sink, out, err, stdin_is_terminal, secrets: Mutex::default(), spinner: Mutex::default() }
    }

    /// From now on `secret` is shown as `[redacted]` wherever it would appear, also when Base64 or percent encoded.
    pub fn redact(&self, secret: &crate::text::Secret) {
        use base64::Engine;
        // Very short texts would blacken innocent words.
        if secret.reveal().len() < 4 {
            return;
        }
        let plain = secret.reveal().to_owned();
        let encoded: String = url::form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let base64 = base64::engine::general_purpose::STANDARD.encode(&plain);
        let mut secrets = lock(&self.secrets);
        for text in [plain, encoded, base64] {
            if !secrets.contains(&text) {
                secrets.push(text);
            }
        }
    }

    fn redacted(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for secret in lock(&self.secrets).iter() {
            if shown.contains(secret.as_str()) {
                shown = shown.replace(secret.as_str(), "[redacted]");
            }
        }
        shown
    }

    /// What a stream may show: on a terminal nothing that the terminal would obey.
    fn safe<'a>(text: &'a str, stream: Terminal) -> Cow<'a, str> {
        if stream.is_terminal { crate::text::neutralised(text) } else { Cow::Borrowed(text) }
    }

    /// Writes data to stdout: in a pipe as it is, on a terminal without control characters. Documents that a person asked for (`--export` of a Secret) pass unredacted.
    ///
    /// # Errors
    /// [`ClosedPipe`] when nobody reads any more; the I/O error when the disk is full.
    pub fn data(&self, text: &str) -> anyhow::Result<()> {
        use anyhow::Context;
        self.pause_progress();
        let text = Self::safe(text, self.out);
        match &self.sink {
            Sink::Process => {
                let mut out = std::io::stdout().lock();
                match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
                    Ok(()) => Ok(()),
                    Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
                    Err(error) => Err(error).context("writing to stdout"),
                }
            }
            Sink::Captured(captured) => {
                lock(captured).out.push_str(&text);
                Ok(())
            }
        }
    }

    /// Writes one line of text to stdout.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        self.data(&format!("{}\n", self.redacted(text)))
    }

    /// Writes one line to stderr. A reader that has gone is no reason to stop the work.
    pub fn note(&self, text: &str) {
        self.pause_progress();
        let shown = self.redacted(text);
        let shown = Self::safe(&shown, self.err);
        match &self.sink {
            Sink::Process => {
                let _ = writeln!(std::io::stderr().lock(), "{shown}");
            }
            Sink::Captured(captured) => {
                let mut captured = lock(captured);
                captured.err.push_str(&shown);
                captured.err.push('\n');
            }
        }
    }

    /// `► …`: something is done now.
    pub fn action(&self, text: impl AsRef<str>) {
        self.note(&format!("► {}", text.as_ref()));
    }

    /// `✚ …`: something is made.
    pub fn generate(&self, text: impl AsRef<str>) {
        self.note(&format!("✚ {}", text.as_ref()));
    }

    /// `◎ …`: waiting for something.
    pub fn waiting(&self, text: impl AsRef<str>) {
        self.note(&format!("◎ {}", text.as_ref()));
    }

    /// `✔ …`: done.
    pub fn success(&self, text: impl AsRef<str>) {
        self.note(&format!("✔ {}", text.as_ref()));
    }

    /// `⚠️ …`: worth a look.
    pub fn warning(&self, text: impl AsRef<str>) {
        self.note(&format!("⚠️ {}", text.as_ref()));
    }

    /// `✗ …`: failed.
    pub fn failure(&self, text: impl AsRef<str>) {
        self.note(&format!("✗ {}", text.as_ref()));
    }

    /// Shows an error the way every failure is shown: one `✗` line, then its hints.
    pub fn error(&self, error: &anyhow::Error) {
        self.failure(format!("{error:#}"));
        self.hints(error);
    }

    /// `hint: …` for each next step that the error knows.
    pub fn hints(&self, error: &anyhow::Error) {
        for hint in crate::text::hints(error) {
            self.note(&format!("hint: {hint}"));
        }
    }
}

/// A poisoned lock only means that another thread panicked while writing a line.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Secret;

    #[test]
    fn a_secret_is_redacted_in_every_encoding_it_travels_in() {
        let (ui, seen) = Ui::for_test(false);
        ui.redact(&Secret::new("p@ss/word"));
        ui.action("cloning https://git:p@ss/word@host and https://git:p%40ss%2Fword@host");
        ui.note("Authorization cEBzcy93b3Jk");
        let seen = lock(&seen).err.clone();
        assert!(!seen.contains("p@ss") && !seen.contains("p%40ss") && !seen.contains("cEBzcy"), "{seen}");
    }

    #[test]
    fn a_terminal_is_not_given_orders_and_a_pipe_gets_every_byte() {
        let message = "\u{1b}[2Jgone\r";
        for (is_terminal, wanted) in [(true, "^[[2Jgone^M"), (false, message)] {
            let (ui, seen) = Ui::for_test(is_terminal);
            ui.data(message).unwrap();
            ui.note(message);
            let seen = lock(&seen).clone();
            assert_eq!((seen.out.as_str(), seen.err.trim_end_matches('\n')), (wanted, wanted));
        }
    }

    #[test]
    fn an_error_is_one_line_followed_by_its_hints() {
        use crate::text::WithHint;
        let (ui, seen) = Ui::for_test(false);
        let failed: anyhow::Result<()> = Err(anyhow::anyhow!("no such thing \"x\"")).hint("make one");
        ui.error(&failed.unwrap_err());
        assert_eq!(lock(&seen).err, "✗ no such thing \"x\"\nhint: make one\n");
    }
}
