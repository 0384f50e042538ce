//! What lies between a request and its answer: the API server is named when it cannot be reached, a slow one is given up,
//! a busy one is asked again.

use super::credentials::Credentials;
use super::proxy;
use crate::text::AGENT;
use crate::text::innermost;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use kube::client::Body;
use kube::client::ClientBuilder;
use kube::client::retry::RetryPolicy;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tower::BoxError;
use tower::Service;
use tower::ServiceExt;
use tower::buffer::Buffer;
use tower::retry::Retry;
use tower::util::BoxService;

/// What is reported of a server that asked for patience until there was none left.
pub(super) const BUSY: &str = " but 429 Too Many Requests";
/// How a cause at the proxy begins.
pub(super) const AT_PROXY: &str = "the proxy";
/// Requests that may wait for their turn.
const PENDING: usize = 1024;

/// The API server did not answer at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot reach the API server {server}: {cause}")]
pub struct Unreachable {
    pub server: String,
    /// The innermost reason, such as `Connection refused (os error 111)`.
    pub cause: String,
}

/// A client that asks a busy server again, waits for the head of an answer no longer than `limit`, and names the server in its errors.
///
/// # Errors
/// Certificates and credentials of the configuration that cannot be used.
pub fn client(
    mut config: kube::Config,
    credentials: Credentials,
    limit: Duration,
) -> Result<kube::Client, kube::Error> {
    let way = Way {
        server: proxy::shown(&config.cluster_url),
        proxy: config.proxy_url.as_ref().map(proxy::shown),
        credentials,
        limit,
    };
    // kube's own policy asks fifteen times with delays that double: minutes pass before a persistent failure is reported.
    config.default_retry = false;
    config.headers.push((http::header::USER_AGENT, HeaderValue::from_static(AGENT)));
    let retries = RetryPolicy::new(Duration::from_millis(100), Duration::from_secs(5), 5, true)
        .map_err(|error| kube::Error::Service(error.into()))?;
    let patient = tower::layer::layer_fn(patiently(Arc::new(way), retries));
    Ok(ClientBuilder::try_from(config)?.with_layer(&patient).build())
}

/// Wraps the service of a client.
fn patiently<S, B>(
    way: Arc<Way>,
    retries: RetryPolicy,
) -> impl Fn(S) -> BoxService<Request<Body>, Response<B>, BoxError>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    move |service| {
        let way = way.clone();
        let is_busy = Arc::new(AtomicBool::new(false));
        let answered = is_busy.clone();
        let service = service.map_response(move |answer: Response<B>| {
            answered.store(answer.status() == StatusCode::TOO_MANY_REQUESTS, Ordering::Relaxed);
            answer
        });
        // A request is sent again through a clone of the service, and only a buffered one can be cloned.
        let retrying = Retry::new(retries.clone(), Buffer::new(service, PENDING));
        BoxService::new(tower::service_fn(move |mut request: Request<Body>| {
            let (way, is_busy, retrying) = (way.clone(), is_busy.clone(), retrying.clone());
            async move {
                if let Some(header) = way.credentials.header().await? {
                    request.headers_mut().insert(http::header::AUTHORIZATION, header);
                }
                let failed =
                    |cause: String| BoxError::from(Unreachable { server: way.server.clone(), cause });
                match tokio::time::timeout(way.limit, retrying.oneshot(request)).await {
                    Ok(Ok(answer)) => Ok(answer),
                    Ok(Err(error)) if error.is::<kube::Error>() => Err(error),
                    Ok(Err(error)) => Err(failed(way.cause(error.as_ref()))),
                    Err(_) => {
                        let why = if is_busy.load(Ordering::Relaxed) { BUSY } else { "" };
                        Err(failed(format!("no answer within {}{why}", crate::text::GoDuration(way.limit))))
                    }
                }
            }
        }))
    }
}

/// The way to the API server.
struct Way {
    server: String,
    proxy: Option<String>,
    credentials: Credentials,
    limit: Duration,
}

impl Way {
    /// Why it ended too soon, and whether that was at the proxy.
    fn cause(&self, error: &(dyn std::error::Error + 'static)) -> String {
        let links = std::iter::successors(Some(error), |link| link.source()).map(ToString::to_string);
        let is_at_proxy =
            |link: &String| ["tunnel error", "SOCKS error"].iter().any(|place| link.contains(place));
        let at_proxy = links.into_iter().find(is_at_proxy);
        let innermost = innermost(error);
        match (&self.proxy, at_proxy) {
            (Some(proxy), Some(link)) if link.contains("failed to create underlying connection") => {
                format!("{AT_PROXY} {proxy} cannot be reached: {innermost}")
            }
            (Some(proxy), Some(_)) => format!("{AT_PROXY} {proxy} refuses the connection: {innermost}"),
            _ => innermost,
        }
    }
}
