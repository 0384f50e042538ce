//! What an object manages, and what that manages in turn: the inventories that controllers keep in their status.

use crate::api::Kind;
use crate::api::extensions::artifact_generator::ARTIFACT_GENERATOR;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
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
use serde_json::Value;
use serde_json::json;
use std::io::Read;

/// An object in a cluster, as inventories name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    pub namespace: String,
    pub name: String,
    pub group_kind: GroupKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct GroupKind {
    pub group: String,
    pub kind: String,
}

/// An object with what it manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    pub resource: Resource,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Tree>,
}

impl Resource {
    fn of(kind: &Kind, namespace: &str, name: &str) -> Self {
        let group_kind = GroupKind { group: kind.group.to_owned(), kind: kind.kind.to_owned() };
        Self { namespace: namespace.to_owned(), name: name.to_owned(), group_kind }
    }

    /// Reads `<namespace>_<name>_<group>_<kind>`; a colon in the name is written as two underscores.
    pub(super) fn parse(id: &str) -> anyhow::Result<Self> {
        let parts = || {
            let (namespace, rest) = id.split_once('_')?;
            let (rest, kind) = rest.rsplit_once('_')?;
            let (name, group) = rest.rsplit_once('_')?;
            Some((namespace, name, group, kind))
        };
        let (namespace, name, group, kind) =
            parts().with_context(|| format!("unable to parse stored object metadata: {id}"))?;
        Ok(Self {
            namespace: namespace.to_owned(),
            name: name.replace("__", ":"),
            group_kind: GroupKind { group: group.to_owned(), kind: kind.to_owned() },
        })
    }

    fn is(&self, kind: &Kind) -> bool {
        self.group_kind.group == kind.group && self.group_kind.kind == kind.kind
    }
}

impl std::fmt::Display for GroupKind {
    /// `kind.group`, as kubectl takes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.kind.to_lowercase(), self.group)
    }
}

impl std::fmt::Display for Resource {
    /// `Kind/namespace/name`, or `Kind/name`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, namespace) = (&self.group_kind.kind, &self.namespace);
        if namespace.is_empty() {
            return write!(f, "{kind}/{}", self.name);
        }
        write!(f, "{kind}/{namespace}/{}", self.name)
    }
}

