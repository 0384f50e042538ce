//! Building what a Kustomization applies, from files of this machine: as the controller builds it, with what the cluster knows of it.

use crate::api::ObjectId;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::api::object;
use crate::cluster;
use crate::cluster::Deadline;
use crate::ops::Elsewhere;
use crate::ops::Sink;
use crate::ops::debug;
use crate::ops::git_tree::Published;
use crate::ops::in_file;
use crate::ops::in_file::is_kustomization;
use crate::ops::place;
use crate::render;
use crate::render::Disk;
use crate::render::Memory;
use crate::render::Missing;
use crate::render::Overlay;
use crate::render::PathEntry;
use crate::render::Tree;
use crate::render::kustomize;
use crate::render::kustomize::Outside;
use crate::text::absolute_path;
use crate::text::clean_relative_path;
use crate::text::with_hint;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What is built, and how.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    pub name: String,
    pub namespace: String,
    /// The folder with the manifests, absolute.
    pub folder: PathBuf,
    /// A file with the Kustomization, in the place of the one in the cluster.
    pub file: Option<PathBuf>,
    /// The Kustomization of the cluster, where it was read already.
    pub live: Option<Arc<Value>>,
    /// Whether the cluster need not have the Kustomization, if the file has it.
    pub may_be_new: bool,
    pub settings: BuildSettings,
    /// The commit that the folder is in; the folder is one of this machine without it.
    pub commit: Option<Published>,
    /// How bases are reached that are named by an address.
    pub elsewhere: Elsewhere,
}

/// How everything is built, also what is found on the way.
#[derive(Debug, Clone, Default)]
pub struct BuildSettings {
    /// Patterns for what stays out.
    pub ignored: Vec<String>,
    /// Whether a variable that is missing is an error.
    pub is_strict: bool,
    /// Whether the Kustomizations in the result are built too.
    pub is_recursive: bool,
    /// Folders by source, e.g. `GitRepository/flux-system/app`.
    pub local_sources: BTreeMap<String, String>,
    /// No file outside of this folder is read.
    pub root: Option<PathBuf>,
    /// The working directory, from which files are shown.
    pub here: PathBuf,
    /// What is deprecated in the files that are built.
    pub deprecations: DeprecationLog,
}

/// The lines that kustomize has for deprecated fields, in the order of the builds. Clones hear the same.
#[derive(Debug, Clone, Default)]
pub struct DeprecationLog(Arc<Mutex<Vec<String>>>);

