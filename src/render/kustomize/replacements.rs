//! Values that are copied from one resource to fields of others.

use super::decode;
use super::decode::Rules;
use super::file::FieldOptions;
use super::file::ReplacementField;
use super::file::ReplacementTarget;
use super::file::Source;
use super::layer::Layer;
use super::misfit::Misfit;
use super::path;
use super::path::Create;
use super::resource::Resource;
use super::selector::Selector;
use super::set::Set;
use super::structured::Structured;
use crate::text::yaml::Lines;
use crate::text::yaml::Node;
use crate::text::yaml::Scalar;
use crate::text::yaml::Step;
use crate::text::yaml::Tag;
use anyhow::Context;
use serde_json::Value;

/// Files of their own are read less strictly than the kustomization.
const RULES: Rules = Rules { ignores_unknown: true, takes_scalars: true };

/// Applies a replacement, or those of the file that it names, in their order.
///
/// # Errors
/// A file that is missing or holds something else; what a replacement cannot do, with its line in that file.
pub(super) fn apply(set: &mut Set, layer: &Layer<'_>, field: &ReplacementField) -> anyhow::Result<()> {
    if field.path.is_empty() {
        return apply_one(set, field);
    }
    let is_inline = field.source.is_some() || field.targets.as_ref().is_some_and(|list| !list.is_empty());
    anyhow::ensure!(!is_inline, "a replacement has both path and source or targets");
    let (text, file) = (layer.text(&field.path)?, layer.shown_path(&field.path));
    let items = match decode::document(&text, &file)? {
        Value::Array(items) => items,
        root @ Value::Object(_) => vec![root],
        _ => anyhow::bail!("\"{file}\" holds no replacement"),
    };
    for (at, item) in items.into_iter().enumerate() {
        let one: ReplacementField = decode::from_value(item, RULES)
            .map_err(|misfit: Misfit| misfit.of_item(at).of_file(&file, &text))
            .with_context(|| format!("\"{}\" holds no replacement", field.path))?;
        apply_one(set, &one).with_context(|| {
            let line = Lines::of(&text).at(&[Step::Item(at)]).map(|line| format!(", line {line}"));
            format!("\"{file}\"{}", line.unwrap_or_default())
        })?;
    }
    Ok(())
}

fn apply_one(set: &mut Set, replacement: &ReplacementField) -> anyhow::Result<()> {
    let value = match (&replacement.source, &replacement.source_value) {
        (Some(_), Some(_)) => anyhow::bail!("a replacement has both source and sourceValue"),
        (None, Some(text)) => Node::plain(text, Tag::Unset),
        (Some(source), None) => value_of(set, source)?,
        (None, None) => anyhow::bail!("a replacement has no source"),
    };
    let targets = replacement.targets.as_ref().context("a replacement has no targets")?;
    targets.iter().try_for_each(|target| apply_to(set, &value, target))
}

fn value_of(set: &mut Set, source: &Source) -> anyhow::Result<Node> {
    let quoted = if source.name.is_empty() { String::new() } else { format!("\"{}\"", source.name) };
    let words = ["the source", &source.kind, &quoted];
    let name = words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ");
    let plain = |namespace: &str| if namespace.is_empty() { "default" } else { namespace }.to_owned();
    let is_meant = |resource: &&Resource| {
        resource.all_ids().iter().any(|id| {
            (source.name.is_empty() || source.name == id.name)
                && (source.namespace.is_empty() || plain(&source.namespace) == plain(&id.namespace))
                && id.gvk.is_selected_by(&source.gvk())
        })
    };
    let name_only = Some(source.name.as_str()).filter(|name| !name.is_empty());
    let places = set.places_named(name_only);
    let mut found = places.iter().map(|at| &set[*at]).filter(is_meant);
    let (Some(resource), rest) = (found.next(), found.next()) else {
        anyhow::bail!("{name} of a replacement is not there");
    };
    anyhow::ensure!(rest.is_none(), "{name} of a replacement matches several resources");
    let field = if source.field_path.is_empty() { "metadata.name" } else { &source.field_path };
    let node = path::lookup(&resource.node, &path::split(field))
        .with_context(|| format!("{name} of a replacement"))?
        .filter(|node| !node.is_empty())
        .with_context(|| format!("{name} of a replacement has no field \"{field}\""))?;
    let Some(options) = source.options.as_ref().filter(|options| !options.delimiter.is_empty()) else {
        return Ok(node.clone().apart());
    };
    let Node::Scalar(scalar) = node else { anyhow::bail!("{name}: only a scalar can be split") };
    let part = usize::try_from(options.index)
        .ok()
        .and_then(|index| scalar.text.split(&options.delimiter).nth(index))
        .with_context(|| format!("{name}: \"{}\" has no part {}", scalar.text, options.index))?;
    Ok(Node::Scalar(Scalar { text: part.to_owned(), ..scalar.clone() }))
}

