//! Names of images and artifacts in a registry, judged as Go's registry library judges them when it is not strict.

use super::check_image_repository;

/// Whether a text names a repository, with or without a registry, a tag or a digest.
pub fn is_image_reference(text: &str) -> bool {
    is_tagged(text) || is_digested(text)
}

fn is_tagged(text: &str) -> bool {
    let (base, tag) = split_tag(text);
    tag.is_none_or(is_tag) && is_repository(base)
}

/// The part behind the last colon is a tag, unless it has a slash: then the colon belongs to a port.
fn split_tag(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((base, tag)) if !tag.contains('/') => (base, Some(tag)),
        _ => (text, None),
    }
}

fn is_tag(text: &str) -> bool {
    let may_stand = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    (1..=128).contains(&text.len()) && text.chars().all(may_stand)
}

fn is_digested(text: &str) -> bool {
    let Some((base, digest)) = text.split_once('@') else { return false };
    let is_hex = |digit: u8| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit);
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    // A tag beside a digest is passed over.
    let repository = if is_tagged(base) { split_tag(base).0 } else { base };
    hex.len() == 64 && hex.bytes().all(is_hex) && is_repository(repository)
}

fn is_repository(text: &str) -> bool {
    check_image_repository(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_image_reference;

    #[test]
    fn names_are_judged_as_go_does() {
        let digest = "0123456789abcdef".repeat(4);
        for good in [
            "ghcr.io/acme/app",
            "ghcr.io:443/acme/app:v1",
            "localhost:5000/app",
            "app",
            "acme/app:1",
            &format!("ghcr.io/acme/app@sha256:{digest}"),
            &format!("ghcr.io/acme/app:v1@sha256:{digest}"),
            "[::1]:5000/app",
            // The scheme is taken for a registry.
            "oci://ghcr.io/acme/app",
            "/ab",
        ] {
            assert!(is_image_reference(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "ghcr.io/",
            " app",
            "a:b:c",
            "ghcr.io/Acme/app",
            "ghcr.io/acme/app:",
            "ghcr.io/acme/app:a b",
            "ghcr.io:port/acme",
            "ada:hunter22@ghcr.io/acme/app",
            &format!("ghcr.io/acme/app@sha512:{digest}"),
            "ghcr.io/acme/app@sha256:12",
        ] {
            assert!(!is_image_reference(bad), "{bad}");
        }
    }
}