impl Tree {
    fn leaf(resource: Resource) -> Self {
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
/// An object that is not there; an inventory or a Helm release that cannot be read, named.
pub async fn of_kustomization(
    client: &kube::Client,
    namespace: &str,
    name: &str,
    compact: bool,
) -> anyhow::Result<Tree> {
    let object = cluster::get(client, &KUSTOMIZATION, namespace, name).await?;
    let mut tree = Tree::leaf(Resource::of(&KUSTOMIZATION, namespace, name));
    tree.resources = Walk { client, compact }.below(&object, &[tree.resource.clone()]).await?;
    Ok(tree)
}

/// The external artifacts that a generator makes.
///
/// # Errors
/// It is not there.
pub async fn of_artifact_generator(
    client: &kube::Client,
    namespace: &str,
    name: &str,
) -> anyhow::Result<Tree> {
    let object = cluster::get(client, &ARTIFACT_GENERATOR, namespace, name).await?;
    let mut tree = Tree::leaf(Resource::of(&ARTIFACT_GENERATOR, namespace, name));
    for entry in list(&object, "/status/inventory") {
        let made = Resource::of(&EXTERNAL_ARTIFACT, text(entry, "/namespace"), text(entry, "/name"));
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
        above: &'b [Resource],
    ) -> BoxFuture<'b, anyhow::Result<Vec<Tree>>> {
        Box::pin(async move {
            let entries = list(object, "/status/inventory/entries");
            let ids = entries.iter().filter_map(|entry| entry["id"].as_str());
            let is_remote = object.pointer("/spec/kubeConfig").is_some();
            let found: Vec<Resource> = ids.map(Resource::parse).collect::<anyhow::Result<_>>()?;
            let kept = found.into_iter().filter(|one| self.shows(one) && Some(one) != above.last());
            // One after the other would take a round trip for each.
            let trees = kept.map(|resource| self.grown(resource, is_remote, above));
            futures::future::try_join_all(trees).await
        })
    }

    fn shows(&self, resource: &Resource) -> bool {
        !self.compact || resource.group_kind.group.contains("toolkit.fluxcd.io")
    }

    async fn grown(&self, resource: Resource, is_remote: bool, above: &[Resource]) -> anyhow::Result<Tree> {
        let (namespace, name) = (&resource.namespace, &resource.name);
        let mut below = Vec::new();
        if resource.is(&HELM_RELEASE) && !is_remote {
            let objects = helm_inventory(self.client, namespace, name).await?;
            below = objects.into_iter().filter(|one| self.shows(one)).map(Tree::leaf).collect();
        }
        // One that leads back to itself would have no end.
        if resource.is(&KUSTOMIZATION) && !is_remote && !above.contains(&resource) {
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
) -> anyhow::Result<Vec<Resource>> {
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
        let labels =
            format!("helm.toolkit.fluxcd.io/name={name},helm.toolkit.fluxcd.io/namespace={namespace}");
        for definition in definitions(client, labels).await {
            if !found.contains(&definition) {
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
async fn resource_of(client: &kube::Client, object: &Value, home: &str) -> anyhow::Result<Option<Resource>> {
    let (version, kind) = (text(object, "/apiVersion"), object::kind(object));
    if version.is_empty() || kind.is_empty() {
        return Ok(None);
    }
    let mut namespace = text(object, "/metadata/namespace").to_owned();
    // A kind that the cluster does not know any more has no namespace to show.
    if namespace.is_empty()
        && cluster::resource_of(client, version, kind).await.is_ok_and(|(_, is_namespaced)| is_namespaced)
    {
        namespace = home.to_owned();
    }
    let group = version.split_once('/').map_or("", |(group, _)| group).to_owned();
    Ok(Some(Resource {
        namespace,
        name: object::name(object).to_owned(),
        group_kind: GroupKind { group, kind: kind.to_owned() },
    }))
}

fn manages_definitions(release: &Value) -> bool {
    ["/spec/install/crds", "/spec/upgrade/crds"].iter().any(|pointer| {
        let policy = text(release, pointer);
        !policy.is_empty() && policy != "Skip"
    })
}

/// The definitions with these labels; empty if they may not be listed.
async fn definitions(client: &kube::Client, labels: String) -> Vec<Resource> {
    let (version, kind) = ("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let Ok((resource, _)) = cluster::resource_of(client, version, kind).await else { return Vec::new() };
    let selection = Selection { labels: Some(labels), ..Selection::default() };
    let Ok((found, _)) = cluster::list_resource(client, &resource, &selection).await else {
        return Vec::new();
    };
    let named = found.iter().filter_map(|object| object.pointer("/metadata/name")?.as_str());
    let group_kind = GroupKind { group: resource.group.clone(), kind: kind.to_owned() };
    named
        .map(|name| Resource {
            namespace: String::new(),
            name: name.to_owned(),
            group_kind: group_kind.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_s_entry_names_an_object() {
        let shown = |id: &str| Resource::parse(id).map(|resource| resource.to_string()).unwrap();
        assert_eq!(shown("team_web_apps_Deployment"), "Deployment/team/web");
        assert_eq!(
            shown("_system__reader_rbac.authorization.k8s.io_ClusterRole"),
            "ClusterRole/system:reader"
        );
        assert_eq!(shown("team_plain__Secret"), "Secret/team/plain");
        assert!(Resource::parse("web").unwrap_err().to_string().contains("web"));
    }

    #[test]
    fn a_tree_is_drawn_with_the_lines_of_directories() {
        let leaf = |name: &str| Tree::leaf(Resource::of(&KUSTOMIZATION, "n", name));
        let mut tree = leaf("root");
        tree.resources = vec![leaf("a"), leaf("b")];
        tree.resources[0].resources = vec![leaf("c"), leaf("d")];
        tree.resources[1].resources = vec![leaf("e")];
        let drawn = "Kustomization/n/root\n├── Kustomization/n/a\n│   ├── Kustomization/n/c\n│   └── Kustomization/n/d\n└── Kustomization/n/b\n    └── Kustomization/n/e\n";
        assert_eq!(tree.render(), drawn);
    }
}
