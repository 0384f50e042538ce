//! What GitHub's refusals mean: by status, headers and words.

use crate::forge::ForgeError;
use crate::forge::connection::Answer;
use http::HeaderMap;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

#[derive(Deserialize, Default)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Value>,
}

/// Sorts an answer that is not a success.
pub(super) fn check(doing: &str, method: &Method, path: &str, answer: Answer) -> Result<Answer, ForgeError> {
    let status = answer.status.as_u16();
    if answer.status.is_success() {
        return Ok(answer);
    }
    let doing = doing.to_owned();
    let complaint: Complaint = serde_json::from_slice(&answer.body).unwrap_or_default();
    let reason = describe(&complaint, status);
    let lower = reason.to_lowercase();
    let text = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
    Err(match status {
        301 | 302 | 307 | 308 => {
            ForgeError::Moved { doing, location: text("location").unwrap_or("an unknown address").to_owned() }
        }
        401 => ForgeError::Unauthorized { doing, reason },
        403 | 429 if is_rate_limit(&answer.headers, &lower, status) => {
            ForgeError::RateLimited { doing, retry_after: wait_time(&answer.headers) }
        }
        403 if text("x-github-sso").is_some() || lower.contains("saml") => ForgeError::SingleSignOn {
            doing,
            url: text("x-github-sso").and_then(|value| value.split("url=").nth(1)).map(str::to_owned),
        },
        403 => match missing_scope(&answer.headers, path) {
            Some((missing, present)) => ForgeError::MissingScope { doing, missing, present },
            None => ForgeError::Forbidden { doing, reason },
        },
        404 => ForgeError::NotFound { doing },
        422 if lower.contains("deploy keys are disabled")
            || lower.contains("deploy keys have been disabled") =>
        {
            ForgeError::DeployKeysDisabled { doing }
        }
        422 if lower.contains("key is already in use") => ForgeError::KeyInUse { doing },
        422 if *method == Method::POST
            && path.ends_with("/repos")
            && lower.contains("name already exists") =>
        {
            ForgeError::NameTaken { doing }
        }
        500.. => ForgeError::Server { doing, status, reason, retry_after: wait_time(&answer.headers) },
        _ => ForgeError::Invalid { doing, reason },
    })
}

/// GitHub's own words, in one line.
fn describe(complaint: &Complaint, status: u16) -> String {
    let mut parts: Vec<String> = vec![complaint.message.trim().to_owned()];
    for error in &complaint.errors {
        match error {
            Value::String(text) => parts.push(text.clone()),
            other => parts.extend(other["message"].as_str().map(str::to_owned)),
        }
    }
    parts.retain(|part| !part.is_empty());
    if parts.is_empty() { format!("status {status}") } else { parts.join(": ").replace(['\r', '\n'], " ") }
}

/// The primary limit shows in a header, the secondary one in words or in `Retry-After`.
fn is_rate_limit(headers: &HeaderMap, reason: &str, status: u16) -> bool {
    status == 429
        || headers.contains_key("retry-after")
        || headers.get("x-ratelimit-remaining").is_some_and(|value| value.as_bytes() == b"0")
        || reason.contains("rate limit")
}

/// What `Retry-After` says, in seconds; without it, the time until the limit begins again, by the forge's own clock. A limit that says
/// neither asks for a minute, as GitHub's documentation says.
fn wait_time(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str| text(name)?.parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    text("x-ratelimit-remaining").filter(|remaining| *remaining == "0")?;
    let now = text("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let now = now.and_then(|now| u64::try_from(now.timestamp().as_second()).ok());
    let wait = number("x-ratelimit-reset").zip(now).map(|(reset, now)| reset.saturating_sub(now));
    // A second more, because both clocks are cut to whole ones.
    Some(Duration::from_secs(wait.map_or(60, |seconds| seconds + 1)))
}

/// Compares the scopes that the endpoint wants with those of a classic token.
fn missing_scope(headers: &HeaderMap, path: &str) -> Option<(String, String)> {
    let list = |name: &str| {
        let text = headers.get(name)?.to_str().ok()?;
        Some(
            text.split(',')
                .map(|scope| scope.trim().to_owned())
                .filter(|scope| !scope.is_empty())
                .collect::<Vec<_>>(),
        )
    };
    let present = list("x-oauth-scopes")?;
    let accepted = list("x-accepted-oauth-scopes").unwrap_or_default();
    let wanted = if path.contains("/teams/") { "admin:org" } else { "repo" };
    let enough = |scope: &String| accepted.contains(scope) || scope == wanted;
    if present.iter().any(enough) {
        return None;
    }
    let missing = if accepted.is_empty() || accepted.iter().any(|scope| scope == wanted) {
        wanted.to_owned()
    } else {
        accepted.join(" or ")
    };
    let present = if present.is_empty() { "none".to_owned() } else { present.join(", ") };
    Some((missing, present))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use http::HeaderValue;
    use http::StatusCode;

    pub(in crate::forge::github) fn answer(
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Answer { status: StatusCode::from_u16(status).unwrap(), headers: map, body: body.into() }
    }

    fn refused(method: Method, path: &str, given: Answer) -> ForgeError {
        check("asking", &method, path, given).err().unwrap()
    }

    #[test]
    fn refusals_are_told_apart() {
        let keys = "/repos/o/r/keys";
        let of = |status, headers: &[(&'static str, &str)], body: &str| {
            refused(Method::POST, keys, answer(status, headers, body))
        };
        assert!(matches!(of(401, &[], r#"{"message":"Bad credentials"}"#), ForgeError::Unauthorized { .. }));
        let scopes = [("x-oauth-scopes", "gist, read:org"), ("x-accepted-oauth-scopes", "repo")];
        let text = of(403, &scopes, "{}").to_string();
        assert!(text.contains("lacks the scope repo") && text.contains("gist, read:org"), "{text}");
        assert!(matches!(of(403, &[("x-oauth-scopes", "repo")], "{}"), ForgeError::Forbidden { .. }));
        let sso = of(403, &[("x-github-sso", "required; url=https://github.com/orgs/o/sso")], "{}");
        assert!(sso.hint().unwrap().ends_with("https://github.com/orgs/o/sso"));
        let secondary = r#"{"message":"You have exceeded a secondary rate limit"}"#;
        let limited = of(403, &[("retry-after", "7")], secondary);
        assert_eq!(limited.retry_after(), Some(Duration::from_secs(7)));
        let used_up = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1767225612"),
            ("date", "Thu, 01 Jan 2026 00:00:02 GMT"),
        ];
        assert_eq!(of(403, &used_up, "{}").retry_after(), Some(Duration::from_secs(11)));
        assert_eq!(of(403, &used_up[..1], "{}").retry_after(), Some(Duration::from_secs(60)));
        let disabled = r#"{"message":"Deploy keys are disabled for this repository"}"#;
        assert!(matches!(of(422, &[], disabled), ForgeError::DeployKeysDisabled { .. }));
        let in_use = r#"{"message":"Validation Failed","errors":[{"message":"key is already in use"}]}"#;
        assert!(matches!(of(422, &[], in_use), ForgeError::KeyInUse { .. }));
        assert!(matches!(of(502, &[], "<html>"), ForgeError::Server { status: 502, .. }));
        assert!(of(502, &[], "<html>").is_transient());
        let taken = r#"{"message":"Repository creation failed.","errors":[{"message":"name already exists on this account"}]}"#;
        let taken = refused(Method::POST, "/user/repos", answer(422, &[], taken));
        assert!(matches!(taken, ForgeError::NameTaken { .. }));
    }
}
