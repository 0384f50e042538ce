//! Calling the webhook of a Receiver from outside of the cluster.

use crate::cluster::Deadline;
use crate::distribution::current_version;
use crate::net;
use crate::net::Proxy;
use crate::ops::Sink;
use crate::ops::secret::webhook_path;
use crate::text::GoDuration;
use crate::text::GoUrl;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::with_hint;
use anyhow::Context;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use hyper::ext::ReasonPhrase;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Version;
use reqwest::header::CONTENT_LENGTH;
use sha2::Sha256;
use std::time::Duration;

/// What is shown of an answer at most.
const LONGEST_ANSWER: usize = 64 * 1024;
/// How long one call may take, so that a server that says nothing is tried again.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// Whom a token of a workflow is meant for, unless something else was asked for.
const AUDIENCE: &str = "notification-controller";
const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// The webhook to call, and with what.
pub struct Trigger {
    /// Where the receiver of notification-controller is reached; it may have a path.
    pub url: String,
    pub namespace: String,
    pub name: String,
    pub proof: Proof,
    /// The body, as it is.
    pub payload: String,
    /// How often to call again after a failure that may pass.
    pub retries: i64,
    pub pause: Duration,
    pub proxy: Proxy,
}

/// What shows that a call is allowed.
pub enum Proof {
    /// That the path is known, which has the token in it.
    Path(Secret),
    /// A signature of the body with the token.
    Signature(Secret),
    /// A token of an issuer that the Receiver trusts.
    Issued(Secret),
    /// As [`Proof::Issued`], from the workflow that runs: the address and the password of its issuer, and the audience.
    Workflow { url: String, password: Secret, audience: String },
}

impl Proof {
    /// The token of the workflow that runs here, as GitHub and Forgejo issue it. An empty audience is the usual one.
    ///
    /// # Errors
    /// Outside of a workflow, or in one that may not ask for tokens.
    pub fn of_workflow<'e>(
        variable: impl Fn(&str) -> Option<&'e str>,
        audience: &str,
    ) -> anyhow::Result<Self> {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        let (Some(url), Some(password)) = (given(REQUEST_URL), given(REQUEST_TOKEN)) else {
            anyhow::bail!(
                "{REQUEST_URL} and {REQUEST_TOKEN} must be set in the environment; \
                 ensure the Actions job has the 'id-token: write' permission"
            );
        };
        let audience = if audience.is_empty() { AUDIENCE } else { audience };
        Ok(Self::Workflow {
            url: url.to_owned(),
            password: Secret::new(password),
            audience: audience.to_owned(),
        })
    }
}

/// Calls the webhook, again and again if that may help.
///
/// # Errors
/// An invalid address; a refusal; the last error once retries are used up.
pub async fn trigger(sink: &dyn Sink, deadline: Deadline, wanted: &Trigger) -> anyhow::Result<()> {
    let receiver = format!("Receiver {}/{}", wanted.namespace, wanted.name);
    deadline.bound(&receiver, call_until_heard(sink, wanted, &receiver)).await
}

async fn call_until_heard(sink: &dyn Sink, wanted: &Trigger, receiver: &str) -> anyhow::Result<()> {
    let client = net::client(&format!("flux/{}", current_version()), None, &wanted.proxy, |builder| {
        builder.timeout(CALL_LIMIT)
    })?;
    let path_token = match &wanted.proof {
        Proof::Path(token) | Proof::Signature(token) => token,
        // Such a Receiver has no token of its own.
        Proof::Issued(_) | Proof::Workflow { .. } => &Secret::default(),
    };
    let path = webhook_path(path_token, &wanted.name, &wanted.namespace);
    // Anyone who knows the path may call.
    sink.redact(&Secret::new(path.trim_start_matches("/hook/")));
    let address = Address::of(&wanted.url, &path)?;
    let header = match &wanted.proof {
        Proof::Path(_) => None,
        Proof::Signature(token) => Some(("X-Signature", signature(token, &wanted.payload)?)),
        Proof::Issued(token) => Some(("Authorization", bearer(token))),
        Proof::Workflow { url, password, audience } => {
            sink.redact(password);
            let token = issued(&client, url, password, audience).await?;
            sink.redact(&token);
            Some(("Authorization", bearer(&token)))
        }
    };
    sink.action(format!("triggering {receiver}"));
    let mut tried = 0;
    loop {
        // An empty body would be sent without its length.
        let call = client.post(&address.whole).header(CONTENT_LENGTH, wanted.payload.len());
        let mut call = call.header("Content-Type", "application/json");
        if let Some((name, value)) = &header {
            call = call.header(*name, value.reveal());
        }
        let Err(failure) = attempt(call.body(wanted.payload.clone()), &address.shown).await else {
            sink.success(format!("{receiver} triggered"));
            return Ok(());
        };
        if !failure.may_pass || tried >= wanted.retries {
            return Err(match hint(failure.status, wanted) {
                Some(hint) => with_hint(failure.error, hint),
                None => failure.error,
            });
        }
        tried += 1;
        let pause = GoDuration(wanted.pause);
        sink.waiting(format!("{:#}; retrying in {pause} ({tried}/{})", failure.error, wanted.retries));
        tokio::time::sleep(wanted.pause).await;
    }
}