fn apply_to(set: &mut Set, value: &Node, target: &ReplacementTarget) -> anyhow::Result<()> {
    let select = target.select.as_ref().context("target must specify resources to select")?;
    let selector = Selector::new(select)?;
    let rejects = target.reject.iter().map(Selector::new).collect::<anyhow::Result<Vec<_>>>()?;
    let standard = ["metadata.name".to_owned()];
    let fields = if target.field_paths.is_empty() { &standard[..] } else { &target.field_paths };
    for at in set.places_named(Selector::only_name(select)) {
        let resource = &set[at];
        let ids = resource.all_ids();
        let is_rejected = target.reject.iter().zip(&rejects).any(|(target, reject)| {
            let has_marks = !(target.label_selector.is_empty() && target.annotation_selector.is_empty());
            let has_id = [&target.group, &target.version, &target.kind, &target.name, &target.namespace]
                .iter()
                .any(|text| !text.is_empty());
            (has_marks && reject.selects_marks(resource))
                || (has_id
                    && ids.iter().any(|id| {
                        reject.selects_type(&id.gvk) && reject.selects_name(&id.name, &id.namespace)
                    }))
        });
        let is_selected = selector.selects_marks(resource)
            && ids
                .iter()
                .any(|id| selector.selects_type(&id.gvk) && selector.selects_name(&id.name, &id.namespace));
        if is_rejected || !is_selected {
            continue;
        }
        set.change(at, |resource| {
            let named = resource.named();
            fields.iter().try_for_each(|field| {
                set_field(&mut resource.node, value, field, target.options.as_ref())
                    .with_context(|| format!("a replacement in {named}"))
            })
        })?;
    }
    Ok(())
}

fn set_field(
    node: &mut Node,
    value: &Node,
    field: &str,
    options: Option<&FieldOptions>,
) -> anyhow::Result<()> {
    anyhow::ensure!(!field.is_empty(), "an empty path of a field");
    let parts = path::split(field);
    let create = options.filter(|options| options.create).map(|_| Create::like(value));
    if set_in_text(node, value, &parts, create)? {
        return Ok(());
    }
    let ways = path::find(node, &parts, create).with_context(|| format!("the field \"{field}\""))?;
    let wanted = if create.is_some() { "find or create" } else { "find" };
    anyhow::ensure!(!ways.is_empty(), "unable to {wanted} field \"{field}\" in replacement target");
    for way in ways {
        if let Some(place) = path::node_at(node, &way) {
            put(place, value, options)?;
        }
    }
    Ok(())
}

/// A scalar keeps what it is and how it is written; only its text changes.
fn put(place: &mut Node, value: &Node, options: Option<&FieldOptions>) -> anyhow::Result<()> {
    let delimiter = options.filter(|options| !options.delimiter.is_empty());
    if !matches!(place, Node::Scalar(_)) {
        anyhow::ensure!(delimiter.is_none(), "only a scalar can be split");
        *place = value.clone();
        return Ok(());
    }
    let mut text = value.as_text().to_owned();
    if let Some(options) = delimiter {
        let present = place.as_text().to_owned();
        let mut parts: Vec<&str> = present.split(&options.delimiter).collect();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, &text),
            Ok(index) if index >= parts.len() => parts.push(&text),
            Ok(index) => parts[index] = &text,
        }
        text = parts.join(&options.delimiter);
    }
    if let Node::Scalar(scalar) = place {
        let tag = scalar.settled();
        let is_lost = tag == Tag::Null && !Node::plain(&text, Tag::Implicit).is_null();
        anyhow::ensure!(!is_lost, "a null cannot be replaced by \"{text}\"");
        scalar.put(&text, tag);
    }
    Ok(())
}

/// A path may lead into JSON that is the text of a scalar. Whether it did.
fn set_in_text(
    node: &mut Node,
    value: &Node,
    parts: &[String],
    create: Option<Create>,
) -> anyhow::Result<bool> {
    for length in 1..parts.len() {
        let Ok(Some(Node::Scalar(scalar))) = path::lookup(node, &parts[..length]) else { continue };
        let Some(mut inner) = Structured::read(&scalar.text) else { continue };
        let Ok(ways) = path::find(&mut inner.root, &parts[length..], create) else { return Ok(false) };
        if ways.is_empty() {
            return Ok(false);
        }
        for way in ways {
            inner.put(|root| path::node_at(root, &way), value);
        }
        // What cannot be written stays as it is.
        let Some(text) = inner.text()? else { return Ok(true) };
        let ways = path::find(node, &parts[..length], None)?;
        for way in ways {
            if let Some(Node::Scalar(place)) = path::node_at(node, &way) {
                place.put(&text, Tag::Text);
            }
        }
        return Ok(true);
    }
    Ok(false)
}
