//! The commits that Kustomizations have applied: each is fetched once.

use crate::api::ObjectId;
use crate::api::Role;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::git::ResolvedCommit;
use crate::kind;
use crate::net::Proxy;
use crate::ops::Session;
use crate::ops::git_source;
use crate::ops::git_tree::Published;
use futures::StreamExt;
use serde_json::Value;
use std::collections::HashMap;

/// How many commits are fetched at once.
const AT_ONCE: usize = 4;

/// Commits by source and revision.
pub(super) struct Commits(HashMap<(ObjectId, String), Result<Published, String>>);

/// Why a Kustomization cannot be compared, if that is known before anything is fetched.
pub(super) fn reason_to_skip(kustomization: &Value) -> Option<String> {
    let text = |pointer: &str| object::text(kustomization, pointer);
    if kustomization.pointer("/spec/kubeConfig").is_some_and(|config| !config.is_null()) {
        return Some("it applies to another cluster".to_owned());
    }
    let revision = text("/status/lastAppliedRevision");
    if revision.is_empty() {
        return Some("it has not applied anything yet".to_owned());
    }
    let source = text("/spec/sourceRef/kind");
    let is_git = kind::has(source, Role::GitSource);
    (!is_git || git_source::commit_of(revision).is_none())
        .then(|| format!("it comes from {source}, and only commits of Git can be compared"))
}

impl Commits {
    /// Fetches what is needed for these Kustomizations.
    pub(super) async fn fetch<'k>(
        session: &Session<'_>,
        kustomizations: impl Iterator<Item = &'k Value>,
        proxy: &Proxy,
    ) -> Self {
        let compared = kustomizations.filter(|one| reason_to_skip(one).is_none());
        let mut keys: Vec<(ObjectId, String)> = compared.filter_map(key).collect();
        keys.sort_by_cached_key(|(source, revision)| (source.to_string(), revision.clone()));
        keys.dedup();
        let fetches = futures::stream::iter(keys).map(|key| async move {
            let fetching = fetch(session, &key.0, &key.1, proxy);
            let fetched = session.deadline.bound("a commit to be fetched", fetching).await;
            (key, fetched.map_err(|error| format!("{error:#}")))
        });
        Self(fetches.buffer_unordered(AT_ONCE).collect().await)
    }

    /// The commit that a Kustomization has applied.
    pub(super) fn of(&self, kustomization: &Value) -> Option<anyhow::Result<&Published>> {
        let found = self.0.get(&key(kustomization)?)?;
        Some(found.as_ref().map_err(|reason| anyhow::anyhow!("{reason}")))
    }
}

fn key(kustomization: &Value) -> Option<(ObjectId, String)> {
    let source = (KUSTOMIZATION.source)(kustomization)?;
    Some((source, object::text(kustomization, "/status/lastAppliedRevision").to_owned()))
}

async fn fetch(
    session: &Session<'_>,
    source: &ObjectId,
    revision: &str,
    proxy: &Proxy,
) -> anyhow::Result<Published> {
    let object = git_source::read(session, source).await?;
    for field in ["include", "recurseSubmodules"] {
        let value = &object["spec"][field];
        let is_used = value == true || value.as_array().is_some_and(|list| !list.is_empty());
        anyhow::ensure!(!is_used, "{source} has spec.{field}, and only one repository is read");
    }
    let remote = git_source::remote(session, (source, &object), proxy).await?;
    let (branch, commit) = git_source::commit_of(revision).unwrap_or_default();
    let near = Some(branch.to_owned()).filter(|branch| !branch.is_empty());
    let found = ResolvedCommit { commit: commit.to_owned(), reference: None, near };
    let snapshot = remote.snapshot(&found).await?;
    Ok(Published::new(snapshot, object::text(&object, "/spec/ignore").to_owned()))
}
