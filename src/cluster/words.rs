//! The words for kinds that `kubectl` takes: `deployment`, `deployments`, `deploy`, `deployments.apps`, `deployments.v1.apps`.

use super::builtin::BUILT_IN;
use super::builtin::api_version;
use super::errors::explain;
use crate::api::api_resource;
use crate::kind::KINDS;
use kube::core::ApiResource;

/// A word taken apart.
struct Word<'a> {
    /// Plural, singular or short name.
    name: &'a str,
    version: Option<&'a str>,
    /// The group, or the beginning of it.
    group: Option<&'a str>,
}

impl<'a> Word<'a> {
    /// What a word may mean, the likelier first.
    fn readings(word: &'a str) -> Vec<Self> {
        let Some((name, rest)) = word.split_once('.') else {
            return vec![Self { name: word, version: None, group: None }];
        };
        let whole = rest.split_once('.').map(|(version, group)| Self {
            name,
            version: Some(version),
            group: Some(group),
        });
        whole.into_iter().chain([Self { name, version: None, group: Some(rest) }]).collect()
    }

    fn names(&self, kind: &str, plural: &str, is_short: bool) -> bool {
        let name = self.name.to_lowercase();
        name == plural || name == kind.to_lowercase() || is_short
    }

    /// Whether the group is meant: 2 when it is named as a whole, 1 in part or not at all, 0 when it is another.
    fn fits_group(&self, group: &str) -> u8 {
        match self.group {
            Some(wanted) if wanted == group => 2,
            Some(wanted) if group.starts_with(wanted) => 1,
            Some(_) => 0,
            None => 1,
        }
    }

    /// The first of the kinds that fit best.
    fn choose(&self, kinds: impl Iterator<Item = (ApiResource, bool, bool)>) -> Option<(ApiResource, bool)> {
        let mut chosen: Option<(u8, ApiResource, bool)> = None;
        for (mut resource, namespaced, is_short) in kinds {
            let fit = self.fits_group(&resource.group);
            let is_better = chosen.as_ref().is_none_or(|(best, ..)| fit > *best);
            if fit == 0 || !is_better || !self.names(&resource.kind, &resource.plural, is_short) {
                continue;
            }
            if let Some(version) = self.version {
                resource.version = version.to_owned();
                resource.api_version = api_version(&resource.group, version);
            }
            chosen = Some((fit, resource, namespaced));
        }
        chosen.map(|(_, resource, namespaced)| (resource, namespaced))
    }
}

/// The kind that a word stands for, and whether its objects live in namespaces. Only a word for neither Kubernetes' nor Flux's kinds
/// makes a request.
///
/// # Errors
/// A word that the API server does not know either.
pub async fn resource_named(client: &kube::Client, word: &str) -> anyhow::Result<(ApiResource, bool)> {
    let readings = Word::readings(word);
    let known = |reading: &Word| {
        let built_in = BUILT_IN
            .iter()
            .map(|one| (one.api_resource(), one.namespaced, one.short.contains(&reading.name)));
        let ours =
            KINDS.iter().map(|kind| (kind.api_resource(), true, kind.noun.short.contains(&reading.name)));
        reading.choose(built_in.chain(ours))
    };
    if let Some(found) = readings.iter().find_map(known) {
        return Ok(found);
    }
    let served = served(client).await?;
    let discovered = |reading: &Word| {
        let of_version =
            served.iter().filter(|one| reading.version.is_none_or(|version| one.resource.version == version));
        reading.choose(of_version.map(|one| {
            (one.resource.clone(), one.namespaced, one.short.iter().any(|short| short == reading.name))
        }))
    };
    let unknown = || {
        let name = word.split('.').next().unwrap_or(word);
        anyhow::anyhow!("the server doesn't have a resource type {name:?}")
    };
    readings.iter().find_map(discovered).ok_or_else(unknown)
}

/// A kind as the API server describes it.
struct Served {
    resource: ApiResource,
    namespaced: bool,
    short: Vec<String>,
}

/// All kinds outside the core group, those of preferred versions first.
async fn served(client: &kube::Client) -> anyhow::Result<Vec<Served>> {
    let groups = client.list_api_groups_aggregated().await;
    let groups = groups.map_err(|error| explain(error, "asking the API server for its kinds"))?;
    let mut served = Vec::new();
    for group in groups.items {
        let name = group.metadata.and_then(|metadata| metadata.name).unwrap_or_default();
        for of_version in group.versions {
            let version = of_version.version.unwrap_or_default();
            for one in of_version.resources {
                let kind = one.response_kind.and_then(|kind| kind.kind).unwrap_or_default();
                served.push(Served {
                    resource: api_resource(
                        &api_version(&name, &version),
                        &kind,
                        &one.resource.unwrap_or_default(),
                    ),
                    namespaced: one.scope.as_deref() == Some("Namespaced"),
                    short: one.short_names,
                });
            }
        }
    }
    Ok(served)
}
