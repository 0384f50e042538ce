//! The old encryption of PEM (RFC 1423), as Go's `crypto/x509` opens it: Flux and its controllers read key files so.

use crate::text::PemBlock;
use cbc::cipher::BlockModeDecrypt;
use cbc::cipher::KeyIvInit;
use cbc::cipher::block_padding::NoPadding;
use russh::keys::ssh_key::Cipher;

/// The message for a wrong passphrase.
pub(super) const WRONG_PASSPHRASE: &str = "x509: decryption password incorrect";

/// Whether a passphrase is needed to read a block.
pub(super) fn is_encrypted(block: &PemBlock) -> bool {
    block.headers.get("Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED"))
}

/// The bytes of a block, decrypted.
///
/// # Errors
/// A block that is not encrypted in this way, a method that is not known, a wrong passphrase.
pub(super) fn decrypt(block: &PemBlock, passphrase: &str) -> Result<Vec<u8>, String> {
    let method = block.headers.get("DEK-Info").filter(|_| is_encrypted(block));
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
    if !block.bytes.len().is_multiple_of(block_size) {
        return Err(refuse(&"x509: encrypted PEM data is not a multiple of the block size"));
    }
    let key = derive_key(passphrase, &iv[..8], key_size);
    let mut bytes = block.bytes.clone();
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
