//! Docker's configuration: `config.json`, or what Podman has in its place.

use super::Credentials;
use super::docker_json;
use super::docker_json::Configuration;
use super::docker_json::DockerLogin;
use super::helper;
use crate::oci::Repository;
use crate::text;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use std::path::PathBuf;

/// The key of Docker Hub in configurations, for historical reasons.
const DOCKER_HUB: (&str, &str) = ("index.docker.io", "https://index.docker.io/v1/");

/// Where configurations are looked for, as the environment says.
#[derive(Debug, Clone, Default)]
pub struct Places {
    home: Option<PathBuf>,
    docker_config: Option<PathBuf>,
    auth_file: Option<PathBuf>,
    runtime_folder: Option<PathBuf>,
    /// A whole configuration, as CI systems pass it.
    inline: Option<Secret>,
}

impl Places {
    /// Those that an environment names.
    pub fn of<'e>(variable: impl Fn(&str) -> Option<&'e str>) -> Self {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let folder = |name: &str| filled(name).map(PathBuf::from);
        Self {
            home: folder("HOME"),
            docker_config: folder("DOCKER_CONFIG"),
            auth_file: folder("REGISTRY_AUTH_FILE"),
            runtime_folder: folder("XDG_RUNTIME_DIR"),
            inline: filled("DOCKER_AUTH_CONFIG").map(Secret::new),
        }
    }

    /// The credentials for a repository, or for its registry; having none is not an error. For each of both, the variable is looked at
    /// before the file. A variable that cannot be read is a warning, as the file may do.
    ///
    /// # Errors
    /// A configuration file that cannot be read; a credential helper that fails.
    pub async fn credentials(
        &self,
        repository: &Repository,
        warn: impl Fn(&str),
    ) -> anyhow::Result<Credentials> {
        let file = self.file()?;
        let variable = self.inline.as_ref().map(|text| docker_json::of_variable(text.reveal()));
        let variable = variable.unwrap_or_else(|| Ok(Configuration::default())).unwrap_or_else(|error| {
            warn(&format!("DOCKER_AUTH_CONFIG is ignored: {error:#}"));
            Configuration::default()
        });
        for key in [repository.to_string(), repository.registry().to_owned()] {
            let key = if key == DOCKER_HUB.0 { DOCKER_HUB.1 } else { &key };
            let found = match (variable.logins.get(key), &file) {
                (Some(login), _) => login.credentials(),
                (None, Some((configuration, path))) => {
                    let found = configuration.find(key).await;
                    found.with_context(|| format!("reading \"{}\"", path.display()))?
                }
                (None, None) => Credentials::Anonymous,
            };
            if found != Credentials::Anonymous {
                return Ok(found);
            }
        }
        Ok(Credentials::Anonymous)
    }

    /// The configuration file, if there is one, and where.
    fn file(&self) -> anyhow::Result<Option<(Configuration, PathBuf)>> {
        let in_home = self.home.as_ref().map(|home| home.join(".docker/config.json"));
        let in_config = self.docker_config.as_ref().map(|folder| folder.join("config.json"));
        let is_file = |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.is_file());
        let path = if is_file(&in_home) || is_file(&in_config) {
            in_config.or(in_home).filter(|path| path.exists())
        } else {
            let of_podman = self.runtime_folder.as_ref().map(|folder| folder.join("containers/auth.json"));
            [self.auth_file.clone(), of_podman].into_iter().flatten().find(|path| path.is_file())
        };
        let Some(path) = path else { return Ok(None) };
        let text = text::read_lossy(&path).context("loading config file")?;
        let read = docker_json::of_file(&text);
        let read = read
            .with_context(|| format!("parsing config file ({})", path.display()))
            .hint("repair the file, or log in again with `docker login`; --creds does without it")?;
        Ok(Some((read, path)))
    }
}

