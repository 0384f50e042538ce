//! All output of the program: what each stream may show, and what is written to it.

use super::screen::Screen;
use super::secrets::Secrets;
#[cfg(test)]
use super::streams::Captured;
use super::streams::ClosedPipe;
use super::streams::Colour;
use super::streams::Sink;
use super::streams::Stream;
use super::streams::Terminal;
use crate::text::Invocation;
use crate::text::Painted;
use anyhow::Context;
use std::borrow::Cow;
use std::io::IsTerminal;
use std::sync::Arc;
#[cfg(test)]
use std::sync::Mutex;

/// The terminal, or its substitute. All output of the program passes here, and loses its secrets on the way.
pub struct Ui {
    /// stdout.
    pub out: Terminal,
    /// stderr.
    pub err: Terminal,
    pub(super) stdin_is_terminal: bool,
    /// Whether stderr is a terminal whose cursor can be moved.
    pub(super) can_draw: bool,
    secrets: Secrets,
    pub(super) screen: Arc<Screen>,
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
    pub(super) fn safe<'a>(text: &'a str, stream: Terminal) -> Cow<'a, str> {
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
    pub(super) fn write_out(&self, text: &[u8], height: usize) -> anyhow::Result<()> {
        match self.write(Stream::Out, text, height) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(ClosedPipe.into()),
            Err(error) => Err(error).context("writing to stdout"),
        }
    }

    /// The one place where something is written. It holds the screen, so that nothing is drawn meanwhile.
    pub(super) fn write(&self, stream: Stream, text: &[u8], height: usize) -> std::io::Result<()> {
        let facts = if stream == Stream::Out { self.out } else { self.err };
        self.screen.write(stream, text, height, facts.is_terminal)
    }
}
