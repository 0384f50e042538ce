//! Refusals of GitHub's API, in its words, with its headers.

use super::answers::respond;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

const DOCUMENTATION: &str = "https://docs.github.com/rest";

/// Why a request of the API is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 401: no such token, or not any more.
    BadCredentials,
    /// 403: a classic token without the scope that the call wants.
    MissingScope { has: &'static str, wants: &'static str },
    /// 403: a fine-grained token without the right.
    NotAccessible,
    /// 403: only people may ask this, and an app does.
    NotForApps,
    /// 403: the organization wants single sign-on.
    SingleSignOn,
    /// 403: the limit of the hour is used up; it starts again in so many seconds.
    PrimaryLimit { reset: u64 },
    /// 403: too much at once; come back after so many seconds.
    SecondaryLimit { after: u64 },
    /// 429: too much at once; come back after so many seconds.
    TooMany { after: u64 },
    /// 404, also for what the token may not see.
    NotFound,
    /// 422: the account has a repository of that name.
    NameTaken,
    /// 422: a rule of the organization.
    DeployKeysDisabled,
    /// 422: the key opens another repository already.
    KeyInUse,
    /// 500, 502 or 503 from GitHub's own front, which speaks HTML.
    Broken { status: u16 },
}

impl Refusal {
    /// All of them, for a test that looks at each.
    pub const ALL: [Self; 13] = [
        Self::BadCredentials,
        Self::MissingScope { has: "gist", wants: "public_repo, repo" },
        Self::NotAccessible,
        Self::NotForApps,
        Self::SingleSignOn,
        Self::PrimaryLimit { reset: 1200 },
        Self::SecondaryLimit { after: 600 },
        Self::TooMany { after: 600 },
        Self::NotFound,
        Self::NameTaken,
        Self::DeployKeysDisabled,
        Self::KeyInUse,
        Self::Broken { status: 502 },
    ];

    fn status(self) -> u16 {
        match self {
            Self::BadCredentials => 401,
            Self::NotFound => 404,
            Self::NameTaken | Self::DeployKeysDisabled | Self::KeyInUse => 422,
            Self::TooMany { .. } => 429,
            Self::Broken { status } => status,
            _ => 403,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::BadCredentials => "Bad credentials",
            Self::MissingScope { .. } => "Must have admin rights to Repository.",
            Self::NotAccessible => "Resource not accessible by personal access token",
            Self::NotForApps => "Resource not accessible by integration",
            Self::SingleSignOn => {
                "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization."
            }
            Self::PrimaryLimit { .. } => "API rate limit exceeded for user ID 1.",
            Self::SecondaryLimit { .. } | Self::TooMany { .. } => {
                "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            }
            Self::NotFound => "Not Found",
            Self::NameTaken => "Repository creation failed.",
            Self::KeyInUse => "Validation Failed",
            Self::DeployKeysDisabled => "Deploy keys are disabled for this repository",
            Self::Broken { .. } => "",
        }
    }

    fn details(self) -> Option<Value> {
        let (resource, field, message) = match self {
            Self::NameTaken => ("Repository", "name", "name already exists on this account"),
            Self::KeyInUse => ("PublicKey", "key", "key is already in use"),
            _ => return None,
        };
        Some(json!([{"resource": resource, "code": "custom", "field": field, "message": message}]))
    }

    /// The answer to a request with a token of these scopes.
    pub fn answer(self, scopes: &str) -> Response {
        let mut headers = vec![("x-oauth-scopes", scopes.to_owned())];
        if let Self::Broken { status } = self {
            let page = "<!DOCTYPE html>\n<title>Unicorn! &middot; GitHub</title>\n<p>We had issues.</p>\n";
            return respond(
                status,
                &[("content-type", "text/html; charset=utf-8".to_owned())],
                page.to_owned(),
            );
        }
        let (remaining, reset) = match self {
            Self::PrimaryLimit { reset } => ("0", reset),
            _ => ("4999", 3600),
        };
        let now = seconds_now();
        headers.push(("content-type", "application/json; charset=utf-8".to_owned()));
        headers.push(("x-ratelimit-limit", "5000".to_owned()));
        headers.push(("x-ratelimit-remaining", remaining.to_owned()));
        headers.push(("x-ratelimit-reset", (now + reset).to_string()));
        match self {
            Self::MissingScope { has, wants } => {
                headers.retain(|(name, _)| *name != "x-oauth-scopes");
                headers.push(("x-oauth-scopes", has.to_owned()));
                headers.push(("x-accepted-oauth-scopes", wants.to_owned()));
            }
            // Fine-grained tokens and those of apps have no scopes.
            Self::NotAccessible | Self::NotForApps => headers.retain(|(name, _)| *name != "x-oauth-scopes"),
            Self::SingleSignOn => {
                let url = "https://github.example.com/orgs/acme/sso?authorization_request=A1";
                headers.push(("x-github-sso", format!("required; url={url}")));
            }
            Self::SecondaryLimit { after } | Self::TooMany { after } => {
                headers.push(("retry-after", after.to_string()));
            }
            _ => {}
        }
        let status = self.status();
        let mut body = json!({
            "message": self.words(), "documentation_url": DOCUMENTATION, "status": status.to_string(),
        });
        if let Some(details) = self.details() {
            body["errors"] = details;
        }
        respond(status, &headers, body.to_string())
    }
}

#[expect(clippy::disallowed_methods, reason = "a forge tells the real time, as its header Date does")]
pub fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
