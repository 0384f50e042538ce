//! Git's smart protocol over HTTP: one GET that lists the references, then a POST per exchange.
//! Redirects are followed on that GET only, as `git` does, and never from `https` to `http`.

use std::error::Error as _;
use std::io;
use std::io::Read;
use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use git2::transport::Service;
use git2::transport::SmartSubtransport;
use git2::transport::SmartSubtransportStream;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::redirect::Policy;

use super::Link as AnyLink;
use crate::git::Auth;
use crate::git::GitError;
use crate::git::GitUrl;
use crate::git::Remote;
use crate::git::remote::Core;

/// Some forges only answer on URLs without `.git` when a Git client asks.
const USER_AGENT: &str = concat!("git/2.0 (fluxr ", env!("CARGO_PKG_VERSION"), ")");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// A server that packs a large repository may be silent for a while; the operation as a whole is bounded by its caller.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(120);
const MAX_REDIRECTS: usize = 10;
/// How much of an error page is read and shown.
const SHOWN_BODY: usize = 400;

/// A client for one remote.
pub(in crate::git) struct Link {
    client: reqwest::Client,
    auth: Auth,
    /// Where the repository is: what the URL says, until a redirect says otherwise.
    base: Mutex<url::Url>,
    origin: url::Origin,
}

impl Link {
    pub(super) fn new(remote: &Remote) -> Result<Self, GitError> {
        let shown = remote.url.to_string();
        // The program installs its provider at start; a library user may have none yet, and reqwest panics without one.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // The error says that another thread was faster, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(SILENCE_TIMEOUT)
            .redirect(Policy::custom(follow))
            .no_proxy();
        for proxy in proxies(remote)? {
            builder = builder.proxy(proxy);
        }
        if let Some(pem) = &remote.ca {
            let unusable = |reason: String| GitError::Tls { url: shown.clone(), reason };
            let authorities = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| unusable(format!("CA certificate cannot be read: {error}")))?;
            if authorities.is_empty() {
                return Err(unusable("the CA file holds no certificate".to_owned()));
            }
            builder = builder.tls_certs_merge(authorities);
        }
        let client = builder.build().map_err(|error| transport_error(&remote.url, &error))?;
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

fn proxies(remote: &Remote) -> Result<Vec<reqwest::Proxy>, GitError> {
    let settings = &remote.proxy;
    let direct = settings.none.as_deref().and_then(reqwest::NoProxy::from_string);
    let mut proxies = Vec::new();
    for (address, is_https) in [(&settings.https, true), (&settings.http, false)] {
        let Some(address) = address.as_deref().filter(|address| !address.is_empty()) else { continue };
        // The address may hold a password, so the message does not repeat it.
        let proxy = if is_https { reqwest::Proxy::https(address) } else { reqwest::Proxy::http(address) };
        let proxy = proxy.map_err(|_| GitError::Unreachable {
            url: remote.url.to_string(),
            reason: "the proxy address is not a URL".to_owned(),
        })?;
        proxies.push(proxy.no_proxy(direct.clone()));
    }
    Ok(proxies)
}

/// The part libgit2 calls.
pub(super) struct Subtransport(Arc<Core>);

impl Subtransport {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }
}

impl SmartSubtransport for Subtransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let core = Arc::clone(&self.0);
        let stream = match service {
            Service::UploadPackLs => Exchange::advertised(core, "git-upload-pack"),
            Service::ReceivePackLs => Exchange::advertised(core, "git-receive-pack"),
            Service::UploadPack => Ok(Exchange::to_send(core, "git-upload-pack")),
            Service::ReceivePack => Ok(Exchange::to_send(core, "git-receive-pack")),
        };
        let stream = stream.map_err(|error| git2::Error::from_str(&self.0.fail(error)))?;
        Ok(Box::new(stream))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// One request and its answer. libgit2 writes the whole request before it reads.
struct Exchange {
    core: Arc<Core>,
    service: &'static str,
    request: Vec<u8>,
    response: Option<Response>,
    chunk: Vec<u8>,
    read: usize,
}

