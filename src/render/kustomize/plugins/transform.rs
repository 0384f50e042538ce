//! Transformers that are objects.

use super::super::file::Patch;
use super::super::hash;
use super::super::images;
use super::super::labels;
use super::super::layer::Layer;
use super::super::names;
use super::super::names::Affix;
use super::super::namespace;
use super::super::namespace::Move;
use super::super::namespace::Subjects;
use super::super::patch;
use super::super::replacements;
use super::super::replicas;
use super::super::resource::Resource;
use super::super::set::Set;
use super::settings;
use super::settings::Affixes;
use super::settings::Annotations;
use super::settings::ImageTag;
use super::settings::JsonPatch;
use super::settings::Labels;
use super::settings::Merges;
use super::settings::Namespace;
use super::settings::Replacements;
use super::settings::ReplicaCount;
use super::value;
use anyhow::Context;

const KINDS: [&str; 14] = [
    "AnnotationsTransformer",
    "HashTransformer",
    "ImageTagTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchStrategicMergeTransformer",
    "PatchTransformer",
    "PrefixSuffixTransformer",
    "PrefixTransformer",
    "SuffixTransformer",
    "ReplacementTransformer",
    "ReplicaCountTransformer",
    "ValueAddTransformer",
];

const GENERATORS: [&str; 4] =
    ["ConfigMapGenerator", "IAMPolicyGenerator", "SecretGenerator", "HelmChartInflationGenerator"];

pub(super) fn is_transformer(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// Changes the resources.
///
/// # Errors
/// An object that is not a transformer, or not a valid one; what the transformer cannot do.
pub(in crate::render::kustomize) fn transform(
    layer: &Layer<'_>,
    set: &mut Set,
    object: &Resource,
) -> anyhow::Result<()> {
    settings::check_built_in(object)?;
    match object.kind() {
        "AnnotationsTransformer" => {
            let read: Annotations = settings::of(object, true)?;
            labels::set(set, &read.annotations, &read.field_specs)
        }
        "LabelTransformer" => {
            let read: Labels = settings::of(object, true)?;
            labels::set(set, &read.labels, &read.field_specs)
        }
        "HashTransformer" => hash::add(set),
        "ImageTagTransformer" => {
            let read: ImageTag = settings::of(object, true)?;
            images::set(set, &[read.image_tag], &read.field_specs).map_err(|(_, error)| error)
        }
        "NamespaceTransformer" => move_all(set, &settings::of(object, true)?),
        "PrefixTransformer" => affix(set, object, &[Affix::Prefix]),
        "SuffixTransformer" => affix(set, object, &[Affix::Suffix]),
        "PrefixSuffixTransformer" => affix(set, object, &[Affix::Prefix, Affix::Suffix]),
        "PatchTransformer" => patch::patch(set, layer, &settings::of::<Patch>(object, true)?),
        "PatchJson6902Transformer" => {
            let JsonPatch { target, path, json_op } = settings::of(object, true)?;
            patch::json(set, layer, &Patch { target, path, patch: json_op, ..Patch::default() })
        }
        "PatchStrategicMergeTransformer" => {
            let read: Merges = settings::of(object, true)?;
            patch::strategic_merge(set, layer, &read.paths, &read.patches)
        }
        "ReplacementTransformer" => {
            let read: Replacements = settings::of(object, true)?;
            read.replacements.iter().try_for_each(|entry| replacements::apply(set, layer, entry))
        }
        "ReplicaCountTransformer" => {
            let read: ReplicaCount = settings::of(object, true)?;
            replicas::set(set, &read.replica, &read.field_specs)
        }
        "ValueAddTransformer" => value::add(layer, set, settings::of(object, true)?),
        kind if GENERATORS.contains(&kind) => anyhow::bail!("plugin {} not a transformer", object.id()),
        _ => anyhow::bail!("unable to load {}", object.id()),
    }
}

fn move_all(set: &mut Set, read: &Namespace) -> anyhow::Result<()> {
    let subjects = match read.set_role_binding_subjects.as_str() {
        "" | "defaultOnly" => Subjects::Default,
        "allServiceAccounts" => Subjects::Accounts,
        "none" => Subjects::None,
        other => anyhow::bail!(
            "invalid value \"{other}\" for setRoleBindingSubjects: must be one of \"defaultOnly\", \"none\" or \"allServiceAccounts\""
        ),
    };
    if read.metadata.namespace.is_empty() {
        return Ok(());
    }
    let to = Move {
        namespace: &read.metadata.namespace,
        specs: &read.field_specs,
        unset_only: read.unset_only,
        subjects,
    };
    namespace::set(set, &to)
}

fn affix(set: &mut Set, object: &Resource, affixes: &[Affix]) -> anyhow::Result<()> {
    let read: Affixes = settings::of(object, true)?;
    let specs = read.field_specs.context("fieldSpecs is not expected to be nil")?;
    for affix in affixes {
        let text = if *affix == Affix::Prefix { &read.prefix } else { &read.suffix };
        names::extend(set, *affix, text, &specs)?;
    }
    Ok(())
}
