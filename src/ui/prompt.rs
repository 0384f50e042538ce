//! Questions to the person at the terminal, or to the pipe in its place. When nothing answers, the error names the flag that does.

use super::Interrupted;
use super::Ui;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use rustix::termios::OptionalActions;
use rustix::termios::Termios;
use rustix::termios::tcgetattr;
use rustix::termios::tcsetattr;
use std::io::BufRead;
use std::io::Read;

/// What is read of an answer in a pipe at most.
const LONGEST_ANSWER: u64 = 64 * 1024;

impl Ui {
    /// Asks `label? [y/N]` and continues after `y` or `Y`. Without a terminal the answer is a line of stdin. `flag` is what answers
    /// instead, e.g. `--silent`; `refusal` is what the error says.
    ///
    /// # Errors
    /// The answer is another one, or stdin ends without one; [`Interrupted`] after Ctrl-C.
    pub async fn confirm(&self, label: &str, flag: &str, refusal: &str) -> anyhow::Result<()> {
        let doing = || format!("asking \"{label}?\"");
        if self.stdin_is_terminal {
            let _still = self.screen.hold();
            let shown = label.to_owned();
            let question = move || dialoguer::Confirm::new().with_prompt(shown).default(false).interact();
            let is_yes = typed(question).await.with_context(doing)?;
            anyhow::ensure!(is_yes, "{refusal}");
            return Ok(());
        }
        self.note(&format!("{label}? [y/N]"));
        match piped().await.with_context(doing)? {
            Some(answer) if answer.eq_ignore_ascii_case("y") => Ok(()),
            Some(_) => anyhow::bail!("{refusal}"),
            None => Err(anyhow::anyhow!("{refusal}"))
                .hint(format!("stdin ended without an answer; pass {flag} to continue without being asked")),
        }
    }

    /// What comes through a pipe at stdin, `longest` bytes of it at most.
    ///
    /// # Errors
    /// When stdin is a terminal, which would show what is typed; when it cannot be read.
    pub fn piped(&self, longest: u64) -> anyhow::Result<Vec<u8>> {
        anyhow::ensure!(!self.stdin_is_terminal, "standard input is a terminal, which shows what is typed");
        read_stdin(longest)
    }

    /// The next line of stdin without its end, of any length; `None` after the last.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn line_of_stdin() -> anyhow::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        std::io::stdin().lock().read_until(b'\n', &mut line).context("could not read from stdin")?;
        if line.is_empty() {
            return Ok(None);
        }
        for end in [b"\n", b"\r"] {
            if line.ends_with(end) {
                line.pop();
            }
        }
        Ok(Some(line))
    }

    /// All that comes at stdin, also from a terminal.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn stdin() -> anyhow::Result<Vec<u8>> {
        read_stdin(u64::MAX)
    }

    /// Asks for a secret without echo; when stdin is a pipe, reads one line of it.
    ///
    /// # Errors
    /// When nothing can be read; [`Interrupted`] after Ctrl-C.
    pub async fn ask_secret(&self, prompt: &str) -> anyhow::Result<Secret> {
        let _still = self.screen.hold();
        if self.stdin_is_terminal {
            let shown = prompt.trim_end_matches([':', ' ']).to_owned();
            let secret = typed(move || dialoguer::Password::new().with_prompt(shown).interact()).await;
            return secret.map(Secret::new).with_context(|| format!("asking for \"{prompt}\""));
        }
        self.data(prompt)?;
        let line = piped().await.context("could not read from stdin")?;
        let line = line.context("could not read from stdin: EOF")?;
        self.data("\n")?;
        Ok(Secret::new(line))
    }
}

fn read_stdin(longest: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(longest).read_to_end(&mut bytes).context("could not read from stdin")?;
    Ok(bytes)
}

/// The next line of stdin without its end; `None` at the end of file.
async fn piped() -> anyhow::Result<Option<String>> {
    let read = || {
        let mut line = Vec::new();
        std::io::stdin().lock().take(LONGEST_ANSWER).read_until(b'\n', &mut line).map(|_| line)
    };
    let line = tokio::task::spawn_blocking(read).await??;
    let text = String::from_utf8_lossy(&line);
    Ok((!line.is_empty()).then(|| text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Waits for an answer on a thread of its own, so that a signal is not kept waiting by it.
async fn typed<T: Send + 'static>(
    question: impl FnOnce() -> dialoguer::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let mut kept = Kept { settings: tcgetattr(std::io::stdin()).ok(), is_answered: false };
    match tokio::task::spawn_blocking(question).await? {
        Ok(answer) => {
            kept.is_answered = true;
            Ok(answer)
        }
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(Interrupted::ByKey.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The settings of the terminal before a question. They come back, and the cursor with them, when it goes without an answer.
struct Kept {
    settings: Option<Termios>,
    is_answered: bool,
}

impl Drop for Kept {
    fn drop(&mut self) {
        if self.is_answered {
            return;
        }
        if let Some(settings) = &self.settings {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, settings);
        }
        // What follows begins a new line.
        let term = console::Term::stderr();
        let _ = term.show_cursor().and_then(|()| term.write_line(""));
    }
}
