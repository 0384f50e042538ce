//! The identity for the API server: the header of a token or password, read again where its source changes.

use super::plugin;
use crate::text::WithHint;
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::HeaderName;
use kube::config::AuthInfo;
use kube::config::ExecConfig;
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a token from a file is believed: those of pods are replaced every hour.
const FILE_LIMIT: Duration = Duration::from_secs(60);
/// A token that expires sooner is asked for again.
const MARGIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);

/// What goes into the header `Authorization`.
#[derive(Default)]
pub struct Credentials {
    source: Source,
    now: Option<fn() -> jiff::Zoned>,
    present: Mutex<Present>,
}

#[derive(Default)]
enum Source {
    #[default]
    None,
    Fixed,
    File(PathBuf),
    Plugin(Box<ExecConfig>),
}

#[derive(Default)]
struct Present {
    header: Option<HeaderValue>,
    read: Option<Instant>,
    expires: Option<jiff::Timestamp>,
}

/// The API server gets no identity, because none could be found out.
#[derive(Debug, thiserror::Error)]
#[error("getting credentials: {0}")]
pub struct Denied(String);

impl Credentials {
    /// Those of a user, and the client certificate and key that a plugin gave instead of a token.
    ///
    /// # Errors
    /// A token that no header can hold, a file that cannot be read, a plugin that fails.
    pub async fn of(
        user: &AuthInfo,
        now: Option<fn() -> jiff::Zoned>,
    ) -> anyhow::Result<(Self, Option<(String, String)>)> {
        let fixed = |header| {
            let present = Present { header: Some(header), ..Present::default() };
            Self { source: Source::Fixed, now, present: Mutex::new(present) }
        };
        if let Some(path) = &user.token_file {
            anyhow::ensure!(
                user.username.is_none(),
                "kubernetes client initialization failed: username/password or bearer token may be set, but not both"
            );
            match (from_file(path.as_ref()), &user.token) {
                (Ok(header), _) => {
                    let present = Present { header: Some(header), read: Some(Instant::now()), expires: None };
                    return Ok((
                        Self { source: Source::File(path.into()), now, present: Mutex::new(present) },
                        None,
                    ));
                }
                (Err(error), None) => return Err(error),
                (Err(_), Some(_)) => {}
            }
        }
        if let Some(token) = &user.token {
            return Ok((fixed(bearer(token.expose_secret(), "the token")?), None));
        }
        if user.username.is_some() || user.password.is_some() {
            let password = user.password.as_ref().map_or("", |password| password.expose_secret());
            let pair = format!("{}:{password}", user.username.as_deref().unwrap_or_default());
            let header = sensitive(&format!("Basic {}", STANDARD.encode(pair)), "the password")?;
            return Ok((fixed(header), None));
        }
        if let Some(provider) = &user.auth_provider {
            let token = match (provider.name.as_str(), provider.config.get("id-token")) {
                ("oidc", Some(token)) => token,
                ("oidc", None) => anyhow::bail!("the auth-provider oidc has no id-token: log in again"),
                (name, _) => {
                    return Err(anyhow::anyhow!("kubernetes client initialization failed: {}", no_provider(name)))
                        .hint("cloud providers have credential plugins instead, such as gke-gcloud-auth-plugin and kubelogin");
                }
            };
            return Ok((fixed(bearer(token, "the id-token")?), None));
        }
        if let Some(exec) = &user.exec {
            let answer = plugin::run(exec).await.context("getting credentials")?;
            let header = answer.token.map(|token| bearer(&token, "the plugin's token")).transpose()?;
            let present = Present { header, read: None, expires: answer.expires };
            let source = Source::Plugin(Box::new(exec.clone()));
            return Ok((Self { source, now, present: Mutex::new(present) }, answer.identity));
        }
        Ok((Self::default(), None))
    }

    /// The header for the next request.
    ///
    /// # Errors
    /// A plugin whose credentials have expired does not give others.
    pub async fn header(&self) -> Result<Option<HeaderValue>, Denied> {
        let mut present = self.present.lock().await;
        match &self.source {
            Source::None | Source::Fixed => {}
            Source::File(path) => {
                if present.read.is_none_or(|read| read.elapsed() > FILE_LIMIT) {
                    present.read = Some(Instant::now());
                    // A file that has gone does not make the last token invalid.
                    present.header = from_file(path).ok().or(present.header.take());
                }
            }
            Source::Plugin(exec) => {
                let now = self.now.map(|now| now().timestamp());
                let is_over = present.expires.zip(now).is_some_and(|(end, now)| end <= now + MARGIN);
                if is_over && present.header.is_some() {
                    let denied = |error: anyhow::Error| Denied(format!("{error:#}"));
                    let answer = plugin::run(exec).await.map_err(denied)?;
                    let header = answer.token.map(|token| bearer(&token, "the plugin's token"));
                    present.header = header.transpose().map_err(denied)?;
                    present.expires = answer.expires;
                }
            }
        }
        Ok(present.header.clone())
    }
}

