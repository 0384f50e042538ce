//! The address of an artifact: a registry, a repository in it, and a tag or a digest. (The rules and words of go-containerregistry's `pkg/name`.)

use crate::text::GoUrl;
use crate::text::is_digest;
use std::fmt;

const SCHEME: &str = "oci://";
const DOCKER_HUB: &str = "index.docker.io";
const REPOSITORY_CHARS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-./";
const TAG_CHARS: &str = "abcdefghijklmnopqrstuvwxyz0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A repository of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    registry: String,
    path: String,
}

/// What names one manifest in a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    Tag(String),
    /// With its `sha256:`.
    Digest(String),
}

/// The address of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub repository: Repository,
    pub identifier: Identifier,
    /// As it was written, without `oci://`.
    written: String,
}

impl Reference {
    /// Reads `oci://<registry>/<repository>[:<tag>|@<digest>]`.
    ///
    /// # Errors
    /// Another scheme, or what no reference looks like; in the words of the Flux CLI.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        let Some(written) = url.strip_prefix(SCHEME) else {
            anyhow::bail!("URL must be in format 'oci://<domain>/<org>/<repo>'")
        };
        let read = tagged(written).or_else(|_| digested(written));
        read.map_err(|_| anyhow::anyhow!("'{url}' invalid URL: could not parse reference: {written}"))
    }

    /// The tag.
    ///
    /// # Errors
    /// A digest in its place.
    pub fn tag(&self) -> anyhow::Result<&str> {
        match &self.identifier {
            Identifier::Tag(tag) => Ok(tag),
            // The message is what go-containerregistry makes of a digest that is read as a tag.
            Identifier::Digest(_) => {
                tagged(&self.written).map_err(|reason| anyhow::anyhow!(reason))?;
                anyhow::bail!("{self} has a digest and no tag")
            }
        }
    }

    /// The same repository without tag or digest, where that is how it was written.
    ///
    /// # Errors
    /// A tag or a digest, which no repository has.
    pub fn only_repository(&self) -> anyhow::Result<&Repository> {
        match repository(&self.written) {
            Ok(_) => Ok(&self.repository),
            Err(reason) => anyhow::bail!("parsing repo {}: {reason}", crate::text::quoted(&self.written)),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl Identifier {
    /// As it is written in the path of a manifest.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Tag(text) | Self::Digest(text) => text,
        }
    }
}

impl Repository {
    /// Host and port.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path below the registry; repositories of Docker Hub without a folder are in `library/`.
    pub fn path(&self) -> String {
        if self.registry == DOCKER_HUB && !self.path.contains('/') {
            format!("library/{}", self.path)
        } else {
            self.path.clone()
        }
    }

    /// The artifact of a tag or a digest.
    pub fn at(&self, identifier: &str) -> String {
        let between = if is_digest(identifier) { '@' } else { ':' };
        format!("{self}{between}{identifier}")
    }

    /// Whether plain HTTP is tried where HTTPS does not answer: names and addresses of this machine, and private networks.
    pub fn may_be_plain(&self) -> bool {
        let name = &self.registry;
        let host = name.split(':').next().unwrap_or_default();
        name.starts_with("localhost:")
            || host.ends_with(".localhost")
            || name.contains("127.0.0.1")
            || name.contains("::1")
            || host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_private())
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.path())
    }
}

/// Whether a text names a repository, with or without a registry, a tag or a digest.
pub fn is_reference(written: &str) -> bool {
    tagged(written).or_else(|_| digested(written)).is_ok()
}

/// Judges `[registry/]repository`.
///
/// # Errors
/// In the words of go-containerregistry.
pub fn check_repository(name: &str) -> Result<(), String> {
    repository(name).map(|_| ())
}

fn tagged(written: &str) -> Result<Reference, String> {
    let (base, tag) = match written.rsplit_once(':') {
        Some((_, "")) => return Err(format!("{written} must specify a tag name after the colon")),
        // A colon before the last slash is that of a port.
        Some((base, tag)) if !tag.contains('/') => (base, Some(tag)),
        _ => (written, None),
    };
    if let Some(tag) = tag {
        check("tag", tag, TAG_CHARS, 1, 128)?;
    }
    let identifier = Identifier::Tag(tag.unwrap_or("latest").to_owned());
    Ok(Reference { repository: repository(base)?, identifier, written: written.to_owned() })
}

fn digested(written: &str) -> Result<Reference, String> {
    let parts: Vec<&str> = written.split('@').collect();
    let [base, digest] = parts[..] else {
        return Err("a digest must contain exactly one '@' separator".into());
    };
    if !is_digest(digest) {
        return Err(format!("unsupported digest algorithm: {digest}"));
    }
    // A tag beside a digest says nothing.
    let repository = tagged(base).map(|reference| reference.repository).or_else(|_| repository(base))?;
    Ok(Reference {
        repository,
        identifier: Identifier::Digest(digest.to_owned()),
        written: written.to_owned(),
    })
}

fn repository(name: &str) -> Result<Repository, String> {
    if name.is_empty() {
        return Err("a repository name must be specified".to_owned());
    }
    let (registry, path) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) => (first, rest),
        _ => ("", name),
    };
    check("repository", path, REPOSITORY_CHARS, 2, 255)?;
    let is_host =
        GoUrl::parse(&format!("//{registry}")).is_ok_and(|url| url.host == registry && !url.has_user);
    if !is_host {
        return Err(format!("registries must be valid RFC 3986 URI authorities: {registry}"));
    }
    let registry = if matches!(registry, "" | "docker.io") { DOCKER_HUB } else { registry };
    Ok(Repository { registry: registry.to_owned(), path: path.to_owned() })
}

