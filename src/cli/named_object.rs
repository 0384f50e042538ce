//! An object of Flux, named on the command line in one word or in several.

use crate::api::Kind;
use crate::kind;
use crate::text::WithHint;
use crate::text::with_hint;
use anyhow::Context;

/// Kind and name from `ks/app`, `ks app` or `source git app`.
///
/// # Errors
/// Words that name no object, or no kind of Flux.
pub fn named_object(words: &[String]) -> anyhow::Result<(&'static Kind, String)> {
    let whole = words.join("/");
    let parts: Vec<&str> = whole.split('/').filter(|part| !part.is_empty()).collect();
    let (name, kind) = match parts.split_last() {
        Some((name, kind)) if !kind.is_empty() => (*name, kind),
        _ => anyhow::bail!("which object? <kind>/<name> is required, such as kustomization/app"),
    };
    let kind = kind::by_words(kind)
        .with_context(|| format!("\"{}\" is not a kind of Flux", kind.join(" ")))
        .hint("`fluxr export --help` lists the kinds; short names such as ks, hr and gitrepo work too")?;
    Ok((kind, name.to_owned()))
}

/// The objects that are named, each once: each in a word of its own, or one in several words.
///
/// # Errors
/// As [`named_object`].
pub fn named_objects(words: &[String]) -> anyhow::Result<Vec<(&'static Kind, String)>> {
    let mut found: Vec<(&'static Kind, String)> = Vec::new();
    let is_each = words.iter().all(|word| word.trim_matches('/').contains('/'));
    for words in words.chunks(if is_each { 1 } else { words.len() }) {
        let (kind, name) = match named_object(words) {
            Err(error) if words.len() > 2 => {
                return Err(with_hint(error, "several objects are named as <kind>/<name> each"));
            }
            named => named?,
        };
        if !found.iter().any(|(known, other)| std::ptr::eq(*known, kind) && *other == name) {
            found.push((kind, name));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::named_object;
    use super::named_objects;

    #[test]
    fn several_objects_are_named_in_a_word_each_and_one_in_several() {
        let read = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            named_objects(&words).map(|found| {
                found.iter().map(|(kind, name)| format!("{}/{name}", kind.kind)).collect::<Vec<_>>().join(" ")
            })
        };
        for (line, wanted) in [
            ("ks/a hr/b ks/a", "Kustomization/a HelmRelease/b"),
            ("ks a", "Kustomization/a"),
            ("source git a", "GitRepository/a"),
            ("", ""),
        ] {
            assert_eq!(read(line).unwrap(), wanted, "{line}");
        }
        for line in ["ks a b", "ks/a b c"] {
            let hints = crate::text::hints(&read(line).unwrap_err()).join(" ");
            assert!(hints.contains("<kind>/<name> each"), "{line}: {hints}");
        }
    }

    #[test]
    fn an_object_is_named_in_one_word_or_in_several() {
        for line in ["ks/app", "Kustomization app", "kustomizations app", "kustomization/app"] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            let (kind, name) = named_object(&words).unwrap();
            assert_eq!((kind.kind, name.as_str()), ("Kustomization", "app"), "{line}");
        }
        let words = ["source", "git", "app"].map(str::to_owned);
        assert_eq!(named_object(&words).unwrap().0.kind, "GitRepository");
        assert_eq!(named_object(&["gitrepo/app".to_owned()]).unwrap().0.kind, "GitRepository");
        assert!(named_object(&["app".to_owned()]).unwrap_err().to_string().contains("<kind>/<name>"));
        assert!(named_object(&["pod/app".to_owned()]).unwrap_err().to_string().contains("pod"));
    }
}
