//! What the API server's answers mean to the person who meets them: the thing is named, and so is the next step.

use super::Unreachable;
use super::credentials::Denied;
use crate::text::find_cause;
use crate::text::whole_first_line;
use crate::text::with_hint;

/// Whether the API server answered that the object, or its kind, does not exist.
pub fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// Whether the API server does not know the user, or does not allow it.
pub fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403))
}

/// The API server knows the kind, and has no such object; its own message.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Missing(String);

/// The API server does not know the kind.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UnknownKind(String);

/// Whether an explained error says that the kind does not exist.
pub fn is_unknown_kind(error: &anyhow::Error) -> bool {
    find_cause::<UnknownKind>(error).is_some()
}

/// Whether an explained error says that the object does not exist, rather than its kind.
pub fn is_missing(error: &anyhow::Error) -> bool {
    find_cause::<Missing>(error).is_some()
}

/// Whether every further request would fail as well: the server is not reached, or does not know the user.
pub fn is_hopeless(error: &kube::Error) -> bool {
    match error {
        kube::Error::Api(status) => status.code == 401,
        kube::Error::Service(_) | kube::Error::HyperError(_) | kube::Error::Auth(_) => true,
        _ => false,
    }
}

/// The outcomes of several requests; when each failed as any other would have, one failure says it all.
///
/// # Errors
/// The first failure, where all are [hopeless](is_hopeless).
pub fn unless_all_are_hopeless<T>(
    mut outcomes: Vec<Result<T, kube::Error>>,
) -> Result<Vec<Result<T, kube::Error>>, kube::Error> {
    let hopeless = |outcome: &Result<T, kube::Error>| outcome.as_ref().is_err_and(is_hopeless);
    if outcomes.is_empty() || !outcomes.iter().all(hopeless) {
        return Ok(outcomes);
    }
    outcomes.swap_remove(0).map(|_| Vec::new())
}

/// The answers after which a request is sent again: the last of them is what is told.
const BUSY: [(u16, &str); 3] =
    [(429, "Too Many Requests"), (503, "Service Unavailable"), (504, "Gateway Timeout")];

/// Turns a failed request into an error that says what was being done, and what to do next where that is known.
/// An object that does not exist keeps the API server's own message, as scripts know it.
pub fn explain(error: kube::Error, doing: &str) -> anyhow::Error {
    let hint = hint_for(&error);
    let error = match error {
        kube::Error::Api(status) if status.code == 404 && is_about_an_object(&status.message) => {
            Missing(status.message.clone()).into()
        }
        // The message begins with the kind and the name of the object.
        kube::Error::Api(status) if status.is_invalid() => anyhow::Error::msg(status.message),
        kube::Error::Api(status) => {
            let line = words_of(&status.message, &status.reason, status.code);
            let words = match BUSY.iter().find(|(code, _)| *code == status.code) {
                Some((code, name)) => format!("{doing}: the API server answered {code} {name}: {line}"),
                None => format!("{doing}: {line}"),
            };
            if status.code == 404 { UnknownKind(words).into() } else { anyhow::Error::msg(words) }
        }
        kube::Error::Service(error) => match error.downcast::<Unreachable>() {
            Ok(unreachable) => anyhow::Error::new(*unreachable).context(doing.to_owned()),
            Err(error) => anyhow::Error::from_boxed(error).context(doing.to_owned()),
        },
        kube::Error::SerdeError(error) => {
            anyhow::anyhow!("{doing}: the API server's answer is not what was expected: {error}")
        }
        other => anyhow::Error::new(other).context(doing.to_owned()),
    };
    match hint {
        Some(hint) => with_hint(error, hint),
        None => error,
    }
}

fn is_about_an_object(message: &str) -> bool {
    message.ends_with("not found") && message.contains('"')
}

/// One line of at most 400 characters; a proxy in between may answer with a whole page.
fn words_of(message: &str, reason: &str, code: u16) -> String {
    let text = [message, reason].into_iter().map(str::trim).find(|text| !text.is_empty());
    match text {
        Some(text) => whole_first_line(text).chars().take(400).collect(),
        None => format!("the API server answered {code}"),
    }
}

