//! The end of the screen: spinners are drawn after a short delay, and never in a line that something else is written to.
//!
//! indicatif draws; when it draws is decided here, because what is drawn and what is written hold one lock, the [`Screen`]. A line that
//! is written first wipes the spinner; the next tick draws it below. The cursor is never hidden, so that a program that is killed leaves
//! nothing to mend.

use super::streams::Sink;
use super::streams::Stream;
use super::streams::lock;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use indicatif::TermLike;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// Work that is done sooner shows no spinner.
const DELAY: Duration = Duration::from_millis(300);
const TICK: Duration = Duration::from_millis(100);
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
pub(super) type Message = Box<dyn Fn() -> String + Send>;

/// Keeps the spinner off the screen until it is dropped.
pub(super) struct Held<'a>(&'a Screen);

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

    /// Adds a spinner, and draws it after a while. The answer is its number.
    pub(super) fn begin(self: &Arc<Self>, message: Message) -> u64 {
        let mut state = lock(&self.state);
        state.count += 1;
        let id = state.count;
        state.spinners.push((id, message));
        state.began.get_or_insert_with(Instant::now);
        if !std::mem::replace(&mut state.is_turning, true) {
            let screen = self.clone();
            std::thread::spawn(move || turn(&screen));
        }
        id
    }

    /// Removes a spinner.
    pub(super) fn end(&self, id: u64) {
        let mut state = lock(&self.state);
        state.spinners.retain(|(other, _)| *other != id);
        if state.spinners.is_empty() {
            state.began = None;
            state.wipe();
            self.changed.notify_all();
        }
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
