//! Signatures with a key of an OpenPGP key ring, armored or binary.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use pgp::composed::ArmorOptions;
use pgp::composed::DetachedSignature;
use pgp::composed::PublicOrSecret;
use pgp::composed::SignedSecretKey;
use pgp::composed::SignedSecretSubKey;
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::SignatureConfig;
use pgp::packet::SignatureType;
use pgp::packet::Subpacket;
use pgp::packet::SubpacketData;
use pgp::types::KeyDetails;
use pgp::types::KeyVersion;
use pgp::types::Password;
use pgp::types::SigningKey;
use pgp::types::Timestamp;

use crate::git::GitError;
use crate::text::Secret;

const EMPTY: &str = "empty GPG key ring";

/// A secret key that may sign, with its passphrase.
#[derive(Clone)]
pub struct OpenPgpKey {
    key: Arc<SignedSecretKey>,
    passphrase: Secret,
}

impl OpenPgpKey {
    /// Picks a key from a key ring and makes sure that the passphrase opens it. Without an id it is the first key of the ring; an id is
    /// the 16 hexadecimal digits of the primary key or of a subkey, with or without `0x`. Errors are worded as the Flux CLI words them.
    ///
    /// # Errors
    /// [`GitError::Key`]: not a key ring, no secret key in it, no key with this id, a wrong passphrase.
    pub fn load(ring: &[u8], id: Option<&str>, passphrase: &Secret) -> Result<Self, GitError> {
        let ring = read_ring(ring)?;
        let wanted = id.filter(|id| !id.is_empty()).map(parse_id).transpose()?;
        let name = |key: &PublicOrSecret| match key {
            PublicOrSecret::Public(key) => {
                let subkeys = key.public_subkeys.iter().map(|subkey| id_of(&subkey.key));
                std::iter::once(id_of(&key.primary_key)).chain(subkeys).collect::<Vec<_>>()
            }
            PublicOrSecret::Secret(key) => {
                let subkeys = key.secret_subkeys.iter().map(|subkey| id_of(&subkey.key));
                std::iter::once(id_of(&key.primary_key)).chain(subkeys).collect()
            }
        };
        let found = ring.into_iter().find(|key| wanted.as_ref().is_none_or(|id| name(key).contains(id)));
        let key = match (found, &wanted) {
            (Some(PublicOrSecret::Secret(key)), _) => key,
            (Some(PublicOrSecret::Public(_)), Some(id)) => {
                return Err(refuse(format!("keyring does not contain private key for key id '{id}'")));
            }
            (Some(PublicOrSecret::Public(_)), None) => {
                return Err(refuse(
                    "keyring does not contain a private key; export the secret key with \
                     'gpg --export-secret-keys' or specify --gpg-key-id",
                ));
            }
            (None, Some(id)) => return Err(refuse(format!("no GPG keyring matching key id '{id}' found"))),
            (None, None) => return Err(refuse(EMPTY)),
        };
        let key = Self { key: Arc::new(key), passphrase: passphrase.clone() };
        key.open()?;
        Ok(key)
    }

    /// The id of the key that signs.
    pub fn id(&self) -> String {
        match self.signing_subkey() {
            Some(subkey) => id_of(&subkey.key),
            None => id_of(&self.key.primary_key),
        }
    }

    pub(super) fn sign(&self, text: &[u8], at: &jiff::Zoned) -> Result<String, GitError> {
        match self.signing_subkey() {
            Some(subkey) => self.sign_with(&subkey.key, text, at),
            None => self.sign_with(&self.key.primary_key, text, at),
        }
    }

