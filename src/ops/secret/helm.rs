//! What source-controller logs in to a chart repository with.

use super::NewSecret;
use crate::text::Secret;

impl NewSecret {
    /// A client certificate with its key, else user and password; an authority with both, or alone. Without any of them it is empty.
    ///
    /// # Errors
    /// Half of a pair, or a certificate that is not that of its key.
    pub fn helm(
        username: &str,
        password: &Secret,
        certificate: &str,
        key: &Secret,
        authority: &str,
    ) -> anyhow::Result<Self> {
        if !certificate.is_empty() || !key.is_empty() {
            return Self::tls(certificate, key, authority);
        }
        if !username.is_empty() || !password.is_empty() {
            anyhow::ensure!(!username.is_empty(), "username is required");
            anyhow::ensure!(!password.is_empty(), "password is required");
            let secret = Self::of_type("kubernetes.io/basic-auth");
            return Ok(secret.with_basic(username, password).with_ca(authority));
        }
        if authority.is_empty() {
            return Ok(Self::default());
        }
        Self::tls("", &Secret::default(), authority)
    }
}
