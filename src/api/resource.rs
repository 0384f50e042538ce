//! The contract of a kind: every fact that a verb needs to know about it, as plain values.
//!
//! A kind is a constant, not a trait: all of its facts are together in its own file, none can be computed late, and the registry
//! (`crate::kind`) is a list of references. Functions in it read `serde_json::Value`, because reading must never fail on an object
//! that a newer cluster serves.

use super::applied::Past;
use super::object;
use super::object_id::ObjectId;
use super::pinned::Pinned;
use super::reference::Reference;
use super::reference::Relation;
use super::stage::Stage;
use super::written::Exceptions;
use kube::core::ApiResource;
use serde_json::Value;

/// What the groups of all kinds end with.
pub const DOMAIN: &str = "toolkit.fluxcd.io";

/// The label that says which tenant an object belongs to.
pub const TENANT: &str = "toolkit.fluxcd.io/tenant";

/// Everything that the verbs know about one kind.
#[derive(Debug)]
pub struct Kind {
    /// API group, e.g. `source.toolkit.fluxcd.io`.
    pub group: &'static str,
    /// The one version that is requested, e.g. `v1`.
    pub version: &'static str,
    /// CamelCase name, e.g. `GitRepository`.
    pub kind: &'static str,
    /// Lower-case plural as in the URL, e.g. `gitrepositories`.
    pub plural: &'static str,
    /// How people call it.
    pub noun: Noun,
    /// Its place in `get all`, from 10 on in steps of 10.
    pub place: u8,
    /// The columns of `get`, after NAMESPACE.
    pub columns: &'static [Column],
    /// Where the readiness of an object is read.
    pub readiness: fn(&Value) -> Readiness,
    /// How reconciliation is paused.
    pub suspension: Suspension,
    /// Fields of the spec, by their path, that Go writes otherwise than their place in the schema says.
    pub written: &'static Exceptions,
    /// What its objects do, from which `why` knows how they fail.
    pub roles: &'static [Role],
    /// Deployment of the controller that works on it, and the name in which that applies objects.
    pub controller: &'static str,
    /// The verbs that Flux's CLI offers for it.
    pub verbs: Verbs,
    /// What `reconcile` has to know, where that verb is offered.
    pub reconciling: Reconciling,
    /// Its place among the rows of `stats`, if it has one.
    pub place_in_stats: Option<u8>,
    /// What a finished reconciliation says, without the glyph, e.g. `fetched revision main@sha1:…`.
    pub outcome: fn(&Value) -> String,
    /// The object that it gets its content from, if the kind has one.
    pub source: fn(&Value) -> Option<ObjectId>,
    /// What it refers to among the objects of Flux.
    pub refers: fn(&Value) -> Vec<Reference>,
    /// What was live when, the latest first, as far as an object keeps it; for kinds that keep it at all.
    pub past: Option<fn(&Value) -> Vec<Past>>,
    /// Which version its manifests pin, and where.
    pub pinned: Pinned,
    /// Which events `events --for` shows for an object.
    pub events: Events,
    /// How `trace` reports it, if it does.
    pub stage: Option<&'static Stage>,
}

impl Kind {
    /// The identity of an object of this kind.
    pub fn id(&self, namespace: &str, name: &str) -> ObjectId {
        ObjectId::new(&self.api_version(), self.kind, namespace, name)
    }

    /// Whether an object is of this kind, in whatever version.
    pub fn is_of(&self, id: &ObjectId) -> bool {
        self.group == id.group && self.kind == id.kind
    }

    /// `group/version`.
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// The name of the CustomResourceDefinition, e.g. `gitrepositories.source.toolkit.fluxcd.io`.
    pub fn crd_name(&self) -> String {
        format!("{}.{}", self.plural, self.group)
    }

    /// What kube needs to address objects of this kind without discovery.
    pub fn api_resource(&self) -> ApiResource {
        api_resource(&self.api_version(), self.kind, self.plural)
    }

    /// Whether its objects do that.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// A label or an annotation of its controller.
    pub fn mark(&self, name: &str) -> String {
        format!("{}/{name}", self.group)
    }

    /// The labels by which its controller marks what it applies: those with the name and the namespace of the object that asks for it.
    pub fn owner_labels(&self) -> [String; 2] {
        [self.mark("name"), self.mark("namespace")]
    }

    /// Whether a controller reports events about objects of this kind.
    pub fn has_events(&self) -> bool {
        !matches!(self.events, Events::None)
    }

    /// Whether reconciliation of this object is paused.
    pub fn is_suspended(&self, object: &Value) -> bool {
        match self.suspension {
            Suspension::Field => object.pointer("/spec/suspend").and_then(Value::as_bool).unwrap_or(false),
            Suspension::Annotation(name) => {
                object::annotation(object, name).is_some_and(|value| value.eq_ignore_ascii_case("disabled"))
            }
            Suspension::None => false,
        }
    }

    /// The objects of the same kind that `spec.dependsOn` names.
    pub fn dependencies<'a>(&'a self, object: &'a Value) -> impl Iterator<Item = ObjectId> + 'a {
        let home = object::namespace(object);
        object::list(object, "/spec/dependsOn").iter().map(move |entry| {
            let namespace = Some(object::text(entry, "/namespace")).filter(|text| !text.is_empty());
            self.id(namespace.unwrap_or(home), object::text(entry, "/name"))
        })
    }

