//! Several Kustomizations at once: which they are, where their files are on this machine, and in which order they come.

use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::cluster;
use crate::cluster::Deadline;
use crate::cluster::Selection;
use crate::ops::build;
use crate::ops::build::BuildRequest;
use crate::ops::reconcile::order::Node;
use crate::ops::reconcile::order::order;
use crate::text::WithHint;
use anyhow::Context;
use futures::future::try_join_all;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// What is to be built.
#[derive(Debug, Clone)]
pub enum KustomizationSelection {
    /// One Kustomization from a folder.
    One { name: String, folder: PathBuf },
    /// These, from their local sources.
    Named(Vec<String>),
    /// All that there are, from their local sources.
    All,
}

/// The requests in the order of dependencies, and why others have none.
#[derive(Debug, Default)]
pub struct Requests {
    pub requests: Vec<BuildRequest>,
    pub skipped: Vec<String>,
}

/// Makes a request for each Kustomization that is wanted. `like` says how each is built; its name and its folder do not count.
///
/// # Errors
/// A name that nothing has; a source without a folder, unless all are wanted and another has one; Kustomizations that wait for each other.
pub async fn requests(
    client: Option<&kube::Client>,
    wanted: KustomizationSelection,
    like: BuildRequest,
    deadline: Deadline,
) -> anyhow::Result<Requests> {
    let is_all = matches!(wanted, KustomizationSelection::All);
    let found = match wanted {
        KustomizationSelection::One { name, folder } => {
            return Ok(Requests {
                requests: vec![BuildRequest { name, folder, ..like }],
                ..Requests::default()
            });
        }
        KustomizationSelection::Named(names) => named(client, &names, &like, deadline).await?,
        KustomizationSelection::All => all(client, &like, deadline).await?,
    };
    anyhow::ensure!(!found.is_empty(), "no Kustomization objects found in {} namespace", like.namespace);
    let mut answer = Requests::default();
    for kustomization in in_order(found)? {
        let name = object::name(&kustomization).to_owned();
        match build::local_folder(&kustomization, &like.settings) {
            Ok(folder) => {
                // What a file says is not what the cluster has.
                let live = like.file.is_none().then(|| Arc::new(kustomization));
                answer.requests.push(BuildRequest { name, folder, live, ..like.clone() });
            }
            Err(error) if is_all => answer.skipped.push(format!("{error:#}")),
            Err(error) => {
                return Err(error).hint(
                    "--local-sources says which folder a source is in: <kind>/<namespace>/<name>=<folder>",
                );
            }
        }
    }
    anyhow::ensure!(
        !answer.requests.is_empty(),
        "--local-sources names the source of no Kustomization: {}",
        answer.skipped.join(", ")
    );
    Ok(answer)
}

async fn named(
    client: Option<&kube::Client>,
    names: &[String],
    like: &BuildRequest,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    if let Some(file) = &like.file {
        let found = build::all_in_file(file, &like.namespace)?;
        let of = |name: &String| {
            let one = found.iter().find(|one| object::name(one) == name);
            one.cloned()
                .with_context(|| format!("there is no Kustomization '{name}' in '{}'", file.display()))
        };
        return names.iter().map(of).collect();
    }
    let client = client.context("a Kustomization comes from the cluster or from --kustomization-file")?;
    let each = names.iter().map(|name| cluster::get(client, &KUSTOMIZATION, &like.namespace, name));
    let found = deadline.bound("the Kustomizations", try_join_all(each)).await;
    found.context("failed to get kustomization object")
}

async fn all(
    client: Option<&kube::Client>,
    like: &BuildRequest,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    if let Some(file) = &like.file {
        return build::all_in_file(file, &like.namespace);
    }
    let client = client.context("Kustomizations come from the cluster or from --kustomization-file")?;
    let selection = Selection { whole: true, ..Selection::within(&like.namespace) };
    let listing = async {
        let listed = cluster::list(client, &KUSTOMIZATION, &selection).await;
        listed.map_err(|error| cluster::explain(error, "listing Kustomizations"))
    };
    Ok(deadline.bound("the Kustomizations", listing).await?.0)
}

/// What others depend on comes before them; otherwise the order is kept.
fn in_order(kustomizations: Vec<Value>) -> anyhow::Result<Vec<Value>> {
    let nodes = order(kustomizations.into_iter().map(|one| (&KUSTOMIZATION, one)).collect())?;
    let mut is_placed = vec![false; nodes.len()];
    let mut places = Vec::new();
    for at in 0..nodes.len() {
        place(at, &nodes, &mut is_placed, &mut places);
    }
    let mut objects: Vec<Option<Value>> = nodes.into_iter().map(|node| Some(node.object)).collect();
    Ok(places.into_iter().filter_map(|at| objects[at].take()).collect())
}

fn place(at: usize, nodes: &[Node], is_placed: &mut [bool], places: &mut Vec<usize>) {
    if std::mem::replace(&mut is_placed[at], true) {
        return;
    }
    nodes[at].before.iter().for_each(|before| place(*before, nodes, is_placed, places));
    places.push(at);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_depend_on_comes_first() {
        let one = |name: &str, needs: &[&str]| {
            let needs: Vec<Value> = needs.iter().map(|name| json!({"name": name})).collect();
            json!({"metadata": {"name": name, "namespace": "a"}, "spec": {"dependsOn": needs}})
        };
        let names = |found: Vec<Value>| -> Vec<String> {
            found.iter().map(|one| object::name(one).to_owned()).collect()
        };
        let found =
            in_order(vec![one("web", &["db", "gone"]), one("infra", &[]), one("db", &["infra"])]).unwrap();
        assert_eq!(names(found), ["infra", "db", "web"]);
        assert!(in_order(vec![one("a", &["b"]), one("b", &["a"])]).is_err());
    }
}
