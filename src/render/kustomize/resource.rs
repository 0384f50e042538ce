//! One resource of a build: its tree, and what happened to its identity on the way.

use super::id::Gvk;
use super::id::Id;
use super::source::Named;
use super::source::Source;
use crate::text::yaml;
use crate::text::yaml::Node;
use crate::text::yaml::Twin;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// The annotation with the origin of a resource.
pub(super) const ORIGIN: &str = "config.kubernetes.io/origin";

/// The annotation of an object whose name gets a hash.
const NEEDS_HASH: &str = "internal.config.kubernetes.io/needsHashSuffix";
/// Annotations in which kustomize keeps what it knows of an object during a build.
pub(super) const OF_BUILD: [&str; 15] = [
    NEEDS_HASH,
    "config.kubernetes.io/path",
    "config.kubernetes.io/index",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
    "internal.config.kubernetes.io/id",
    "internal.config.kubernetes.io/seqindent",
    "internal.config.kubernetes.io/previousNames",
    "internal.config.kubernetes.io/previousKinds",
    "internal.config.kubernetes.io/previousNamespaces",
    "internal.config.kubernetes.io/prefixes",
    "internal.config.kubernetes.io/suffixes",
    "internal.config.kubernetes.io/refBy",
    "internal.config.kubernetes.io/allowNameChange",
    "internal.config.kubernetes.io/allowKindChange",
];

/// What a generated resource does with one that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Behavior {
    #[default]
    Create,
    Replace,
    Merge,
}

/// What a resource was called before a transformer changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Previous {
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// Null once a patch deleted the resource.
    pub node: Node,
    pub previous: Vec<Previous>,
    pub prefixes: Vec<String>,
    pub suffixes: Vec<String>,
    /// Names of the `vars` whose values it holds.
    pub variables: Vec<String>,
    pub needs_hash: bool,
    pub behavior: Behavior,
    pub source: Option<Source>,
    /// How many groups of scalars were declared to be one.
    twins: u32,
}

impl Resource {
    pub(super) fn new(node: Node) -> Self {
        Self {
            node,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            variables: Vec::new(),
            needs_hash: false,
            behavior: Behavior::Create,
            source: None,
            twins: 0,
        }
    }

    /// For scalars that are to be one.
    pub(super) fn new_twin(&mut self) -> Twin {
        self.twins += 1;
        Twin::of(self.twins)
    }

    /// A change in one of the scalars that are one is seen in all.
    pub(super) fn settle_twins(&mut self) {
        if self.twins > 0 {
            self.node.settle_twins();
        }
    }

    pub(super) fn kind(&self) -> &str {
        self.node.text_at(&["kind"])
    }

    pub(super) fn name(&self) -> &str {
        self.node.text_at(&["metadata", "name"])
    }

    pub(super) fn namespace(&self) -> &str {
        self.node.text_at(&["metadata", "namespace"])
    }

    pub(super) fn gvk(&self) -> Gvk {
        Gvk::new(self.node.text_at(&["apiVersion"]), self.kind())
    }

    /// What it is called now.
    pub(super) fn id(&self) -> Id {
        Id { gvk: self.gvk(), name: self.name().to_owned(), namespace: self.namespace().to_owned() }
    }

    /// What it is called now and where it was read, for messages.
    pub(super) fn named(&self) -> Named {
        Named { id: self.id(), source: self.source.clone() }
    }

    /// What it was called, the oldest first.
    pub(super) fn previous_ids(&self) -> Vec<Id> {
        let gvk = self.gvk();
        self.previous
            .iter()
            .map(|previous| Id {
                gvk: Gvk { kind: previous.kind.clone(), ..gvk.clone() },
                name: previous.name.clone(),
                namespace: previous.namespace.clone(),
            })
            .collect()
    }

    /// What it was called in its file.
    pub(super) fn original_id(&self) -> Id {
        self.previous_ids().into_iter().next().unwrap_or_else(|| self.id())
    }

    /// Every name it ever had, the present one last.
    pub(super) fn all_ids(&self) -> Vec<Id> {
        let mut ids = self.previous_ids();
        ids.push(self.id());
        ids
    }

    /// Remembers the present identity before it changes.
    pub(super) fn remember_id(&mut self) {
        let id = self.id();
        let namespace = id.effective_namespace().to_owned();
        self.previous.push(Previous { kind: id.gvk.kind, name: id.name, namespace });
    }

    pub(super) fn set_name(&mut self, name: &str) {
        set_scalar(self.node.mapping_at("metadata"), "name", name);
    }

    pub(super) fn set_kind(&mut self, kind: &str) {
        set_scalar(&mut self.node, "kind", kind);
    }

    /// An empty one removes the field.
    pub(super) fn set_namespace(&mut self, namespace: &str) {
        if namespace.is_empty() {
            if let Some(metadata) = self.node.get_mut("metadata") {
                metadata.remove("namespace");
            }
        } else {
            set_scalar(self.node.mapping_at("metadata"), "namespace", namespace);
        }
    }

    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        pairs(&self.node, "labels")
    }

    pub(super) fn annotations(&self) -> BTreeMap<String, String> {
        pairs(&self.node, "annotations")
    }

    pub(super) fn set_labels(&mut self, labels: &BTreeMap<String, String>) {
        set_pairs(&mut self.node, "labels", labels);
    }

    pub(super) fn set_annotations(&mut self, annotations: &BTreeMap<String, String>) {
        set_pairs(&mut self.node, "annotations", annotations);
    }

    /// Whether a transformer left something to remember; kustomize keeps it among the annotations until the end of the build.
    pub(super) fn is_marked(&self) -> bool {
        self.needs_hash || !(self.previous.is_empty() && self.prefixes.is_empty() && self.suffixes.is_empty())
    }
}

