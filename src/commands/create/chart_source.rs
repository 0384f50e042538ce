//! `<kind>/<name>` of a source that holds charts.

use super::fields::some;
use super::references;
use crate::api::helm::chart::ChartTemplateSource;
use crate::api::meta::ChartSourceKind;
use crate::api::source::helm_chart::ChartSource;
use crate::api::source::helm_chart::SOURCES;
use crate::api::word;
use crate::api::word::Word;
use crate::cli::completion::Line;

/// What continues such a reference.
pub(super) fn candidates(line: &Line, word: &str) -> Vec<String> {
    references::candidates(line, word, SOURCES)
}

/// A source in the namespace of the object.
///
/// # Errors
/// A text of another form, or of another kind.
pub(super) fn local(text: &str) -> Result<ChartSource, String> {
    let (kind, name) = read(text, "<kind>/<name>")?;
    Ok(ChartSource { kind, name: name.to_owned(), ..ChartSource::default() })
}

/// A source in any namespace, `<kind>/<name>.<namespace>`.
///
/// # Errors
/// As [`local`].
pub(super) fn anywhere(text: &str) -> Result<ChartTemplateSource, String> {
    let (kind, address) = read(text, "<kind>/<name>.<namespace>")?;
    let (name, namespace) = references::name_and_namespace(address);
    if name.is_empty() {
        return Err(malformed(text));
    }
    Ok(ChartTemplateSource {
        kind: Word::Known(kind),
        name: name.to_owned(),
        namespace: some(namespace),
        ..ChartTemplateSource::default()
    })
}

fn read<'a>(text: &'a str, format: &str) -> Result<(ChartSourceKind, &'a str), String> {
    let words = SOURCES.map(|kind| kind.kind);
    let known = words.join(", ");
    if text.trim().is_empty() {
        return Err(format!(
            "no helm chart source given, please specify source that contains the chart in the format '{format}', \
             where kind must be one of: ({known})"
        ));
    }
    let (kind, address) = references::kind_and_name(text);
    if kind.is_empty() || address.is_empty() {
        return Err(malformed(text));
    }
    let found = references::in_any_case(kind, &words).and_then(word::known);
    let kind =
        found.ok_or_else(|| format!("source kind '{kind}' is not supported, must be one of: {known}"))?;
    Ok((kind, address))
}

fn malformed(text: &str) -> String {
    format!("invalid helm chart source '{text}', must be in format <kind>/<name>")
}
