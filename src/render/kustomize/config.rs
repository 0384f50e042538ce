//! Which fields the transformers change: kustomize's own tables, and what `configurations` add.

use super::decode;
use super::decode::Rules;
use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::id::Gvk;
use super::misfit::Misfit;
use super::order;
use super::table::Table;
use crate::text::yaml;
use serde::Deserialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The fields of each transformer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Config {
    pub name_prefix: Table<FieldSpec>,
    pub name_suffix: Table<FieldSpec>,
    pub namespace: Table<FieldSpec>,
    pub common_labels: Table<FieldSpec>,
    pub labels: Table<FieldSpec>,
    pub template_labels: Table<FieldSpec>,
    pub common_annotations: Table<FieldSpec>,
    pub name_reference: Table<NameReference>,
    /// Where `vars` are replaced.
    pub var_reference: Table<FieldSpec>,
    pub images: Table<FieldSpec>,
    pub replicas: Table<FieldSpec>,
}

/// The fields that name resources of a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct NameReference {
    pub group: Cow<'static, str>,
    pub version: Cow<'static, str>,
    pub kind: Cow<'static, str>,
    pub field_specs: Vec<FieldSpec>,
}

/// Puts references in kustomize's order.
pub(super) fn sort(references: &mut [NameReference]) {
    references.sort_by_cached_key(|reference| order::type_order(&reference.gvk()));
}

impl NameReference {
    fn is_for_the_kind_of(&self, other: &Self) -> bool {
        (&self.group, &self.version, &self.kind) == (&other.group, &other.version, &other.kind)
    }

    pub(super) fn gvk(&self) -> Gvk {
        Gvk { group: self.group.to_string(), version: self.version.to_string(), kind: self.kind.to_string() }
    }
}

/// Fields that the type does not have are refused; a path may be written as a number.
const RULES: Rules = Rules { ignores_unknown: false, takes_scalars: true };

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// No YAML, a repeated key, unknown fields, values of a wrong type.
    pub(super) fn parse(text: &str, file: &str) -> anyhow::Result<Self> {
        // In this file, unlike in the kustomization, a key may be there only once.
        if let Some(node) = yaml::nodes(text, file)?.first() {
            node.to_value().map_err(|reason| anyhow::anyhow!("\"{file}\": {reason}"))?;
        }
        let read = decode::from_value(decode::document(text, file)?, RULES);
        let mut read: Self = read.map_err(|misfit: Misfit| misfit.of_file(file, text))?;
        read.sort();
        Ok(read)
    }

    /// Adds another configuration.
    ///
    /// # Errors
    /// Two that contradict each other.
    pub(super) fn merge(&mut self, other: &Self) -> anyhow::Result<()> {
        fieldspec::merge(&mut self.name_prefix, &other.name_prefix)?;
        fieldspec::merge(&mut self.name_suffix, &other.name_suffix)?;
        fieldspec::merge(&mut self.namespace, &other.namespace)?;
        fieldspec::merge(&mut self.common_labels, &other.common_labels)?;
        fieldspec::merge(&mut self.labels, &other.labels)?;
        fieldspec::merge(&mut self.template_labels, &other.template_labels)?;
        fieldspec::merge(&mut self.common_annotations, &other.common_annotations)?;
        fieldspec::merge(&mut self.images, &other.images)?;
        fieldspec::merge(&mut self.replicas, &other.replicas)?;
        fieldspec::merge(&mut self.var_reference, &other.var_reference)?;
        for reference in other.name_reference.iter() {
            match self.name_reference.iter_mut().find(|own| own.is_for_the_kind_of(reference)) {
                Some(own) => fieldspec::merge(&mut own.field_specs, &reference.field_specs)?,
                None => self.name_reference.push(reference.clone()),
            }
        }
        self.sort();
        Ok(())
    }

    /// The order in which kustomize keeps the fields. It decides which of two is there first when they are merged again.
    pub(super) fn sort(&mut self) {
        for specs in [
            &mut self.name_prefix,
            &mut self.name_suffix,
            &mut self.namespace,
            &mut self.common_labels,
            &mut self.labels,
            &mut self.template_labels,
            &mut self.common_annotations,
            &mut self.var_reference,
            &mut self.images,
            &mut self.replicas,
        ] {
            fieldspec::sort(specs);
        }
        sort(&mut self.name_reference);
    }

    /// Takes in another configuration. Where both are the standard one, as in most builds, there is nothing to do.
    ///
    /// # Errors
    /// Two that contradict each other.
    pub(super) fn take_in(own: &mut Arc<Self>, other: &Arc<Self>) -> anyhow::Result<()> {
        let standard = Self::standard();
        if Arc::ptr_eq(other, &standard) {
            if Arc::ptr_eq(own, &standard) {
                return Ok(());
            }
            if **own == Self::default() {
                *own = standard;
                return Ok(());
            }
        }
        Arc::make_mut(own).merge(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_configuration_takes_in_nothing_from_itself() {
        let standard = Config::standard();
        for mut own in [Config::default(), (*standard).clone()] {
            own.merge(&standard).unwrap();
            assert!(own == *standard);
        }
    }
}
