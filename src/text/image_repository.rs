//! The name of an image without a tag, as Go's registry library takes and refuses it.

use super::GoUrl;

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";

/// Checks `[registry/]repository`.
///
/// # Errors
/// In the words of go-containerregistry.
pub fn check_image_repository(name: &str) -> Result<(), String> {
    // Without a dot or a colon in it, the first part is a folder of Docker Hub.
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) => (first, rest),
        _ => ("", name),
    };
    if !(2..=255).contains(&repository.chars().count()) {
        return Err(format!("repository must be between 2 and 255 characters in length: {repository}"));
    }
    if repository.contains(|letter| !LETTERS.contains(letter)) {
        return Err(format!("repository can only contain the characters `{LETTERS}`: {repository}"));
    }
    match GoUrl::parse(&format!("//{registry}")) {
        Ok(url) if url.host == registry && !url.has_user => Ok(()),
        _ => Err(format!("registries must be valid RFC 3986 URI authorities: {registry}")),
    }
}

#[cfg(test)]
mod tests {
    use super::check_image_repository;

    #[test]
    fn a_name_is_judged_as_go_judges_it() {
        for good in [
            "ghcr.io/acme/app",
            "app",
            "acme/app",
            "localhost:5000/app",
            "[::1]:5000/app",
            "/a",
            "a//b",
            "-a",
            "GHCR.io/a/b",
        ] {
            assert_eq!(check_image_repository(good), Ok(()), "{good}");
        }
        for (bad, said) in [
            ("a", "repository must be between 2 and 255 characters in length: a"),
            ("ghcr.io/", "repository must be between 2 and 255 characters in length: "),
            (
                "ghcr.io/acme/app:v1",
                "repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: acme/app:v1",
            ),
            (
                "ghcr.io/Acme",
                "repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`: Acme",
            ),
            ("ghcr.io:port/acme", "registries must be valid RFC 3986 URI authorities: ghcr.io:port"),
            ("ada:x@ghcr.io/acme", "registries must be valid RFC 3986 URI authorities: ada:x@ghcr.io"),
        ] {
            assert_eq!(check_image_repository(bad), Err(said.to_owned()), "{bad}");
        }
    }
}