fn check(what: &str, text: &str, allowed: &str, least: usize, most: usize) -> Result<(), String> {
    if !(least..=most).contains(&text.chars().count()) {
        return Err(format!("{what} must be between {least} and {most} characters in length: {text}"));
    }
    if text.chars().any(|one| !allowed.contains(one)) {
        return Err(format!("{what} can only contain the characters `{allowed}`: {text}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn parts(url: &str) -> (String, String) {
        let reference = Reference::parse(url).unwrap();
        (reference.repository.to_string(), reference.identifier.as_str().to_owned())
    }

    #[test]
    fn a_reference_has_the_defaults_of_docker() {
        for (url, repository, identifier) in [
            ("oci://ghcr.io/acme/app:1.0", "ghcr.io/acme/app", "1.0"),
            ("oci://ghcr.io/acme/app", "ghcr.io/acme/app", "latest"),
            ("oci://localhost:5000/app:a", "localhost:5000/app", "a"),
            ("oci://[::1]:5000/app:a", "[::1]:5000/app", "a"),
            ("oci://app", "index.docker.io/library/app", "latest"),
            ("oci://docker.io/acme/app:v1", "index.docker.io/acme/app", "v1"),
            ("oci://acme/app", "index.docker.io/acme/app", "latest"),
        ] {
            assert_eq!(parts(url), (repository.to_owned(), identifier.to_owned()), "{url}");
        }
        let both = format!("oci://ghcr.io/acme/app:1.0@{DIGEST}");
        assert_eq!(parts(&both), ("ghcr.io/acme/app".to_owned(), DIGEST.to_owned()));
    }

    #[test]
    fn an_invalid_reference_is_refused() {
        for url in ["ghcr.io/acme/app", "https://ghcr.io/acme/app", "", "OCI://ghcr.io/app"] {
            let error = Reference::parse(url).unwrap_err().to_string();
            assert_eq!(error, "URL must be in format 'oci://<domain>/<org>/<repo>'", "{url}");
        }
        for url in [
            "oci://",
            "oci:///",
            "oci://ghcr.io/x",
            "oci://ghcr.io/App",
            "oci://ghcr.io/app:",
            "oci://ghcr.io/app:a b",
            "oci://ghcr.io/app@sha256:12",
            "oci://ada:secret@ghcr.io/acme/app",
            "oci://ghcr.io/acme/app?x=y",
        ] {
            let error = Reference::parse(url).unwrap_err().to_string();
            assert!(error.ends_with(&format!("could not parse reference: {}", &url[6..])), "{url}: {error}");
        }
    }

    #[test]
    fn names_without_a_scheme_are_judged_as_go_judges_them() {
        for good in [
            "ghcr.io/acme/app",
            "app",
            "localhost:5000/app",
            "[::1]:5000/app",
            "/ab",
            "a//b",
            "-a",
            "GHCR.io/a/b",
        ] {
            assert_eq!(check_repository(good), Ok(()), "{good}");
            assert!(is_reference(good) && is_reference(&format!("{good}:v1")), "{good}");
            assert!(
                is_reference(&format!("{good}@{DIGEST}")) && is_reference(&format!("{good}:v1@{DIGEST}"))
            );
        }
        // The scheme is taken for a registry.
        assert!(is_reference("oci://ghcr.io/acme/app"));
        let letters = format!("repository can only contain the characters `{REPOSITORY_CHARS}`");
        for (bad, said) in [
            ("a", "repository must be between 2 and 255 characters in length: a".to_owned()),
            ("ghcr.io/", "repository must be between 2 and 255 characters in length: ".to_owned()),
            ("ghcr.io/acme/app:v1", format!("{letters}: acme/app:v1")),
            ("ghcr.io/Acme", format!("{letters}: Acme")),
            (
                "ghcr.io:port/acme",
                "registries must be valid RFC 3986 URI authorities: ghcr.io:port".to_owned(),
            ),
            (
                "ada:x@ghcr.io/acme",
                "registries must be valid RFC 3986 URI authorities: ada:x@ghcr.io".to_owned(),
            ),
        ] {
            assert_eq!(check_repository(bad), Err(said), "{bad}");
        }
        for bad in [
            "",
            " app",
            "a:b:c",
            "ghcr.io/acme/app:",
            "ghcr.io/acme/app:a b",
            "ada:hunter22@ghcr.io/acme/app",
        ] {
            assert!(!is_reference(bad), "{bad}");
        }
        let other = DIGEST.replace("sha256", "sha512");
        assert!(!is_reference(&format!("ghcr.io/app@{other}")) && !is_reference("ghcr.io/app@sha256:12"));
    }

    #[test]
    fn a_digest_is_not_a_tag_and_a_tag_not_a_repository() {
        let reference = Reference::parse(&format!("oci://ghcr.io/acme/app@{DIGEST}")).unwrap();
        let error = reference.tag().unwrap_err().to_string();
        assert!(error.starts_with("repository can only contain the characters"), "{error}");
        let error = Reference::parse("oci://ghcr.io/acme/app:1").unwrap().only_repository().unwrap_err();
        assert!(
            error.to_string().starts_with("parsing repo \"ghcr.io/acme/app:1\": repository can"),
            "{error}"
        );
    }

    #[test]
    fn plain_http_is_for_this_machine_and_private_networks() {
        let is_plain = |url: &str| Reference::parse(url).unwrap().repository.may_be_plain();
        for url in
            ["oci://localhost:5/app", "oci://127.0.0.1:5/app", "oci://10.1.2.3/app", "oci://a.localhost/app"]
        {
            assert!(is_plain(url), "{url}");
        }
        for url in ["oci://ghcr.io/app", "oci://11.1.2.3/app", "oci://localhost.example.com/app"] {
            assert!(!is_plain(url), "{url}");
        }
    }
}
