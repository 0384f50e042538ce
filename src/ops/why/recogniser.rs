//! A row of the table of failures, and what it is held against.

use crate::api::Role;
use crate::api::object;
use crate::kind;
use serde_json::Value;

/// One kind of failure: how it is recognised, what it means, and what to do.
#[derive(Debug)]
pub struct Recogniser {
    /// One CamelCase word; several rows may share it.
    pub code: &'static str,
    pub on: On,
    /// Reasons, one of which must be given; any when empty.
    pub reasons: &'static [&'static str],
    /// Parts of the message, in any case, one of which must be in it; any if empty. `a&b` asks for both.
    pub words: &'static [&'static str],
    /// A sentence with places to fill, see [`Fact::filled`].
    pub says: &'static str,
    /// A command with places to fill.
    pub next: &'static str,
}

/// Objects that can fail in the same way.
#[derive(Debug, Clone, Copy)]
pub enum On {
    Any,
    /// Objects of Flux that do this.
    Role(Role),
    Pods,
}

impl On {
    fn holds(self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Role(role) => kind::by_name(kind).is_some_and(|kind| kind.roles.contains(&role)),
            Self::Pods => kind == "Pod",
        }
    }
}

/// Something that an object reports about itself, or that is reported about it: a condition, a container's state, an event.
#[derive(Debug, Clone)]
pub struct Fact<'a> {
    pub object: &'a Value,
    pub reason: &'a str,
    pub message: &'a str,
}

impl Recogniser {
    /// Whether it is about this fact.
    pub fn knows(&self, fact: &Fact<'_>) -> bool {
        let kind = object::kind(fact.object);
        let message = fact.message.to_lowercase();
        let says = |words: &&str| words.split('&').all(|word| message.contains(&word.to_lowercase()));
        self.on.holds(kind)
            && (self.reasons.is_empty() || self.reasons.contains(&fact.reason))
            && (self.words.is_empty() || self.words.iter().any(says))
    }
}
