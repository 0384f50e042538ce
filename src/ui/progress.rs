//! Spinners: only on a terminal, only after a short delay, gone before any line is written.

use super::Ui;
use super::lock;
use std::time::Duration;

/// A spinner that disappears when it is dropped.
pub struct Spinner<'a> {
    ui: &'a Ui,
}

impl Ui {
    /// Shows that something is going on, until the returned value is dropped. Shows nothing in a pipe.
    pub fn spinner(&self, message: impl Into<String>) -> Spinner<'_> {
        if self.err.is_terminal && matches!(self.sink, super::Sink::Process) {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            bar.set_message(self.redacted(&message.into()));
            // The first tick comes after the delay, so that quick work flickers not at all.
            bar.enable_steady_tick(Duration::from_millis(150));
            *lock(&self.spinner) = Some(bar);
        }
        Spinner { ui: self }
    }

    /// Takes a running spinner off the screen so that a line can be written.
    pub(super) fn pause_progress(&self) {
        if let Some(bar) = lock(&self.spinner).as_ref() {
            bar.suspend(|| {});
        }
    }
}

impl Drop for Spinner<'_> {
    fn drop(&mut self) {
        if let Some(bar) = lock(&self.ui.spinner).take() {
            bar.finish_and_clear();
        }
    }
}
