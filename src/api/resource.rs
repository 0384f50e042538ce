//! The contract of a kind: every fact that a verb needs to know about it, as plain values.
//!
//! A kind is a constant, not a trait: all of its facts stand together in its own file, none can be computed late, and the registry
//! (`crate::kind`) is a list of references. Functions in it read `serde_json::Value`, because reading must never fail on an object
//! that a newer cluster serves.

use serde_json::Value;

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
    /// The columns of `get`, after NAMESPACE.
    pub columns: &'static [Column],
    /// Where readiness is read.
    pub readiness: Readiness,
    /// How reconciliation is paused.
    pub suspension: Suspension,
    /// The verbs that Flux's CLI offers for it.
    pub verbs: Verbs,
    /// What a finished reconciliation says, without the glyph, e.g. `fetched revision main@sha1:…`.
    pub outcome: fn(&Value) -> String,
    /// The object that it gets its content from, if the kind has one.
    pub source: fn(&Value) -> Option<ObjectRef>,
    /// Its CustomResourceDefinition, generated from the Rust types.
    pub crd: fn() -> Value,
}

impl Kind {
    /// `group/version`.
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.group, self.version)
    }

    /// What kube needs to address objects of this kind without discovery.
    pub fn api_resource(&self) -> kube::core::ApiResource {
        kube::core::ApiResource {
            group: self.group.to_owned(),
            version: self.version.to_owned(),
            api_version: self.api_version(),
            kind: self.kind.to_owned(),
            plural: self.plural.to_owned(),
        }
    }
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
#[derive(Debug)]
pub struct Column {
    /// Header before upper-casing, e.g. `last scan`.
    pub header: &'static str,
    /// The cell of an object.
    pub cell: fn(&Value) -> String,
    /// Shown only with `--show-source`.
    pub only_with_source: bool,
}

/// Where the readiness of an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// From `status.conditions`, as every reconciled kind.
    Conditions,
    /// The object is static: ready as soon as it exists, with this message in tables.
    Static(&'static str),
}

/// How reconciliation of an object is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspension {
    /// `spec.suspend: true`.
    Field,
    /// The annotation `source.extensions.fluxcd.io/reconcile: disabled` (read only).
    Annotation(&'static str),
    /// It cannot be paused.
    None,
}

/// Which verbs are offered for a kind. `get` is offered for all, `export` too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verbs {
    pub create: bool,
    pub delete: bool,
    pub reconcile: bool,
    pub suspend: bool,
}

/// A reference to an object by kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    pub kind: String,
    pub namespace: String,
    pub name: String,
}
