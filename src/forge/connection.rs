//! The HTTP connection to a forge: octocrab's client over our own TLS, with the system's and a given certificate authority.

use super::ForgeError;
use crate::text::Secret;
use anyhow::Context;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use octocrab::AuthState;
use octocrab::Octocrab;
use octocrab::OctocrabBuilder;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use std::time::Duration;

/// No answer of a forge that matters here is larger.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// One request may take this long; retries come on top.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Where the API of a forge is, and what its certificate is checked with.
#[derive(Debug, Clone)]
pub struct ForgeAddress {
    /// Base of all paths, e.g. `https://api.github.com`.
    pub base: String,
    /// PEM certificates trusted in addition to the system's.
    pub ca: Option<Vec<u8>>,
}

/// What came back: any status, a body of bytes.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A client for one API with one token.
#[derive(Clone)]
pub(super) struct Connection {
    client: Octocrab,
}

impl Connection {
    pub(super) fn open(
        address: &ForgeAddress,
        token: &Secret,
        headers: &[(HeaderName, HeaderValue)],
    ) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", token.reveal()))
            .map_err(|_| anyhow::anyhow!("the token contains characters that no token has"))?;
        authorization.set_sensitive(true);
        let mut all = headers.to_vec();
        all.push((http::header::AUTHORIZATION, authorization));
        all.push((
            http::header::USER_AGENT,
            HeaderValue::from_static(concat!("fluxr/", env!("CARGO_PKG_VERSION"))),
        ));
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls(address.ca.as_deref())?)
            .https_only()
            .enable_http1()
            .build();
        let base =
            address.base.parse().with_context(|| format!("parsing the address \"{}\"", address.base))?;
        let service = Client::builder(TokioExecutor::new()).build(connector);
        let built = OctocrabBuilder::new_empty()
            .with_service(service)
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
        method: Method,
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
        method: Method,
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
        let response = sent.map_err(|error| match innermost(&error) {
            reason if reason.contains("certificate") => ForgeError::Tls { doing: doing.to_owned(), reason },
            reason => broken(reason),
        })?;
        let (parts, body) = response.into_parts();
        let collected = Limited::new(body, LARGEST_ANSWER).collect().await;
        let body =
            collected.map_err(|error| broken(format!("the answer broke off: {}", innermost(&*error))))?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes().to_vec() })
    }
}

/// The causes of an error without those that only repeat what is below them, and without octocrab's backtraces.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    while let Some(below) = at.source() {
        at = below;
    }
    at.to_string().lines().next().unwrap_or_default().to_owned()
}

fn tls(ca: Option<&[u8]>) -> anyhow::Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = ca {
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate =
                certificate.map_err(|error| anyhow::anyhow!("reading the CA file: {error:?}"))?;
            roots.add(certificate).context("reading the CA file")?;
            found += 1;
        }
        anyhow::ensure!(found > 0, "the CA file holds no certificate in PEM form");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("preparing TLS")?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
