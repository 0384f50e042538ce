//! Labels and annotations that every resource gets.

use super::config::Config;
use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::file::Label;
use super::file::Pairs;
use super::set::Set;
use anyhow::Context;

/// The fields that an entry of `labels` goes to.
///
/// # Errors
/// Fields of its own that contradict the standard ones.
pub(super) fn fields_of(label: &Label, config: &Config) -> anyhow::Result<Vec<FieldSpec>> {
    let mut specs = label.fields.clone();
    fieldspec::merge(&mut specs, &config.labels)?;
    if label.include_selectors {
        fieldspec::merge(&mut specs, &config.common_labels)?;
        return Ok(specs);
    }
    if label.include_templates {
        fieldspec::merge(&mut specs, &config.template_labels)?;
    }
    fieldspec::merge(&mut specs, &[FieldSpec::new("", "", "", "metadata/labels", true)])?;
    Ok(specs)
}

/// Sets the pairs in the mappings at these places.
///
/// # Errors
/// A place that is not a mapping; the resource is named.
pub(super) fn set(set: &mut Set, pairs: &Pairs, specs: &[FieldSpec]) -> anyhow::Result<()> {
    for resource in set.iter_mut() {
        let named = resource.named();
        // What kustomize remembers of a resource are annotations: where there are some, no spec has to create them.
        if resource.is_marked()
            && specs.iter().any(|spec| spec.path == "metadata/annotations")
            && !pairs.is_empty()
        {
            resource.node.mapping_at("metadata").mapping_at("annotations");
        }
        for (key, value) in pairs {
            let twin = resource.new_twin();
            for spec in specs {
                spec.apply(&mut resource.node, Make::Mapping, &mut |node| {
                    fieldspec::set_entry(node, key, value, twin)
                })
                .with_context(|| named.to_string())?;
            }
        }
    }
    Ok(())
}
