//! The client: TLS with ring, the authorities of the system and a given one, and the proxies that were passed in.

use crate::text::innermost;
use reqwest::ClientBuilder;

/// Proxies, as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` would give them.
#[derive(Clone, Debug, Default)]
pub struct Proxy {
    pub https: Option<String>,
    pub http: Option<String>,
    /// Comma-separated hosts that are reached directly.
    pub none: Option<String>,
}

/// Settings that no client can work with.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("the CA file cannot be read: {0}")]
    Authority(String),
    #[error("the CA file holds no certificate in PEM form")]
    NoAuthority,
    /// The address may hold a password, so it is not repeated.
    #[error("the variable {0}: it is not a URL")]
    Proxy(&'static str),
}

/// Lets rustls encrypt with ring. Clients need a provider of cryptography that is the same in the whole process, and fail without one.
pub fn provide_tls() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // The error says that another thread was faster, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// A client that trusts the authorities of `ca` (PEM) beside the system's. `limit` adds the caller's time limits and redirects.
///
/// # Errors
/// A CA without certificates, or with broken ones; the address of a proxy that is not one.
pub fn client(
    agent: &str,
    ca: Option<&[u8]>,
    proxy: &Proxy,
    limit: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<reqwest::Client, Unusable> {
    provide_tls();
    let unreadable = |error: reqwest::Error| Unusable::Authority(innermost(&error));
    let mut builder = reqwest::Client::builder().user_agent(agent).no_proxy();
    let direct = proxy.none.as_deref().and_then(reqwest::NoProxy::from_string);
    if let Some(address) = filled(&proxy.https) {
        let way = reqwest::Proxy::https(address).map_err(|_| Unusable::Proxy("HTTPS_PROXY"))?;
        builder = builder.proxy(way.no_proxy(direct.clone()));
    }
    if let Some(address) = filled(&proxy.http) {
        let way = reqwest::Proxy::http(address).map_err(|_| Unusable::Proxy("HTTP_PROXY"))?;
        builder = builder.proxy(way.no_proxy(direct));
    }
    if let Some(pem) = ca {
        let authorities = reqwest::Certificate::from_pem_bundle(pem).map_err(unreadable)?;
        if authorities.is_empty() {
            return Err(Unusable::NoAuthority);
        }
        builder = builder.tls_certs_merge(authorities);
    }
    limit(builder).build().map_err(unreadable)
}

fn filled(address: &Option<String>) -> Option<&str> {
    address.as_deref().filter(|address| !address.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(ca: Option<&str>, https: Option<&str>) -> String {
        let proxy = Proxy { https: https.map(str::to_owned), ..Proxy::default() };
        client("test", ca.map(str::as_bytes), &proxy, |builder| builder).err().unwrap().to_string()
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        for ca in ["", "not a certificate"] {
            assert_eq!(refused(Some(ca), None), "the CA file holds no certificate in PEM form");
        }
        let pem =
            |base64: &str| format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n");
        for broken in ["AAAA", "%%"] {
            let text = refused(Some(&pem(broken)), None);
            assert!(text.starts_with("the CA file cannot be read: "), "{text}");
        }
        let proxy = refused(None, Some("http://ada:s3cret@[h"));
        assert_eq!(proxy, "the variable HTTPS_PROXY: it is not a URL");
    }
}
