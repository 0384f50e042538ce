//! Who suspended an object, when, why and until when: four annotations that `suspend --reason` writes and `resume` removes.

use super::object::annotation;
use super::resource::Kind;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// Who: the user's name at the API server.
pub const BY: &str = "fluxr.dev/suspended-by";
/// When, in RFC 3339.
pub const AT: &str = "fluxr.dev/suspended-at";
/// Why, in the user's words.
pub const REASON: &str = "fluxr.dev/suspended-reason";
/// Until when it is meant to last, in RFC 3339. Nothing resumes by itself.
pub const UNTIL: &str = "fluxr.dev/suspended-until";
/// How large all annotations of an object together may be, names included. (Kubernetes' `TotalAnnotationSizeLimitB`.)
const ROOM: usize = 256 * 1024;

/// What is known about a suspension; what was not written down is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuspensionNote {
    pub by: String,
    pub at: String,
    pub reason: String,
    pub until: String,
}

impl SuspensionNote {
    /// The note on an object; `None` if the object is not suspended, or carries no note.
    pub fn of(kind: &Kind, object: &Value) -> Option<Self> {
        let found = Self::left_on(object)?;
        kind.is_suspended(object).then_some(found)
    }

    /// The note on an object, also one that a program without knowledge of it left behind.
    pub fn left_on(object: &Value) -> Option<Self> {
        let text = |name: &str| annotation(object, name).unwrap_or_default().to_owned();
        let found = Self { by: text(BY), at: text(AT), reason: text(REASON), until: text(UNTIL) };
        (found != Self::default()).then_some(found)
    }

    /// The annotations for a merge patch: those that are empty are removed.
    pub fn annotations(&self) -> Value {
        let fields = [(BY, &self.by), (AT, &self.at), (REASON, &self.reason), (UNTIL, &self.until)];
        let value = |text: &String| if text.is_empty() { Value::Null } else { json!(text) };
        let named: Map<String, Value> =
            fields.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect();
        Value::Object(named)
    }

    /// Whether the object has room for it beside its other annotations.
    ///
    /// # Errors
    /// How much room there is and how much the note takes.
    pub fn fits(&self, object: &Value) -> Result<(), TooLarge> {
        let size = |annotations: &Value| -> usize {
            let fields = annotations.as_object().into_iter().flatten();
            fields
                .filter_map(|(name, text)| text.as_str().map(|text| (name, text.len())))
                .map(|(name, length)| name.len() + length)
                .sum()
        };
        let ours = self.annotations();
        let mut others = object.pointer("/metadata/annotations").cloned().unwrap_or_default();
        if let Some(others) = others.as_object_mut() {
            [BY, AT, REASON, UNTIL].iter().for_each(|name| drop(others.remove(*name)));
        }
        let room = ROOM.saturating_sub(size(&others));
        let taken = size(&ours);
        if taken > room { Err(TooLarge { taken, room }) } else { Ok(()) }
    }
}

impl std::fmt::Display for SuspensionNote {
    /// `by ada at 2026-01-02T03:04:05Z until 2026-01-03T00:00:00Z: the reason`, as far as it is known, in one line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [("by", &self.by), ("at", &self.at), ("until", &self.until)];
        let known: Vec<String> = parts
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(word, text)| format!("{word} {text}"))
            .collect();
        let colon = if self.reason.is_empty() || known.is_empty() { "" } else { ": " };
        let reason: Vec<&str> = self.reason.lines().map(str::trim).collect();
        write!(f, "{}{colon}{}", known.join(" "), reason.join(" "))
    }
}

/// A note that an object has no room for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the reason does not fit into the annotations: it takes {taken} bytes, and {room} of 262144 bytes are free"
)]
pub struct TooLarge {
    pub taken: usize,
    pub room: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::KUSTOMIZATION;

    fn note() -> SuspensionNote {
        SuspensionNote { by: "ada".into(), reason: "a freeze".into(), ..SuspensionNote::default() }
    }

    #[test]
    fn a_note_is_read_back_as_it_was_written_and_only_from_what_is_suspended() {
        let mut object =
            json!({"metadata": {"annotations": note().annotations()}, "spec": {"suspend": true}});
        assert_eq!(SuspensionNote::of(&KUSTOMIZATION, &object), Some(note()));
        assert_eq!(note().to_string(), "by ada: a freeze");
        let long = SuspensionNote { reason: "a freeze\nof all".into(), ..note() };
        assert_eq!(long.to_string(), "by ada: a freeze of all");
        object["spec"]["suspend"] = json!(false);
        assert_eq!(SuspensionNote::of(&KUSTOMIZATION, &object), None);
        assert_eq!(SuspensionNote::left_on(&object), Some(note()));
        assert_eq!(SuspensionNote::left_on(&json!({"metadata": {}})), None);
    }

    #[test]
    fn a_note_must_fit_beside_the_other_annotations() {
        let long = SuspensionNote { reason: "x".repeat(ROOM / 2), ..SuspensionNote::default() };
        let free = json!({"metadata": {}});
        assert_eq!(long.fits(&free), Ok(()));
        let crowded = json!({"metadata": {"annotations": {"a": "y".repeat(ROOM / 2)}}});
        let refused = long.fits(&crowded).unwrap_err();
        assert!(refused.room < refused.taken, "{refused}");
        let replaced = json!({"metadata": {"annotations": {REASON: "y".repeat(ROOM / 2)}}});
        assert_eq!(long.fits(&replaced), Ok(()));
    }
}
