//! What an answer consists of, and how people see it.

use crate::text::first_line;
use crate::text::shorten_hex;
use serde::Serialize;

/// Everything that was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The object that was asked about, and below it what it stands on, in the order of the walk.
    pub chain: Vec<Link>,
    /// The one root cause; nothing when nothing is wrong.
    pub cause: Option<Cause>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// How far it is from the object that was asked about.
    pub depth: usize,
    pub kind: String,
    /// Empty for what lives in no namespace.
    pub namespace: String,
    pub name: String,
    pub state: State,
    /// One CamelCase word of the object's own; empty when it says none.
    pub reason: String,
    pub message: String,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// On its way.
    Waiting,
    /// It was told to rest.
    Suspended,
    Failed,
    /// Something refers to it, but it is not there.
    Missing,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    pub kind: String,
    pub namespace: String,
    pub name: String,
    /// One CamelCase word that scripts can rely on; `docs/why.md` lists them.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// The command to run next.
    pub next: String,
}

impl Answer {
    /// With the next command as `complete` makes it.
    pub fn with_commands(mut self, complete: impl Fn(&str) -> String) -> Self {
        if let Some(cause) = &mut self.cause {
            cause.next = complete(&cause.next);
        }
        self
    }

    /// An indented tree, and the cause with the next command.
    pub fn render(&self) -> String {
        let mut text: String = self.chain.iter().map(Link::line).collect();
        text.push('\n');
        match &self.cause {
            None => text.push_str("✔ nothing is wrong\n"),
            Some(cause) => {
                text.push_str(&format!("✗ {} ({})\n", shorten_hex(&cause.message), cause.code));
                text.push_str(&format!("next: {}\n", cause.next));
            }
        }
        text
    }
}

impl Link {
    /// `✗ Kind/namespace/name: Reason: message`, moved to the right by its depth.
    fn line(&self) -> String {
        let glyph = match self.state {
            State::Ok => '✔',
            State::Waiting | State::Suspended => '◎',
            State::Failed | State::Missing => '✗',
        };
        let address = address(&self.kind, &self.namespace, &self.name);
        let message = first_line(&shorten_hex(&self.message));
        let said = [self.reason.as_str(), message.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        let colon = if said.is_empty() { "" } else { ": " };
        format!("{}{glyph} {}{colon}{}\n", "  ".repeat(self.depth), shorten_hex(&address), said.join(": "))
    }
}

/// `Kind/namespace/name`, or `Kind/name`.
pub(super) fn address(kind: &str, namespace: &str, name: &str) -> String {
    if namespace.is_empty() {
        return format!("{kind}/{name}");
    }
    format!("{kind}/{namespace}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(depth: usize, state: State, message: &str) -> Link {
        let (kind, namespace) = ("Kustomization".to_owned(), "team".to_owned());
        Link {
            depth,
            kind,
            namespace,
            name: "app".into(),
            state,
            reason: String::new(),
            message: message.into(),
        }
    }

    #[test]
    fn a_chain_is_indented_and_ends_with_the_cause_and_the_next_command() {
        let cause = Cause {
            kind: "Kustomization".into(),
            namespace: "team".into(),
            name: "app".into(),
            code: "PathNotFound".into(),
            message: "no folder".into(),
            next: "look".into(),
        };
        let chain = vec![link(0, State::Failed, "one\ntwo"), link(1, State::Suspended, "")];
        let answer = Answer { chain, cause: Some(cause) };
        let wanted = "✗ Kustomization/team/app: one\n  ◎ Kustomization/team/app\n\n✗ no folder (PathNotFound)\nnext: look\n";
        assert_eq!(answer.render(), wanted);
    }
}
