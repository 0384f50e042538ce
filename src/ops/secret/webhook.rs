//! The token of a Receiver, and where notification-controller listens for its calls.

use crate::text::Secret;
use anyhow::Context;
use sha2::Digest;
use sha2::Sha256;

/// The path of a webhook: it is as secret as the token.
pub fn webhook_path(token: &Secret, name: &str, namespace: &str) -> String {
    let digest = Sha256::digest(format!("{}{name}{namespace}", token.reveal()));
    format!("/hook/{}", hex::encode(digest))
}

/// A new token that cannot be guessed.
///
/// # Errors
/// When the system has no randomness to give.
pub fn random_token() -> anyhow::Result<Secret> {
    let mut bytes = [0; 32];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random.fill(&mut bytes).ok().context("failed to generate random token")?;
    Ok(Secret::new(hex::encode(bytes)))
}
