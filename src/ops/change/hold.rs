//! Suspends an object until the request that rolls it back is merged. Between runs only the reason on the object is remembered: whose
//! suspension it is, and which request ends it.

use super::wording;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::SuspensionNote;
use crate::cluster;
use crate::ops::Session;
use crate::ops::suspension;
use crate::text::WithHint;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// A reason of ours: the request, once there is one, and what it proposes.
static REASON: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^until (?:a request|[a-z]+ request [#!](\d+)) is merged: (.+)$").ok());

/// The suspension of one object.
pub struct Hold<'a> {
    pub session: &'a Session<'a>,
    pub kind: &'static Kind,
    /// The object as the cluster has it.
    pub object: &'a Value,
    /// Who suspends it, if the API server does not tell.
    pub fallback: &'a str,
}

/// What suspends an object.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing does.
    No,
    /// A run before this one, with the number of its request if it got so far.
    ByUs(Option<u64>),
    /// Someone else, for another reason.
    ByOthers,
}

impl Hold<'_> {
    fn id(&self) -> ObjectId {
        ObjectId::of(self.object)
    }

    /// What suspends the object; `title` is what the request proposes.
    pub(super) fn present(&self, title: &str) -> Held {
        held(self.kind, self.object, title)
    }

    /// Suspends the object, unless it is suspended already.
    ///
    /// # Errors
    /// What the API server refuses.
    pub(super) async fn begin(&self, title: &str) -> anyhow::Result<()> {
        let sink = self.session.sink;
        match self.present(title) {
            Held::No => {}
            Held::ByUs(_) => return Ok(()),
            Held::ByOthers => {
                let note = SuspensionNote::of(self.kind, self.object);
                let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
                sink.warning(format!("{} is already suspended{note}; leaving it suspended", self.id()));
                return Ok(());
            }
        }
        let (words, ObjectId { namespace, name, .. }) = (self.kind.noun.label, self.id());
        sink.action(format!("suspending {words} {name} in {namespace} namespace"));
        self.write(&format!("until a request is merged: {title}")).await?;
        sink.success(format!("{words} suspended"));
        Ok(())
    }

    /// Records which request ends the suspension: its number, and its name in messages, e.g. `pull request #1`.
    ///
    /// # Errors
    /// What the API server refuses.
    pub(super) async fn name(&self, number: u64, request: &str, title: &str) -> anyhow::Result<()> {
        match self.present(title) {
            Held::ByOthers => Ok(()),
            Held::ByUs(Some(known)) if known == number => Ok(()),
            _ => self.write(&format!("until {request} is merged: {title}")).await,
        }
    }

    async fn write(&self, reason: &str) -> anyhow::Result<()> {
        let Session { client, deadline, now, .. } = self.session;
        let mut note = suspension::note(Some(reason), None, now().timestamp())?;
        let ObjectId { namespace, name, .. } = self.id();
        let suspending = async {
            note.by = suspension::user_name(client, self.fallback).await;
            let patch = suspension::suspending(self.object, Some(&note))?;
            let done = cluster::merge(client, self.kind, &namespace, &name, &patch).await;
            done.map_err(|error| cluster::explain(error, &format!("suspending {}", self.id())))
        };
        deadline.bound(&format!("{} to be suspended", self.id()), suspending).await.map(drop)
    }

    /// Resumes the object, if it is suspended for this reason.
    ///
    /// # Errors
    /// What the API server refuses.
    pub(super) async fn end(&self, title: &str) -> anyhow::Result<()> {
        let Session { client, sink, deadline, .. } = self.session;
        let (id, words) = (self.id(), self.kind.noun.label);
        let ObjectId { namespace, name, .. } = &id;
        let ending = async {
            let now = cluster::get(client, self.kind, namespace, name).await?;
            if !matches!(held(self.kind, &now, title), Held::ByUs(_)) {
                return Ok(());
            }
            sink.action(format!("resuming {words} {name} in {namespace} namespace"));
            let done = cluster::merge(client, self.kind, namespace, name, &suspension::resuming(&now)).await;
            done.map_err(|error| cluster::explain(error, &format!("resuming {id}")))
                .hint("the request is merged: run the command again, or resume it with `fluxr resume`")?;
            sink.success(format!("{words} resumed"));
            Ok(())
        };
        deadline.bound(&format!("{id} to be resumed"), ending).await
    }
}

fn held(kind: &Kind, object: &Value, title: &str) -> Held {
    if !kind.is_suspended(object) {
        return Held::No;
    }
    let note = SuspensionNote::of(kind, object).unwrap_or_default();
    let Some(found) = REASON.as_ref().and_then(|form| form.captures(&note.reason)) else {
        return Held::ByOthers;
    };
    let about = found.get(2).map(|about| about.as_str()).unwrap_or_default();
    if about == title {
        return Held::ByUs(found.get(1).and_then(|number| number.as_str().parse().ok()));
    }
    // Another rollback of the same object: its request does not end this one.
    if about.starts_with(&wording::beginning(&ObjectId::of(object))) {
        Held::ByUs(None)
    } else {
        Held::ByOthers
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kustomize::kustomization::KUSTOMIZATION;
    use serde_json::json;

    #[test]
    fn a_reason_tells_whose_suspension_it_is_and_which_request_ends_it() {
        let title = "Roll back Kustomization/apps/shop to main@sha1:0f1e2d3c";
        let found = |reason: &str| {
            let note = SuspensionNote { reason: reason.to_owned(), ..SuspensionNote::default() };
            json!({"apiVersion": KUSTOMIZATION.api_version(), "kind": "Kustomization", "spec": {"suspend": true},
                "metadata": {"name": "shop", "namespace": "apps", "annotations": note.annotations()}})
        };
        for (reason, wanted) in [
            (format!("until a request is merged: {title}"), Held::ByUs(None)),
            (format!("until pull request #12 is merged: {title}"), Held::ByUs(Some(12))),
            (format!("until merge request !3 is merged: {title}"), Held::ByUs(Some(3))),
            (format!("until pull request #12 is merged: {title}9"), Held::ByUs(None)),
            ("until pull request #12 is merged: something else".to_owned(), Held::ByOthers),
            ("moving the database".to_owned(), Held::ByOthers),
        ] {
            assert_eq!(held(&KUSTOMIZATION, &found(&reason), title), wanted, "{reason}");
        }
        let mut free = found("moving the database");
        free["spec"]["suspend"] = json!(false);
        assert_eq!(held(&KUSTOMIZATION, &free, title), Held::No);
    }
}
