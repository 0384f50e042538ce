//! The versions that another cluster runs: charts as Helm released them, sources as they were fetched, and the images of the workloads
//! that Kustomizations applied.

use super::containers;
use super::fields::has_chart_version;
use super::matching::Known;
use super::pin::Owner;
use super::pin::What;
use super::setting::Setting;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::Pinned;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::label;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::pinned::BRANCH;
use crate::api::pinned::COMMIT;
use crate::api::pinned::DIGEST;
use crate::api::pinned::NAME;
use crate::api::pinned::SEMVER;
use crate::api::pinned::TAG;
use crate::cluster;
use crate::cluster::BUILT_IN;
use crate::cluster::BuiltIn;
use crate::cluster::Selection;
use crate::kind::KINDS;
use crate::render::kustomize::image_parts;
use kube::Client;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The kinds with a template of pods that people apply.
const WORKLOADS: [&str; 4] = ["DaemonSet", "Deployment", "StatefulSet", "CronJob"];

/// Reads what a cluster runs.
///
/// # Errors
/// Objects that cannot be listed.
pub(super) async fn read(client: &Client) -> anyhow::Result<Vec<Known>> {
    let pinning =
        KINDS.iter().copied().filter(|kind| !matches!(kind.pinned, Pinned::Nothing | Pinned::Images(_)));
    let of_flux = pinning.map(|kind| of_kind(client, kind));
    let workloads = BUILT_IN.iter().filter(|kind| WORKLOADS.contains(&kind.kind));
    let of_others = workloads.map(|kind| of_workloads(client, kind));
    let (of_flux, of_others) =
        tokio::join!(futures::future::try_join_all(of_flux), futures::future::try_join_all(of_others));
    let mut known: Vec<Known> = of_flux?.into_iter().flatten().collect();
    known.extend(images_of(of_others?.into_iter().flatten()));
    Ok(known)
}

/// The images of Kustomizations, each once with its different versions.
fn images_of(containers: impl Iterator<Item = (ObjectId, String, Setting)>) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    let mut places = HashMap::new();
    for (owner, name, setting) in containers {
        match places.entry((owner, name)) {
            Entry::Vacant(new) => {
                let (owner, name) = new.key().clone();
                new.insert(known.len());
                known.push(Known {
                    owner: Owner::Object(owner),
                    what: What::Image(name),
                    settings: vec![setting],
                });
            }
            Entry::Occupied(place) => {
                let settings = &mut known[*place.get()].settings;
                if !settings.contains(&setting) {
                    settings.push(setting);
                }
            }
        }
    }
    known
}

async fn of_kind(client: &Client, kind: &'static Kind) -> anyhow::Result<Vec<Known>> {
    let listed = match cluster::list(client, kind, &Selection::default()).await {
        Ok((objects, _)) => objects,
        Err(error) => {
            let error = cluster::explain(error, &format!("listing {}", kind.plural));
            return if cluster::is_unknown_kind(&error) { Ok(Vec::new()) } else { Err(error) };
        }
    };
    let known = |object: &Value| {
        let owner =
            Owner::Object(kind.id(text(object, "/metadata/namespace"), text(object, "/metadata/name")));
        let (what, setting) = match kind.pinned {
            Pinned::Chart { source, .. } => {
                object.pointer(source).filter(|_| has_chart_version(object, source))?;
                (What::Chart, Setting::plain(&chart(kind, object)?))
            }
            Pinned::Reference(_) => (What::Reference, fetched(object)?),
            _ => return None,
        };
        Some(Known { owner, what, settings: vec![setting] })
    };
    Ok(listed.iter().filter_map(known).collect())
}

/// The version of the chart that was released or fetched last.
fn chart(kind: &Kind, object: &Value) -> Option<String> {
    let released = kind.past.and_then(|past| past(object).into_iter().next());
    let fetched = || text_if_set(object, "/status/artifact/revision").map(str::to_owned);
    released.map(|past| past.revision).or_else(fetched).filter(|version| !version.is_empty())
}

/// What a source fetched, in the field in which its spec asks for it; for a range, the tag that was chosen.
fn fetched(object: &Value) -> Option<Setting> {
    let revision =
        text_if_set(object, "/status/artifact/revision").filter(|revision| !revision.is_empty())?;
    // A tag may contain the sign, a hash does not.
    let (name, hash) = revision.rsplit_once('@').unwrap_or(("", revision));
    let asked =
        |field: &str| text_if_set(object, &format!("/spec/ref/{field}")).filter(|text| !text.is_empty());
    let setting =
        |field: &'static str, value: &str| (!value.is_empty()).then(|| Setting::reference(field, value));
    if asked(DIGEST).is_some() {
        return setting(DIGEST, hash);
    }
    if asked(COMMIT).is_some() {
        return setting(COMMIT, hash.rsplit(':').next().unwrap_or_default());
    }
    if asked(NAME).is_some() {
        return setting(NAME, name);
    }
    let is_branch = asked(BRANCH).is_some() && asked(TAG).or(asked(SEMVER)).is_none();
    if is_branch { setting(BRANCH, name) } else { setting(TAG, name) }
}

/// The images of workloads, each with the Kustomization that applied it.
async fn of_workloads(client: &Client, kind: &BuiltIn) -> anyhow::Result<Vec<(ObjectId, String, Setting)>> {
    let [name, namespace] = KUSTOMIZATION.owner_labels();
    let selection = Selection { labels: Some(name.clone()), ..Selection::default() };
    let read = |object: Value| {
        let owner = KUSTOMIZATION
            .id(label(&object, &namespace).unwrap_or_default(), label(&object, &name).unwrap_or_default());
        let image = |image: &str| {
            let (name, tag, digest) = image_parts(image);
            (owner.clone(), name.to_owned(), Setting::image(tag, digest))
        };
        containers::images(&object).map(image).collect::<Vec<_>>()
    };
    let listed = cluster::list_each(client, &kind.api_resource(), &selection, read).await;
    let (found, _) = listed.map_err(|error| cluster::explain(error, &format!("listing {}", kind.plural)))?;
    Ok(found.into_iter().flatten().collect())
}
