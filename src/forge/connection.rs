//! The HTTP connection to a forge: octocrab over the program's own client.

use super::ForgeError;
use super::Opening;
use crate::net;
use crate::text::innermost;
use anyhow::Context;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Limited;
use octocrab::AuthState;
use octocrab::Octocrab;
use octocrab::OctocrabBuilder;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::service::middleware::reqwest_connector::ReqwestConnector;
use reqwest::redirect::Policy;
use std::sync::Arc;
use std::time::Duration;

const AGENT: &str = concat!("fluxr/", env!("CARGO_PKG_VERSION"));
/// The largest answer that is read.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// One request may take this long; retries come on top.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// An answer: any status, and the bytes of its body.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A client for the API at one base address, e.g. `https://api.github.com`, with one token.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    client: Octocrab,
}

impl Connection {
    pub(super) fn open(
        opening: &Opening,
        base: &str,
        headers: &[(HeaderName, HeaderValue)],
    ) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", opening.token.reveal()))
            .map_err(|_| anyhow::anyhow!("the token contains invalid characters"))?;
        authorization.set_sensitive(true);
        let mut all = headers.to_vec();
        all.push((http::header::AUTHORIZATION, authorization));
        let client = net::client(AGENT, opening.ca.as_deref(), &opening.proxy, |builder| {
            builder.https_only(true).redirect(Policy::none())
        })?;
        let base = base.parse().with_context(|| format!("parsing the address \"{base}\""))?;
        let built = OctocrabBuilder::new_empty()
            .with_service(ReqwestConnector::new(client))
            .with_layer(&BaseUriLayer::new(base))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(all)))
            .with_auth(AuthState::None)
            .build();
        match built {
            Ok(client) => Ok(Self { client }),
            Err(never) => match never {},
        }
    }

    /// Sends one request. `path` is relative to the base of the API.
    pub(super) async fn send(
        &self,
        doing: &str,
        method: &Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, ForgeError> {
        match tokio::time::timeout(REQUEST_TIMEOUT, self.exchange(doing, method, path, body)).await {
            Ok(answer) => answer,
            Err(_) => Err(ForgeError::Unreachable {
                doing: doing.to_owned(),
                reason: format!("no answer within {} s", REQUEST_TIMEOUT.as_secs()),
            }),
        }
    }

    async fn exchange(
        &self,
        doing: &str,
        method: &Method,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> Result<Answer, ForgeError> {
        let broken = |reason: String| ForgeError::Unreachable { doing: doing.to_owned(), reason };
        let sent = if method == Method::GET {
            self.client._get(path).await
        } else if method == Method::POST {
            self.client._post(path, body).await
        } else if method == Method::PUT {
            self.client._put(path, body).await
        } else if method == Method::PATCH {
            self.client._patch(path, body).await
        } else {
            self.client._delete(path, body).await
        };
        let response = sent.map_err(|error| match net::tls_failure(&error) {
            Some(reason) => ForgeError::Tls { doing: doing.to_owned(), reason },
            None => broken(innermost(&error)),
        })?;
        let (parts, body) = response.into_parts();
        let collected = Limited::new(body, LARGEST_ANSWER).collect().await;
        let body =
            collected.map_err(|error| broken(format!("the answer broke off: {}", innermost(&*error))))?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes().to_vec() })
    }
}
