//! What GitHub's refusals mean, by status, headers and message.

use crate::forge::ForgeError;
use crate::forge::api::Dialect;
use crate::forge::api::Refusal;
use crate::net;
use http::HeaderMap;
use http::Method;
use std::time::Duration;

pub(super) const DIALECT: Dialect = Dialect { wait: wait_time, meaning };

fn meaning(refusal: &Refusal<'_>) -> Option<ForgeError> {
    let doing = || refusal.doing.to_owned();
    let lower = refusal.reason.to_lowercase();
    let says = |words: &str| lower.contains(words);
    let posts = |path: &str| *refusal.method == Method::POST && refusal.path.ends_with(path);
    Some(match refusal.status {
        403 | 429 if is_rate_limit(refusal, &lower) => {
            ForgeError::RateLimited { doing: doing(), retry_after: wait_time(refusal.headers) }
        }
        403 if refusal.header("x-github-sso").is_some() || says("saml") => {
            let url = refusal.header("x-github-sso").and_then(|value| value.split("url=").nth(1));
            let place = url.map_or("for the organization in the settings of your tokens".to_owned(), |url| {
                format!("at {url}")
            });
            let reason = "the organization requires the token to be authorised for single sign-on";
            refusal.denied(reason, format!("authorise the token {place}"))
        }
        403 => match missing_scope(refusal.headers, refusal.path) {
            Some((missing, present)) => refusal.denied(
                format!("the token lacks the scope {missing} (it has {present})"),
                format!("edit the token and add the scope {missing}, then run the command again"),
            ),
            None if refusal.path.contains("/pulls") || refusal.path.contains("/issues/") => refusal.denied(
                format!("not allowed: {}", refusal.reason),
                "the token needs the scope repo, or as a fine-grained token: pull requests, read and write",
            ),
            None => refusal.denied(
                format!("not allowed: {}", refusal.reason),
                "the token needs the scope repo, or as a fine-grained token: administration and contents, read and write",
            ),
        },
        422 if posts("/pulls") && says("pull request already exists") => {
            ForgeError::RequestExists { doing: doing() }
        }
        422 if says("deploy keys are disabled") || says("deploy keys have been disabled") => refusal.denied(
            "deploy keys are disabled for this repository",
            "allow deploy keys in the settings of the organization, or use --token-auth",
        ),
        422 if says("key is already in use") => ForgeError::KeyInUse { doing: doing() },
        422 if posts("/repos") && says("name already exists") => ForgeError::NameTaken { doing: doing() },
        _ => return None,
    })
}

/// The primary limit is in a header, the secondary one in the message or in `Retry-After`.
fn is_rate_limit(refusal: &Refusal<'_>, reason: &str) -> bool {
    refusal.status == 429
        || refusal.header("retry-after").is_some()
        || refusal.header("x-ratelimit-remaining") == Some("0")
        || reason.contains("rate limit")
}

/// `Retry-After` in seconds; without it, the time until the limit is reset, by the forge's own clock; without either a minute, as
/// GitHub's documentation says.
fn wait_time(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &str| text(name)?.parse::<u64>().ok();
    if let Some(wait) = net::retry_after(headers) {
        return Some(wait);
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
    use crate::forge::Remedies;
    use crate::forge::api::check;
    use crate::forge::connection::Answer;
    use crate::net::Retryable;
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
        check(&DIALECT, ("asking", &method, path), given).err().unwrap()
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
        let text = of(403, &[("x-oauth-scopes", "repo")], "{}").to_string();
        assert_eq!(text, "asking: not allowed: status 403");
        let sso = of(403, &[("x-github-sso", "required; url=https://github.com/orgs/o/sso")], "{}");
        assert!(sso.hint(&Remedies::NONE).unwrap().ends_with("https://github.com/orgs/o/sso"));
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
        assert!(of(422, &[], disabled).hint(&Remedies::NONE).unwrap().ends_with("--token-auth"));
        let in_use = r#"{"message":"Validation Failed","errors":[{"message":"key is already in use"}]}"#;
        assert!(matches!(of(422, &[], in_use), ForgeError::KeyInUse { .. }));
        assert!(matches!(of(502, &[], "<html>"), ForgeError::Server { status: 502, .. }));
        assert!(of(502, &[], "<html>").is_transient());
        let taken = r#"{"message":"Repository creation failed.","errors":[{"message":"name already exists on this account"}]}"#;
        let taken = refused(Method::POST, "/user/repos", answer(422, &[], taken));
        assert!(matches!(taken, ForgeError::NameTaken { .. }));
    }
}
