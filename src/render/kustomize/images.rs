//! The images of resources.

use super::fieldspec::FieldSpec;
use super::fieldspec::Make;
use super::file::Image;
use super::image_entries::ImageEntries;
use super::resource::Resource;
use super::set::Set;
use crate::text::yaml::Node;
use crate::text::yaml::Tag;
use anyhow::Context;
use std::borrow::Cow;

/// Changes images wherever a container names them, in every kind but definitions. Each entry has its turn with the whole set, as in
/// kustomize; those that are about no image of a resource are skipped.
///
/// # Errors
/// With the number of its entry: a name that is not a pattern; a place that holds something else than an image.
pub(super) fn set(
    set: &mut Set,
    images: &[Image],
    specs: &[FieldSpec],
) -> Result<(), (usize, anyhow::Error)> {
    if images.is_empty() {
        return Ok(());
    }
    let entries = ImageEntries::new(images.iter().map(Cow::Borrowed).collect());
    let bad = match entries.bad_pattern() {
        Some((0, error)) => return Err((0, error)),
        bad => bad,
    };
    for resource in set.iter_mut().filter(|resource| resource.kind() != "CustomResourceDefinition") {
        let mut from = 0;
        loop {
            let mut next: Option<usize> = None;
            let look = visit(resource, specs, &mut |node: &mut Node| {
                let Node::Scalar(scalar) = node else { anyhow::bail!("an image is not a scalar") };
                let found = if bad.is_none() { entries.next(&scalar.text, from)? } else { None };
                next = next.into_iter().chain(found).min();
                Ok(())
            });
            // The first entry has seen everything.
            look.map_err(|error| (0, error))?;
            let Some(at) = next else { break };
            let changed = visit(resource, specs, &mut |node: &mut Node| {
                if let Node::Scalar(scalar) = node
                    && let Some(text) = entries.changed(at, &scalar.text)?
                {
                    scalar.put(&text, Tag::Unset);
                }
                Ok(())
            });
            changed.map_err(|error| (at, error))?;
            resource.settle_twins();
            from = at + 1;
        }
    }
    bad.map_or(Ok(()), Err)
}

/// Calls `change` with every image of a resource; those in the usual fields come twice.
fn visit(
    resource: &mut Resource,
    specs: &[FieldSpec],
    change: &mut dyn FnMut(&mut Node) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let visited = visit_containers(&mut resource.node, change).and_then(|()| {
        specs.iter().try_for_each(|spec| spec.apply(&mut resource.node, Make::Nothing, change))
    });
    visited.with_context(|| resource.named().to_string())
}

fn visit_containers(
    node: &mut Node,
    change: &mut dyn FnMut(&mut Node) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    match node {
        Node::Scalar(_) => Ok(()),
        Node::Sequence(items) => items.iter_mut().try_for_each(|item| visit_containers(item, change)),
        Node::Mapping(fields) => {
            for (key, value) in fields {
                visit_containers(value, change)?;
                let Node::Sequence(items) = value else { continue };
                if ["containers", "initContainers"].contains(&key.as_str()) {
                    for item in items.iter_mut().filter(|item| !item.is_null()) {
                        anyhow::ensure!(
                            matches!(item, Node::Mapping(_)),
                            "an item of {key} is not a mapping"
                        );
                        if let Some(image) = item.get_mut("image") {
                            change(image)?;
                        }
                    }
                }
            }
            Ok(())
        }
    }
}