impl DeprecationLog {
    fn add(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Reports what was heard until now.
    pub fn tell(&self, sink: &dyn Sink) {
        let lines = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        lines.iter().for_each(|line| sink.note(line));
    }
}

/// Builds what the request names. Without a client nothing is asked of a cluster.
///
/// # Errors
/// A Kustomization that is neither in the cluster nor in the file; manifests that cannot be built.
pub async fn build(
    client: Option<&kube::Client>,
    request: &BuildRequest,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    build_one(client, request, None, deadline).await
}

/// `rendered` is the Kustomization as another one has it, for when the cluster has none.
async fn build_one(
    client: Option<&kube::Client>,
    request: &BuildRequest,
    rendered: Option<&Value>,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    let Built { kustomization, mut objects } = build_alone(client, request, rendered, deadline).await?;
    if request.settings.is_recursive {
        let found: Vec<Value> =
            objects.iter().filter(|one| is_another_kustomization(one, &kustomization)).cloned().collect();
        for below in found {
            let request = request.below(&below)?;
            let built = Box::pin(build_one(client, &request, Some(&below), deadline)).await?;
            objects.extend(built);
        }
    }
    Ok(objects)
}

/// A Kustomization and what it applies.
pub(super) struct Built {
    pub kustomization: Value,
    pub objects: Vec<Value>,
}

/// Builds one Kustomization, and none that it contains.
///
/// # Errors
/// As [`build`].
pub(super) async fn build_alone(
    client: Option<&kube::Client>,
    request: &BuildRequest,
    rendered: Option<&Value>,
    deadline: Deadline,
) -> anyhow::Result<Built> {
    let doing = "failed to get kustomization object";
    let kustomization = kustomization(client, request, rendered, deadline).await.context(doing)?;
    let mut objects = rendered_objects(client, request, &kustomization, deadline).await?;
    let metadata = &kustomization["spec"]["commonMetadata"];
    for field in ["labels", "annotations"] {
        for (name, value) in metadata[field].as_object().into_iter().flatten() {
            objects.iter_mut().for_each(|object| set_metadata(object, field, name, value.clone()));
        }
    }
    Ok(Built { kustomization, objects })
}

impl BuildRequest {
    /// The request for a Kustomization that is part of a build.
    ///
    /// # Errors
    /// A source that no flag names.
    pub(super) fn below(&self, kustomization: &Value) -> anyhow::Result<Self> {
        Ok(Self {
            name: object::name(kustomization).to_owned(),
            namespace: object::namespace(kustomization).to_owned(),
            folder: local_folder(kustomization, &self.settings)?,
            file: None,
            live: None,
            may_be_new: false,
            settings: self.settings.clone(),
            commit: None,
            elsewhere: self.elsewhere.clone(),
        })
    }
}

/// Whether an object is a Kustomization of Flux, and not the one that it is part of.
pub(super) fn is_another_kustomization(object: &Value, kustomization: &Value) -> bool {
    let is_same = object::name(object) == object::name(kustomization)
        && object::namespace(object) == object::namespace(kustomization);
    is_kustomization(object) && !is_same
}

/// Where the manifests of a Kustomization are on this machine.
///
/// # Errors
/// A source that no flag names.
pub(super) fn local_folder(kustomization: &Value, settings: &BuildSettings) -> anyhow::Result<PathBuf> {
    let source = &kustomization["spec"]["sourceRef"];
    let text = |field: &str| source[field].as_str().unwrap_or_default();
    let own = object::namespace(kustomization);
    let namespace = Some(text("namespace")).filter(|namespace| !namespace.is_empty()).unwrap_or(own);
    let between = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
    let key = format!("{}/{between}{}", text("kind"), text("name"));
    let folder = settings.local_sources.get(&key).with_context(|| {
        format!("cannot get local path for {key} of kustomization {}", object::name(kustomization))
    })?;
    let path = kustomization["spec"]["path"].as_str().unwrap_or_default();
    absolute_path(&Path::new(folder).join(path.trim_start_matches('/')))
}

/// The Kustomization: from the file if there is one, with the status of the cluster.
async fn kustomization(
    client: Option<&kube::Client>,
    request: &BuildRequest,
    rendered: Option<&Value>,
    deadline: Deadline,
) -> anyhow::Result<Value> {
    let live = match client {
        None => None,
        Some(_) if request.live.is_some() => request.live.as_deref().cloned(),
        Some(client) => {
            let get = cluster::get(client, &KUSTOMIZATION, &request.namespace, &request.name);
            match deadline.bound("the Kustomization", get).await {
                Ok(live) => Some(live),
                Err(error) if cluster::is_missing(&error) && (rendered.is_some() || request.may_be_new) => {
                    None
                }
                Err(error) => return Err(error),
            }
        }
    };
    let Some(file) = &request.file else {
        return live.or_else(|| rendered.cloned()).context("there is none");
    };
    let mut found = in_file::one(file, &request.namespace, &request.name)?;
    if let Some(live) = live.filter(|live| live.pointer("/status/inventory").is_some()) {
        found["status"] = live["status"].clone();
    }
    Ok(found)
}

/// A sentence for each of these objects whose file is known. The build is repeated for it, so this is for failures only.
pub(super) async fn places(
    failed: &HashSet<ObjectId>,
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> HashMap<ObjectId, String> {
    if failed.is_empty() {
        return HashMap::new();
    }
    let mut origins = origins(request, kustomization, deadline).await.unwrap_or_default();
    origins.retain(|(id, _)| failed.contains(id));
    let here = request.commit.is_none().then_some(request.settings.here.as_path());
    place::of(origins, &request.folder, here)
}

/// Builds the same once more to learn which files its objects come from: their paths from the folder, by what the objects are.
async fn origins(
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> anyhow::Result<Vec<(ObjectId, String)>> {
    let mut spec = kustomization["spec"].clone();
    spec["buildMetadata"] = json!(["originAnnotations"]);
    let mut again = request.clone();
    again.settings.deprecations = DeprecationLog::default();
    let objects = in_background(&again, spec, deadline).await?;
    let origin = |object: &Value| {
        let told = object::annotation(object, "config.kubernetes.io/origin")?;
        let place = yaml::document(told, "an origin").ok()?;
        Some((ObjectId::of(object), place["path"].as_str()?.to_owned()))
    };
    Ok(objects.iter().filter_map(origin).collect())
}

/// Builds on a thread of its own: it may take long, and its caller may be interrupted.
async fn in_background(
    request: &BuildRequest,
    spec: Value,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    let request = request.clone();
    let work = async { tokio::task::spawn_blocking(move || kustomized(&request, &spec)).await? };
    deadline.bound("the build", work).await
}

/// The objects of one Kustomization: built, completed, with the labels of their owner, and nothing of what SOPS has encrypted.
async fn rendered_objects(
    client: Option<&kube::Client>,
    request: &BuildRequest,
    kustomization: &Value,
    deadline: Deadline,
) -> anyhow::Result<Vec<Value>> {
    let mut objects = in_background(request, kustomization["spec"].clone(), deadline).await?;
    if let Some(after) = kustomization.pointer("/spec/postBuild") {
        let variables = debug::variables_of(client, kustomization);
        let variables = deadline.bound("the variables", variables).await.with_context(|| {
            let first = objects.first().map(object::name).unwrap_or_default();
            format!("var substitution failed for '{first}'")
        })?;
        if !variables.is_empty() || after["substituteStrategy"] == "Always" {
            let missing = if request.settings.is_strict { Missing::Error } else { Missing::Empty };
            let at = (request, kustomization, deadline);
            substitute(&mut objects, &variables, missing, at).await?;
        }
    }
    for object in &mut objects {
        let owner = [object::name(kustomization), object::namespace(kustomization)];
        for (label, value) in KUSTOMIZATION.owner_labels().iter().zip(owner) {
            set_metadata(object, "labels", label, json!(value));
        }
        render::mask_sops(object)?;
    }
    // No cluster has these.
    objects.retain(|object| !kustomize::is_own(object));
    Ok(objects)
}

/// Replaces the variables. An error comes with the origin of its object.
async fn substitute(
    objects: &mut [Value],
    variables: &BTreeMap<String, String>,
    missing: Missing,
    (request, kustomization, deadline): (&BuildRequest, &Value, Deadline),
) -> anyhow::Result<()> {
    for object in objects {
        let id = ObjectId::of(object);
        let replaced = render::substitute_in(std::slice::from_mut(object), variables, missing);
        let replaced = replaced.and_then(|()| {
            let kind = &object["kind"];
            anyhow::ensure!(
                kind.is_string(),
                "kustomize build failed: the kind of {id} became {kind}, which is not a text"
            );
            Ok(())
        });
        if let Err(error) = replaced {
            let failed = HashSet::from([id]);
            let places = places(&failed, request, kustomization, deadline).await;
            return Err(with_hint(error, places.into_values().next().unwrap_or_default()));
        }
    }
    Ok(())
}

fn kustomized(request: &BuildRequest, spec: &Value) -> anyhow::Result<Vec<Value>> {
    let BuildRequest { folder, settings, .. } = request;
    if let Some(commit) = &request.commit {
        let doing = "failed to generate kustomization.yaml";
        let below = folder.to_str().context("the name of the folder is not UTF-8")?;
        return commit.read(|tree| {
            let path = clean_relative_path(below);
            let Some(PathEntry::Folder(real)) = tree.find(&path).context(doing)? else {
                let why = tree.why_left_out(&path).map(|why| format!(", which {why}")).unwrap_or_default();
                anyhow::bail!("{doing}: there is no folder \"{below}\" in the commit{why}");
            };
            kustomized_in(tree, &real, request, spec)
        });
    }
    let root = settings.root.as_deref().unwrap_or(Path::new("/"));
    let (root, real) = (root.canonicalize()?, folder.canonicalize());
    let real = real.with_context(|| {
        format!("failed to generate kustomization.yaml: reading \"{}\"", folder.display())
    })?;
    let below = real.strip_prefix(&root).ok().with_context(|| {
        format!(
            "\"{}\" is not below \"{}\", which an in-memory build is limited to",
            real.display(),
            root.display()
        )
    })?;
    let below = below.to_str().with_context(|| format!("the name of \"{}\" is not UTF-8", real.display()))?;
    kustomized_in(&Disk::new(&root)?, below, request, spec)
}

/// Builds a folder of a tree.
fn kustomized_in(
    files: &dyn Tree,
    below: &str,
    request: &BuildRequest,
    spec: &Value,
) -> anyhow::Result<Vec<Value>> {
    let prepared = render::prepare(files, below, spec, &request.settings.ignored)
        .context("failed to generate kustomization.yaml")?;
    let upper = Memory([(prepared.path, prepared.text.into_bytes())].into());
    let tree = Overlay::new(&upper, files);
    let remote = request.elsewhere.clone().open();
    let outside = Outside { tell: &|line| request.settings.deprecations.add(line), remote: &remote };
    kustomize::build_with(&tree, below, kustomize::Options::OF_CONTROLLER, outside)
        .context("kustomize build failed")
}

fn set_metadata(object: &mut Value, field: &str, name: &str, value: Value) {
    let place = &mut object["metadata"][field];
    if !place.is_object() {
        *place = json!({});
    }
    place[name] = value;
}
