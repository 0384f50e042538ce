//! The namespace of every resource that has one.

use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;

/// Moves the resources to the namespace.
///
/// # Errors
/// Two that become one.
pub(super) fn set(set: &mut Set, namespace: &str, specs: &[FieldSpec]) -> anyhow::Result<()> {
    for at in 0..set.0.len() {
        if set.0[at].node.is_empty() {
            continue;
        }
        let id = set.0[at].id();
        set.0[at].remember_id();
        move_one(&mut set.0[at], namespace, specs).with_context(|| id.to_string())?;
        let id = set.0[at].id();
        let twins = set.0.iter().filter(|other| other.id().is_same(&id)).count();
        anyhow::ensure!(twins == 1, "the namespace \"{namespace}\" makes two of {id}");
    }
    Ok(())
}

fn move_one(resource: &mut Resource, namespace: &str, specs: &[FieldSpec]) -> anyhow::Result<()> {
    let is_core = resource.node.text_at(&["apiVersion"]) == "v1";
    if !resource.gvk().is_cluster_scoped() {
        let own = FieldSpec::new("", "", "", "metadata/namespace", true);
        own.apply(&mut resource.node, Make::Scalar, &mut |node| {
            fieldspec::set_scalar(node, namespace, Tag::Text)
        })?;
    }
    let is_binding = ["RoleBinding", "ClusterRoleBinding"].contains(&resource.kind());
    if is_binding && let Some(subjects) = resource.node.get_mut("subjects") {
        move_subjects(subjects, namespace)?;
    }
    for spec in specs {
        let is_done = spec.path == "metadata/namespace"
            || (spec.path == "metadata/name" && !is_core)
            || (is_binding
                && spec.path == "subjects/namespace"
                && ["RoleBinding", "ClusterRoleBinding"].contains(&spec.kind.as_str()));
        if !is_done {
            spec.apply(&mut resource.node, Make::Scalar, &mut |node| {
                fieldspec::set_scalar(node, namespace, Tag::Text)
            })?;
        }
    }
    Ok(())
}

/// Accounts named `default` are in the namespace that everything moves to.
fn move_subjects(subjects: &mut Node, namespace: &str) -> anyhow::Result<()> {
    if subjects.is_null() {
        return Ok(());
    }
    let Node::Sequence(items) = subjects else { anyhow::bail!("subjects is not a list") };
    for subject in items {
        anyhow::ensure!(matches!(subject, Node::Mapping(_)), "a subject is not a mapping");
        if subject.text_at(&["name"]) == "default" {
            subject.set("namespace", Node::text(namespace));
        }
    }
    Ok(())
}
