//! Questions to the person at the terminal. Without one, the error names the flag that answers instead.

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

impl Ui {
    /// Asks `label? [y/N]`; only `y` is yes. `flag` is what answers without a terminal, e.g. `--silent`.
    ///
    /// # Errors
    /// When stdin is no terminal; [`Interrupted`] after Ctrl-C.
    pub async fn confirm(&self, label: &str, flag: &str) -> anyhow::Result<bool> {
        if !self.stdin_is_terminal {
            return Err(anyhow::anyhow!("cannot ask \"{label}?\": stdin is not a terminal"))
                .hint(format!("pass {flag} to go on without being asked"));
        }
        let _still = self.screen.hold();
        let shown = label.to_owned();
        answer(move || dialoguer::Confirm::new().with_prompt(shown).default(false).interact())
            .await
            .with_context(|| format!("asking \"{label}?\""))
    }

    /// Asks for a secret without echo; when stdin is a pipe, reads one line of it.
    ///
    /// # Errors
    /// When nothing can be read; [`Interrupted`] after Ctrl-C.
    pub async fn ask_secret(&self, prompt: &str) -> anyhow::Result<Secret> {
        let _still = self.screen.hold();
        if self.stdin_is_terminal {
            let shown = prompt.trim_end_matches([':', ' ']).to_owned();
            let typed = answer(move || dialoguer::Password::new().with_prompt(shown).interact()).await;
            return typed.map(Secret::new).with_context(|| format!("asking for \"{prompt}\""));
        }
        self.data(prompt)?;
        let mut line = String::new();
        let count = std::io::stdin().lock().read_line(&mut line).context("could not read from stdin")?;
        anyhow::ensure!(count > 0, "could not read from stdin: EOF");
        self.data("\n")?;
        Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
    }
}

/// Waits for an answer on a thread of its own, so that a signal is not kept waiting by it.
async fn answer<T: Send + 'static>(
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
