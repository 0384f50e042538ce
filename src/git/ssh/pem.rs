//! PEM as Go's `encoding/pem` reads it, and its old encryption (RFC 1423) as `crypto/x509` opens it: Flux and its controllers read key
//! files so.

use base64::Engine;
use base64::alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::KeyIvInit;
use cbc::cipher::block_padding::NoPadding;
use russh::keys::ssh_key::Cipher;
use std::collections::BTreeMap;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "\n-----END ";
const DASHES: &str = "-----";
/// What a wrong passphrase is told with.
pub(super) const WRONG_PASSPHRASE: &str = "x509: decryption password incorrect";

/// One block: `-----BEGIN <kind>-----`, headers, bytes in Base64.
pub(super) struct Block {
    pub(super) kind: String,
    headers: BTreeMap<String, String>,
    pub(super) bytes: Vec<u8>,
}

impl Block {
    /// The first block that is whole; what is around it and what is broken before it is passed over.
    pub(super) fn first(text: &str) -> Option<Self> {
        let mut rest = text;
        loop {
            let end = rest.find(END)?;
            let (before, after) = (&rest[..end], &rest[end + END.len()..]);
            if let Some(block) = Self::between(before, after) {
                return Some(block);
            }
            rest = after;
        }
    }

    /// The block that begins last before the text `after` an END.
    fn between(before: &str, after: &str) -> Option<Self> {
        let begin = before.rfind(BEGIN)?;
        if begin > 0 && !before[..begin].ends_with('\n') {
            return None;
        }
        let inside = &before[begin + BEGIN.len()..];
        let (kind, mut body) = inside.split_once('\n').unwrap_or((inside, ""));
        let kind = trimmed(kind).strip_suffix(DASHES)?;
        let mut headers = BTreeMap::new();
        while let Some((key, value)) = trimmed(body.split('\n').next().unwrap_or_default()).split_once(':') {
            headers.insert(key.trim().to_owned(), value.trim().to_owned());
            body = body.split_once('\n')?.1;
        }
        let rest = after.strip_prefix(kind)?.strip_prefix(DASHES)?;
        if !trimmed(rest.split('\n').next().unwrap_or_default()).is_empty() {
            return None;
        }
        let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
        let text: String = body.chars().filter(|letter| !" \t\r\n".contains(*letter)).collect();
        let bytes = GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(text).ok()?;
        Some(Self { kind: kind.to_owned(), headers, bytes })
    }

    /// Whether a passphrase is needed to read it.
    pub(super) fn is_encrypted(&self) -> bool {
        self.headers.get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"))
    }

    /// The bytes, decrypted.
    ///
    /// # Errors
    /// A block that is not encrypted in this way, a method that is not known, a wrong passphrase.
    pub(super) fn decrypt(&self, passphrase: &str) -> Result<Vec<u8>, String> {
        let method = self.headers.get("DEK-Info").filter(|_| self.is_encrypted());
        let method = method.ok_or("ssh: not an encrypted key")?;
        let refuse =
            |reason: &dyn std::fmt::Display| format!("ssh: cannot decode encrypted private keys: {reason}");
        let (name, iv) = method.split_once(',').ok_or_else(|| refuse(&"x509: malformed DEK-Info header"))?;
        let (cipher, key_size, block_size) = match name {
            "DES-CBC" => (None, 8, 8),
            "DES-EDE3-CBC" => (None, 24, 8),
            "AES-128-CBC" => (Some(Cipher::Aes128Cbc), 16, 16),
            "AES-192-CBC" => (Some(Cipher::Aes192Cbc), 24, 16),
            "AES-256-CBC" => (Some(Cipher::Aes256Cbc), 32, 16),
            _ => return Err(refuse(&"x509: unknown encryption mode")),
        };
        let iv = hex::decode(iv).map_err(|error| match error {
            hex::FromHexError::InvalidHexCharacter { c, .. } => {
                refuse(&format!("encoding/hex: invalid byte: U+{:04X} '{c}'", u32::from(c)))
            }
            _ => refuse(&"encoding/hex: odd length hex string"),
        })?;
        if iv.len() != block_size {
            return Err(refuse(&"x509: incorrect IV size"));
        }
        if !self.bytes.len().is_multiple_of(block_size) {
            return Err(refuse(&"x509: encrypted PEM data is not a multiple of the block size"));
        }
        let key = derive_key(passphrase, &iv[..8], key_size);
        let mut bytes = self.bytes.clone();
        let opened = match cipher {
            Some(cipher) => cipher.decrypt(&key, &iv, &mut bytes, None).is_ok(),
            // DES is its triple form with one key three times.
            None => cbc::Decryptor::<des::TdesEde3>::new_from_slices(&key.repeat(24 / key_size), &iv)
                .is_ok_and(|cipher| cipher.decrypt_padded::<NoPadding>(&mut bytes).is_ok()),
        };
        let Some(padding) = bytes.last().copied().filter(|_| opened) else {
            return Err(refuse(&"x509: invalid padding"));
        };
        let kept = bytes.len().saturating_sub(padding.into());
        let is_whole = (1..=block_size).contains(&padding.into())
            && kept + usize::from(padding) == bytes.len()
            && bytes[kept..].iter().all(|byte| *byte == padding);
        if !is_whole {
            return Err(WRONG_PASSPHRASE.to_owned());
        }
        bytes.truncate(kept);
        Ok(bytes)
    }
}

/// A line without its carriage return and the blanks at its end.
fn trimmed(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t'])
}

/// OpenSSL's old way from a passphrase to a key: MD5 over what came before, the passphrase and the salt.
fn derive_key(passphrase: &str, salt: &[u8], size: usize) -> Vec<u8> {
    let mut key = Vec::new();
    let mut digest = Vec::new();
    while key.len() < size {
        digest = md5::compute([&digest[..], passphrase.as_bytes(), salt].concat()).to_vec();
        key.extend_from_slice(&digest);
    }
    key.truncate(size);
    key
}
