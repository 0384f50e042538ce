//! Key pairs: made, read, and written as Flux keeps them in a source secret (PKCS#8 PEM and an authorized_keys line).

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use russh::keys::Algorithm;
use russh::keys::EcdsaCurve;
use russh::keys::ssh_key;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::ssh_key::private::RsaKeypair;

use super::decode;
use crate::git::GitError;
use crate::text::Secret;

/// A NIST curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    P256,
    P384,
    P521,
}

/// What kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAlgorithm {
    Ecdsa(Curve),
    /// With the size of the modulus in bits.
    Rsa(usize),
    Ed25519,
}

/// A private key, ready to use. Printing it shows its kind only.
#[derive(Clone)]
pub struct PrivateKey(pub(in crate::git) Arc<ssh_key::PrivateKey>);

/// A key as it goes into a source secret.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// `identity`: PKCS#8 PEM when made here, the bytes of the file when loaded.
    pub identity: Secret,
    /// `identity.pub`: the authorized_keys line, with its newline.
    pub public: String,
    /// The key itself, decrypted.
    pub key: PrivateKey,
}

impl KeyPair {
    /// Makes a new key. RSA keys take up to seconds.
    ///
    /// # Errors
    /// [`GitError::Key`] for an RSA size that cannot be.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, GitError> {
        let mut rng = russh::keys::key::safe_rng();
        let unusable = |error: ssh_key::Error| unusable("generating an SSH key", error);
        let key = match algorithm {
            KeyAlgorithm::Ed25519 => ssh_key::PrivateKey::random(&mut rng, Algorithm::Ed25519),
            KeyAlgorithm::Ecdsa(curve) => {
                let curve = match curve {
                    Curve::P256 => EcdsaCurve::NistP256,
                    Curve::P384 => EcdsaCurve::NistP384,
                    Curve::P521 => EcdsaCurve::NistP521,
                };
                ssh_key::PrivateKey::random(&mut rng, Algorithm::Ecdsa { curve })
            }
            KeyAlgorithm::Rsa(bits) => RsaKeypair::random(&mut rng, bits)
                .and_then(|pair| ssh_key::PrivateKey::new(KeypairData::Rsa(pair), "")),
        };
        let key = PrivateKey(Arc::new(key.map_err(unusable)?));
        Ok(Self { identity: key.to_pkcs8_pem()?, public: key.authorized_key()?, key })
    }

    /// Takes a key file as it is; `name` stands for it in errors.
    ///
    /// # Errors
    /// As [`PrivateKey::parse`].
    pub fn load(text: &str, passphrase: Option<&Secret>, name: &str) -> Result<Self, GitError> {
        let key = PrivateKey::parse(text, passphrase, name)?;
        Ok(Self { identity: Secret::new(text), public: key.authorized_key()?, key })
    }
}

impl PrivateKey {
    /// Reads a private key in the forms that Flux reads; errors call it `name`.
    ///
    /// # Errors
    /// [`GitError::Key`], in Go's words: not a private key, a missing or wrong passphrase, one for a key that has none, an encryption or
    /// kind of key that is not supported.
    pub fn parse(text: &str, passphrase: Option<&Secret>, name: &str) -> Result<Self, GitError> {
        let passphrase = passphrase.filter(|passphrase| !passphrase.is_empty()).map(Secret::reveal);
        let read = decode::private_key(text, passphrase);
        let refuse = |reason| GitError::Key { what: format!("private key \"{name}\""), reason };
        Ok(Self(Arc::new(read.map_err(refuse)?)))
    }

    /// Whether the text of a private key asks for a passphrase.
    pub fn is_encrypted(text: &str) -> bool {
        decode::is_encrypted(text)
    }

    /// The public half as a line of authorized_keys, with its newline and without a comment, as Flux writes it.
    ///
    /// # Errors
    /// None for the kinds of keys that can be read here.
    pub fn authorized_key(&self) -> Result<String, GitError> {
        let mut public = self.0.public_key().clone();
        public.set_comment("");
        let line = public.to_openssh().map_err(|error| unusable("public key", error))?;
        Ok(format!("{}\n", line.trim_end()))
    }

    /// The name of the key's algorithm, such as `ecdsa-sha2-nistp384`.
    pub fn algorithm(&self) -> String {
        self.0.algorithm().to_string()
    }

    fn to_pkcs8_pem(&self) -> Result<Secret, GitError> {
        let der = match self.0.key_data() {
            KeypairData::Ed25519(pair) => ed25519_pkcs8(pair.private.as_ref()),
            _ => russh::keys::pkcs8::encode_pkcs8(&self.0).map_err(|error| unusable("private key", error))?,
        };
        let encoded = STANDARD.encode(der);
        let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            // Base64 is ASCII, so that every index is a character boundary.
            let (line, after) = rest.split_at(rest.len().min(64));
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        Ok(Secret::new(pem))
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.0.algorithm())
    }
}

/// An Ed25519 key in PKCS#8 version 1 (RFC 8410, section 7): without the public half, which older readers do not accept.
fn ed25519_pkcs8(seed: &[u8]) -> Vec<u8> {
    const HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    [&HEAD, seed].concat()
}

fn unusable(what: &str, error: impl fmt::Display) -> GitError {
    GitError::Key { what: what.to_owned(), reason: error.to_string() }
}
