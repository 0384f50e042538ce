//! Numbers of replicas.

use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::file::Replica;
use super::set::Set;
use crate::text::yaml::Tag;
use anyhow::Context;

/// Sets the number in the resources of this name.
///
/// # Errors
/// No resource of a kind with replicas has or had the name.
pub(super) fn set(set: &mut Set, replica: &Replica, specs: &[FieldSpec]) -> anyhow::Result<()> {
    let mut is_found = false;
    for spec in specs {
        for at in set.places_named(Some(&replica.name)) {
            let is_meant =
                set[at].all_ids().iter().any(|id| id.name == replica.name && spec.selects_type(&id.gvk));
            if !is_meant {
                continue;
            }
            is_found = true;
            set.change(at, |resource| {
                let named = resource.named();
                spec.apply(&mut resource.node, Make::Scalar, &mut |node| {
                    fieldspec::set_scalar(node, &replica.count.to_string(), Tag::Integer)
                })
                .with_context(|| named.to_string())
            })?;
        }
    }
    anyhow::ensure!(is_found, "resource with name {} does not match a config with replicas", replica.name);
    Ok(())
}
