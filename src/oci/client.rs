//! A connection to one repository of a registry: the requests of the OCI distribution protocol, with login, redirects and retries.

use super::Credentials;
use super::RegistryError;
use super::Repository;
use super::authorization::Login;
use super::challenge;
use crate::net;
use crate::net::Meter;
use crate::net::OnRetry;
use crate::net::Proxy;
use crate::net::Retries;
use crate::text::AGENT;
use crate::text::Secret;
use crate::text::innermost;
use backon::ExponentialBuilder;
use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::redirect::Policy;
use serde_json::Value;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// A registry that sends nothing for so long has gone.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long HTTPS is waited for before plain HTTP is tried too, where that is allowed.
const HEAD_START: Duration = Duration::from_millis(300);
const MAX_REDIRECTS: usize = 10;
const LARGEST_ERROR: usize = 64 * 1024;

/// How a registry is worked with.
pub struct Access<'a> {
    pub credentials: Credentials,
    /// Plain HTTP and any certificate will do.
    pub is_insecure: bool,
    pub proxy: Proxy,
    /// When all must be done.
    pub until: Instant,
    /// How often a request is sent again.
    pub retries: usize,
    /// Hears of each time.
    pub on_retry: Option<&'a OnRetry<'a>>,
    /// Hears of each secret that is sent, before it is: no line may show it.
    pub redact: Box<dyn Fn(&Secret) + 'a>,
}

/// A repository that answers.
pub struct Registry<'a> {
    pub(super) repository: Repository,
    pub(super) http: reqwest::Client,
    /// `https://host:port/`.
    pub(super) base: Url,
    pub(super) access: Access<'a>,
    /// What the token is for: `repository:<path>:pull`.
    pub(super) scope: String,
    pub(super) login: Mutex<Login>,
}

/// What a request carries.
pub(super) enum Payload<'p> {
    Empty,
    Bytes(&'p [u8]),
    File { file: &'p std::fs::File, length: u64, meter: &'p Meter },
}

/// A request, which can be sent again.
pub(super) struct Request<'p> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(header::HeaderName, String)>,
    pub(super) payload: Payload<'p>,
}

impl Request<'_> {
    pub(super) fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: Vec::new(), payload: Payload::Empty }
    }
}

/// What is done in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    Pull,
    Push,
}

impl<'a> Registry<'a> {
    /// Asks the registry how it is spoken with: over HTTPS or HTTP, and with which login.
    ///
    /// # Errors
    /// A registry that does not answer, or not as registries do.
    pub async fn open(
        repository: &Repository,
        access: Access<'a>,
        right: Right,
    ) -> Result<Self, RegistryError> {
        access.credentials.secrets().for_each(|secret| (access.redact)(&secret));
        let http = net::client(AGENT, None, &access.proxy, |builder| {
            builder
                .connect_timeout(CONNECT_TIMEOUT)
                .read_timeout(SILENCE_TIMEOUT)
                .redirect(Policy::none())
                .tls_danger_accept_invalid_certs(access.is_insecure)
        });
        let http = http.map_err(|error| RegistryError::Login(error.to_string()))?;
        let rights = if right == Right::Push { "push,pull" } else { "pull" };
        let scope = format!("repository:{}:{rights}", repository.path());
        let base = format!("https://{}/", repository.registry());
        let base = Url::parse(&base).map_err(|error| RegistryError::Garbage(format!("{base}: {error}")))?;
        let may_be_plain = access.is_insecure || repository.may_be_plain();
        let mut registry = Self {
            repository: repository.clone(),
            http,
            base,
            access,
            scope,
            login: Mutex::new(Login::Anonymous),
        };
        let (base, answer) = registry.reach(may_be_plain).await?;
        registry.base = base;
        if answer.status() == StatusCode::UNAUTHORIZED {
            registry.log_in(&answer).await?;
        }
        Ok(registry)
    }

