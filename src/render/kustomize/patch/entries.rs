//! The entries of a kustomization that are patches, and the resources they are meant for.

use super::json6902::Operations;
use super::strategic;
use crate::render::kustomize::file;
use crate::render::kustomize::file::PatchOptions;
use crate::render::kustomize::layer::Layer;
use crate::render::kustomize::resource;
use crate::render::kustomize::resource::Placed;
use crate::render::kustomize::resource::Resource;
use crate::render::kustomize::selector::Selector;
use crate::render::kustomize::set::Set;
use crate::render::kustomize::source::Source;
use crate::text::yaml::BadYaml;
use crate::text::yaml::Node;
use anyhow::Context;

/// The patches of `patchesStrategicMerge`: files, or the patches themselves, and those of a text.
///
/// # Errors
/// A file that is missing; a patch that fits no resource, or several.
pub(in crate::render::kustomize) fn strategic_merge(
    set: &mut Set,
    layer: &Layer<'_>,
    entries: &[String],
    text: &str,
) -> anyhow::Result<()> {
    let mut patches = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match layer.inline("patchesStrategicMerge", at, entry) {
            Ok(inline) => patches.extend(inline),
            Err(_) => patches.extend(resource::read(&layer.text(entry)?, &layer.shown_path(entry))?),
        }
    }
    if !text.is_empty() {
        let nodes = resource::parse(text, "a patch")?;
        patches.extend(nodes.into_iter().map(|(_, node)| Resource::new(node)));
    }
    anyhow::ensure!(!patches.is_empty(), "patchesStrategicMerge is empty");
    for patch in patches {
        let named = patch.named();
        let place = || named.source.as_ref().map_or_else(|| "a patch".to_owned(), Source::to_string);
        let at = set.place_of(&named.id).context("a strategic merge patch fits no resource");
        let at = at.with_context(place)?;
        merge_all(set, &[at], &patch.node, PatchOptions::default()).with_context(place)?;
    }
    Ok(())
}

/// One entry of `patches`.
///
/// # Errors
/// Neither or both of path and patch; text that is not a patch; a target that cannot be read; operations that do not apply.
pub(in crate::render::kustomize) fn patch(
    set: &mut Set,
    layer: &Layer<'_>,
    entry: &file::Patch,
) -> anyhow::Result<()> {
    let inline = entry.patch.trim();
    let (text, origin) = match (inline.is_empty(), entry.path.is_empty()) {
        (true, true) => anyhow::bail!("a patch has neither path nor patch"),
        (false, false) => anyhow::bail!("a patch has both path and patch"),
        (false, true) => (inline.to_owned(), "a patch".to_owned()),
        (true, false) => {
            (layer.text(&entry.path)?, format!("the patch \"{}\"", layer.shown_path(&entry.path)))
        }
    };
    let (merges, operations) = (resource::parse(&text, &origin), Operations::parse(&text, &origin));
    match (merges, operations) {
        (Ok(merges), _) => merge(set, entry, merges, &origin),
        (Err(_), Ok(operations)) => {
            let target =
                entry.target.as_ref().with_context(|| format!("{origin}: a JSON patch needs a target"))?;
            operate(set, target, &operations, true).with_context(|| origin)
        }
        (Err(merge), Err(json)) => {
            if merge.is::<BadYaml>() && json.is::<BadYaml>() {
                return Err(merge);
            }
            anyhow::bail!(
                "{origin} is neither a strategic merge patch ({merge:#}) nor a JSON patch ({json:#})"
            )
        }
    }
}

/// One entry of `patchesJson6902`.
///
/// # Errors
/// As [`patch`].
pub(in crate::render::kustomize) fn json(
    set: &mut Set,
    layer: &Layer<'_>,
    entry: &file::Patch,
) -> anyhow::Result<()> {
    let target = entry.target.as_ref().context("patchesJson6902: a patch without target")?;
    anyhow::ensure!(!target.name.is_empty(), "patchesJson6902: a target without name");
    let text = match (entry.patch.is_empty(), entry.path.is_empty()) {
        (true, true) => anyhow::bail!("patchesJson6902: a patch has neither path nor patch"),
        (false, false) => anyhow::bail!("patchesJson6902: a patch has both path and patch"),
        (false, true) => entry.patch.clone(),
        (true, false) => layer.text(&entry.path)?,
    };
    let file = layer.shown_path(&entry.path);
    let origin = if entry.path.is_empty() { "a patch" } else { &file };
    let operations = Operations::parse(&text, origin)?;
    anyhow::ensure!(!operations.is_empty(), "{origin}: the patch is empty");
    operate(set, target, &operations, false).with_context(|| format!("patchesJson6902: {origin}"))
}

