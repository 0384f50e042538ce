//! The namespace of every resource that has one.

use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;

/// Which subjects of bindings follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Subjects {
    /// Those named `default`.
    #[default]
    Default,
    /// Every account.
    Accounts,
    None,
}

/// Where resources move to, and what moves.
#[derive(Debug, Clone, Default)]
pub(super) struct Move<'a> {
    pub namespace: &'a str,
    /// Further fields that hold a namespace.
    pub specs: &'a [FieldSpec],
    /// Whether fields that have a value keep it.
    pub unset_only: bool,
    pub subjects: Subjects,
}

/// Moves the resources to the namespace.
///
/// # Errors
/// Two that become one.
pub(super) fn set(set: &mut Set, to: &Move<'_>) -> anyhow::Result<()> {
    for at in 0..set.len() {
        if set[at].node.is_empty() {
            continue;
        }
        set.change(at, |resource| {
            let named = resource.named();
            resource.remember_id();
            to.apply(resource).with_context(|| named.to_string())
        })?;
        let id = set[at].id();
        if set.count(&id) != 1 {
            anyhow::bail!("namespace transformation produces ID conflict: {id}{}", set.sources_of(&id));
        }
    }
    Ok(())
}

impl Move<'_> {
    /// Moves one resource.
    ///
    /// # Errors
    /// Invalid subjects, a place that holds no scalar.
    pub(super) fn apply(&self, resource: &mut Resource) -> anyhow::Result<()> {
        let is_core = resource.node.text_at(&["apiVersion"]) == "v1";
        if !resource.gvk().is_cluster_scoped() {
            let own = FieldSpec::new("", "", "", "metadata/namespace", true);
            own.apply(&mut resource.node, Make::Scalar, &mut |node| self.put(node))?;
        }
        let is_binding = ["RoleBinding", "ClusterRoleBinding"].contains(&resource.kind());
        if is_binding && let Some(subjects) = resource.node.get_mut("subjects") {
            self.move_subjects(subjects)?;
        }
        for spec in self.specs {
            let is_done = spec.path == "metadata/namespace"
                || (spec.path == "metadata/name" && !is_core)
                || (is_binding
                    && spec.path == "subjects/namespace"
                    && ["RoleBinding", "ClusterRoleBinding"].contains(&&*spec.kind));
            if !is_done {
                spec.apply(&mut resource.node, Make::Scalar, &mut |node| self.put(node))?;
            }
        }
        Ok(())
    }

    fn put(&self, node: &mut Node) -> anyhow::Result<()> {
        if self.unset_only && !node.is_null() && !node.as_text().is_empty() {
            return Ok(());
        }
        fieldspec::set_scalar(node, self.namespace, Tag::Text)
    }

    /// Accounts named `default` are in the namespace that everything moves to.
    fn move_subjects(&self, subjects: &mut Node) -> anyhow::Result<()> {
        let (field, wanted) = match self.subjects {
            Subjects::None => return Ok(()),
            Subjects::Default => ("name", "default"),
            Subjects::Accounts => ("kind", "ServiceAccount"),
        };
        if subjects.is_null() {
            return Ok(());
        }
        let Node::Sequence(items) = subjects else { anyhow::bail!("subjects is not a list") };
        for subject in items {
            anyhow::ensure!(matches!(subject, Node::Mapping(_)), "a subject is not a mapping");
            if subject.text_at(&[field]) != wanted {
                continue;
            }
            match subject.get_mut("namespace") {
                Some(present @ Node::Scalar(_)) if self.unset_only => self.put(present)?,
                _ => subject.set("namespace", Node::text(self.namespace)),
            }
        }
        Ok(())
    }
}
