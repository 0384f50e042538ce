//! An object of Flux, named on the command line in one word or in several.

use crate::api::Kind;
use crate::kind;
use crate::text::WithHint;
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

#[cfg(test)]
mod tests {
    use super::named_object;

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
