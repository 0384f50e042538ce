//! Git's smart protocol over HTTP: one GET that lists the references, then a POST per exchange.
//! Redirects are followed on that GET only, as `git` does, and never from `https` to `http`.

use crate::text::innermost;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use git2::transport::Service;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::redirect::Policy;

use super::pipe::program;
use crate::git::Auth;
use crate::git::GitError;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::core;
use crate::git::core::Core;
use crate::git::core::End;
use crate::net;

/// Some forges only answer on URLs without `.git` when a Git client asks.
const USER_AGENT: &str = concat!("git/2.0 (fluxr ", env!("CARGO_PKG_VERSION"), ")");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// A server that packs a large repository may be silent for a while; the operation as a whole is bounded by its caller.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(120);
const MAX_REDIRECTS: usize = 10;
/// How much of an error page is read and shown.
const SHOWN_BODY: usize = 400;

/// A client for one remote.
pub(super) struct Link {
    client: reqwest::Client,
    auth: Auth,
    /// Where the repository is: what the URL says, until a redirect says otherwise.
    base: Mutex<url::Url>,
    origin: url::Origin,
}

impl Link {
    pub(super) fn new(remote: &Remote) -> Result<Self, GitError> {
        let client = net::client(USER_AGENT, remote.ca.as_deref(), &remote.proxy, |builder| {
            builder
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(SILENCE_TIMEOUT)
                .redirect(Policy::custom(follow))
        })?;
        let auth = match (&remote.auth, remote.url.user()) {
            (Auth::None, Some(username)) => {
                Auth::Basic { username, password: remote.url.password().unwrap_or_default() }
            }
            (auth, _) => auth.clone(),
        };
        let base = remote.url.base();
        Ok(Self { client, auth, origin: base.origin(), base: Mutex::new(base) })
    }

    fn base(&self) -> url::Url {
        self.base.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds the credentials, but only for the host they were given for.
    fn authorize(&self, request: RequestBuilder, to: &url::Url) -> RequestBuilder {
        match &self.auth {
            _ if to.origin() != self.origin => request,
            Auth::Basic { username, password } => request.basic_auth(username, Some(password.reveal())),
            Auth::Bearer(token) => request.bearer_auth(token.reveal()),
            Auth::None | Auth::Ssh(_) => request,
        }
    }
}

impl core::Link for Arc<Link> {
    fn open(&self, core: &Arc<Core>, service: Service) -> Result<Box<dyn End>, GitError> {
        Ok(Box::new(Exchange::open(core, self, service)?))
    }

