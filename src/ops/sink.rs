//! Where operations report what they do. The terminal is one such place; another front end has its own.

use crate::text::Secret;
use crate::ui::Ui;
use futures::future::BoxFuture;

/// Something that an operation reports while it works.
#[derive(Debug)]
pub enum Event<'e> {
    /// It is being done now.
    Action(&'e str),
    /// It is being created.
    Generate(&'e str),
    /// It is being waited for.
    Waiting(&'e str),
    /// It is done.
    Success(&'e str),
    /// It is worth a look.
    Warning(&'e str),
    /// It failed; the operation may continue.
    Failure(&'e str),
    /// It failed for this reason.
    Error(&'e anyhow::Error),
    /// What to do next.
    Hint(&'e str),
    /// A line of its own form.
    Note(&'e str),
}

/// What takes the events of an operation, and answers its questions.
pub trait Sink: Sync {
    /// Takes an event.
    fn tell(&self, event: Event<'_>);

    /// Takes a text that is part of the result.
    ///
    /// # Errors
    /// It cannot be written; the reader has gone.
    fn data(&self, text: &str) -> anyhow::Result<()>;

    /// As [`Sink::data`], for one line.
    ///
    /// # Errors
    /// As [`Sink::data`].
    fn line(&self, text: &str) -> anyhow::Result<()>;

    /// Shows that something takes its time, until what is returned is dropped.
    fn busy(&self, what: &str) -> Box<dyn Send + '_>;

    /// Asks for permission. `flag` gives it beforehand, `refusal` is the error without it.
    fn confirm<'s>(
        &'s self,
        question: &'s str,
        flag: &'s str,
        refusal: &'s str,
    ) -> BoxFuture<'s, anyhow::Result<()>>;

    /// From now on the secret must not be shown.
    fn redact(&self, secret: &Secret);

    /// A text without the secrets that must not be shown, for where others will read it.
    fn redacted(&self, text: &str) -> String;

    /// A command of this program as it is to be typed.
    fn command(&self, command: &str) -> String;
}

impl dyn Sink + '_ {
    pub fn action(&self, text: impl AsRef<str>) {
        self.tell(Event::Action(text.as_ref()));
    }

    pub fn generate(&self, text: impl AsRef<str>) {
        self.tell(Event::Generate(text.as_ref()));
    }

    pub fn waiting(&self, text: impl AsRef<str>) {
        self.tell(Event::Waiting(text.as_ref()));
    }

    pub fn success(&self, text: impl AsRef<str>) {
        self.tell(Event::Success(text.as_ref()));
    }

    pub fn warning(&self, text: impl AsRef<str>) {
        self.tell(Event::Warning(text.as_ref()));
    }

    pub fn failure(&self, text: impl AsRef<str>) {
        self.tell(Event::Failure(text.as_ref()));
    }

    pub fn error(&self, error: &anyhow::Error) {
        self.tell(Event::Error(error));
    }

    pub fn hint(&self, text: &str) {
        self.tell(Event::Hint(text));
    }

    pub fn note(&self, text: &str) {
        self.tell(Event::Note(text));
    }
}

impl Sink for Ui {
    fn tell(&self, event: Event<'_>) {
        match event {
            Event::Action(text) => self.action(text),
            Event::Generate(text) => self.generate(text),
            Event::Waiting(text) => self.waiting(text),
            Event::Success(text) => self.success(text),
            Event::Warning(text) => self.warning(text),
            Event::Failure(text) => self.failure(text),
            Event::Error(error) => self.error(error),
            Event::Hint(text) => self.hint(text),
            Event::Note(text) => self.note(text),
        }
    }

    fn data(&self, text: &str) -> anyhow::Result<()> {
        Self::data(self, text)
    }

    fn line(&self, text: &str) -> anyhow::Result<()> {
        Self::line(self, text)
    }

    fn busy(&self, what: &str) -> Box<dyn Send + '_> {
        Box::new(self.spinner(what))
    }

    fn confirm<'s>(
        &'s self,
        question: &'s str,
        flag: &'s str,
        refusal: &'s str,
    ) -> BoxFuture<'s, anyhow::Result<()>> {
        Box::pin(Self::confirm(self, question, flag, refusal))
    }

    fn redact(&self, secret: &Secret) {
        Self::redact(self, secret);
    }

    fn redacted(&self, text: &str) -> String {
        Self::redacted(self, text)
    }

    fn command(&self, command: &str) -> String {
        self.invocation().command(command)
    }
}
