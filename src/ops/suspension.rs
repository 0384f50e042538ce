//! Who suspends an object, why and until when: what `suspend --reason` writes down.

use crate::api::SuspensionNote;
use crate::text::GoDuration;
use anyhow::Context;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

/// The note for a suspension that begins now.
///
/// # Errors
/// An empty reason; an end that is neither a moment nor a duration, or that has passed.
pub fn note(reason: Option<&str>, until: Option<&str>, now: Timestamp) -> anyhow::Result<SuspensionNote> {
    let reason = reason.map(str::trim);
    anyhow::ensure!(reason != Some(""), "--reason is empty: say why, or leave the flag out");
    let until = until.map(|text| moment(text, now)).transpose()?;
    Ok(SuspensionNote {
        at: shown(now),
        reason: reason.unwrap_or_default().to_owned(),
        until: until.map(shown).unwrap_or_default(),
        ..SuspensionNote::default()
    })
}

/// A moment from RFC 3339 or from a duration that begins now.
fn moment(text: &str, now: Timestamp) -> anyhow::Result<Timestamp> {
    let until = match text.parse::<GoDuration>() {
        Ok(duration) => now.checked_add(duration.0).ok(),
        Err(_) => text.parse::<Timestamp>().ok(),
    };
    let until = until.with_context(|| {
        format!(
            "--until \"{text}\" is neither a moment such as 2026-01-31T18:00:00Z nor a duration such as 4h30m"
        )
    })?;
    anyhow::ensure!(until > now, "--until \"{text}\" has passed already");
    Ok(until)
}

fn shown(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Who this is at the API server; an API server that does not tell leaves it to `fallback`.
pub async fn user_name(client: &kube::Client, fallback: &str) -> String {
    use k8s_openapi::api::authentication::v1::SelfSubjectReview;
    let api: kube::Api<SelfSubjectReview> = kube::Api::all(client.clone());
    let review = api.create(&kube::api::PostParams::default(), &SelfSubjectReview::default()).await;
    let told = review.ok().and_then(|review| review.status?.user_info?.username);
    told.filter(|name| !name.is_empty()).unwrap_or_else(|| fallback.to_owned())
}

/// The patch that suspends an object. Without a note it only removes one that an earlier suspension has left behind.
///
/// # Errors
/// The note does not fit beside the other annotations of the object.
pub fn suspending(object: &Value, note: Option<&SuspensionNote>) -> anyhow::Result<Value> {
    let is_suspended = object.pointer("/spec/suspend") == Some(&json!(true));
    let annotations = match note {
        Some(note) => {
            note.fits(object)?;
            Some(note.annotations())
        }
        None => SuspensionNote::left_on(object)
            .filter(|_| !is_suspended)
            .map(|_| SuspensionNote::default().annotations()),
    };
    Ok(patch(json!(true), annotations))
}

/// The patch that resumes an object, and removes its note if it has one.
pub fn resuming(object: &Value) -> Value {
    let left = SuspensionNote::left_on(object);
    patch(Value::Null, left.map(|_| SuspensionNote::default().annotations()))
}

fn patch(suspend: Value, annotations: Option<Value>) -> Value {
    let mut patch = json!({"spec": {"suspend": suspend}});
    if let Some(annotations) = annotations {
        patch["metadata"] = json!({"annotations": annotations});
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    #[test]
    fn an_end_is_a_moment_or_a_duration_that_lies_ahead() {
        let until = |text: &str| note(None, Some(text), now()).map(|note| note.until);
        assert_eq!(until("4h30m").unwrap(), "2026-01-02T07:34:05Z");
        assert_eq!(until("2026-01-03T00:00:00+02:00").unwrap(), "2026-01-02T22:00:00Z");
        assert!(until("2026-01-01T00:00:00Z").unwrap_err().to_string().contains("has passed already"));
        assert!(until("0").unwrap_err().to_string().contains("has passed already"));
        assert!(until("tomorrow").unwrap_err().to_string().contains("neither a moment"));
        assert!(note(Some("  "), None, now()).unwrap_err().to_string().contains("--reason is empty"));
    }

    #[test]
    fn without_a_note_the_patches_are_those_that_suspend_and_resume_always_sent() {
        let plain = json!({"metadata": {"name": "app", "annotations": {"a": "b"}}, "spec": {}});
        assert_eq!(suspending(&plain, None).unwrap(), json!({"spec": {"suspend": true}}));
        assert_eq!(resuming(&plain), json!({"spec": {"suspend": null}}));
    }

    #[test]
    fn a_note_that_was_left_behind_goes_with_the_next_suspension_but_a_living_one_stays() {
        let mut object =
            json!({"metadata": {"annotations": {"fluxr.dev/suspended-reason": "old"}}, "spec": {}});
        let patch = suspending(&object, None).unwrap();
        assert_eq!(patch["metadata"]["annotations"]["fluxr.dev/suspended-reason"], Value::Null);
        assert!(patch["metadata"]["annotations"].get("fluxr.dev/suspended-by").is_some());
        object["spec"]["suspend"] = json!(true);
        assert_eq!(suspending(&object, None).unwrap(), json!({"spec": {"suspend": true}}));
        assert!(resuming(&object).get("metadata").is_some());
    }
}
