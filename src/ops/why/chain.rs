//! What an answer consists of, and how people see it.

use crate::api::ObjectId;
use crate::text::first_line;
use crate::text::shorten_hex;
use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeMap;

/// Everything that was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The object that was asked about, and below it what it depends on, in the order of the walk.
    pub chain: Vec<Link>,
    /// The one root cause, if something is wrong.
    pub cause: Option<Cause>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// How far it is from the object that was asked about.
    pub depth: usize,
    #[serde(flatten, serialize_with = "by_kind")]
    pub id: ObjectId,
    pub state: LinkState,
    /// One CamelCase word of the object's own; empty when it says none.
    pub reason: String,
    pub message: String,
}

/// The state of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// As it should be.
    Ok,
    /// On its way.
    Waiting,
    /// Suspended.
    Suspended,
    Failed,
    /// Something refers to it, but it does not exist.
    Missing,
}

/// What is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    #[serde(flatten, serialize_with = "by_kind")]
    pub id: ObjectId,
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

    /// The links as people see them: what several objects depend on is shown below the first of them.
    fn shown(&self) -> Vec<&Link> {
        let (mut shown, mut way): (Vec<&Link>, Vec<&Link>) = (Vec::new(), Vec::new());
        for link in &self.chain {
            way.truncate(link.depth);
            // What depends on itself is a cycle, and worth seeing.
            let is_repeated = shown.iter().any(|other| other.tells_the_same(link));
            if !is_repeated || way.iter().any(|above| above.tells_the_same(link)) {
                shown.push(link);
            }
            way.push(link);
        }
        shown
    }

    /// An indented tree, and the cause with the next command.
    pub fn render(&self) -> String {
        let mut text: String = self.shown().into_iter().map(Link::line).collect();
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
    /// A link without a reason or a message.
    pub(super) fn new(depth: usize, id: ObjectId, state: LinkState) -> Self {
        Self { depth, id, state, reason: String::new(), message: String::new() }
    }

    /// What an inventory names, but the cluster does not have.
    pub(super) fn gone(id: ObjectId, depth: usize) -> Self {
        Self::new(depth, id, LinkState::Missing).saying("it is in the inventory, but does not exist")
    }

    /// With this message.
    pub(super) fn saying(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Whether it is the same thing, at whatever depth.
    fn tells_the_same(&self, other: &Self) -> bool {
        let told = |link: &Self| (link.id.to_string(), link.state, link.reason.clone(), link.message.clone());
        told(self) == told(other)
    }

    /// `✗ Kind/namespace/name: Reason: message`, moved to the right by its depth.
    fn line(&self) -> String {
        let glyph = match self.state {
            LinkState::Ok => '✔',
            LinkState::Waiting | LinkState::Suspended => '◎',
            LinkState::Failed | LinkState::Missing => '✗',
        };
        let message = first_line(&shorten_hex(&self.message));
        let said = [self.reason.as_str(), message.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
        let colon = if said.is_empty() { "" } else { ": " };
        format!(
            "{}{glyph} {}{colon}{}\n",
            "  ".repeat(self.depth),
            shorten_hex(&self.id.to_string()),
            said.join(": ")
        )
    }
}

/// An object as its kind, its namespace, which is empty where there is none, and its name.
fn by_kind<S: Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(3))?;
    map.serialize_entry("kind", &id.kind)?;
    map.serialize_entry("namespace", &id.namespace)?;
    map.serialize_entry("name", &id.name)?;
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::KUSTOMIZATION;

    fn link(depth: usize, state: LinkState, message: &str) -> Link {
        Link::new(depth, KUSTOMIZATION.id("team", "app"), state).saying(message)
    }

    #[test]
    fn a_chain_is_indented_and_ends_with_the_cause_and_the_next_command() {
        let cause = Cause {
            id: KUSTOMIZATION.id("team", "app"),
            code: "PathNotFound".into(),
            message: "no folder".into(),
            next: "look".into(),
        };
        let chain = vec![link(0, LinkState::Failed, "one\ntwo"), link(1, LinkState::Suspended, "")];
        let answer = Answer { chain, cause: Some(cause) };
        let wanted = "✗ Kustomization/team/app: one\n  ◎ Kustomization/team/app\n\n✗ no folder (PathNotFound)\nnext: look\n";
        assert_eq!(answer.render(), wanted);
    }

    #[test]
    fn what_two_objects_depend_on_is_shown_once_and_a_cycle_is_closed() {
        let named = |depth, name: &str| Link::new(depth, KUSTOMIZATION.id("team", name), LinkState::Failed);
        let shown = |chain: &[(usize, &str)]| {
            let chain = chain.iter().map(|(depth, name)| named(*depth, name)).collect();
            let tree = Answer { chain, cause: None }.render();
            tree.replace("✗ Kustomization/team/", "").split("\n\n").next().unwrap_or_default().to_owned()
        };
        let twice = [(0, "web"), (1, "db"), (2, "shop"), (3, "login"), (1, "shop"), (2, "login"), (1, "a")];
        assert_eq!(shown(&twice), "web\n  db\n    shop\n      login\n  a");
        assert_eq!(shown(&[(0, "a"), (1, "b"), (2, "a")]), "a\n  b\n    a");
    }
}
