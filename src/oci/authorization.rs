//! How requests to a registry are authorised at the moment.

use super::Credentials;
use crate::text::Secret;
use reqwest::RequestBuilder;

/// What the registry has asked for, and been given.
#[derive(Debug)]
pub(super) enum Login {
    Anonymous,
    Basic,
    Bearer(Secret),
}

impl Login {
    /// Adds the header to a request for the registry.
    pub(super) fn authorize(&self, request: RequestBuilder, credentials: &Credentials) -> RequestBuilder {
        match (self, credentials) {
            (Self::Bearer(token), _) | (Self::Basic, Credentials::RegistryToken(token)) => {
                request.bearer_auth(token.reveal())
            }
            (Self::Basic, Credentials::Basic { username, password }) => {
                request.basic_auth(username, Some(password.reveal()))
            }
            (Self::Basic, Credentials::Anonymous | Credentials::IdentityToken(_)) | (Self::Anonymous, _) => {
                request
            }
        }
    }
}