    fn sign_with(&self, key: &impl SigningKey, text: &[u8], at: &jiff::Zoned) -> Result<String, GitError> {
        let broken = |error: pgp::errors::Error| refuse(format!("signing failed: {error}"));
        if key.version() != KeyVersion::V4 {
            return Err(refuse(format!("keys of version {:?} are not supported", key.version())));
        }
        let seconds = u32::try_from(at.timestamp().as_second()).unwrap_or_default();
        let mut config = SignatureConfig::v4(SignatureType::Binary, key.algorithm(), hash_for(key));
        config.hashed_subpackets = vec![
            Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(seconds)))
                .map_err(broken)?,
            Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint())).map_err(broken)?,
        ];
        config.unhashed_subpackets =
            vec![Subpacket::regular(SubpacketData::IssuerKeyId(key.legacy_key_id())).map_err(broken)?];
        let signature = config.sign(key, &self.password(), text).map_err(broken)?;
        DetachedSignature::new(signature).to_armored_string(ArmorOptions::default()).map_err(broken)
    }

    /// The newest subkey made for signing; without one the primary key signs.
    fn signing_subkey(&self) -> Option<&SignedSecretSubKey> {
        let may_sign = |subkey: &&SignedSecretSubKey| {
            let revoked = subkey.signatures.iter().any(|s| s.typ() == Some(SignatureType::SubkeyRevocation));
            !revoked && subkey.signatures.iter().any(|signature| signature.key_flags().sign())
        };
        self.key.secret_subkeys.iter().filter(may_sign).max_by_key(|subkey| subkey.key.created_at())
    }

    /// Decrypts the key once, so that a wrong passphrase is known before there is anything to sign.
    fn open(&self) -> Result<(), GitError> {
        let password = self.password();
        let opened = match self.signing_subkey() {
            Some(subkey) => subkey.key.unlock(&password, |_, _| Ok(())),
            None => self.key.primary_key.unlock(&password, |_, _| Ok(())),
        };
        match opened {
            Ok(Ok(())) => Ok(()),
            _ => Err(refuse(
                "unable to decrypt GPG private key: openpgp: invalid data: private key checksum failure",
            )),
        }
    }

    fn password(&self) -> Password {
        Password::from(self.passphrase.reveal())
    }
}

impl fmt::Debug for OpenPgpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenPgpKey({})", self.id())
    }
}

fn read_ring(ring: &[u8]) -> Result<Vec<PublicOrSecret>, GitError> {
    let unreadable = |why: &dyn fmt::Display| refuse(format!("unable to read GPG key ring: {why}"));
    match ring.first() {
        None => return Err(refuse(EMPTY)),
        // Every packet begins with a tag whose highest bit is set; armor is text.
        Some(tag) if tag & 0x80 == 0 && !ring.trim_ascii_start().starts_with(b"-----BEGIN PGP ") => {
            return Err(unreadable(&"openpgp: invalid data: tag byte does not have MSB set"));
        }
        Some(_) => {}
    }
    let (keys, _) =
        PublicOrSecret::from_reader_many_buf(Cursor::new(ring)).map_err(|error| unreadable(&error))?;
    let keys = keys.collect::<Result<Vec<_>, _>>().map_err(|error| unreadable(&error))?;
    if keys.is_empty() { Err(refuse(EMPTY)) } else { Ok(keys) }
}

fn parse_id(id: &str) -> Result<String, GitError> {
    let digits = id.strip_prefix("0x").unwrap_or(id);
    if digits.len() != 16 {
        return Err(refuse(format!("invalid GPG key id length; expected 16, got {}", digits.len())));
    }
    Ok(digits.to_uppercase())
}

fn id_of(key: &impl KeyDetails) -> String {
    key.legacy_key_id().to_string().to_ascii_uppercase()
}

/// The hash the key's size asks for, but nothing older than SHA-256.
fn hash_for(key: &impl SigningKey) -> HashAlgorithm {
    match key.hash_alg() {
        HashAlgorithm::Sha384 => HashAlgorithm::Sha384,
        HashAlgorithm::Sha512 => HashAlgorithm::Sha512,
        _ => HashAlgorithm::Sha256,
    }
}

fn refuse(reason: impl Into<String>) -> GitError {
    GitError::Key { what: "invalid GPG signing key".to_owned(), reason: reason.into() }
}
