//! What lies between a request and its answer: the API server is named when it cannot be reached, a slow one is given up,
//! a busy one is asked again.

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

/// What is said of a server that asked for patience until there was none left.
pub(super) const BUSY: &str = " but 429 Too Many Requests";
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
pub fn client(mut config: kube::Config, limit: Duration) -> Result<kube::Client, kube::Error> {
    let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
    // kube's own policy asks fifteen times with delays that double: minutes pass before a persistent failure is told.
    config.default_retry = false;
    let retries = RetryPolicy::new(Duration::from_millis(100), Duration::from_secs(5), 5, true)
        .map_err(|error| kube::Error::Service(error.into()))?;
    let patient = tower::layer::layer_fn(patiently(server, limit, retries));
    Ok(ClientBuilder::try_from(config)?.with_layer(&patient).build())
}

/// Wraps the service of a client.
fn patiently<S, B>(
    server: String,
    limit: Duration,
    retries: RetryPolicy,
) -> impl Fn(S) -> BoxService<Request<Body>, Response<B>, BoxError>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Send + 'static,
    S::Future: Send + 'static,
    B: Send + 'static,
{
    move |service| {
        let server = server.clone();
        let is_busy = Arc::new(AtomicBool::new(false));
        let answered = is_busy.clone();
        let service = service.map_response(move |answer: Response<B>| {
            answered.store(answer.status() == StatusCode::TOO_MANY_REQUESTS, Ordering::Relaxed);
            answer
        });
        // A request is sent again through a clone of the service, and only a buffered one can be cloned.
        let retrying = Retry::new(retries.clone(), Buffer::new(service, PENDING));
        BoxService::new(retrying.map_future(move |answer| {
            let (server, is_busy) = (server.clone(), is_busy.clone());
            async move {
                let failed = |cause: String| BoxError::from(Unreachable { server, cause });
                match tokio::time::timeout(limit, answer).await {
                    Ok(Ok(answer)) => Ok(answer),
                    Ok(Err(error)) if error.is::<kube::Error>() => Err(error),
                    Ok(Err(error)) => Err(failed(innermost(error.as_ref()))),
                    Err(_) => {
                        let why = if is_busy.load(Ordering::Relaxed) { BUSY } else { "" };
                        Err(failed(format!("no answer within {}{why}", crate::text::GoDuration(limit))))
                    }
                }
            }
        }))
    }
}

/// The last link of a chain of causes says most: the links before it repeat that something failed.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
