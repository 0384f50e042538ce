//! Fields that name other resources follow them when their names change.

use super::config::Config;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::id::Gvk;
use super::id::Id;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use anyhow::Context;

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

/// Updates every reference.
///
/// # Errors
/// A name that several resources had; the referrer is named.
pub(super) fn fix(set: &mut Set, config: &Config) -> anyhow::Result<()> {
    let everything: Vec<Candidate> = set.0.iter().map(Candidate::of).collect();
    for resource in &mut set.0 {
        let referrer = Candidate::of(resource);
        let near = candidates_for(resource, &referrer, &everything)?;
        for reference in &config.name_reference {
            let target = reference.gvk();
            for spec in &reference.field_specs {
                if !referrer.original().gvk.is_selected_by(&spec.gvk()) {
                    continue;
                }
                let role = role_of(spec, &resource.node);
                let search = Search { referrer: &referrer, target: &target, role, near: &near };
                spec.apply_anyway(&mut resource.node, Make::Nothing, &mut |node| search.update(node))
                    .with_context(|| referrer.id.to_string())?;
            }
        }
    }
    Ok(())
}

/// The resources in reach of a referrer: of its namespace, without one, or of the namespaces of a binding's accounts.
///
/// # Errors
/// An account whose namespace is left empty.
fn candidates_for<'a>(
    resource: &Resource,
    referrer: &Candidate,
    everything: &'a [Candidate],
) -> anyhow::Result<Vec<&'a Candidate>> {
    if referrer.id.gvk.is_cluster_scoped() {
        return Ok(everything.iter().collect());
    }
    let mut namespaces = Vec::new();
    if resource.kind() == "RoleBinding" {
        let subjects = resource.node.get("subjects").map_or(&[][..], Node::items);
        let accounts = subjects.iter().filter(|subject| subject.text_at(&["kind"]) == "ServiceAccount");
        for namespace in accounts.filter_map(|subject| subject.get("namespace")) {
            let is_text = matches!(namespace, Node::Scalar(scalar) if scalar.is_string());
            anyhow::ensure!(
                is_text,
                "the namespace of a subject of {} is empty or not a string",
                referrer.id
            );
            namespaces.push(namespace.as_text());
        }
    }
    let near = everything.iter().filter(|candidate| {
        candidate.id.gvk.is_cluster_scoped()
            || candidate.id.effective_namespace() == referrer.id.effective_namespace()
            || namespaces.contains(&candidate.id.namespace.as_str())
    });
    Ok(near.collect())
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
    near: &'a [&'a Candidate],
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
        let found = self.find(node.as_text(), self.near, |a, b| a.name == b.name)?;
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
        let near = match node.get("namespace") {
            None => self.near.to_vec(),
            Some(namespace) => self.of_namespace(namespace.as_text()),
        };
        let is_one = |a: &Id, b: &Id| a.name == b.name && a.namespace == b.namespace;
        let Some(found) = self.find(&name, &near, is_one)? else { return Ok(()) };
        if found.id.name == name && found.id.namespace.is_empty() {
            return Ok(());
        }
        set_text(node, "name", &found.id.name);
        if !found.id.namespace.is_empty() {
            set_text(node, "namespace", &found.id.namespace);
        }
        Ok(())
    }

    /// Those that were in the namespace first, else those that are in it now.
    fn of_namespace(&self, namespace: &str) -> Vec<&Candidate> {
        let of = |id: fn(&Candidate) -> &Id| -> Vec<&Candidate> {
            let is_in = |candidate: &&&Candidate| {
                let id = id(candidate);
                !id.gvk.is_cluster_scoped() && id.effective_namespace() == namespace
            };
            self.near.iter().filter(is_in).copied().collect()
        };
        let first = of(Candidate::original);
        if first.is_empty() { of(|candidate| &candidate.id) } else { first }
    }

    /// The one resource that was called so.
    fn find<'a>(
        &self,
        name: &str,
        near: &[&'a Candidate],
        is_one: impl Fn(&Id, &Id) -> bool,
    ) -> anyhow::Result<Option<&'a Candidate>> {
        let was =
            |candidate: &Candidate, gvk: &Gvk| candidate.previous.iter().any(|id| id.gvk.is_selected_by(gvk));
        let is_reachable = |candidate: &Candidate| {
            self.referrer.id.gvk.is_cluster_scoped()
                || candidate.id.gvk.is_cluster_scoped()
                || candidate.id.gvk.kind == "ServiceAccount"
                || candidate.id.effective_namespace() == self.referrer.id.effective_namespace()
        };
        let mut found: Vec<&Candidate> = near
            .iter()
            .copied()
            .filter(|candidate| {
                candidate.previous.iter().any(|id| id.name == name)
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
