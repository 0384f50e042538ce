//! What lies between a request and its answer: the API server is named when it cannot be reached, a slow one is given up,
//! a busy one is asked again.

use super::Deadline;
use super::credentials::Credentials;
use super::deadline;
use super::proxy;
use crate::net;
use crate::text::AGENT;
use crate::text::innermost;
use http::HeaderValue;
use http::Request;
use http::Response;
use kube::client::Body;
use kube::client::ClientBuilder;
use kube::client::retry::RetryPolicy;
use std::sync::Arc;
use std::time::Duration;
use tower::BoxError;
use tower::Service;
use tower::ServiceExt;
use tower::buffer::Buffer;
use tower::retry::Policy;
use tower::util::BoxService;

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

/// A client that asks a busy server again, waits for the head of an answer no longer than `limit` and until the deadline of the work that
/// asks, and names the server in its errors.
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
    net::provide_tls();
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
        let (way, retries) = (way.clone(), retries.clone());
        // A request is sent again through a clone of the service, and only a buffered one can be cloned.
        let service = Buffer::new(service, PENDING);
        BoxService::new(tower::service_fn(move |mut request: Request<Body>| {
            let (way, retries, service) = (way.clone(), retries.clone(), service.clone());
            async move {
                if let Some(header) = way.credentials.header().await? {
                    request.headers_mut().insert(http::header::AUTHORIZATION, header);
                }
                let failed =
                    |cause: String| BoxError::from(Unreachable { server: way.server.clone(), cause });
                let deadline = Deadline::after(way.limit).or_earlier(deadline::of_work());
                let limit = deadline.remaining();
                let mut busy = None;
                let asked = ask(service, retries, request, deadline, &mut busy);
                match tokio::time::timeout_at(deadline.instant(), asked).await {
                    Ok(Ok(answer)) => Ok(answer),
                    Ok(Err(error)) if error.is::<kube::Error>() => Err(error),
                    Ok(Err(error)) => Err(failed(way.cause(error.as_ref()))),
                    Err(_) => busy.ok_or_else(|| failed(late(limit))),
                }
            }
        }))
    }
}

/// Sends a request, also again while the server is busy and there is time for the pause that it asks for. Its last answer is in `busy`
/// while it is asked again: that says more than that the time is up.
async fn ask<S, B>(
    service: S,
    mut retries: RetryPolicy,
    mut request: Request<Body>,
    deadline: Deadline,
    busy: &mut Option<Response<B>>,
) -> Result<Response<B>, BoxError>
where
    S: Service<Request<Body>, Response = Response<B>, Error = BoxError> + Clone,
{
    loop {
        let again = Policy::<_, Response<B>, _>::clone_request(&mut retries, &request);
        let mut outcome = service.clone().oneshot(request).await;
        let Some(mut next) = again else { return outcome };
        let Some(pause) = retries.retry(&mut next, &mut outcome) else { return outcome };
        if pause.deadline() >= deadline.instant() {
            return outcome;
        }
        *busy = outcome.ok();
        pause.await;
        request = next;
    }
}

/// Why there is no answer; two digits of the limit are enough.
fn late(limit: Duration) -> String {
    let millis = limit.as_millis();
    if millis == 0 {
        return "no answer in time".to_owned();
    }
    let unit = 10u128.pow(millis.ilog10().saturating_sub(1));
    let rounded = u64::try_from((millis + unit / 2) / unit * unit).unwrap_or(u64::MAX);
    format!("no answer within {}", crate::text::GoDuration(Duration::from_millis(rounded)))
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

#[cfg(test)]
mod tests {
    use super::late;
    use std::time::Duration;

    #[test]
    fn a_limit_is_told_with_two_digits() {
        for (millis, wanted) in [
            (0, "no answer in time"),
            (7, "no answer within 7ms"),
            (298, "no answer within 300ms"),
            (1499, "no answer within 1.5s"),
            (299_990, "no answer within 5m0s"),
        ] {
            assert_eq!(late(Duration::from_millis(millis)), wanted);
        }
    }
}
