//! The Kustomizations that apply releases, and the commits of the files that declare these.

use super::entries::Entry;
use super::manifest::FileCommit;
use super::manifest::changes;
use super::manifest::live;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::helm::helm_release::HELM_RELEASE;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::kustomize::kustomization::applier;
use crate::api::object;
use crate::api::object::text;
use crate::cluster;
use crate::git::Fetched;
use crate::git::Line;
use crate::git::WantedCommit;
use crate::ops::Session;
use crate::ops::git_source::commit_of;
use crate::ops::git_source::is_git;
use crate::ops::git_tree::GitTree;
use crate::render::Declaration;
use crate::render::IgnoreCache;
use crate::render::declared;
use crate::text::clean_relative_path;
use anyhow::Context;
use futures::StreamExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

/// How many servers or objects are asked at once.
pub(super) const AT_ONCE: usize = 8;

/// A Kustomization, the releases that it applies, and where it comes from.
pub(super) struct Carrier {
    kustomization: Value,
    releases: Vec<ObjectId>,
    pub(super) source: ObjectId,
    /// The commit that it has applied, and the branch with it.
    pub(super) commit: WantedCommit,
}

/// What is known of the file that declares a release.
pub(super) type Declared = (ObjectId, anyhow::Result<Vec<FileCommit>>);

/// The Kustomizations that apply the releases that have entries. Returns why some are missing.
pub(super) async fn of_releases(
    session: &Session<'_>,
    objects: &[(&'static Kind, Value)],
    shown: &[Entry],
) -> (Vec<Carrier>, Vec<String>) {
    let known: HashMap<ObjectId, &Value> = of_kind(objects, &KUSTOMIZATION).collect();
    let shown: HashSet<&ObjectId> = shown.iter().map(|entry| &entry.object).collect();
    let mut by_owner: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
    for (id, release) in of_kind(objects, &HELM_RELEASE) {
        if let Some(owner) = applier(release).filter(|_| shown.contains(&id)) {
            by_owner.entry(owner).or_default().push(id);
        }
    }
    let asked = futures::stream::iter(by_owner).map(|(owner, releases)| {
        let known = known.get(&owner).map(|known| (*known).clone());
        async move {
            let found = match known {
                Some(known) => Ok(known),
                None => cluster::get(&session.client, &KUSTOMIZATION, &owner.namespace, &owner.name).await,
            };
            let carrier = found.and_then(|found| carrier(&owner, found, releases.clone()));
            carrier.map_err(|error| without(&releases, &error))
        }
    });
    let (mut carriers, mut warnings) = (Vec::new(), Vec::new());
    for outcome in asked.buffered(AT_ONCE).collect::<Vec<_>>().await {
        match outcome {
            Ok(carrier) => carriers.extend(carrier),
            Err(warning) => warnings.push(warning),
        }
    }
    (carriers, warnings)
}

fn of_kind<'o>(
    objects: &'o [(&'static Kind, Value)],
    wanted: &'static Kind,
) -> impl Iterator<Item = (ObjectId, &'o Value)> {
    let found = objects.iter().filter(move |(kind, _)| std::ptr::eq(*kind, wanted));
    found.map(|(kind, one)| (kind.id(object::namespace(one), object::name(one)), one))
}

/// What a Kustomization comes from; `None` if that is not Git.
fn carrier(
    owner: &ObjectId,
    kustomization: Value,
    releases: Vec<ObjectId>,
) -> anyhow::Result<Option<Carrier>> {
    let source =
        (KUSTOMIZATION.source)(&kustomization).with_context(|| format!("{owner} names no source"))?;
    if !is_git(&source) {
        return Ok(None);
    }
    let applied = ["/status/lastAppliedRevision", "/status/lastAttemptedRevision"];
    let found = applied.iter().find_map(|at| commit_of(text(&kustomization, at)));
    let (reference, id) = found.with_context(|| format!("{owner} has applied no commit"))?;
    let commit = WantedCommit { id: id.to_owned(), reference: reference.to_owned() };
    Ok(Some(Carrier { kustomization, releases, source, commit }))
}

/// Why releases have no commits.
fn without(releases: &[ObjectId], error: &anyhow::Error) -> String {
    const SHOWN: usize = 3;
    let mut named: Vec<String> = releases.iter().take(SHOWN).map(ToString::to_string).collect();
    if releases.len() > SHOWN {
        named.push(format!("{} more", releases.len() - SHOWN));
    }
    format!("without the commits of what declares {}: {error:#}", named.join(", "))
}

/// The same for all releases of these Kustomizations.
pub(super) fn without_any(carriers: &[Vec<ObjectId>], error: &anyhow::Error) -> String {
    without(&carriers.concat(), error)
}

impl Carrier {
    pub(super) fn releases(&self) -> Vec<ObjectId> {
        self.releases.clone()
    }
}

/// The commits of the files that declare the releases, from what was fetched of the source of these Kustomizations.
/// `ignore` is the `spec.ignore` of the source.
pub(super) fn read(fetched: &Fetched<'_>, carriers: &[Carrier], ignore: &str) -> Vec<Declared> {
    let mut ignored: HashMap<&str, IgnoreCache> = HashMap::new();
    let mut lines: HashMap<&str, Line<'_>> = HashMap::new();
    let mut found = Vec::new();
    for carrier in carriers {
        let line =
            lines.entry(carrier.commit.reference.as_str()).or_insert_with_key(|branch| fetched.line(branch));
        let ignored = ignored.entry(carrier.commit.id.as_str()).or_default();
        match files_of(fetched, carrier, (ignored, ignore)) {
            Ok(files) => {
                let kept = KUSTOMIZATION.past.map(|past| past(&carrier.kustomization)).unwrap_or_default();
                let live = live(&kept);
                found.extend(carrier.releases.iter().map(|release| {
                    let file = files(release);
                    let past = file
                        .map(|file| changes(&line.steps(&file, |commit| live.contains_key(commit)), &live));
                    (release.clone(), past)
                }));
            }
            Err(error) => {
                let told = format!("{error:#}");
                let failed = |release: &ObjectId| (release.clone(), Err(anyhow::anyhow!("{told}")));
                found.extend(carrier.releases.iter().map(failed));
            }
        }
    }
    found
}

/// Finds the files that declare objects.
fn files_of(
    fetched: &Fetched<'_>,
    carrier: &Carrier,
    (ignored, ignore): (&IgnoreCache, &str),
) -> anyhow::Result<impl Fn(&ObjectId) -> anyhow::Result<String> + use<>> {
    let spec = &carrier.kustomization["spec"];
    let commit = &carrier.commit.id;
    let files = fetched.files(commit).with_context(|| format!("the server does not send {commit}"))?;
    let path = clean_relative_path(text(spec, "/path"));
    let tree = GitTree::with(files);
    let found = declared(&ignored.artifact(&tree, ignore)?, &path, spec)?;
    let mut declarations: HashMap<(String, String), Vec<(String, String)>> = HashMap::new();
    for Declaration { id, file, .. } in found.objects {
        declarations.entry((id.kind, id.name)).or_default().push((id.namespace, file));
    }
    Ok(move |id: &ObjectId| {
        let named = declarations.get(&(id.kind.clone(), id.name.clone())).into_iter().flatten();
        let is_near = |namespace: &String| namespace.is_empty() || *namespace == id.namespace;
        let mut near = named.filter(|(namespace, _)| is_near(namespace));
        let file = near.next().map(|(_, file)| file.clone());
        file.with_context(|| format!("no file of \"./{path}\" declares it"))
    })
}
