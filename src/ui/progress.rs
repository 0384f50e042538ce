//! Spinners and progress bars: on a terminal only, after a short delay, and never in a line that something else is written to.
//!
//! indicatif draws; when it draws is decided here, because what is drawn and what is written hold one lock, the [`Screen`]. A line that
//! is written first wipes the spinner; the next tick draws it below. The cursor is never hidden, so that a program that is killed leaves
//! nothing to mend.

use super::Sink;
use super::Stream;
use super::Ui;
use super::lock;
use crate::text::binary_size;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use indicatif::TermLike;
use std::io::Write;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// Work that is done sooner shows no spinner.
const DELAY: Duration = Duration::from_millis(300);
const TICK: Duration = Duration::from_millis(100);
/// The parts of a progress bar.
const BAR: u64 = 24;
const FRAMES: &str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ";
/// To the beginning of the line, and everything in it gone.
const WIPE: &str = "\r\u{1b}[K";

/// The end of the screen, where lines are added and a spinner turns.
#[derive(Default)]
pub(super) struct Screen {
    sink: Sink,
    state: Mutex<SpinnerState>,
    changed: Condvar,
}

#[derive(Default)]
struct SpinnerState {
    /// The spinners that turn, the innermost last: it is the one to be seen.
    spinners: Vec<(u64, Message)>,
    /// How many there have been.
    count: u64,
    /// When the outermost began.
    began: Option<Instant>,
    /// What is drawn at the moment.
    drawn: Option<ProgressBar>,
    /// Whether a thread draws.
    is_turning: bool,
    /// The last line on the screen has no end yet, and is not to be drawn over.
    is_mid_line: bool,
    /// How many questions are open.
    held: usize,
    /// The lines above the cursor that may be painted again.
    height: usize,
}

/// What a spinner says now.
type Message = Box<dyn Fn() -> String + Send>;

/// Keeps the spinner off the screen until it is dropped.
pub(super) struct Held<'a>(&'a Screen);

/// A spinner that disappears when it is dropped.
pub struct Spinner<'a> {
    ui: &'a Ui,
    id: u64,
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
        let mut state = lock(&self.screen.state);
        state.count += 1;
        let id = state.count;
        if self.can_draw {
            state.spinners.push((id, message));
            state.began.get_or_insert_with(Instant::now);
            if !std::mem::replace(&mut state.is_turning, true) {
                let screen = self.screen.clone();
                std::thread::spawn(move || turn(&screen));
            }
        }
        Spinner { ui: self, id }
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

/// Draws until the last spinner is gone.
fn turn(screen: &Arc<Screen>) {
    let mut state = lock(&screen.state);
    while let Some(began) = state.began {
        let waited = began.elapsed();
        let mut pause = DELAY.saturating_sub(waited);
        if pause.is_zero() {
            state.draw(&screen.sink);
            pause = TICK;
        }
        let waiting = screen.changed.wait_timeout(state, pause);
        state = waiting.unwrap_or_else(std::sync::PoisonError::into_inner).0;
    }
    state.is_turning = false;
}

impl Sink {
    /// Writes what is drawn, which is not part of the output.
    fn draw(&self, stream: Stream, text: &[u8]) -> std::io::Result<()> {
        match self {
            #[cfg(test)]
            Self::Captured(captured) => {
                lock(captured).screen.push_str(&String::from_utf8_lossy(text));
                Ok(())
            }
            _ => self.write(stream, text),
        }
    }

