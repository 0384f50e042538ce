//! Fields that name other resources follow them when their names change.

use super::config::Config;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::id::Gvk;
use super::id::Id;
use super::resource::Resource;
use super::set::Set;
use super::source::Named;
use crate::text::yaml::Node;
use anyhow::Context;
use std::collections::HashMap;
use std::collections::HashSet;

/// What is asked of a resource that may be referred to.
struct Candidate {
    id: Id,
    previous: Vec<Id>,
    prefixes: Vec<String>,
    suffixes: Vec<String>,
}

impl Candidate {
    fn of(resource: &Resource) -> Self {
        Self {
            id: resource.id(),
            previous: resource.previous_ids(),
            prefixes: resource.prefixes.clone(),
            suffixes: resource.suffixes.clone(),
        }
    }

    fn original(&self) -> &Id {
        self.previous.first().unwrap_or(&self.id)
    }
}

/// The resources that may be referred to, by the names that they had and by their namespaces.
struct Candidates {
    all: Vec<Candidate>,
    by_name: HashMap<String, Vec<usize>>,
    /// The effective and the written namespaces in which those are now that were in a namespace at first.
    moved: HashMap<String, HashSet<(String, String)>>,
}

impl Candidates {
    fn of(set: &Set) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut moved: HashMap<String, HashSet<(String, String)>> = HashMap::new();
        let all: Vec<Candidate> = set.iter().map(Candidate::of).collect();
        for (at, candidate) in all.iter().enumerate() {
            for previous in &candidate.previous {
                let places = by_name.entry(previous.name.clone()).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
            let first = candidate.original();
            if !first.gvk.is_cluster_scoped() {
                let now = (candidate.id.effective_namespace().to_owned(), candidate.id.namespace.clone());
                moved.entry(first.effective_namespace().to_owned()).or_default().insert(now);
            }
        }
        Self { all, by_name, moved }
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Candidate> {
        self.by_name.get(name).into_iter().flatten().map(|at| &self.all[*at])
    }
}

/// Updates every reference.
///
/// # Errors
/// A name that several resources had; the referrer is named.
pub(super) fn fix(set: &mut Set, config: &Config) -> anyhow::Result<()> {
    let candidates = Candidates::of(set);
    // Which fields a type has is looked up once.
    let mut of_type: HashMap<Gvk, Vec<(Gvk, &FieldSpec)>> = HashMap::new();
    for resource in set.iter_mut() {
        let referrer = Candidate::of(resource);
        let near = Near::of(resource, &referrer)?;
        let places = of_type.entry(referrer.original().gvk.clone()).or_insert_with(|| {
            let all = config.name_reference.iter();
            let specs =
                all.flat_map(|reference| reference.field_specs.iter().map(|spec| (reference.gvk(), spec)));
            specs.filter(|(_, spec)| spec.selects_type(&referrer.original().gvk)).collect()
        });
        for (target, spec) in places {
            let role = role_of(spec, &resource.node);
            let search = Search { referrer: &referrer, target, role, near: &near, candidates: &candidates };
            spec.apply_anyway(&mut resource.node, Make::Nothing, &mut |node| search.update(node))
                .with_context(|| {
                    Named { id: referrer.id.clone(), source: resource.source.clone() }.to_string()
                })?;
        }
    }
    Ok(())
}

/// What is in reach of a referrer: resources of its namespace, without one, or of the namespaces of a binding's accounts.
struct Near {
    is_everything: bool,
    namespace: String,
    accounts: Vec<String>,
}

impl Near {
    /// # Errors
    /// An account whose namespace is left empty.
    fn of(resource: &Resource, referrer: &Candidate) -> anyhow::Result<Self> {
        let mut near = Self {
            is_everything: referrer.id.gvk.is_cluster_scoped(),
            namespace: referrer.id.effective_namespace().to_owned(),
            accounts: Vec::new(),
        };
        if near.is_everything || resource.kind() != "RoleBinding" {
            return Ok(near);
        }
        let subjects = resource.node.get("subjects").map_or(&[][..], Node::items);
        let accounts = subjects.iter().filter(|subject| subject.text_at(&["kind"]) == "ServiceAccount");
        for namespace in accounts.filter_map(|subject| subject.get("namespace")) {
            let is_text = matches!(namespace, Node::Scalar(scalar) if scalar.is_string());
            anyhow::ensure!(
                is_text,
                "the namespace of a subject of {} is empty or not a string",
                referrer.id
            );
            near.accounts.push(namespace.as_text().to_owned());
        }
        Ok(near)
    }

    fn holds(&self, candidate: &Candidate) -> bool {
        candidate.id.gvk.is_cluster_scoped()
            || self.holds_namespace(candidate.id.effective_namespace(), &candidate.id.namespace)
    }

    fn holds_namespace(&self, effective: &str, written: &str) -> bool {
        self.is_everything
            || effective == self.namespace
            || self.accounts.iter().any(|account| account == written)
    }
}

/// A binding names the kind of its role.
fn role_of(spec: &FieldSpec, node: &Node) -> Option<Gvk> {
    if !spec.path.ends_with("roleRef/name") {
        return None;
    }
    let role = node.get("roleRef")?;
    Some(Gvk {
        group: role.get("apiGroup")?.as_text().to_owned(),
        version: String::new(),
        kind: role.get("kind")?.as_text().to_owned(),
    })
}

struct Search<'a> {
    referrer: &'a Candidate,
    target: &'a Gvk,
    role: Option<Gvk>,
    near: &'a Near,
    candidates: &'a Candidates,
}