    /// The base that answers, and its answer to `GET /v2/`.
    async fn reach(&self, may_be_plain: bool) -> Result<(Url, Response), RegistryError> {
        let ping = async |base: Url| {
            let url = joined(&base, "v2/")?;
            let answer =
                self.retried(async || self.send_bare(&Request::new(Method::GET, url.clone())).await).await?;
            Ok((base, answer))
        };
        let secure = ping(self.base.clone());
        if !may_be_plain {
            return secure.await;
        }
        let mut plain_base = self.base.clone();
        let _ = plain_base.set_scheme("http");
        tokio::pin!(secure);
        let first = tokio::time::timeout(HEAD_START, &mut secure).await;
        let plain = ping(plain_base);
        let (secure_error, plain_error) = match first {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => match plain.await {
                Ok(answer) => return Ok(answer),
                Err(plain) => (error, plain),
            },
            Err(_) => {
                tokio::pin!(plain);
                tokio::select! {
                    answer = &mut secure => match answer {
                        Ok(answer) => return Ok(answer),
                        Err(error) => match plain.await {
                            Ok(answer) => return Ok(answer),
                            Err(plain) => (error, plain),
                        },
                    },
                    answer = &mut plain => match answer {
                        Ok(answer) => return Ok(answer),
                        Err(plain) => match secure.await {
                            Ok(answer) => return Ok(answer),
                            Err(error) => (error, plain),
                        },
                    },
                }
            }
        };
        Err(both(secure_error, &plain_error))
    }

    /// The URL of something in the repository, e.g. `manifests/latest`.
    pub(super) fn url(&self, what: &str) -> Result<Url, RegistryError> {
        joined(&self.base, &format!("v2/{}/{what}", self.repository.path()))
    }

    /// Does something until it succeeds, fails for good, or would have to wait too long.
    pub(super) async fn retried<T>(
        &self,
        work: impl AsyncFn() -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let Access { until, retries, on_retry, .. } = self.access;
        let pauses = ExponentialBuilder::new().with_min_delay(Duration::from_secs(1)).with_factor(3.0);
        let pauses = pauses.with_max_delay(Duration::from_secs(600)).with_max_times(retries);
        Retries::new(pauses, until).telling(on_retry).run(|| work()).await
    }

    /// Sends a request, logs in where that is asked for, and expects one of these answers.
    pub(super) async fn ask(
        &self,
        request: &Request<'_>,
        expected: &[StatusCode],
    ) -> Result<Response, RegistryError> {
        let mut answer = self.send(request).await?;
        if answer.status() == StatusCode::UNAUTHORIZED && self.is_own(answer.url()) && has_challenge(&answer)
        {
            // A token that has expired, or one for too little.
            self.log_in(&answer).await?;
            answer = self.send(request).await?;
        }
        if expected.contains(&answer.status()) {
            Ok(answer)
        } else {
            Err(refusal(&request.method, answer).await)
        }
    }

    /// Follows redirects; the credentials stay at the registry.
    async fn send(&self, request: &Request<'_>) -> Result<Response, RegistryError> {
        let mut url = request.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let answer = self.send_to(request, &url).await?;
            let status = answer.status().as_u16();
            let is_followed = match status {
                301..=303 => matches!(request.method, Method::GET | Method::HEAD),
                307 | 308 => true,
                _ => false,
            };
            let location = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let (true, Some(location)) = (is_followed, location) else { return Ok(answer) };
            let next = url.join(location).ok().filter(|next| matches!(next.scheme(), "http" | "https"));
            let Some(next) = next else {
                return Err(RegistryError::Garbage(format!("{} redirects to no address", self.repository)));
            };
            if url.scheme() == "https" && next.scheme() == "http" {
                let reason = format!("{} redirects to an unencrypted address", self.repository);
                return Err(RegistryError::Garbage(reason));
            }
            url = next;
        }
        Err(RegistryError::Garbage(format!("{} redirects more than {MAX_REDIRECTS} times", self.repository)))
    }

    async fn send_to(&self, request: &Request<'_>, url: &Url) -> Result<Response, RegistryError> {
        let mut building = self.build(request, url)?;
        if self.is_own(url) {
            building = lock(&self.login).authorize(building, &self.access.credentials);
        }
        building.send().await.map_err(|error| unreachable(&request.method, url, &error))
    }

    /// Asks without any credentials. A server that answers otherwise than registries do may speak another protocol.
    async fn send_bare(&self, request: &Request<'_>) -> Result<Response, RegistryError> {
        let sent = self.build(request, &request.url)?.send().await;
        let answer = sent.map_err(|error| unreachable(&request.method, &request.url, &error))?;
        match answer.status() {
            StatusCode::OK | StatusCode::UNAUTHORIZED => Ok(answer),
            _ => Err(refusal(&request.method, answer).await),
        }
    }

    fn build(&self, request: &Request<'_>, url: &Url) -> Result<reqwest::RequestBuilder, RegistryError> {
        let mut building = self.http.request(request.method.clone(), url.clone());
        for (name, value) in &request.headers {
            building = building.header(name, value);
        }
        Ok(match &request.payload {
            Payload::Empty if matches!(request.method, Method::POST | Method::PUT) => {
                building.header(header::CONTENT_LENGTH, 0)
            }
            Payload::Empty => building,
            Payload::Bytes(bytes) => building.body(bytes.to_vec()),
            Payload::File { file, length, meter } => {
                use std::io::Seek;
                let failed =
                    |error: std::io::Error| RegistryError::Garbage(format!("reading the archive: {error}"));
                let mut file = file.try_clone().map_err(failed)?;
                file.rewind().map_err(failed)?;
                meter.reset();
                building.body(net::file_body(file, *length, (*meter).clone()))
            }
        })
    }

    /// Whether a URL is one of the registry itself.
    pub(super) fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }
}

