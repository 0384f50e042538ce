//! The only door to the terminal. Data goes to stdout; progress, prompts, warnings and errors go to stderr.

mod lines;
mod progress;
mod prompt;
mod secrets;

use crate::text::Invocation;
use crate::text::Painted;
use progress::Screen;
use secrets::Secrets;
use std::borrow::Cow;
use std::io::IsTerminal;
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
enum Stream {
    Out,
    Err,
}

/// Where it goes.
#[derive(Clone, Debug, Default)]
enum Sink {
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

/// The terminal, or its substitute. All output of the program passes here, and loses its secrets on the way.
pub struct Ui {
    /// stdout.
    pub out: Terminal,
    /// stderr.
    pub err: Terminal,
    stdin_is_terminal: bool,
    /// Whether stderr is a terminal whose cursor can be moved.
    can_draw: bool,
    secrets: Secrets,
    screen: Arc<Screen>,
    invocation: Invocation,
}

impl Ui {
    /// The `Ui` of a real process. `variable` reads the environment, `asked` is what the command line says about colour.
    ///
    /// As everywhere: `NO_COLOR` refuses colour, `CLICOLOR_FORCE` wants it in a pipe too, and the command line wins over both.
    pub fn for_process<'e>(variable: impl Fn(&str) -> Option<&'e str>, asked: Colour) -> Self {
        let is_set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
        let is_forced = is_set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE") != Some("0");
        let is_dumb = variable("TERM") == Some("dumb");
        let facts = |is_terminal: bool| Terminal {
            is_terminal,
            colour: match asked {
                Colour::Always => true,
                Colour::Never => false,
                Colour::Auto => !is_set("NO_COLOR") && (is_forced || (is_terminal && !is_dumb)),
            },
        };
        let mut ui = Self::new(
            Sink::Process,
            facts(std::io::stdout().is_terminal()),
            facts(std::io::stderr().is_terminal()),
            std::io::stdin().is_terminal(),
        );
        ui.can_draw = ui.err.is_terminal && !is_dumb;
        ui
    }

    /// A `Ui` that shows nothing.
    pub fn silent() -> Self {
        let facts = Terminal { is_terminal: false, colour: false };
        Self::new(Sink::Nowhere, facts, facts, false)
    }

    /// A `Ui` that keeps everything it receives, as if on a terminal or in a pipe, without colour.
    #[cfg(test)]
    pub fn for_test(is_terminal: bool) -> (Self, Arc<Mutex<Captured>>) {
        let captured = Arc::new(Mutex::new(Captured::default()));
        let facts = Terminal { is_terminal, colour: false };
        (Self::new(Sink::Captured(captured.clone()), facts, facts, false), captured)
    }

    fn new(sink: Sink, out: Terminal, err: Terminal, stdin_is_terminal: bool) -> Self {
        let (secrets, screen) = (Secrets::default(), Arc::new(Screen::of(sink)));
        let invocation = Invocation { program: "fluxr", ..Invocation::default() };
        Self { out, err, stdin_is_terminal, can_draw: false, secrets, screen, invocation }
    }

