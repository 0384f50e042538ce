//! Questions to the person at the terminal. Without one, the error names the flag that answers instead.

use super::Ui;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use std::io::BufRead;

impl Ui {
    /// Asks `label? [y/N]`; only `y` is yes. `flag` is what answers without a terminal, e.g. `--silent`.
    ///
    /// # Errors
    /// When stdin is no terminal.
    pub fn confirm(&self, label: &str, flag: &str) -> anyhow::Result<bool> {
        if !self.stdin_is_terminal {
            return Err(anyhow::anyhow!("cannot ask \"{label}?\": stdin is not a terminal"))
                .hint(format!("pass {flag} to go on without being asked"));
        }
        self.pause_progress();
        dialoguer::Confirm::new()
            .with_prompt(label)
            .default(false)
            .interact()
            .with_context(|| format!("asking \"{label}?\""))
    }

    /// Asks for a secret without echo; when stdin is a pipe, reads one line of it.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn ask_secret(&self, prompt: &str) -> anyhow::Result<Secret> {
        if self.stdin_is_terminal {
            let answer = dialoguer::Password::new()
                .with_prompt(prompt.trim_end_matches([':', ' ']))
                .interact()
                .with_context(|| format!("asking for \"{prompt}\""))?;
            return Ok(Secret::new(answer));
        }
        self.data(prompt)?;
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .with_context(|| format!("reading \"{prompt}\" from stdin"))?;
        self.data("\n")?;
        Ok(Secret::new(line.trim_end_matches(['\r', '\n'])))
    }
}