impl Exchange {
    fn to_send(core: Arc<Core>, service: &'static str) -> Self {
        Self { core, service, request: Vec::new(), response: None, chunk: Vec::new(), read: 0 }
    }

    fn link(&self) -> Result<&Link, GitError> {
        match &self.core.link {
            AnyLink::Https(link) => Ok(link),
            AnyLink::Ssh(_) => {
                Err(GitError::other("Git transport", "an SSH remote reached the HTTP transport"))
            }
        }
    }

    fn advertised(core: Arc<Core>, service: &'static str) -> Result<Self, GitError> {
        let mut exchange = Self::to_send(core, service);
        let link = exchange.link()?;
        let mut url = link.base();
        url.set_path(&format!("{}/info/refs", url.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("service", service);
        let request = link.authorize(link.client.get(url.clone()), &url);
        let response = exchange.send(request, "advertisement")?;
        // The repository has moved when the answer came from elsewhere; everything else goes there.
        if let Some(path) = response.url().path().strip_suffix("/info/refs") {
            let mut base = response.url().clone();
            base.set_query(None);
            base.set_path(path);
            *link.base.lock().unwrap_or_else(PoisonError::into_inner) = base;
        }
        exchange.response = Some(response);
        Ok(exchange)
    }

    fn post(&mut self) -> Result<Response, GitError> {
        let body = std::mem::take(&mut self.request);
        let link = self.link()?;
        let mut url = link.base();
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), self.service));
        let request = link
            .authorize(link.client.post(url.clone()), &url)
            .header(header::CONTENT_TYPE, format!("application/x-{}-request", self.service))
            .header(header::ACCEPT, format!("application/x-{}-result", self.service))
            .body(body);
        self.send(request, "result")
    }

    /// Sends a request and makes sure that a Git server answered it.
    fn send(&self, request: RequestBuilder, kind: &str) -> Result<Response, GitError> {
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

    fn fill(&mut self) -> Result<(), GitError> {
        if self.response.is_none() {
            self.response = Some(self.post()?);
        }
        let Some(response) = self.response.as_mut() else { return Ok(()) };
        let next =
            self.core.wait(response.chunk())?.map_err(|error| transport_error(&self.core.url, &error))?;
        self.chunk = next.map(Vec::from).unwrap_or_default();
        self.read = 0;
        Ok(())
    }
}

impl Read for Exchange {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.chunk.len() {
            self.fill().map_err(|error| io::Error::other(self.core.fail(error)))?;
        }
        let rest = &self.chunk[self.read..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.read += taken;
        Ok(taken)
    }
}

impl Write for Exchange {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.core.stop.is_requested() {
            return Err(io::Error::other(self.core.fail(GitError::Stopped)));
        }
        self.request.extend_from_slice(buffer);
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Turns an error status into the error a caller can decide on.
async fn refusal(asked: &GitUrl, response: Response) -> GitError {
    let url = asked.to_string();
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
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
    let mut reason = None;
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(tls) = find_tls(cause) {
            return GitError::Tls { url, reason: explain_tls(tls) };
        }
        reason = Some(cause.to_string());
        source = cause.source();
    }
    let reason = match reason {
        _ if error.is_timeout() && error.is_connect() => "no connection in time".to_owned(),
        _ if error.is_timeout() => "the server fell silent".to_owned(),
        Some(reason) => reason,
        None => "the request could not be sent".to_owned(),
    };
    match error.is_redirect() || error.is_builder() {
        true => GitError::NotGit { url, reason },
        false => GitError::Unreachable { url, reason },
    }
}

/// The TLS error in a cause. The layers in between wrap it in I/O errors, some more than once, and those hide it from `source`.
fn find_tls<'e>(cause: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    match cause.downcast_ref::<io::Error>() {
        Some(wrapped) => find_tls(wrapped.get_ref()?),
        None => cause.downcast_ref::<rustls::Error>(),
    }
}

fn explain_tls(error: &rustls::Error) -> String {
    match error {
        // A bad signature is what an authority of the same name with another key leaves.
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
        ) => "the certificate is signed by an unknown authority".to_owned(),
        other => other.to_string(),
    }
}
