//! Versions that are variables: the error names the place where the variable is set.

use crate::api::object::text;
use crate::ops::change::edit::Draft;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::Root;
use crate::text::with_hint;
use crate::text::yaml::edit::keys;

/// Why a variable is not overwritten, and where it is set.
pub(super) fn refusal(
    (file, line, value): (&str, usize, &str),
    root: &Root,
    draft: &Draft<'_>,
    reach: &Reach,
) -> anyhow::Error {
    let error = anyhow::anyhow!("{file}, line {line}: \"{value}\" is a variable");
    match name(value).map(|name| place(name, root, draft, reach)) {
        Some(Some(place)) => with_hint(error, place),
        _ => with_hint(error, "change it where the variable is set"),
    }
}

/// The name of the first variable in a text.
fn name(text: &str) -> Option<&str> {
    let (_, inner) = text.split_once("${")?;
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    Some(&inner[..end]).filter(|name| !name.is_empty())
}

/// Where the Kustomization that builds a folder takes a variable from.
fn place(name: &str, root: &Root, draft: &Draft<'_>, reach: &Reach) -> Option<String> {
    let build = &root.spec["postBuild"];
    let by = root.by.as_ref()?;
    if build["substitute"].get(name).is_some() {
        let found = reach.all(by);
        let Some(declared) = found.first() else {
            return Some(format!("{by} sets {name} in spec.postBuild.substitute"));
        };
        let way = declared.way(&keys(["spec", "postBuild", "substitute", name]));
        let line = draft.manifest(&declared.file).ok()?.line_of(declared.document, &way);
        return Some(format!(
            "{by} sets {name} in spec.postBuild.substitute: {}, line {line}",
            declared.file
        ));
    }
    let sources = build["substituteFrom"].as_array().into_iter().flatten();
    let named: Vec<String> = sources
        .map(|source| format!("{}/{}/{}", text(source, "/kind"), by.namespace, text(source, "/name")))
        .collect();
    (!named.is_empty()).then(|| format!("{by} takes {name} from {}", named.join(" or ")))
}
