//! What an object manages, and what that manages in turn: the inventories that controllers keep in their status.

use crate::api::DOMAIN;
use crate::api::ObjectId;
use crate::api::extensions::artifact_generator::ARTIFACT_GENERATOR;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object::list;
use crate::api::object::text;
use crate::api::object::text_if_set;
use crate::api::source::external_artifact::EXTERNAL_ARTIFACT;
use crate::cluster;
use crate::cluster::Selection;
use crate::text::yaml;
use anyhow::Context;
use base64::Engine;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::Serializer;
use serde_json::Value;
use serde_json::json;
use std::io::Read;

/// An object with what it manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    #[serde(serialize_with = "by_group_kind")]
    pub resource: ObjectId,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Tree>,
}

/// An object as the documents of Flux show it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown<'a> {
    namespace: &'a str,
    name: &'a str,
    group_kind: GroupKind<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GroupKind<'a> {
    group: &'a str,
    kind: &'a str,
}

fn by_group_kind<S: Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
    let group_kind = GroupKind { group: &id.group, kind: &id.kind };
    Shown { namespace: &id.namespace, name: &id.name, group_kind }.serialize(serializer)
}

impl Tree {
    fn leaf(resource: ObjectId) -> Self {
        Self { resource, resources: Vec::new() }
    }

    /// The tree with the lines that people know from directories.
    pub fn render(&self) -> String {
        let mut text = format!("{}\n", self.resource);
        self.render_below("", &mut text);
        text
    }

    fn render_below(&self, margin: &str, text: &mut String) {
        let count = self.resources.len();
        for (number, below) in self.resources.iter().enumerate() {
            let (branch, further) =
                if number + 1 == count { ("└── ", "    ") } else { ("├── ", "│   ") };
            text.push_str(&format!("{margin}{branch}{}\n", below.resource));
            below.render_below(&format!("{margin}{further}"), text);
        }
    }
}

/// What a Kustomization manages, with the Kustomizations and HelmReleases among it. `compact` leaves out all but Flux's own objects.
///
/// # Errors
/// An object that does not exist; an inventory or a Helm release that cannot be read, named.
pub async fn of_kustomization(
    client: &kube::Client,
    namespace: &str,
    name: &str,
    compact: bool,
) -> anyhow::Result<Tree> {
    let object = cluster::get(client, &KUSTOMIZATION, namespace, name).await?;
    let mut tree = Tree::leaf(KUSTOMIZATION.id(namespace, name));
    tree.resources = Walk { client, compact }.below(&object, &[tree.resource.clone()]).await?;
    Ok(tree)
}

/// The external artifacts that a generator makes.
///
/// # Errors
/// It does not exist.
pub async fn of_artifact_generator(
    client: &kube::Client,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Tree> {
    let object = cluster::get(client, &ARTIFACT_GENERATOR, namespace, name).await?;
    let mut tree = Tree::leaf(ARTIFACT_GENERATOR.id(namespace, name));
    for entry in list(&object, "/status/inventory") {
        let made = EXTERNAL_ARTIFACT.id(text(entry, "/namespace"), text(entry, "/name"));
        tree.resources.push(Tree::leaf(made));
    }
    Ok(tree)
}

struct Walk<'a> {
    client: &'a kube::Client,
    compact: bool,
}

impl Walk<'_> {
    /// What is below a Kustomization; `above` are the Kustomizations that lead to it, and itself.
    fn below<'b>(
        &'b self,
        object: &'b Value,
        above: &'b [ObjectId],
    ) -> BoxFuture<'b, anyhow::Result<Vec<Tree>>> {
        Box::pin(async move {
            let entries = list(object, "/status/inventory/entries");
            let ids = entries.iter().filter_map(|entry| entry["id"].as_str());
            let is_remote = object.pointer("/spec/kubeConfig").is_some();
            let found: Vec<ObjectId> = ids.map(ObjectId::in_inventory).collect::<Result<_, _>>()?;
            let kept = found
                .into_iter()
                .filter(|one| self.shows(one) && above.last().is_none_or(|last| !last.is_same(one)));
            // One after the other would take a round trip for each.
            let trees = kept.map(|resource| self.grown(resource, is_remote, above));
            futures::future::try_join_all(trees).await
        })
    }

    fn shows(&self, resource: &ObjectId) -> bool {
        !self.compact || resource.group.contains(DOMAIN)
    }

    async fn grown(&self, resource: ObjectId, is_remote: bool, above: &[ObjectId]) -> anyhow::Result<Tree> {
        let (namespace, name) = (&resource.namespace, &resource.name);
        let mut below = Vec::new();
        if HELM_RELEASE.is_of(&resource) && !is_remote {
            let objects = helm_inventory(self.client, namespace, name).await?;
            below = objects.into_iter().filter(|one| self.shows(one)).map(Tree::leaf).collect();
        }
        // One that leads back to itself would have no end.
        if KUSTOMIZATION.is_of(&resource) && !is_remote && !above.iter().any(|one| one.is_same(&resource)) {
            let object = cluster::get(self.client, &KUSTOMIZATION, namespace, name).await;
            let object = object.context("failed to find object")?;
            below = self.below(&object, &[above, std::slice::from_ref(&resource)].concat()).await?;
        }
        Ok(Tree { resource, resources: below })
    }
}

