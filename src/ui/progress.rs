//! Spinners and progress bars: on a terminal only.

use super::Ui;
use super::screen::Message;
use crate::text::binary_size;

/// The parts of a progress bar.
const BAR: u64 = 24;

/// A spinner that disappears when it is dropped.
pub struct Spinner<'a> {
    ui: &'a Ui,
    /// `None` where none is shown.
    id: Option<u64>,
}

impl Ui {
    /// Shows that something takes its time, until the returned value is dropped; inside of another, in its place. Shows nothing in a pipe.
    pub fn spinner(&self, message: impl Into<String>) -> Spinner<'_> {
        let message = self.one_line(&message.into());
        self.turning(Box::new(move || message.clone()))
    }

    /// As [`Ui::spinner`], with a bar for the bytes that `done` counts. `total` is `None` if the size is unknown.
    pub fn bar(
        &self,
        message: &str,
        total: Option<u64>,
        done: impl Fn() -> u64 + Send + 'static,
    ) -> Spinner<'_> {
        let message = self.one_line(message);
        self.turning(Box::new(move || format!("{message} {}", amount(done(), total))))
    }

    fn one_line(&self, message: &str) -> String {
        let message = self.redacted(message).replace(['\n', '\t'], " ");
        crate::text::neutralised(&message).into_owned()
    }

    fn turning(&self, message: Message) -> Spinner<'_> {
        Spinner { ui: self, id: self.can_draw.then(|| self.screen.begin(message)) }
    }
}

/// `[=====>              ] 12.0 MiB of 50.0 MiB`
fn amount(done: u64, total: Option<u64>) -> String {
    let Some(total) = total else { return binary_size(done) };
    let done = done.min(total);
    // As many parts of the bar as of the bytes; an empty file is done at once.
    let parts = (done.saturating_mul(BAR).checked_div(total).unwrap_or(BAR)).min(BAR);
    let parts = usize::try_from(parts).unwrap_or_default();
    let arrow = "=".repeat(parts) + if done < total { ">" } else { "" };
    let width = usize::try_from(BAR).unwrap_or_default();
    format!("[{arrow:<width$}] {} of {}", binary_size(done), binary_size(total))
}

impl Drop for Spinner<'_> {
    fn drop(&mut self) {
        self.id.inspect(|id| self.ui.screen.end(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn a_bar_grows_with_the_bytes() {
        let mib = 1024 * 1024;
        assert_eq!(amount(0, Some(4 * mib)), "[>                       ] 0 B of 4.0 MiB");
        assert_eq!(amount(mib, Some(4 * mib)), "[======>                 ] 1.0 MiB of 4.0 MiB");
        assert_eq!(amount(9 * mib, Some(4 * mib)), "[========================] 4.0 MiB of 4.0 MiB");
        assert_eq!(amount(0, Some(0)), "[========================] 0 B of 0 B");
        assert_eq!(amount(1024, None), "1.0 KiB");
    }
}
