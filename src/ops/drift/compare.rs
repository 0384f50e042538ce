//! The Kustomizations that are compared, some at once, and the report of each.

use super::files;
use super::files::Commits;
use super::report::Outcome;
use super::report::Report;
use super::report::outcome;
use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::cluster;
use crate::cluster::Selection;
use crate::ops::Elsewhere;
use crate::ops::Session;
use crate::ops::build::BuildRequest;
use crate::ops::build::BuildSettings;
use crate::ops::diff;
use crate::ops::get::listing_failed;
use anyhow::Context;
use futures::StreamExt;
use futures::future::join_all;
use serde_json::Value;
use std::sync::Arc;

/// How many Kustomizations are compared at once; each of them asks for several dry runs at once.
const AT_ONCE: usize = 4;

/// Which Kustomizations are compared.
pub struct DriftRequest {
    /// These; all if empty.
    pub names: Vec<String>,
    pub all_namespaces: bool,
    /// How bases with an address are fetched, and the proxy for Git servers.
    pub elsewhere: Elsewhere,
}

/// Compares Kustomizations with what they have applied.
///
/// # Errors
/// Kustomizations that cannot be listed. What goes wrong with one of them is in its report, also that it does not exist.
pub async fn drift(session: &Session<'_>, request: &DriftRequest) -> anyhow::Result<Vec<Report>> {
    let wanted = wanted(session, request).await?;
    let found = wanted.iter().filter_map(|one| one.as_ref().ok());
    let commits = &Commits::fetch(session, found, &request.elsewhere.proxy).await;
    let reports = futures::stream::iter(wanted).map(|one| async move {
        match one {
            Ok(kustomization) => report(session, request, commits, &kustomization).await,
            Err(unread) => *unread,
        }
    });
    Ok(reports.buffered(AT_ONCE).collect().await)
}

/// The Kustomizations, and the reports of those that cannot be read.
type Read = Vec<Result<Value, Box<Report>>>;

async fn wanted(session: &Session<'_>, request: &DriftRequest) -> anyhow::Result<Read> {
    let (client, deadline) = (&session.client, session.deadline);
    if !request.names.is_empty() {
        let each = request.names.iter().map(|name| async move {
            cluster::get(client, &KUSTOMIZATION, session.namespace, name).await.map_err(|error| {
                let kustomization = KUSTOMIZATION.id(session.namespace, name);
                Box::new(Report { kustomization, revision: String::new(), outcome: Outcome::Failed(error) })
            })
        });
        return deadline.bound("the Kustomizations", async { Ok(join_all(each).await) }).await;
    }
    let namespace = (!request.all_namespaces).then(|| session.namespace.to_owned());
    let selection = Selection { namespace, whole: true, ..Selection::default() };
    let listing = async {
        let listed = cluster::list(client, &KUSTOMIZATION, &selection).await;
        listed.map_err(|error| listing_failed(error, &KUSTOMIZATION))
    };
    Ok(deadline.bound("the Kustomizations", listing).await?.0.into_iter().map(Ok).collect())
}

async fn report(
    session: &Session<'_>,
    request: &DriftRequest,
    commits: &Commits,
    kustomization: &Value,
) -> Report {
    let id = KUSTOMIZATION.id(object::namespace(kustomization), object::name(kustomization));
    let revision = object::text(kustomization, "/status/lastAppliedRevision").to_owned();
    let outcome = match files::reason_to_skip(kustomization) {
        Some(reason) => Outcome::Skipped(reason),
        None => match compare(session, request, commits, kustomization, &id).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Failed(error),
        },
    };
    Report { kustomization: id, revision, outcome }
}

async fn compare(
    session: &Session<'_>,
    request: &DriftRequest,
    commits: &Commits,
    kustomization: &Value,
    id: &ObjectId,
) -> anyhow::Result<Outcome> {
    let found = commits.of(kustomization).context("its source was not read")??;
    let build = BuildRequest {
        name: id.name.clone(),
        namespace: id.namespace.clone(),
        folder: object::text(kustomization, "/spec/path").into(),
        file: None,
        live: Some(Arc::new(kustomization.clone())),
        may_be_new: false,
        settings: BuildSettings::default(),
        commit: Some(found.clone()),
        elsewhere: request.elsewhere.clone(),
    };
    let differences = diff::diff(&session.client, &build, session.deadline).await?;
    let foreign = if differences.errors.is_empty() {
        diff::left_over(kustomization, &differences.objects)?
    } else {
        // What failed may be what seems to be foreign.
        Vec::new()
    };
    Ok(outcome(differences, foreign))
}
