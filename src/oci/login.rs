//! Logging in: what a challenge asks for is had from the credentials. (The token flow of the distribution project, and OAuth 2 for identity tokens.)

use super::Credentials;
use super::Registry;
use super::RegistryError;
use super::authorization::Login;
use super::challenge::Challenge;
use super::client::challenge_of;
use super::client::lock;
use super::client::read_body;
use super::client::refusal;
use super::client::unreachable;
use crate::text::Secret;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use serde_json::Value;
use std::net::IpAddr;
use url::Url;

/// No token is larger.
const LARGEST_ANSWER: usize = 64 * 1024;

impl Registry<'_> {
    /// Does what the challenge of a refusal asks for.
    pub(super) async fn log_in(&self, refused: &Response) -> Result<(), RegistryError> {
        let challenge = challenge_of(refused);
        let scheme = challenge.as_ref().map(|challenge| challenge.scheme.as_str()).unwrap_or_default();
        let login = match (scheme, &challenge) {
            ("basic", _) => Login::Basic,
            ("bearer", Some(challenge)) => Login::Bearer(self.token(challenge).await?),
            // A registry that asks for nothing gets nothing, and refuses what needs a login.
            ("", _) => Login::Anonymous,
            (other, _) => return Err(RegistryError::Login(format!("unrecognized challenge: {other}"))),
        };
        *lock(&self.login) = login;
        Ok(())
    }

    async fn token(&self, challenge: &Challenge) -> Result<Secret, RegistryError> {
        if let Credentials::RegistryToken(token) = &self.access.credentials {
            return Ok(token.clone());
        }
        let Some(realm) = challenge.parameters.get("realm") else {
            let reason = "malformed www-authenticate, missing realm";
            return Err(RegistryError::Login(format!("{reason}: {}", self.repository.registry())));
        };
        let realm = self.checked_realm(realm)?;
        let service = challenge.parameters.get("service").map(String::as_str).unwrap_or_default();
        // What is asked for comes first: some registries look at one scope only.
        let asked = challenge.parameters.get("scope").filter(|asked| **asked != self.scope);
        let scopes: Vec<&str> = asked.into_iter().map(String::as_str).chain([self.scope.as_str()]).collect();
        if let Credentials::IdentityToken(token) = &self.access.credentials {
            let form = [
                ("grant_type", "refresh_token"),
                ("service", service),
                ("scope", &scopes.join(" ")),
                ("client_id", "fluxr"),
                ("refresh_token", token.reveal()),
            ];
            let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            let kind = "application/x-www-form-urlencoded";
            let request =
                self.http.post(realm.clone()).header(reqwest::header::CONTENT_TYPE, kind).body(form);
            match self.exchange(&Method::POST, &realm, request).await {
                // Not every token server knows OAuth 2.
                Err(error) if error.is_missing() => {}
                answer => return answer,
            }
        }
        let mut url = realm;
        for scope in scopes {
            url.query_pairs_mut().append_pair("scope", scope);
        }
        url.query_pairs_mut().append_pair("service", service);
        let mut request = self.http.get(url.clone());
        if let Credentials::Basic { username, password } = &self.access.credentials {
            request = request.basic_auth(username, Some(password.reveal()));
        }
        self.exchange(&Method::GET, &url, request).await
    }

    async fn exchange(
        &self,
        method: &Method,
        url: &Url,
        request: RequestBuilder,
    ) -> Result<Secret, RegistryError> {
        let answer = self
            .retried(async || {
                let request = request
                    .try_clone()
                    .ok_or_else(|| RegistryError::Login("the request cannot be sent".into()))?;
                let answer = request.send().await.map_err(|error| unreachable(method, url, &error))?;
                match answer.status() {
                    StatusCode::OK => Ok(answer),
                    _ => Err(refusal(method, answer).await),
                }
            })
            .await?;
        let body = read_body(method, answer, LARGEST_ANSWER).await?;
        // What the server wrote instead of a token may be one nevertheless, and is not shown.
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let token = ["access_token", "token"].map(|name| body[name].as_str().unwrap_or_default());
        match token.into_iter().find(|token| !token.is_empty()) {
            Some(token) => {
                let token = Secret::new(token);
                (self.access.redact)(&token);
                Ok(token)
            }
            None => {
                let host = url.host_str().unwrap_or_default();
                Err(RegistryError::Login(format!("no token in bearer response of \"{host}\"")))
            }
        }
    }

    /// The address of a token server is what the registry says: it must not make this program ask in networks that only this machine reaches.
    fn checked_realm(&self, realm: &str) -> Result<Url, RegistryError> {
        let refuse =
            |reason: String| RegistryError::Login(format!("invalid realm in www-authenticate: {reason}"));
        let url = Url::parse(realm).map_err(|error| refuse(format!("parsing realm \"{realm}\": {error}")))?;
        match url.scheme() {
            "https" => {}
            "http" if self.base.scheme() == "http" => {}
            other => {
                return Err(refuse(format!(
                    "realm scheme \"{other}\" not allowed; must be https (or http for insecure registries)"
                )));
            }
        }
        let is_private = match url.host() {
            Some(url::Host::Ipv4(address)) => is_private(address.into()),
            Some(url::Host::Ipv6(address)) => is_private(address.into()),
            _ => false,
        };
        if is_private && !self.is_own(&url) {
            let host = url.host_str().unwrap_or_default();
            return Err(refuse(format!("realm host \"{host}\" is a private or link-local address")));
        }
        Ok(url)
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_unspecified()
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_private(mapped.into()),
            None => {
                address.is_loopback()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
                    || address.is_unspecified()
            }
        },
    }
}