impl Search<'_> {
    fn update(&self, node: &mut Node) -> anyhow::Result<()> {
        match node {
            node if node.is_null() => Ok(()),
            Node::Scalar(_) => self.update_scalar(node),
            Node::Mapping(_) => self.update_mapping(node),
            Node::Sequence(items) => {
                for item in items.iter_mut().filter(|item| !item.is_null()) {
                    match item {
                        Node::Scalar(_) => self.update_scalar(item)?,
                        Node::Mapping(_) => self.update_mapping(item)?,
                        Node::Sequence(_) => anyhow::bail!("a list in a list of names"),
                    }
                }
                Ok(())
            }
        }
    }

    fn update_scalar(&self, node: &mut Node) -> anyhow::Result<()> {
        let found = self.find(node.as_text(), |_| true, |a, b| a.name == b.name)?;
        if let Some(found) = found.filter(|found| found.id.name != node.as_text()) {
            node.set_text(&found.id.name);
        }
        Ok(())
    }

    /// A mapping with `name` and perhaps `namespace`.
    fn update_mapping(&self, node: &mut Node) -> anyhow::Result<()> {
        let Some(name) = node.get("name").map(|name| name.as_text().to_owned()) else {
            anyhow::bail!("a reference without name");
        };
        let namespace = node.get("namespace").map(|namespace| namespace.as_text().to_owned());
        let is_first = namespace.as_deref().is_some_and(|namespace| self.was_there(namespace));
        let is_in = |candidate: &Candidate| {
            let Some(namespace) = &namespace else { return true };
            let id = if is_first { candidate.original() } else { &candidate.id };
            !id.gvk.is_cluster_scoped() && id.effective_namespace() == *namespace
        };
        let is_one = |a: &Id, b: &Id| a.name == b.name && a.namespace == b.namespace;
        let Some(found) = self.find(&name, is_in, is_one)? else { return Ok(()) };
        if found.id.name == name && found.id.namespace.is_empty() {
            return Ok(());
        }
        set_text(node, "name", &found.id.name);
        if !found.id.namespace.is_empty() {
            set_text(node, "namespace", &found.id.namespace);
        }
        Ok(())
    }

    /// Whether anything in reach was in the namespace at first: then those are meant, else those that are in it now.
    fn was_there(&self, namespace: &str) -> bool {
        let now = self.candidates.moved.get(namespace);
        now.is_some_and(|now| {
            now.iter().any(|(effective, written)| self.near.holds_namespace(effective, written))
        })
    }

    /// The one resource that was called so.
    fn find(
        &self,
        name: &str,
        is_in: impl Fn(&Candidate) -> bool,
        is_one: impl Fn(&Id, &Id) -> bool,
    ) -> anyhow::Result<Option<&Candidate>> {
        let was =
            |candidate: &Candidate, gvk: &Gvk| candidate.previous.iter().any(|id| id.gvk.is_selected_by(gvk));
        let is_reachable = |candidate: &Candidate| {
            self.referrer.id.gvk.is_cluster_scoped()
                || candidate.id.gvk.is_cluster_scoped()
                || candidate.id.gvk.kind == "ServiceAccount"
                || candidate.id.effective_namespace() == self.referrer.id.effective_namespace()
        };
        let mut found: Vec<&Candidate> = self
            .candidates
            .named(name)
            .filter(|candidate| {
                self.near.holds(candidate)
                    && is_in(candidate)
                    && was(candidate, self.target)
                    && self.role.as_ref().is_none_or(|role| was(candidate, role))
                    && is_reachable(candidate)
            })
            .collect();
        if found.len() == 1 {
            return Ok(found.pop());
        }
        found.retain(|candidate| self.is_akin(candidate, true));
        if found.len() > 1 {
            found.retain(|candidate| self.is_akin(candidate, false));
        }
        let Some((first, rest)) = found.split_first() else { return Ok(None) };
        if rest.iter().all(|other| is_one(&first.id, &other.id)) {
            return Ok(Some(first));
        }
        let names: Vec<_> = found.iter().map(|candidate| candidate.id.to_string()).collect();
        anyhow::bail!("the name \"{name}\" may mean any of {}", names.join(", "))
    }

    /// Whether it went through the same prefixes and suffixes.
    fn is_akin(&self, candidate: &Candidate, none_is_fine: bool) -> bool {
        let same =
            |a: &[String], b: &[String]| (none_is_fine && (a.is_empty() || b.is_empty())) || same_end(a, b);
        same(&candidate.prefixes, &self.referrer.prefixes)
            && same(&candidate.suffixes, &self.referrer.suffixes)
    }
}

/// Whether the shorter list is the end of the longer one; an empty one is the end of nothing else.
fn same_end(a: &[String], b: &[String]) -> bool {
    let (shorter, longer) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    shorter.is_empty() == longer.is_empty() && longer.ends_with(shorter)
}

fn set_text(node: &mut Node, field: &str, text: &str) {
    match node.get_mut(field) {
        Some(present @ Node::Scalar(_)) => present.set_text(text),
        _ => node.set(field, Node::text(text)),
    }
}
