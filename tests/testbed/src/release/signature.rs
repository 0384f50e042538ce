//! Signing: ECDSA over P-256 with SHA-256, the keys and signatures of `cosign sign-blob --key`.
//!
//! It is what a user's machine can verify: any OpenSSL or LibreSSL does (`ca-certificates` brings the one on Debian, macOS has the other),
//! and so does cosign. minisign is nowhere by default, and the `ssh-keygen` of RHEL 8 cannot verify.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::SecretKey;
use p256::ecdsa::DerSignature;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use p256::pkcs8::DecodePrivateKey;
use p256::pkcs8::EncodePublicKey;
use p256::pkcs8::LineEnding;

/// A private key that signs releases.
pub struct Key(SigningKey);

impl Key {
    /// Reads a key in PEM, PKCS#8 or SEC 1, as `openssl` makes them.
    ///
    /// # Errors
    /// It is something else; the message does not show it.
    pub fn read(pem: &str) -> anyhow::Result<Self> {
        let key = SecretKey::from_pkcs8_pem(pem.trim())
            .or_else(|_| SecretKey::from_sec1_pem(pem.trim()))
            .ok()
            .context("the signing key is not an unencrypted private key for P-256 in PEM; docs/releasing.md makes one")?;
        Ok(Self(key.into()))
    }

    /// The signature of `bytes`, in DER and Base64. The same bytes have the same signature (RFC 6979).
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> String {
        let signature: DerSignature = self.0.sign(bytes);
        STANDARD.encode(signature.as_bytes())
    }

    /// The public half, in PEM.
    ///
    /// # Errors
    /// It cannot be written, which does not happen for a key that was read.
    pub fn public(&self) -> anyhow::Result<String> {
        Ok(self.0.verifying_key().to_public_key_pem(LineEnding::LF)?)
    }
}