/// Where to call, and how that is shown.
struct Address {
    whole: String,
    shown: String,
}

impl Address {
    fn of(url: &str, path: &str) -> anyhow::Result<Self> {
        let base = url.trim_end_matches('/');
        let parsed = GoUrl::parse(base).context("unable to create request")?;
        let shown = format!("{}{path}", crate::text::without_credentials(base));
        if !matches!(parsed.scheme.as_str(), "http" | "https") || parsed.host.is_empty() {
            let error = anyhow::anyhow!("request to {shown} failed: not an HTTP address");
            return Err(with_hint(error, "--url is an address such as https://flux-webhook.example.com"));
        }
        Ok(Self { whole: format!("{base}{path}"), shown })
    }
}

/// Why a call did not work, and whether another one may.
struct Failure {
    error: anyhow::Error,
    /// What the server answered, if it did.
    status: Option<StatusCode>,
    may_pass: bool,
}

/// What to look at; notification-controller itself says nothing.
fn hint(status: Option<StatusCode>, wanted: &Trigger) -> Option<String> {
    let Trigger { namespace, name, .. } = wanted;
    match status?.as_u16() {
        404 => Some(format!(
            "the path consists of the token, the name and the namespace of the Receiver; \
             `fluxr get receivers {name} -n {namespace}` shows whether it is ready"
        )),
        400 | 401 | 403 => Some(format!(
            "--type and --token must be those of the Receiver; `fluxr export receiver {name} -n {namespace}` shows its type and \
             its Secret"
        )),
        // So it answers when the Receiver is suspended, or what it triggers does not exist.
        500 | 503 => Some(format!("`fluxr why receiver/{name} -n {namespace}` finds the cause")),
        _ => None,
    }
}

async fn attempt(call: RequestBuilder, address: &str) -> Result<(), Failure> {
    let unheard = |error: &reqwest::Error| {
        let error = anyhow::anyhow!("request to {address} failed: {}", net::cause(error));
        Failure { error, status: None, may_pass: true }
    };
    let response = call.send().await.map_err(|error| unheard(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let shown = shown(&response);
    let said = match body(response).await.trim() {
        "" => String::new(),
        said => format!(": {said}"),
    };
    let error = anyhow::anyhow!("request to {address} failed with status {shown}{said}");
    Err(Failure { error, status: Some(status), may_pass: may_pass(status) })
}

/// The status in the words of the server; without any, in those of Go.
fn shown(response: &Response) -> String {
    let status = response.status();
    let said = response.extensions().get::<ReasonPhrase>();
    let words = match (said, status.as_u16()) {
        (Some(said), _) => String::from_utf8_lossy(said.as_bytes()).trim().to_owned(),
        (None, 413) if response.version() >= Version::HTTP_2 => "Request Entity Too Large".to_owned(),
        (None, 416) if response.version() >= Version::HTTP_2 => "Requested Range Not Satisfiable".to_owned(),
        (None, _) => status.canonical_reason().unwrap_or_default().to_owned(),
    };
    format!("{} {words}", status.as_u16()).trim_end().to_owned()
}

/// A path is not found as long as the controller has not read the Receiver.
fn may_pass(status: StatusCode) -> bool {
    matches!(status.as_u16(), 404 | 408 | 429 | 500 | 502 | 503 | 504)
}

/// The beginning of an answer, as far as it came.
async fn body(mut response: Response) -> String {
    let mut bytes = Vec::new();
    // What arrives of it is enough.
    let _ = net::read_body(&mut response, LONGEST_ANSWER, &mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn bearer(token: &Secret) -> Secret {
    Secret::new(format!("Bearer {}", token.reveal()))
}

fn signature(token: &Secret, payload: &str) -> anyhow::Result<Secret> {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.reveal().as_bytes()).context("signing the payload")?;
    mac.update(payload.as_bytes());
    Ok(Secret::new(format!("sha256={}", hex::encode(mac.finalize().into_bytes()))))
}

/// Asks the issuer of the workflow for a token.
async fn issued(
    client: &reqwest::Client,
    url: &str,
    password: &Secret,
    audience: &str,
) -> anyhow::Result<Secret> {
    // The address may have secrets in it, so that no error repeats it.
    let parsed = url::Url::parse(url).ok().with_context(|| format!("invalid {REQUEST_URL}: not a URL"))?;
    let mut asked = parsed.clone();
    let others = parsed.query_pairs().filter(|(name, _)| name != "audience");
    asked.query_pairs_mut().clear().extend_pairs(others).append_pair("audience", audience);
    let call = client.get(asked).header("Authorization", format!("bearer {}", password.reveal()));
    let answer = call.send().await;
    let answer =
        answer.map_err(|error| anyhow::anyhow!("OIDC token request failed: {}", net::cause(&error)))?;
    let status = answer.status();
    let said = body(answer).await;
    anyhow::ensure!(
        status == StatusCode::OK,
        "OIDC token request failed with status {status}: {}",
        said.trim()
    );
    let read: serde_json::Value =
        serde_json::from_str(&said).ok().context("failed to decode OIDC token response: not JSON")?;
    let token = read["value"].as_str().filter(|token| !token.is_empty());
    let token = token.context("the OIDC token response did not contain a token");
    Ok(Secret::new(token.hint("the workflow needs the permission `id-token: write`")?))
}