    /// The columns and rows of the terminal at stdout, if it is one that says so.
    pub fn size(&self) -> Option<(usize, usize)> {
        if !self.out.is_terminal || !self.screen.is_real() {
            return None;
        }
        let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
        (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col.into(), size.ws_row.into()))
    }

    /// The columns of the terminal at stdout.
    pub fn width(&self) -> Option<usize> {
        self.size().map(|(columns, _)| columns)
    }

    /// From now on commands in hints are completed so.
    pub fn invoked_as(&mut self, invocation: Invocation) {
        self.invocation = invocation;
    }

    /// How the program was called, to complete commands that are part of the data.
    pub fn invocation(&self) -> &Invocation {
        &self.invocation
    }

    /// From now on `secret` is shown as `[redacted]` wherever it would appear, also when Base64 or percent encoded.
    pub fn redact(&self, secret: &crate::text::Secret) {
        self.secrets.add(secret.reveal());
    }

    /// A text without the secrets.
    pub fn redacted(&self, text: &str) -> String {
        self.secrets.redacted(text)
    }

    /// What a stream may show: on a terminal nothing that the terminal would obey.
    fn safe<'a>(text: &'a str, stream: Terminal) -> Cow<'a, str> {
        if stream.is_terminal { crate::text::neutralised(text) } else { Cow::Borrowed(text) }
    }

    /// Writes data to stdout: in a pipe as it is, on a terminal without control characters. Documents that a person asked for (`--export` of a Secret) pass unredacted.
    ///
    /// # Errors
    /// [`ClosedPipe`] when the reader has closed the pipe; the I/O error when the disk is full.
    pub fn data(&self, text: &str) -> anyhow::Result<()> {
        self.write_out(Self::safe(text, self.out).as_bytes(), 0)
    }

    /// As [`Ui::data`], for what need not be text.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn bytes(&self, bytes: &[u8]) -> anyhow::Result<()> {
        match str::from_utf8(bytes) {
            Err(_) if !self.out.is_terminal => self.write_out(bytes, 0),
            _ => self.data(&String::from_utf8_lossy(bytes)),
        }
    }

    /// Writes text with colours of this program's own to stdout.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn show(&self, text: &Painted) -> anyhow::Result<()> {
        self.write_out(text.as_str().as_bytes(), 0)
    }

    /// Writes lines to a terminal at stdout, in the place of those that the last call wrote, unless something else was written since.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn repaint(&self, text: &Painted, height: usize) -> anyhow::Result<()> {
        self.write_out(text.as_str().as_bytes(), height)
    }

    /// `height`: how many lines these are that the next may take the place of.
    fn write_out(&self, text: &[u8], height: usize) -> anyhow::Result<()> {
        use anyhow::Context;
        match self.write(Stream::Out, text, height) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
            Err(error) => Err(error).context("writing to stdout"),
        }
    }

    /// The one place where something is written. It holds the screen, so that nothing is drawn meanwhile.
    fn write(&self, stream: Stream, text: &[u8], height: usize) -> std::io::Result<()> {
        let facts = if stream == Stream::Out { self.out } else { self.err };
        self.screen.write(stream, text, height, facts.is_terminal)
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
    fn the_command_line_wins_over_the_environment_and_no_color_over_force() {
        let colour = |pairs: &[(&str, &'static str)], asked| {
            let pairs = pairs.to_vec();
            let find = move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            Ui::for_process(find, asked).out.colour
        };
        // A test has no terminal.
        assert!(!colour(&[], Colour::Auto));
        assert!(colour(&[("CLICOLOR_FORCE", "1")], Colour::Auto));
        assert!(!colour(&[("CLICOLOR_FORCE", "0")], Colour::Auto));
        assert!(!colour(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], Colour::Auto));
        assert!(colour(&[("NO_COLOR", "1")], Colour::Always));
        assert!(!colour(&[("CLICOLOR_FORCE", "1")], Colour::Never));
    }

    /// The lines of a terminal that was given this, blank ones at the end left out.
    fn lines_of(screen: &str) -> Vec<String> {
        let mut terminal = vt100::Parser::new(50.try_into().unwrap(), 80.try_into().unwrap(), 0);
        terminal.process(screen.replace('\n', "\r\n").as_bytes());
        let text = terminal.screen().contents();
        text.lines().map(|line| line.trim_end().to_owned()).collect()
    }

    #[test]
    fn lines_that_are_written_while_a_spinner_turns_are_all_that_stays() {
        let turn = std::time::Duration::from_millis(450);
        let (mut ui, seen) = Ui::for_test(true);
        ui.can_draw = true;
        {
            let _outer = ui.spinner("outer");
            std::thread::sleep(turn);
            ui.warning("the first try failed");
            {
                let _inner = ui.spinner("inner\u{1b}[2J");
                std::thread::sleep(turn);
                ui.data("NAME\tREADY\napp").unwrap();
                let held = lock(&seen).screen.len();
                std::thread::sleep(turn);
                assert_eq!(lock(&seen).screen.len(), held, "drawn into a line that has not ended");
                ui.data("\tTrue\n").unwrap();
            }
            std::thread::sleep(turn);
            ui.success("done");
            std::thread::sleep(turn);
            let drawn = lines_of(&lock(&seen).screen);
            assert!(drawn.last().is_some_and(|line| line.ends_with(" outer")), "{drawn:?}");
        }
        let quick = ui.spinner("quick");
        drop(quick);
        std::thread::sleep(turn);
        let seen = lock(&seen).clone();
        for shown in ["⠋ outer", " inner^[[2J"] {
            assert!(seen.screen.contains(shown), "{shown}: {:?}", seen.screen);
        }
        assert!(!seen.screen.contains("quick"), "{:?}", seen.screen);
        let wanted = ["⚠️ the first try failed", "NAME    READY", "app     True", "✔ done"];
        assert_eq!(lines_of(&seen.screen), wanted, "{:?}", seen.screen);
        assert_eq!(seen.err, "⚠️ the first try failed\n✔ done\n");
    }

    #[test]
    fn a_table_is_painted_in_its_place_until_something_else_is_written() {
        let (ui, seen) = Ui::for_test(true);
        let paint = |text: &str| {
            let mut painted = Painted::new(false);
            painted.push_plain(text);
            ui.repaint(&painted, painted.height()).unwrap();
            lines_of(&lock(&seen).screen)
        };
        paint("NAME\none\n");
        assert_eq!(paint("NAME\none\ntwo\n"), ["NAME", "one", "two"]);
        assert_eq!(paint("NAME\n"), ["NAME"]);
        ui.warning("a connection broke");
        assert_eq!(paint("NAME\none\n"), ["NAME", "⚠️ a connection broke", "NAME", "one"]);
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