    /// The source of an object and what it depends on: all that most kinds refer to.
    pub fn sources(&self, object: &Value) -> Vec<Reference> {
        let source = (self.source)(object).map(|id| Reference::one(Relation::Source, id));
        let needed = self.dependencies(object).map(|id| Reference::one(Relation::DependsOn, id));
        source.into_iter().chain(needed).collect()
    }

    /// Status (`True`, `False`, `Unknown`) and message of the Ready condition, as tables show them.
    pub fn ready(&self, object: &Value) -> (String, String) {
        match (self.readiness)(object) {
            Readiness::Static(message) => ("True".to_owned(), message.to_owned()),
            Readiness::Conditions => match object::condition(object, "Ready") {
                Some(ready) => {
                    (object::text(ready, "/status").to_owned(), object::text(ready, "/message").to_owned())
                }
                None => ("False".to_owned(), "waiting to be reconciled".to_owned()),
            },
        }
    }
}

/// What kube needs to address objects of any kind: `apiVersion`, kind, and the plural as in the URL.
pub fn api_resource(api_version: &str, kind: &str, plural: &str) -> ApiResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let [group, version, api_version, kind, plural] =
        [group, version, api_version, kind, plural].map(str::to_owned);
    ApiResource { group, version, api_version, kind, plural }
}

/// The words by which a kind is called on the command line and in messages.
#[derive(Debug)]
pub struct Noun {
    /// Words after `suspend`, `export`, `create`, …: `["source", "git"]`.
    pub one: &'static [&'static str],
    /// Other spellings of the last of these words: `["ks"]`.
    pub one_aliases: &'static [&'static str],
    /// Words after `get`: `["sources", "git"]`.
    pub many: &'static [&'static str],
    /// Other spellings of the last of these words.
    pub many_aliases: &'static [&'static str],
    /// The kind in messages: `source git`, `alert provider` (behaviour: human names of kinds).
    pub label: &'static str,
    /// Short names of the CRD: `["gitrepo"]`.
    pub short: &'static [&'static str],
}

/// One column of `get`.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Header before upper-casing, e.g. `last scan`.
    pub header: &'static str,
    /// The cell of an object of that kind, as the table shows it.
    pub cell: fn(&Kind, &Value) -> String,
    /// Shown only with `--show-source`.
    pub only_with_source: bool,
}

/// Where the readiness of an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// From `status.conditions`, as every reconciled kind.
    Conditions,
    /// The object is static: no controller writes its status, so it is ready as soon as it exists, with this message in tables.
    Static(&'static str),
}

/// How reconciliation of an object is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// `spec.suspend: true`.
    Field,
    /// This annotation, when it says `disabled`. `suspend` does not set it.
    Annotation(&'static str),
    /// It cannot be paused.
    None,
}

/// What the objects of a kind do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Fetches from a server.
    Fetcher,
    /// Clones a Git repository.
    GitClient,
    /// Commits to a Git repository.
    GitWriter,
    /// Serves what a Git repository holds at a reference.
    GitSource,
    /// Serves what a registry holds at a tag.
    OciSource,
    /// Serves charts by their versions.
    ChartSource,
    /// Looks for a version of a chart.
    ChartFinder,
    /// Applies objects to a cluster.
    Applier,
    /// Builds kustomizations: what it applies can be built from files, compared, and rolled back with its folder.
    Builder,
    /// Installs releases of Helm: what it installs is rolled back with its manifest.
    Installer,
}

/// Which events belong to an object.
#[derive(Debug, Clone, Copy)]
pub enum Events {
    /// No controller reports any.
    None,
    /// Its own.
    Own,
    /// Its own, and those of these objects.
    With(fn(&Value) -> Vec<ObjectId>),
}

/// Which verbs are offered for a kind. `get` is offered for all, and so is `export`; `create` has a file for each kind that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs {
    pub delete: bool,
    pub reconcile: bool,
    pub suspend: bool,
}

impl Verbs {
    /// Everything.
    pub const ALL: Self = Self { delete: true, reconcile: true, suspend: true };
    /// Some controller makes the objects; people only read them.
    pub const READ: Self = Self { delete: false, reconcile: false, suspend: false };
}

/// How objects of a kind are reconciled on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each a word in the file of a kind")]
pub struct Reconciling {
    /// `--with-source` is offered.
    pub with_source: bool,
    /// It is only as new as its source, which is reconciled first even where it is a source itself.
    pub source_first: bool,
    /// It is not done before it has taken up the revision that its source has just fetched.
    pub follows_source: bool,
    /// `--force` and `--reset` are offered.
    pub can_be_forced: bool,
    /// Flux quotes the message of a failure.
    pub is_quoted: bool,
    /// The kind whose objects in the same namespace go first.
    pub after: Option<&'static str>,
}

impl Reconciling {
    /// As most kinds.
    pub const PLAIN: Self = Self {
        with_source: false,
        source_first: false,
        follows_source: false,
        can_be_forced: false,
        is_quoted: true,
        after: None,
    };
}