/// Sets a text where an older one keeps its quotes.
fn set_scalar(node: &mut Node, field: &str, text: &str) {
    match node.get_mut(field) {
        Some(present @ Node::Scalar(_)) if !present.is_null() => present.set_text(text),
        _ => node.set(field, Node::text(text)),
    }
}

fn pairs(node: &Node, field: &str) -> BTreeMap<String, String> {
    match node.at(&["metadata", field]) {
        Some(Node::Mapping(fields)) => {
            fields.iter().map(|(key, value)| (key.clone(), value.as_text().to_owned())).collect()
        }
        _ => BTreeMap::new(),
    }
}

/// Every value becomes a string, whatever it was; without pairs there is no field.
fn set_pairs(node: &mut Node, field: &str, pairs: &BTreeMap<String, String>) {
    let metadata = node.mapping_at("metadata");
    metadata.remove(field);
    if !pairs.is_empty() {
        let fields = pairs.iter().map(|(key, value)| (key.clone(), Node::text(value.clone())));
        metadata.set(field, Node::Mapping(fields.collect()));
    }
}

/// An object with the line where it begins; those of a list have the line of the list.
pub(in crate::render) type Placed = (usize, Node);

/// The resources of a text: lists are taken apart, empty documents left out.
///
/// # Errors
/// Text that is not YAML, an object without kind or name.
pub(in crate::render) fn parse(text: &str, origin: &str) -> anyhow::Result<Vec<Placed>> {
    let mut nodes = yaml::nodes_with_lines(text, origin)?;
    if let [(line, only)] = nodes.as_slice()
        && ["List", "ResourceList"].contains(&only.text_at(&["kind"]))
        && let Some(items) = only.get("items")
    {
        nodes = items.items().iter().map(|item| (*line, item.clone())).collect();
    }
    let mut queue: VecDeque<Placed> = checked(nodes, origin)?.into();
    let mut found = Vec::new();
    while let Some((line, node)) = queue.pop_front() {
        match node.get("items").filter(|_| node.text_at(&["kind"]).ends_with("List")) {
            Some(items) if items.is_null() => {}
            Some(Node::Sequence(items)) => {
                let items = items.iter().map(|item| (line, item.clone())).collect();
                queue.extend(checked(items, origin)?);
            }
            Some(_) => anyhow::bail!("{origin}, line {line}: the items of a list are not a list"),
            None => found.push((line, node)),
        }
    }
    Ok(found)
}

/// The same as resources, which know where they were read.
///
/// # Errors
/// As [`parse`].
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Vec<Resource>> {
    let (nodes, file) = (parse(text, file)?, Arc::<str>::from(file));
    let resource = |(line, node)| {
        let source = Some(Source { file: Arc::clone(&file), line: Some(line) });
        let resource = Resource { source, ..Resource::new(node) };
        let is_hashed = ["ConfigMap", "Secret"].contains(&resource.kind());
        let needs_hash = resource.node.text_at(&["metadata", "annotations", NEEDS_HASH]) == "enabled";
        Resource { needs_hash: is_hashed && needs_hash, ..resource }
    };
    Ok(nodes.into_iter().map(resource).collect())
}

fn checked(nodes: Vec<Placed>, origin: &str) -> anyhow::Result<Vec<Placed>> {
    let mut kept = Vec::new();
    for (line, node) in nodes {
        if node.is_empty() {
            continue;
        }
        check(&node, || format!("{origin}, line {line}"))?;
        kept.push((line, node));
    }
    Ok(kept)
}

/// Every object is a mapping with a kind, and with a name unless it is a list.
///
/// # Errors
/// Another one; `place` says where it is.
pub(super) fn check(node: &Node, place: impl Fn() -> String) -> anyhow::Result<()> {
    match node {
        Node::Mapping(_) => {}
        Node::Sequence(_) => anyhow::bail!("{}: a list, not an object", place()),
        Node::Scalar(_) => anyhow::bail!("{}: a text, not an object", place()),
    }
    let kind = node.text_at(&["kind"]);
    anyhow::ensure!(!kind.is_empty(), "{}: an object without kind", place());
    let name = node.at(&["metadata", "name"]);
    let has_name = name.is_some_and(|name| !name.is_null() && !name.as_text().is_empty());
    anyhow::ensure!(has_name || kind.ends_with("List"), "{}: a {kind} without metadata.name", place());
    for field in ["labels", "annotations"] {
        let is_list =
            matches!(node.at(&["metadata", field]), Some(Node::Sequence(items)) if !items.is_empty());
        anyhow::ensure!(!is_list, "{}: the {field} of a {kind} are a list", place());
    }
    Ok(())
}

/// The resource as JSON.
///
/// # Errors
/// A scalar that the output cannot hold; the resource is named.
pub(super) fn to_value(resource: &Resource) -> anyhow::Result<Value> {
    let value =
        resource.node.to_value().map_err(|reason| anyhow::anyhow!("{}: {reason}", resource.named()))?;
    anyhow::ensure!(!yaml::holds_control(&value), "{}: a text with control characters", resource.named());
    Ok(value)
}