impl Configuration {
    async fn find(&self, key: &str) -> anyhow::Result<Credentials> {
        let helper = self.helpers.get(key).unwrap_or(&self.store);
        if !helper.is_empty() {
            return helper::get(helper, key).await;
        }
        let legacy = || self.logins.iter().find(|(name, _)| host_of(name) == key).map(|(_, login)| login);
        let login = self.logins.get(key).or_else(legacy);
        Ok(login.map_or(Credentials::Anonymous, DockerLogin::credentials))
    }
}

/// The host of a key that is a URL, as old versions of Docker wrote it.
fn host_of(key: &str) -> &str {
    let rest = key.split_once("://").map_or(key, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Reference;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    async fn found(configuration: &str, url: &str) -> Result<Credentials, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), configuration).unwrap();
        let places = Places { docker_config: Some(folder.path().to_owned()), ..Places::default() };
        let found = places.credentials(&Reference::parse(url).unwrap().repository, |_| ()).await;
        found.map_err(|error| format!("{error:#}"))
    }

    #[tokio::test]
    async fn logins_are_found_by_repository_by_host_and_by_old_urls() {
        let auth = STANDARD.encode("ada:s3:cret");
        for (configuration, url) in [
            (
                format!(r#"{{"auths": {{"ghcr.io/acme/app": {{"auth": "{auth}"}}}}}}"#),
                "oci://ghcr.io/acme/app",
            ),
            (
                format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{auth}"}}}}, "other": 1}}"#),
                "oci://ghcr.io/acme/app",
            ),
            (
                format!(r#"{{"auths": {{"https://ghcr.io/v1/": {{"auth": "{auth}"}}}}}}"#),
                "oci://ghcr.io/acme/app:1",
            ),
            (
                format!(r#"{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{auth}"}}}}}}"#),
                "oci://acme/app",
            ),
            (
                r#"{"auths": {"ghcr.io": {"username": "ada", "password": "s3:cret"}}}"#.to_owned(),
                "oci://ghcr.io/app",
            ),
        ] {
            assert_eq!(
                found(&configuration, url).await,
                Ok(Credentials::basic("ada", "s3:cret")),
                "{configuration}"
            );
        }
        for configuration in
            ["{}", r#"{"auths": {"ghcr.io": {}}}"#, r#"{"auths": {"quay.io": {"auth": "YTpi"}}}"#]
        {
            assert_eq!(found(configuration, "oci://ghcr.io/app").await, Ok(Credentials::Anonymous));
        }
        let token = r#"{"auths": {"ghcr.io": {"auth": "YTpi", "identitytoken": "t0ken"}}}"#;
        assert_eq!(
            found(token, "oci://ghcr.io/app").await,
            Ok(Credentials::IdentityToken(Secret::new("t0ken")))
        );
    }

    #[tokio::test]
    async fn a_broken_configuration_is_named_and_not_shown() {
        for (configuration, says) in [
            ("[]", "a value is not of the right type, line 1"),
            (r#"{"auths": {"ghcr.io": []}}"#, "a value is not of the right type"),
            (
                r#"{"auths": {"quay.io": {"auth": "%"}}}"#,
                "the login of \"quay.io\": the field auth is not Base64",
            ),
            ("\u{fffd}{}", "it is not JSON"),
            (r#"{"auths": {"ghcr.io": {"auth": "c3VwZXItczNjcmV0"}}"#, "it ends too early"),
            (r#"{"auths": "s3cret"}"#, "a value is not of the right type"),
            ("s3cret", "it is not JSON"),
            (r#"{"auths": {"ghcr.io": {"auth": "s3cret%"}}}"#, "the field auth is not Base64"),
            (r#"{"auths": {"ghcr.io": {"auth": "czNjcmV0"}}}"#, "the field auth is not <user>:<password>"),
        ] {
            let error = found(configuration, "oci://ghcr.io/app").await.unwrap_err();
            assert!(error.contains(says) && error.contains("config.json"), "{error}");
            assert!(!error.contains("s3cret") && !error.contains("czNjcmV0"), "{error}");
        }
    }
}
