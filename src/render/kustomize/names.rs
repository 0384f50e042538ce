//! Prefixes and suffixes of names.

use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::id::Gvk;
use super::id::Id;
use super::set::Set;
use super::source::Named;
use crate::text::yaml::Tag;
use anyhow::Context;

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Affix {
    Prefix,
    Suffix,
}

/// Names of these kinds say more than a name.
fn is_kept(id: &Id) -> bool {
    id.gvk.kind == "CustomResourceDefinition"
        || id.gvk.kind == "Namespace"
        || id.gvk.is_selected_by(&Gvk {
            group: "apiregistration.k8s.io".to_owned(),
            version: String::new(),
            kind: "APIService".to_owned(),
        })
}

/// Changes the names.
///
/// # Errors
/// A place that holds no scalar; the resource is named.
pub(super) fn extend(set: &mut Set, affix: Affix, text: &str, specs: &[FieldSpec]) -> anyhow::Result<()> {
    for resource in set.iter_mut() {
        let original = resource.original_id();
        if is_kept(&original) {
            continue;
        }
        for spec in specs.iter().filter(|spec| spec.selects_type(&original.gvk)) {
            if spec.path == "metadata/name" && !text.is_empty() {
                resource.remember_id();
                match affix {
                    Affix::Prefix => resource.prefixes.push(text.to_owned()),
                    Affix::Suffix => resource.suffixes.push(text.to_owned()),
                }
            }
            spec.apply(&mut resource.node, Make::Scalar, &mut |node| {
                let name = match affix {
                    Affix::Prefix => format!("{text}{}", node.as_text()),
                    Affix::Suffix => format!("{}{text}", node.as_text()),
                };
                fieldspec::set_scalar(node, &name, Tag::Unset)
            })
            .with_context(|| Named { id: original.clone(), source: resource.source.clone() }.to_string())?;
        }
    }
    Ok(())
}