fn operate(
    set: &mut Set,
    target: &file::Target,
    operations: &Operations<'_>,
    remembers: bool,
) -> anyhow::Result<()> {
    let selector = Selector::new(target)?;
    for at in selected(set, target, &selector) {
        set.change(at, |resource| {
            let named = resource.named();
            if remembers {
                resource.remember_id();
            }
            operations.apply(resource).with_context(|| named.to_string())
        })?;
    }
    Ok(())
}

/// The places of the resources that a target means.
fn selected(set: &mut Set, target: &file::Target, selector: &Selector) -> Vec<usize> {
    let places = set.places_named(Selector::only_name(target));
    places.into_iter().filter(|at| selector.selects(&set[*at])).collect()
}

fn merge(set: &mut Set, entry: &file::Patch, patches: Vec<Placed>, origin: &str) -> anyhow::Result<()> {
    // The line in a text of the kustomization is not one of the file.
    let place = |line: usize| match entry.path.is_empty() {
        true => origin.to_owned(),
        false => format!("{origin}, line {line}"),
    };
    let Some(target) = &entry.target else {
        for (line, patch) in patches {
            let id = Resource::new(patch.clone()).id();
            let at = set.place_of(&id).context("no resource matches the strategic merge patch");
            let at = at.with_context(|| place(line))?;
            let named = set[at].named();
            set.change(at, |resource| merge_one(resource, patch, entry.options))
                .with_context(|| named.to_string())
                .with_context(|| place(line))?;
        }
        return Ok(());
    };
    anyhow::ensure!(patches.len() < 2, "{origin}: several strategic merge patches cannot have one target");
    let Some((line, patch)) = patches.into_iter().next() else { return Ok(()) };
    let selector = Selector::new(target).with_context(|| origin.to_owned())?;
    let places = selected(set, target, &selector);
    merge_all(set, &places, &patch, entry.options).with_context(|| place(line))
}

/// Merges a patch into the resources at these places, whatever names it has itself.
fn merge_all(set: &mut Set, places: &[usize], patch: &Node, options: PatchOptions) -> anyhow::Result<()> {
    for at in places {
        set.change(*at, |resource| {
            let named = resource.named();
            let mut own = Resource::new(patch.clone());
            // Labels and annotations of the patch are strings here, nulls among them too.
            let (labels, annotations) = (own.labels(), own.annotations());
            own.set_labels(&labels);
            own.set_annotations(&annotations);
            let api_version = resource.node.text_at(&["apiVersion"]).to_owned();
            match own.node.get_mut("apiVersion") {
                Some(present @ Node::Scalar(_)) => present.set_text(&api_version),
                _ => own.node.set("apiVersion", Node::text(api_version)),
            }
            merge_one(resource, own.node, options).with_context(|| named.to_string())
        })?;
    }
    set.tidy();
    set.check_identities()
}

fn merge_one(resource: &mut Resource, patch: Node, options: PatchOptions) -> anyhow::Result<()> {
    let (kind, name, namespace) =
        (resource.kind().to_owned(), resource.name().to_owned(), resource.namespace().to_owned());
    if options.allow_kind_change || options.allow_name_change {
        resource.remember_id();
    }
    let merged = strategic::merge(&resource.node, &patch)?;
    resource.node = merged.unwrap_or_else(Node::null);
    if resource.node.is_empty() {
        resource.node = Node::null();
        return Ok(());
    }
    if !options.allow_kind_change {
        resource.set_kind(&kind);
    }
    if !options.allow_name_change {
        resource.set_name(&name);
    }
    resource.set_namespace(&namespace);
    Ok(())
}