/// Why a provider of credentials is not there, as client-go says it.
fn no_provider(name: &str) -> String {
    match name {
        "gcp" | "azure" => format!("The {name} auth plugin has been removed."),
        _ => format!("no Auth Provider found for name \"{name}\""),
    }
}

fn from_file(path: &std::path::Path) -> anyhow::Result<HeaderValue> {
    let token = crate::text::read_text(path)?;
    anyhow::ensure!(!token.trim().is_empty(), "read empty token from file \"{}\"", path.display());
    bearer(token.trim(), "the token")
        .with_context(|| format!("reading the token file \"{}\"", path.display()))
}

fn bearer(token: &str, what: &str) -> anyhow::Result<HeaderValue> {
    sensitive(&format!("Bearer {token}"), what)
}

fn sensitive(value: &str, what: &str) -> anyhow::Result<HeaderValue> {
    let mut value = header_value(value, what)?;
    value.set_sensitive(true);
    Ok(value)
}

/// As Go takes them: other letters than those of ASCII too, but no control characters.
fn header_value(value: &str, what: &str) -> anyhow::Result<HeaderValue> {
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| anyhow::anyhow!("{what} contains a control character or a line break"))
        .hint("such a value cannot be sent in a header: check the kubeconfig or the flag that it comes from")
}

/// The headers by which a user acts as another one. (client-go's `transport.ImpersonatingRoundTripper`.)
///
/// # Errors
/// A name that no header can hold.
pub fn impersonation(user: &AuthInfo) -> anyhow::Result<Vec<(HeaderName, HeaderValue)>> {
    let mut headers = Vec::new();
    let mut push = |name: &str, value: &str, what: &str| -> anyhow::Result<()> {
        let name =
            HeaderName::from_bytes(name.as_bytes()).with_context(|| format!("{what} is not a name"))?;
        headers.push((name, header_value(value, what)?));
        Ok(())
    };
    let Some(name) = &user.impersonate else { return Ok(Vec::new()) };
    push("impersonate-user", name, "the user to act as")?;
    if let Some(uid) = &user.impersonate_uid {
        push("impersonate-uid", uid, "the UID to act as")?;
    }
    for group in user.impersonate_groups.iter().flatten() {
        push("impersonate-group", group, "a group to act as")?;
    }
    for (key, values) in user.impersonate_user_extra.iter().flatten() {
        for value in values {
            push(&format!("impersonate-extra-{}", escaped(key)), value, "an extra attribute to act with")?;
        }
    }
    Ok(headers)
}

/// A key in the name of a header: what may not be there is percent-encoded, upper case too, as the server reads keys in lower case.
fn escaped(key: &str) -> String {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&byte);
    let encode = |byte: u8| if is_legal(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    key.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_is_read_from_its_file_without_the_line_break_and_wins_over_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "from-file\n").unwrap();
        let mut user = AuthInfo { token: Some("inline".to_owned().into()), ..AuthInfo::default() };
        user.token_file = path.to_str().map(str::to_owned);
        let (credentials, _) = Credentials::of(&user, None).await.unwrap();
        assert_eq!(credentials.header().await.unwrap().unwrap(), "Bearer from-file");
        std::fs::write(&path, " \n").unwrap();
        let (credentials, _) = Credentials::of(&user, None).await.unwrap();
        assert_eq!(credentials.header().await.unwrap().unwrap(), "Bearer inline");
        user.token = None;
        let error = Credentials::of(&user, None).await.err().unwrap().to_string();
        assert!(error.starts_with("read empty token from file"), "{error}");
    }

    #[tokio::test]
    async fn what_no_header_can_hold_is_refused_and_not_shown() {
        for token in ["s3cret\u{7}", "s3cret\n", "s3\r\nX: cret"] {
            let user = AuthInfo { token: Some(token.to_owned().into()), ..AuthInfo::default() };
            let error = format!("{:#}", Credentials::of(&user, None).await.err().unwrap());
            assert!(
                error.contains("the token contains a control character") && !error.contains("s3"),
                "{error}"
            );
        }
        let user = AuthInfo { token: Some("schlüssel".to_owned().into()), ..AuthInfo::default() };
        assert!(Credentials::of(&user, None).await.unwrap().0.header().await.unwrap().is_some());
    }

    #[test]
    fn a_user_acts_as_another_one_by_headers() {
        let user = AuthInfo {
            impersonate: Some("jürgen".into()),
            impersonate_groups: Some(vec!["a".into(), "b".into()]),
            impersonate_user_extra: Some([("example.com/Scope%".to_owned(), vec!["x".to_owned()])].into()),
            ..AuthInfo::default()
        };
        let headers = impersonation(&user).unwrap();
        let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
        let extra = "impersonate-extra-example.com%2fscope%25";
        assert_eq!(names, ["impersonate-user", "impersonate-group", "impersonate-group", extra]);
        assert!(
            impersonation(&AuthInfo { impersonate: Some("a\nb".into()), ..AuthInfo::default() }).is_err()
        );
    }
}
