//! A certificate with its private key, judged as Go's `crypto/tls` judges a pair that it is to use.

use super::NewSecret;
use crate::git::ssh::KeyPair;
use crate::text::Der;
use crate::text::PemBlock;
use crate::text::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const PRIVATE_KEY: &str = "PRIVATE KEY";
/// The forms of a private key; what a file calls its own is not looked at.
const FORMS: [&str; 3] = ["RSA PRIVATE KEY", PRIVATE_KEY, "EC PRIVATE KEY"];

/// The algorithms of public keys, by their object identifiers in DER.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OBJECT: u8 = 0x06;
const VERSION: u8 = 0xa0;

impl NewSecret {
    /// A client certificate with its key, an authority, or both; what is empty is left out.
    ///
    /// # Errors
    /// Neither of them, half a pair, or a pair that does not match, in the words of Go.
    pub fn tls(certificate: &str, key: &Secret, authority: &str) -> anyhow::Result<Self> {
        let secret = match (certificate.is_empty(), key.is_empty()) {
            (true, true) => {
                anyhow::ensure!(!authority.is_empty(), "no CA certificate or client certificate pair found");
                Self::of_type("Opaque")
            }
            (false, true) => anyhow::bail!("found certificate but missing private key"),
            (true, false) => anyhow::bail!("found private key but missing certificate"),
            (false, false) => {
                check_pair(certificate, key.reveal())
                    .map_err(|reason| anyhow::anyhow!("invalid TLS certificate and key pair: {reason}"))?;
                let pair = Self::of_type("kubernetes.io/tls");
                pair.with("tls.crt", certificate).with("tls.key", key.clone())
            }
        };
        Ok(secret.with_ca(authority))
    }
}

/// A public key: the algorithm's name in SSH without its variant, and what tells one key from another.
type PublicKey = (&'static str, Vec<u8>);

fn check_pair(certificate: &str, key: &str) -> Result<(), String> {
    let certificate = first_certificate(certificate)?;
    let key = first_key(key)?;
    let public = public_key(&certificate).ok_or("x509: malformed certificate")?;
    let held = FORMS.iter().find_map(|form| public_half(&PemBlock::text(form, &key.bytes)));
    let held = held.ok_or("tls: failed to parse private key")?;
    match public {
        ("", _) => Err("tls: unknown public key algorithm".to_owned()),
        (kind, _) if kind != held.0 => Err("tls: private key type does not match public key type".to_owned()),
        (_, number) if number != held.1 => Err("tls: private key does not match public key".to_owned()),
        _ => Ok(()),
    }
}

fn first_certificate(text: &str) -> Result<Vec<u8>, String> {
    let mut others = Vec::new();
    for block in PemBlock::all(text) {
        if block.kind == "CERTIFICATE" {
            return Ok(block.bytes);
        }
        others.push(block.kind);
    }
    Err(match &others[..] {
        [] => "tls: failed to find any PEM data in certificate input".to_owned(),
        [only] if only.ends_with(PRIVATE_KEY) => {
            "tls: failed to find certificate PEM data in certificate input, \
             but did find a private key; PEM inputs may have been switched"
                .to_owned()
        }
        others => format!(
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks \
             of the following types: [{}]",
            others.join(" ")
        ),
    })
}

fn first_key(text: &str) -> Result<PemBlock, String> {
    let mut others = Vec::new();
    for block in PemBlock::all(text) {
        if block.kind == PRIVATE_KEY || block.kind.ends_with(&format!(" {PRIVATE_KEY}")) {
            return Ok(block);
        }
        others.push(block.kind);
    }
    Err(match &others[..] {
        [] => "tls: failed to find any PEM data in key input".to_owned(),
        [only] if only == "CERTIFICATE" => {
            "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
        }
        others => format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks \
             of the following types: [{}]",
            others.join(" ")
        ),
    })
}

/// The public key of a certificate; one of an unknown algorithm has no name.
fn public_key(certificate: &[u8]) -> Option<PublicKey> {
    let mut certificate = Der(Der(certificate).take(SEQUENCE)?);
    let mut parts = Der(certificate.take(SEQUENCE)?);
    if parts.0.first() == Some(&VERSION) {
        parts.take(VERSION)?;
    }
    parts.take(INTEGER)?;
    // Algorithm, issuer, validity, subject.
    for _ in 0..4 {
        parts.take(SEQUENCE)?;
    }
    let mut key = Der(parts.take(SEQUENCE)?);
    let mut algorithm = Der(key.take(SEQUENCE)?);
    // The first byte says how many bits are left out.
    let bits = key.take(BITS)?.get(1..)?;
    Some(match algorithm.take(OBJECT)? {
        RSA => ("ssh-rsa", unsigned(Der(Der(bits).take(SEQUENCE)?).take(INTEGER)?)),
        EC => ("ecdsa", bits.to_vec()),
        ED25519 => ("ssh-ed25519", bits.to_vec()),
        _ => ("", Vec::new()),
    })
}

/// The public half of a private key, by way of its form in SSH (RFC 4253, 5656, 8709).
fn public_half(text: &str) -> Option<PublicKey> {
    let public = KeyPair::load(text, None, "key").ok()?.public;
    let blob = STANDARD.decode(public.split(' ').nth(1)?.trim()).ok()?;
    let mut rest = &blob[..];
    let mut fields = std::iter::from_fn(|| {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (field, after) = after.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)?;
        rest = after;
        Some(field)
    });
    let kind = fields.next()?;
    let last = fields.last()?;
    Some(match kind {
        b"ssh-rsa" => ("ssh-rsa", unsigned(last)),
        b"ssh-ed25519" => ("ssh-ed25519", last.to_vec()),
        _ => ("ecdsa", last.to_vec()),
    })
}

/// A number without the zeros before it.
fn unsigned(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}