fn joined(base: &Url, path: &str) -> Result<Url, RegistryError> {
    base.join(path).map_err(|error| RegistryError::Garbage(format!("{base}{path}: {error}")))
}

fn has_challenge(answer: &Response) -> bool {
    answer.headers().contains_key(header::WWW_AUTHENTICATE)
}

/// The challenge of an answer.
pub(super) fn challenge_of(answer: &Response) -> Option<challenge::Challenge> {
    let headers = answer.headers().get_all(header::WWW_AUTHENTICATE);
    challenge::choose(headers.iter().filter_map(|value| value.to_str().ok()))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What both ways failed with.
fn both(secure: RegistryError, plain: &RegistryError) -> RegistryError {
    match secure {
        RegistryError::Unreachable { method, url, reason, is_tls, is_transient } => {
            let reason = format!("{reason}; {plain}");
            RegistryError::Unreachable { method, url, reason, is_tls, is_transient }
        }
        other => other,
    }
}

/// Reads the body of an answer, at most so much of it.
pub(super) async fn read_body(
    method: &Method,
    mut answer: Response,
    most: usize,
) -> Result<Vec<u8>, RegistryError> {
    let mut body = Vec::new();
    let url = answer.url().clone();
    let read = net::read_body(&mut answer, most, &mut body).await;
    if !read.map_err(|error| unreachable(method, &url, &error))? {
        let url = super::error::shown(&url);
        return Err(RegistryError::Garbage(format!(
            "{method} {url}: the answer is larger than {most} bytes"
        )));
    }
    Ok(body)
}

/// The error that an answer is.
pub(super) async fn refusal(method: &Method, answer: Response) -> RegistryError {
    let (status, url) = (answer.status().as_u16(), Box::new(answer.url().clone()));
    let retry_after = net::retry_after(answer.headers());
    let body = read_body(method, answer, LARGEST_ERROR).await.unwrap_or_default();
    let read: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
    let errors = read["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let errors = errors
        .iter()
        .map(|error| (text(error, "code"), text(error, "message"), error["detail"].clone()))
        .collect();
    let body = String::from_utf8_lossy(&body).into_owned();
    RegistryError::Refused { method: method.clone(), url, status, errors, body, retry_after }
}

/// Sorts the failures below HTTP.
pub(super) fn unreachable(method: &Method, url: &Url, error: &reqwest::Error) -> RegistryError {
    let tls = net::tls_failure(error);
    let is_tls = tls.is_some();
    let reason = tls.unwrap_or_else(|| {
        if error.is_timeout() && error.is_connect() {
            "no connection in time".to_owned()
        } else if error.is_timeout() {
            "the registry fell silent".to_owned()
        } else {
            innermost(error)
        }
    });
    let is_transient = !is_tls && !error.is_connect() && !error.is_timeout() && !error.is_builder();
    RegistryError::Unreachable {
        method: method.clone(),
        url: Box::new(url.clone()),
        reason,
        is_tls,
        is_transient,
    }
}
