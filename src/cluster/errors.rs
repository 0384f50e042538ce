//! What the API server's answers mean to the person who meets them: the thing is named, and the next step is said.

use crate::text::with_hint;

/// Whether the API server said that the object, or its kind, is not there.
pub fn is_not_found(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 404)
}

/// Turns a failed request into an error that says what was being done, and what to do next where that is known.
/// An object that is not there keeps the API server's own words, as scripts know them.
pub fn explain(error: kube::Error, doing: &str) -> anyhow::Error {
    let hint = hint_for(&error);
    let error = match error {
        kube::Error::Api(status)
            if status.code == 404 && !status.message.is_empty() && is_about_an_object(&status.message) =>
        {
            anyhow::anyhow!("{}", status.message)
        }
        kube::Error::Api(status) => anyhow::anyhow!("{doing}: {}", short(&status.message, &status.reason)),
        other => anyhow::Error::new(other).context(doing.to_owned()),
    };
    match hint {
        Some(hint) => with_hint(error, hint),
        None => error,
    }
}

fn is_about_an_object(message: &str) -> bool {
    message.ends_with("not found")
}

fn short<'a>(message: &'a str, reason: &'a str) -> &'a str {
    let text = if message.trim().is_empty() { reason } else { message };
    // A proxy may answer with a whole page.
    let line = text.trim().lines().next().unwrap_or_default();
    &line[..line.len().min(400)]
}

fn hint_for(error: &kube::Error) -> Option<&'static str> {
    match error {
        kube::Error::Api(status) => match status.code {
            401 => Some(
                "the credentials were refused: renew them, or choose another user with --context or --user",
            ),
            403 => Some("the user lacks this right: `kubectl auth can-i --list` shows what is allowed"),
            404 if !is_about_an_object(&status.message) => {
                Some("the cluster does not know this kind: `fluxr install` adds Flux's kinds")
            }
            429 => Some("the API server is overloaded: try again in a moment"),
            500..=599 => {
                Some("the API server failed: look at its health with `kubectl get --raw /readyz?verbose`")
            }
            _ => None,
        },
        kube::Error::HyperError(_) | kube::Error::Service(_) => {
            Some("is the API server up, and is this its address? `kubectl cluster-info` shows the one in use")
        }
        kube::Error::Auth(_) => Some("logging in failed: look at the user in the kubeconfig"),
        _ => None,
    }
}