/// What a Helm release has put into this cluster, from where Helm keeps it.
pub(super) async fn helm_inventory(
    client: &kube::Client,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Vec<ObjectId>> {
    let release = cluster::get(client, &HELM_RELEASE, namespace, name).await?;
    let storage = text(&release, "/status/storageNamespace");
    let latest = list(&release, "/status/history").iter().max_by_key(|one| one["version"].as_i64());
    let (Some(latest), false, None) = (latest, storage.is_empty(), release.pointer("/spec/kubeConfig"))
    else {
        return Ok(Vec::new());
    };
    let secret = format!("sh.helm.release.v1.{}.v{}", text(latest, "/name"), latest["version"]);
    let address = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": storage}});
    let object = format!("the Helm storage object for HelmRelease '{namespace}/{name}'");
    let stored = match cluster::api_for(client, &address).await?.get_opt(&secret).await {
        Ok(None) => return Ok(Vec::new()),
        Ok(Some(stored)) => stored,
        Err(error) => return Err(cluster::explain(error, &format!("failed to find {object}"))),
    };
    let manifest = manifest_of(&stored.data).with_context(|| format!("failed to decode {object}"))?;
    let mut found = Vec::new();
    let home = text(latest, "/namespace");
    for document in yaml::documents(&manifest, &secret)? {
        found.extend(resource_of(client, &document, home).await?);
    }
    if manages_definitions(&release) {
        let [of_name, of_namespace] = HELM_RELEASE.owner_labels();
        let labels = format!("{of_name}={name},{of_namespace}={namespace}");
        for definition in definitions(client, labels).await {
            if !found.iter().any(|one| one.is_same(&definition)) {
                found.push(definition);
            }
        }
    }
    Ok(found)
}

/// The manifest in a Secret of Helm: Base64, gzip, JSON.
fn manifest_of(secret: &Value) -> anyhow::Result<String> {
    let decode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.decode(bytes);
    let encoded = text_if_set(secret, "/data/release").context("it has no release")?;
    let mut bytes = decode(&decode(encoded.as_bytes())?)?;
    if bytes.starts_with(&[0x1f, 0x8b, 0x08]) {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain)?;
        bytes = plain;
    }
    let release: Value = serde_json::from_slice(&bytes)?;
    Ok(release["manifest"].as_str().unwrap_or_default().to_owned())
}

/// An object of a manifest, in the release's namespace where its kind lives in one and it names none.
async fn resource_of(client: &kube::Client, object: &Value, home: &str) -> anyhow::Result<Option<ObjectId>> {
    let mut id = ObjectId::of(object);
    if id.version.is_empty() || id.kind.is_empty() {
        return Ok(None);
    }
    // A kind that the cluster does not know any more has no namespace to show.
    if id.namespace.is_empty()
        && cluster::resource_of(client, &id.api_version(), &id.kind)
            .await
            .is_ok_and(|(_, namespaced)| namespaced)
    {
        id.namespace = home.to_owned();
    }
    Ok(Some(id))
}

fn manages_definitions(release: &Value) -> bool {
    ["/spec/install/crds", "/spec/upgrade/crds"].iter().any(|pointer| {
        let policy = text(release, pointer);
        !policy.is_empty() && policy != "Skip"
    })
}

/// The definitions with these labels; empty if they may not be listed.
async fn definitions(client: &kube::Client, labels: String) -> Vec<ObjectId> {
    let (version, kind) = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let Ok((resource, _)) = cluster::resource_of(client, version, kind).await else { return Vec::new() };
    let selection = Selection { labels: Some(labels), ..Selection::default() };
    let Ok((found, _)) = cluster::list_resource(client, &resource, &selection).await else {
        return Vec::new();
    };
    found.iter().map(ObjectId::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_drawn_with_the_lines_of_directories() {
        let leaf = |name: &str| Tree::leaf(KUSTOMIZATION.id("n", name));
        let mut tree = leaf("root");
        tree.resources = vec![leaf("a"), leaf("b")];
        tree.resources[0].resources = vec![leaf("c"), leaf("d")];
        tree.resources[1].resources = vec![leaf("e")];
        let drawn = "Kustomization/n/root\n├── Kustomization/n/a\n│   ├── Kustomization/n/c\n│   └── Kustomization/n/d\n└── Kustomization/n/b\n    └── Kustomization/n/e\n";
        assert_eq!(tree.render(), drawn);
    }
}
