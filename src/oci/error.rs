//! What can go wrong with a registry. The words are those that go-containerregistry has for the same, so that scripts find what they look for.

use crate::net::Retryable;
use serde_json::Value;
use std::fmt;
use std::time::Duration;

/// A request that did not succeed. No variant carries a credential.
#[derive(Debug)]
pub enum RegistryError {
    /// The registry answered, but not as it was asked to.
    Refused {
        method: reqwest::Method,
        url: Box<url::Url>,
        status: u16,
        /// Code, message and detail of each error.
        errors: Vec<(String, String, Value)>,
        body: String,
        /// How long the registry asks to wait.
        retry_after: Option<Duration>,
    },
    /// No answer, or one that broke off.
    Unreachable {
        method: reqwest::Method,
        url: Box<url::Url>,
        reason: String,
        is_tls: bool,
        is_transient: bool,
    },
    /// Something that was part of something larger.
    Within { doing: String, error: Box<Self> },
    /// Credentials cannot be had, or not sent.
    Login(String),
    /// An answer that is not what the protocol, or a digest, promises.
    Garbage(String),
}

impl Retryable for RegistryError {
    fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 499 | 500 | 502 | 503 | 504 | 522),
            Self::Unreachable { is_transient, .. } => *is_transient,
            Self::Within { error, .. } => error.is_transient(),
            Self::Login(_) | Self::Garbage(_) => false,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Within { error, .. } => error.retry_after(),
            _ => None,
        }
    }
}

impl RegistryError {
    /// The same error, in what was being done.
    pub(super) fn within(self, doing: &str) -> Self {
        Self::Within { doing: doing.to_owned(), error: Box::new(self) }
    }

    /// Whether the artifact, or its repository, does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    /// What its reader can do next, at this registry.
    pub fn hint(&self, registry: &str) -> Option<String> {
        match self {
            Self::Refused { status: 401 | 403, .. } => {
                Some(format!("log in with `docker login {registry}`, or pass --creds <user>:<password>"))
            }
            Self::Refused { status: 429, .. } => Some("run the command again later".to_owned()),
            Self::Unreachable { is_tls: true, .. } => Some(
                "SSL_CERT_FILE names further certificate authorities; --insecure-registry does without certificates".to_owned(),
            ),
            Self::Unreachable { .. } => Some(format!(
                "check that \"{registry}\" is right and can be reached from here; HTTPS_PROXY names a proxy"
            )),
            Self::Within { error, .. } => error.hint(registry),
            _ => None,
        }
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { method, url, status, errors, body, .. } => {
                write!(f, "{method} {}: ", shown(url))?;
                let reason = reqwest::StatusCode::from_u16(*status).ok();
                let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or_default();
                match &errors[..] {
                    [] if body.is_empty() && method == reqwest::Method::HEAD => write!(
                        f,
                        "unexpected status code {status} {reason} (HEAD responses have no body, use GET for details)"
                    ),
                    [] if body.is_empty() => write!(f, "unexpected status code {status} {reason}"),
                    [] => write!(f, "unexpected status code {status} {reason}: {body}"),
                    [one] => f.write_str(&told(one)),
                    several => {
                        let all: Vec<String> = several.iter().map(told).collect();
                        write!(f, "multiple errors returned: {}", all.join("; "))
                    }
                }
            }
            Self::Unreachable { method, url, reason, .. } => {
                // As Go's HTTP client writes the method.
                let name = method.as_str();
                let name = format!("{}{}", &name[..1], name[1..].to_lowercase());
                write!(f, "{name} \"{}\": {reason}", shown(url))
            }
            Self::Within { doing, error } => write!(f, "{doing}: {error}"),
            Self::Login(reason) | Self::Garbage(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for RegistryError {}

fn told((code, message, detail): &(String, String, Value)) -> String {
    match detail {
        Value::Null => format!("{code}: {message}"),
        detail => format!("{code}: {message}; {}", as_go_prints(detail)),
    }
}

/// What Go's `%v` makes of a value that was read from JSON.
fn as_go_prints(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(as_go_prints).collect::<Vec<_>>().join(" ")),
        Value::Object(fields) => {
            let mut pairs: Vec<(&String, &Value)> = fields.iter().collect();
            pairs.sort_by_key(|(name, _)| name.as_str());
            let pairs: Vec<String> =
                pairs.into_iter().map(|(name, value)| format!("{name}:{}", as_go_prints(value))).collect();
            format!("map[{}]", pairs.join(" "))
        }
        other => other.to_string(),
    }
}

/// Parameters of requests that are not secret.
const SHOWN: [&str; 7] = ["digest", "from", "last", "mount", "n", "scope", "service"];

/// A URL without what may be a secret: storage that a registry redirects to is opened by its parameters.
pub(super) fn shown(url: &url::Url) -> String {
    let mut url = url.clone();
    let _ = url.set_password(None);
    let _ = url.set_username("");
    if url.query().is_none() {
        return url.to_string();
    }
    let pairs: Vec<(String, String)> =
        url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| {
        (name.as_str(), if SHOWN.contains(&name.as_str()) { value.as_str() } else { "REDACTED" })
    }));
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(url: &str, errors: Vec<(String, String, Value)>, body: &str) -> String {
        let (method, url) = (reqwest::Method::GET, Box::new(url.parse().unwrap()));
        RegistryError::Refused { method, url, status: 404, errors, body: body.to_owned(), retry_after: None }
            .to_string()
    }

    #[test]
    fn the_errors_of_a_registry_are_told_with_their_details() {
        let one = |detail| ("NAME_UNKNOWN".to_owned(), "no such repository".to_owned(), detail);
        let url = "https://h.example/v2/app/tags/list?n=1000&token=s3cret";
        let shown = "GET https://h.example/v2/app/tags/list?n=1000&token=REDACTED: ";
        assert_eq!(
            refused(url, vec![one(json!({"name": "app", "list": [1, null]}))], "{}"),
            format!("{shown}NAME_UNKNOWN: no such repository; map[list:[1 <nil>] name:app]")
        );
        let two = refused(url, vec![one(Value::Null), one(json!("x"))], "");
        assert!(two.ends_with(
            "multiple errors returned: NAME_UNKNOWN: no such repository; NAME_UNKNOWN: no such repository; x"
        ));
        assert_eq!(
            refused(url, Vec::new(), "gone"),
            format!("{shown}unexpected status code 404 Not Found: gone")
        );
    }
}
