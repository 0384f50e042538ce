//! Reads the objects of one kind, or of several at once.

use crate::api::Kind;
use crate::cluster;
use crate::cluster::Selection;
use crate::cluster::Visible;
use futures::future::join_all;
use serde_json::Value;
use std::time::Duration;

/// How listing a kind went.
pub type Listed<T> = (&'static Kind, anyhow::Result<Visible<T>>);

/// The objects of a kind, each reduced as it arrives, so that a long list is never held whole.
///
/// # Errors
/// What the API server answers; the limit.
pub async fn list<T>(
    client: &kube::Client,
    kind: &Kind,
    selection: &Selection,
    limit: Duration,
    reduce: impl Fn(Value) -> T,
) -> anyhow::Result<Visible<T>> {
    let resource = kind.api_resource();
    let listing = cluster::list_visible(client, &resource, selection, reduce);
    let listing = async { listing.await.map_err(|error| listing_failed(error, kind)) };
    cluster::in_time(limit, &format!("listing {}", kind.plural), listing).await
}

/// The lists of all kinds that the cluster has, in their order; kinds that it does not have are left out. A watch needs whole lists.
///
/// # Errors
/// No kind can be listed, for a reason that they share; the limit.
pub async fn gather<T>(
    client: &kube::Client,
    kinds: &[&'static Kind],
    selection: &Selection,
    limit: Duration,
    watches: bool,
    reduce: &impl Fn(&'static Kind, Value) -> T,
) -> anyhow::Result<Vec<Listed<T>>> {
    let lists = kinds.iter().map(|kind| async move {
        let resource = kind.api_resource();
        let reduce = |object| reduce(kind, object);
        if !watches {
            return cluster::list_visible(client, &resource, selection, reduce).await;
        }
        let listed = cluster::list_each(client, &resource, selection, reduce).await;
        listed.map(|(objects, version)| Visible { objects, version, unseen: None })
    });
    let lists = async { Ok(join_all(lists).await) };
    let lists = cluster::in_time(limit, "listing the objects", lists).await?;
    let lists = cluster::unless_all_are_hopeless(lists)
        .map_err(|error| cluster::explain(error, "listing the objects"))?;
    let known =
        kinds.iter().zip(lists).filter(|(_, outcome)| !outcome.as_ref().is_err_and(cluster::is_not_found));
    Ok(known.map(|(kind, outcome)| (*kind, outcome.map_err(|error| listing_failed(error, kind)))).collect())
}

/// The error for a kind that could not be listed.
pub fn listing_failed(error: kube::Error, kind: &Kind) -> anyhow::Error {
    cluster::explain(error, &format!("listing {}", kind.plural))
}
