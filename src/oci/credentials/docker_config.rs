//! Docker's configuration: `config.json`, or what Podman has in its place.

use super::Credentials;
use super::helper;
use crate::oci::Repository;
use crate::text;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Configuration {
    auths: BTreeMap<String, Login>,
    #[serde(rename = "credsStore")]
    store: String,
    #[serde(rename = "credHelpers")]
    helpers: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Login {
    auth: Secret,
    username: String,
    password: Secret,
    #[serde(rename = "identitytoken")]
    identity_token: Secret,
    #[serde(rename = "registrytoken")]
    registry_token: Secret,
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

    /// The credentials for a repository, or for its registry; having none is not an error.
    ///
    /// # Errors
    /// A configuration that cannot be read; a credential helper that fails.
    pub async fn credentials(&self, repository: &Repository) -> anyhow::Result<Credentials> {
        let Some((configuration, file)) = self.read()? else { return Ok(Credentials::Anonymous) };
        for key in [repository.to_string(), repository.registry().to_owned()] {
            let key = if key == DOCKER_HUB.0 { DOCKER_HUB.1 } else { &key };
            let found = configuration.find(key).await;
            match found.with_context(|| format!("reading \"{file}\"")) {
                Ok(Credentials::Anonymous) => {}
                found => return found,
            }
        }
        Ok(Credentials::Anonymous)
    }

    fn read(&self) -> anyhow::Result<Option<(Configuration, String)>> {
        if let Some(inline) = &self.inline {
            let file = "DOCKER_AUTH_CONFIG".to_owned();
            return Ok(Some((parse(inline.reveal(), &file)?, file)));
        }
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
        let shown = path.display().to_string();
        Ok(Some((parse(&read_file(&path)?, &shown)?, shown)))
    }
}

fn read_file(path: &Path) -> anyhow::Result<String> {
    text::read_text(path).context("loading config file")
}

/// Errors of a configuration name the place only: its text holds passwords.
fn parse(text: &str, file: &str) -> anyhow::Result<Configuration> {
    let read: Result<Configuration, serde_json::Error> = serde_json::from_str(text);
    read.map_err(|error| {
        let kind = if error.is_eof() {
            "it ends too early"
        } else if error.is_data() {
            "a value is not of the right type"
        } else {
            "it is not JSON"
        };
        anyhow::anyhow!(
            "parsing config file ({file}): {kind}, line {}, column {}",
            error.line(),
            error.column()
        )
    })
    .hint("repair the file, or log in again with `docker login`; --creds does without it")
}

impl Configuration {
    async fn find(&self, key: &str) -> anyhow::Result<Credentials> {
        let helper = self.helpers.get(key).unwrap_or(&self.store);
        if !helper.is_empty() {
            return helper::get(helper, key).await;
        }
        let legacy = || self.auths.iter().find(|(name, _)| host_of(name) == key).map(|(_, login)| login);
        match self.auths.get(key).or_else(legacy) {
            Some(login) => login.credentials().with_context(|| format!("the login of \"{key}\"")),
            None => Ok(Credentials::Anonymous),
        }
    }
}

impl Login {
    fn credentials(&self) -> anyhow::Result<Credentials> {
        if !self.registry_token.is_empty() {
            return Ok(Credentials::RegistryToken(self.registry_token.clone()));
        }
        if !self.identity_token.is_empty() {
            return Ok(Credentials::IdentityToken(self.identity_token.clone()));
        }
        if self.auth.is_empty() {
            return Ok(Credentials::basic(&self.username, self.password.reveal()));
        }
        let decoded =
            STANDARD.decode(self.auth.reveal()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let decoded = decoded.context("the field auth is not Base64")?;
        let (username, password) =
            decoded.split_once(':').context("the field auth is not <user>:<password>")?;
        anyhow::ensure!(!username.is_empty(), "the field auth is not <user>:<password>");
        Ok(Credentials::basic(username, password.trim_matches('\0')))
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

    async fn found(configuration: &str, url: &str) -> Result<Credentials, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), configuration).unwrap();
        let places = Places { docker_config: Some(folder.path().to_owned()), ..Places::default() };
        let found = places.credentials(&Reference::parse(url).unwrap().repository).await;
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
            ("", "it ends too early, line 1"),
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
