//! What source-controller logs in to a server with.

use super::NewSecret;
use crate::git::GitUrl;
use crate::git::ssh::KeyAlgorithm;
use crate::git::ssh::KeyPair;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context;
use std::time::Duration;

/// How long a host may take to show its key.
const SCAN_TIMEOUT: Duration = Duration::from_secs(30);

impl NewSecret {
    /// A key pair with the host key it was created for, and the passphrase that opens it.
    pub fn ssh(pair: &KeyPair, known_hosts: &str, passphrase: Option<&Secret>) -> Self {
        let secret = Self::default()
            .with("identity", pair.identity.clone())
            .with("identity.pub", pair.public.as_str())
            .with("known_hosts", known_hosts);
        match passphrase.filter(|passphrase| !passphrase.is_empty()) {
            Some(passphrase) => secret.with("password", passphrase.clone()),
            None => secret,
        }
    }

    /// User and password.
    pub fn with_basic(self, username: &str, password: &Secret) -> Self {
        self.with("username", username).with("password", password.clone())
    }

    /// A bearer token.
    pub fn with_bearer(self, token: &Secret) -> Self {
        self.with("bearerToken", token.clone())
    }

    /// The certificate authority of the server; an empty one counts as not set.
    pub fn with_ca(self, ca: &str) -> Self {
        if ca.is_empty() { self } else { self.with("ca.crt", ca) }
    }
}

/// Makes a key pair beside the runtime: RSA takes its time.
///
/// # Errors
/// When the algorithm refuses, which a checked flag does not cause.
pub async fn generate_key(algorithm: KeyAlgorithm) -> anyhow::Result<KeyPair> {
    let made = tokio::task::spawn_blocking(move || KeyPair::generate(algorithm)).await;
    Ok(made.context("generating an SSH key")??)
}

/// The `known_hosts` line of the host in a URL, without a newline.
///
/// # Errors
/// When no SSH server answers there in time.
pub async fn scan(url: &GitUrl, algorithms: &[String], timeout: Duration) -> anyhow::Result<String> {
    let scanned =
        crate::git::ssh::scan_host_key(url.host(), url.port(), algorithms, timeout.min(SCAN_TIMEOUT)).await;
    let line = scanned
        .with_context(|| format!("SSH key scan for host {} failed, error", url.authority()))
        .hint("check host and port of the SSH URL, and that a firewall lets you reach it")?;
    Ok(line.trim().to_owned())
}