    fn is_stateless(&self) -> bool {
        true
    }
}

fn follow(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let downgrade = attempt.url().scheme() != "https"
        && attempt.previous().last().is_some_and(|from| from.scheme() == "https");
    if downgrade {
        attempt.error("the server redirects to an unencrypted address")
    } else if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if attempt.previous().first().is_some_and(|first| first.path().ends_with("/info/refs")) {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// One request and its answer. libgit2 writes the whole request before it reads.
struct Exchange {
    core: Arc<Core>,
    link: Arc<Link>,
    service: &'static str,
    request: Vec<u8>,
    response: Option<Response>,
}

impl Exchange {
    fn open(core: &Arc<Core>, link: &Arc<Link>, service: Service) -> Result<Self, GitError> {
        let (core, link) = (Arc::clone(core), Arc::clone(link));
        let mut exchange =
            Self { core, link, service: program(&service), request: Vec::new(), response: None };
        if matches!(service, Service::UploadPackLs | Service::ReceivePackLs) {
            exchange.response = Some(exchange.advertised()?);
        }
        Ok(exchange)
    }

    fn advertised(&self) -> Result<Response, GitError> {
        let link = &self.link;
        let mut url = link.base();
        url.set_path(&format!("{}/info/refs", url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("service", self.service);
        let request = link.authorize(link.client.get(url.clone()), &url);
        let response = self.send_request(request, "advertisement")?;
        // The repository has moved when the answer came from elsewhere; everything else goes there.
        if let Some(path) = response.url().path().strip_suffix("/info/refs") {
            let mut base = response.url().clone();
            base.set_query(None);
            base.set_path(path);
            *link.base.lock().unwrap_or_else(PoisonError::into_inner) = base;
        }
        Ok(response)
    }

    fn post(&mut self) -> Result<Response, GitError> {
        let body = std::mem::take(&mut self.request);
        let link = &self.link;
        let mut url = link.base();
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), self.service));
        let request = link
            .authorize(link.client.post(url.clone()), &url)
            .header(header::CONTENT_TYPE, format!("application/x-{}-request", self.service))
            .header(header::ACCEPT, format!("application/x-{}-result", self.service))
            .body(body);
        self.send_request(request, "result")
    }

    /// Sends a request and makes sure that a Git server answered it.
    fn send_request(&self, request: RequestBuilder, kind: &str) -> Result<Response, GitError> {
        let url = &self.core.url;
        let response = self.core.wait(request.send())?.map_err(|error| transport_error(url, &error))?;
        if !response.status().is_success() {
            return Err(self.core.wait(refusal(url, response))?);
        }
        let wanted = format!("application/x-{}-{kind}", self.service);
        let got =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        if got.split(';').next().map(str::trim) != Some(wanted.as_str()) {
            let got = if got.is_empty() { "nothing" } else { got };
            let reason = format!("the server answered with {got} instead of {wanted}");
            return Err(GitError::NotGit { url: url.to_string(), reason });
        }
        Ok(response)
    }
}

impl End for Exchange {
    fn receive(&mut self) -> Result<Vec<u8>, GitError> {
        if self.response.is_none() {
            self.response = Some(self.post()?);
        }
        let Some(response) = self.response.as_mut() else { return Ok(Vec::new()) };
        let next =
            self.core.wait(response.chunk())?.map_err(|error| transport_error(&self.core.url, &error))?;
        Ok(next.map(Vec::from).unwrap_or_default())
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), GitError> {
        if self.core.stop.is_requested() {
            return Err(GitError::Stopped);
        }
        self.request.extend_from_slice(bytes);
        Ok(())
    }
}

/// Turns an error status into the error a caller can decide on.
async fn refusal(asked: &GitUrl, response: Response) -> GitError {
    let url = asked.to_string();
    let status = response.status();
    let retry_after = net::retry_after(response.headers());
    let page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/plain"));
    let words = status.canonical_reason().unwrap_or("error").to_owned();
    let body = if page { response.text().await.unwrap_or_default() } else { String::new() };
    let body: String =
        body.trim().chars().filter(|c| !c.is_control() || *c == '\n').take(SHOWN_BODY).collect();
    let said = if body.is_empty() { words } else { body.replace('\n', " ") };
    match status {
        StatusCode::UNAUTHORIZED => GitError::Unauthorized { url, reason: format!("401 {said}") },
        StatusCode::FORBIDDEN => GitError::Forbidden { url, reason: format!("403 {said}") },
        StatusCode::NOT_FOUND => GitError::NotFound { url, reason: format!("404 {said}") },
        _ => GitError::Server { url, status: status.as_u16(), reason: said, retry_after },
    }
}

/// Sorts the failures below HTTP. reqwest's own text is not used: it repeats the URL, query included.
fn transport_error(asked: &GitUrl, error: &reqwest::Error) -> GitError {
    let url = asked.to_string();
    if let Some(reason) = net::tls_failure(error) {
        return GitError::Tls { url, reason };
    }
    let reason = match error.source() {
        _ if error.is_timeout() && error.is_connect() => "no connection in time".to_owned(),
        _ if error.is_timeout() => "the server fell silent".to_owned(),
        Some(cause) => innermost(cause),
        None => "the request could not be sent".to_owned(),
    };
    match error.is_redirect() || error.is_builder() {
        true => GitError::NotGit { url, reason },
        false => GitError::Unreachable { url, reason },
    }
}