const LOGIN_HINT: &str = "logging in failed: `kubectl config view --minify` shows the user in use";

fn hint_for(error: &kube::Error) -> Option<&'static str> {
    match error {
        kube::Error::Api(status) => match status.code {
            401 => Some(
                "the credentials were refused or have expired: log in again, or choose another user with --context or --user",
            ),
            403 => Some(
                "this user lacks the right: `kubectl auth can-i --list` shows what is allowed; choose another user with --context or --user",
            ),
            404 if !is_about_an_object(&status.message) => Some(
                "the cluster does not know this kind: `fluxr install` or `fluxr bootstrap` adds the kinds of Flux, `fluxr check` shows what is there",
            ),
            409 => Some("it was changed by another client at the same time: try again"),
            410 => Some("the API server has forgotten this version of the objects meanwhile: try again"),
            429 => Some("the API server is overloaded: try again in a moment"),
            500..=599 => Some("the API server failed: `kubectl get --raw /readyz?verbose` shows its health"),
            _ => None,
        },
        kube::Error::Service(error) => Some(match error.downcast_ref::<Unreachable>() {
            Some(unreachable) => hint_for_cause(&unreachable.cause),
            None if error.is::<Denied>() => LOGIN_HINT,
            None => "is the API server up? `kubectl cluster-info` shows the address in use",
        }),
        kube::Error::HyperError(_) => Some(
            "the connection broke: is the API server up? `kubectl cluster-info` shows the address in use",
        ),
        kube::Error::SerdeError(_) => {
            Some("does something else answer at this address? `kubectl cluster-info` shows the one in use")
        }
        kube::Error::Auth(_) => Some(LOGIN_HINT),
        _ => None,
    }
}

fn hint_for_cause(cause: &str) -> &'static str {
    if cause.starts_with(super::reach::AT_PROXY) {
        return "`kubectl config view --minify` shows the proxy-url of the kubeconfig; without one HTTPS_PROXY and NO_PROXY decide";
    }
    if cause.contains("certificate") {
        return "the kubeconfig's certificate authority and the server's certificate do not match: --certificate-authority names another one";
    }
    if cause.contains("lookup") || cause.contains("dns") {
        return "the name of the server is unknown: `kubectl config view --minify` shows the address in use";
    }
    "is the API server up? `kubectl cluster-info` shows the address in use, --context chooses another cluster"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hints;
    use kube::core::Status;

    fn refused(code: u16, message: &str, reason: &str) -> kube::Error {
        kube::Error::Api(Box::new(Status::failure(message, reason).with_code(code)))
    }

    #[test]
    fn a_missing_object_keeps_the_servers_words_and_a_missing_kind_gets_a_hint() {
        let object = explain(refused(404, "deployments.apps \"x\" not found", "NotFound"), "reading");
        assert_eq!(object.to_string(), "deployments.apps \"x\" not found");
        assert!(hints(&object).is_empty());
        let kind = explain(refused(404, "404 page not found\n", "Failed"), "listing Buckets");
        assert!(kind.to_string().starts_with("listing Buckets: "), "{kind}");
        assert!(hints(&kind)[0].contains("install"));
    }

    #[test]
    fn a_page_of_a_proxy_becomes_one_short_line_also_between_two_characters() {
        let page = format!("{}\n<html>", "ü".repeat(600));
        let line = format!("{:#}", explain(refused(502, &page, ""), "reading"));
        assert_eq!(line.chars().count(), "reading: ".len() + 400);
        assert!(explain(refused(500, "", ""), "reading").to_string().ends_with("answered 500"));
    }

    #[test]
    fn a_server_that_is_not_there_is_named_once_with_its_reason() {
        let unreachable =
            Unreachable { server: "https://127.0.0.1:1".into(), cause: "Connection refused".into() };
        let error = kube::Error::Service(Box::new(unreachable));
        assert!(is_hopeless(&error));
        let explained = explain(error, "listing Buckets");
        let shown = format!("{explained:#}");
        assert_eq!(
            shown,
            "listing Buckets: cannot reach the API server https://127.0.0.1:1: Connection refused"
        );
        assert_eq!(hints(&explained).len(), 1);
    }
}
