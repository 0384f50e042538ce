//! The indefinite article.

/// The noun with "a" or "an" before it. An initial U counts as a consonant, as in "a user" and "a URL".
pub fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) { "an" } else { "a" };
    format!("{article} {noun}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vowel_takes_an() {
        for (noun, whole) in [
            ("organization", "an organization"),
            ("group", "a group"),
            ("Alert", "an Alert"),
            ("OCIRepository", "an OCIRepository"),
            ("Kustomization", "a Kustomization"),
            ("user", "a user"),
        ] {
            assert_eq!(with_article(noun), whole);
        }
    }
}