    fn write(&self, stream: Stream, text: &[u8]) -> std::io::Result<()> {
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

/// The end of the screen, as indicatif draws there: one line. The lock of the [`Screen`] is held while it is drawn.
#[derive(Debug)]
struct LastLine(Sink);

impl LastLine {
    fn put(&self, text: &str) -> std::io::Result<()> {
        if text.is_empty() { Ok(()) } else { self.0.draw(Stream::Err, text.as_bytes()) }
    }

    fn move_cursor(&self, by: usize, direction: char) -> std::io::Result<()> {
        if by == 0 { Ok(()) } else { self.put(&format!("\u{1b}[{by}{direction}")) }
    }
}

impl TermLike for LastLine {
    fn width(&self) -> u16 {
        match rustix::termios::tcgetwinsize(std::io::stderr()).map_or(0, |size| size.ws_col) {
            0 => 80,
            columns => columns,
        }
    }

    fn move_cursor_up(&self, by: usize) -> std::io::Result<()> {
        self.move_cursor(by, 'A')
    }

    fn move_cursor_down(&self, by: usize) -> std::io::Result<()> {
        self.move_cursor(by, 'B')
    }

    fn move_cursor_right(&self, by: usize) -> std::io::Result<()> {
        self.move_cursor(by, 'C')
    }

    fn move_cursor_left(&self, by: usize) -> std::io::Result<()> {
        self.move_cursor(by, 'D')
    }

    fn write_line(&self, text: &str) -> std::io::Result<()> {
        self.put(&format!("{text}\n"))
    }

    /// Blanks up to the edge are left out: the line is empty before, and the cursor stays where a line can be written.
    fn write_str(&self, text: &str) -> std::io::Result<()> {
        self.put(text.trim_end_matches(' '))
    }

    fn clear_line(&self) -> std::io::Result<()> {
        self.put(WIPE)
    }

    fn flush(&self) -> std::io::Result<()> {
        Ok(())
    }
}

impl SpinnerState {
    fn draw(&mut self, sink: &Sink) {
        let Some(message) = self.spinners.last().map(|(_, message)| message()) else { return };
        if self.is_mid_line || self.held > 0 {
            return;
        }
        let bar = self.drawn.get_or_insert_with(|| {
            let line = Box::new(LastLine(sink.clone()));
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::term_like(line));
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars(FRAMES))
        });
        if bar.message() != message {
            bar.set_message(message);
        }
        bar.tick();
    }

    fn wipe(&mut self) {
        if let Some(bar) = self.drawn.take() {
            bar.finish_and_clear();
        }
    }
}

impl Screen {
    pub(super) fn of(sink: Sink) -> Self {
        Self { sink, ..Self::default() }
    }

    /// Whether this is the terminal of the process.
    pub(super) fn is_real(&self) -> bool {
        matches!(self.sink, Sink::Process)
    }

    /// Writes text to a stream. On a terminal the spinner is gone before, and `height` lines of what was written may be painted again.
    pub(super) fn write(
        &self,
        stream: Stream,
        text: &[u8],
        height: usize,
        is_terminal: bool,
    ) -> std::io::Result<()> {
        let mut state = lock(&self.state);
        state.wipe();
        if is_terminal && !text.is_empty() {
            let above = std::mem::replace(&mut state.height, height);
            if height > 0 && above > 0 {
                self.sink.draw(stream, format!("\u{1b}[{above}A\r\u{1b}[J").as_bytes())?;
            }
            state.is_mid_line = !text.ends_with(b"\n");
        }
        self.sink.write(stream, text)
    }

    /// To the beginning of an empty line.
    pub(super) fn leave_line(&self) {
        let mut state = lock(&self.state);
        state.wipe();
        let text = if std::mem::take(&mut state.is_mid_line) { "\n" } else { WIPE };
        let _ = self.sink.draw(Stream::Err, text.as_bytes());
    }

    /// Takes the spinner off the screen for as long as the returned value lives.
    pub(super) fn hold(&self) -> Held<'_> {
        let mut state = lock(&self.state);
        state.wipe();
        state.held += 1;
        Held(self)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        lock(&self.0.state).held -= 1;
    }
}

impl Drop for Spinner<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.ui.screen.state);
        state.spinners.retain(|(id, _)| *id != self.id);
        if state.spinners.is_empty() {
            state.began = None;
            state.wipe();
            self.ui.screen.changed.notify_all();
        }
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
