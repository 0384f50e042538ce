//! Private keys in all the forms that Go's `golang.org/x/crypto/ssh` reads, and refused in its words: what is not read here, source-controller
//! cannot use either. The numbers are read here, what they mean is left to the libraries.

use super::pem::WRONG_PASSPHRASE;
use super::pem::decrypt;
use super::pem::is_encrypted as asks_for_passphrase;
use crate::text::PemBlock;
use crate::text::quoted;
use russh::keys::Algorithm;
use russh::keys::PrivateKey;
use russh::keys::signature::Signer;
use russh::keys::ssh_encoding::Decode;
use russh::keys::ssh_key::Cipher;
use russh::keys::ssh_key::Kdf;
use russh::keys::ssh_key::Mpint;
use russh::keys::ssh_key::private::Ed25519Keypair;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::ssh_key::private::RsaKeypair;
use russh::keys::ssh_key::private::RsaPrivateKey;
use russh::keys::ssh_key::public::RsaPublicKey;
use russh::keys::ssh_key::sec1::der::Reader;
use russh::keys::ssh_key::sec1::der::SliceReader;
use russh::keys::ssh_key::sec1::der::Tag;
use russh::keys::ssh_key::sec1::der::Tagged;
use russh::keys::ssh_key::sec1::der::asn1::AnyRef;
use russh::keys::ssh_key::sec1::der::oid::ObjectIdentifier;

const OPENSSH: &str = "OPENSSH PRIVATE KEY";
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";
/// More rounds of the key derivation take a controller longer than anyone waits.
const MOST_ROUNDS: u32 = 1 << 11;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// Go's controllers sign with no smaller RSA key.
const LEAST_BITS: u32 = 1024;
/// The curves with the size of their numbers in bytes. The first is known to Go, but not to its SSH.
const CURVES: [(ObjectIdentifier, usize); 4] = [
    (ObjectIdentifier::new_unwrap("1.3.132.0.33"), 28),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 32),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), 48),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), 66),
];

/// Whether the key in a text asks for a passphrase.
pub(super) fn is_encrypted(text: &str) -> bool {
    PemBlock::all(text).next().is_some_and(|block| {
        asks_for_passphrase(&block)
            || (block.kind == OPENSSH
                && OpenSsh::read(&block.bytes).is_ok_and(|file| file.cipher != "none" || file.kdf != "none"))
    })
}

/// The key in a text. A passphrase is only taken for a key that has one.
///
/// # Errors
/// What Go says about it.
pub(super) fn private_key(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, String> {
    let block = PemBlock::all(text).next().ok_or("ssh: no key found")?;
    let data = if block.kind == OPENSSH {
        OpenSsh::read(&block.bytes)?.open(passphrase)?
    } else if let Some(passphrase) = passphrase {
        let bytes = decrypt(&block, passphrase)?;
        match block.kind.as_str() {
            // If the padding happens to be right, a wrong passphrase yields noise instead of a key.
            "RSA PRIVATE KEY" => pkcs1(&bytes).map_err(|_| WRONG_PASSPHRASE.to_owned())?,
            "EC PRIVATE KEY" => match sec1(&bytes, None) {
                Err(reason) if reason.starts_with(MALFORMED) => return Err(WRONG_PASSPHRASE.to_owned()),
                read => read?,
            },
            kind => return Err(unsupported(kind)),
        }
    } else if asks_for_passphrase(&block) {
        return Err("ssh: this private key is passphrase protected".to_owned());
    } else {
        match block.kind.as_str() {
            "RSA PRIVATE KEY" => pkcs1(&block.bytes).map_err(|reason| instead(reason, &block.bytes))?,
            "EC PRIVATE KEY" => sec1(&block.bytes, None).map_err(|reason| instead(reason, &block.bytes))?,
            "PRIVATE KEY" => pkcs8(&block.bytes).map_err(|reason| instead(reason, &block.bytes))?,
            kind => return Err(unsupported(kind)),
        }
    };
    let key = PrivateKey::new(data, "").map_err(|error| format!("ssh: {error}"))?;
    // Numbers that do not belong together are noticed by using the key.
    let signed = Signer::try_sign(&key, b"fluxr");
    signed.map_err(|_| "ssh: the numbers of the key do not belong together".to_owned())?;
    Ok(key)
}

fn unsupported(kind: &str) -> String {
    format!("ssh: unsupported key type {}", quoted(kind))
}

const MALFORMED: &str = "asn1: structure error";

fn malformed(_: impl std::fmt::Debug) -> String {
    format!("{MALFORMED}: tags don't match")
}

/// Names the actual form of a key under the header of another.
fn instead(reason: String, bytes: &[u8]) -> String {
    if !reason.starts_with(MALFORMED) {
        return reason;
    }
    let form = match () {
        () if is_read(pkcs8(bytes)) => "ParsePKCS8PrivateKey",
        () if is_read(sec1(bytes, None)) => "ParseECPrivateKey",
        () if is_read(pkcs1(bytes)) => "ParsePKCS1PrivateKey",
        () => return reason,
    };
    format!("x509: failed to parse private key (use {form} instead for this key format)")
}

fn is_read(read: Result<KeypairData, String>) -> bool {
    !read.is_err_and(|reason| reason.starts_with(MALFORMED))
}

/// The elements of a DER sequence; what follows it is not looked at.
fn sequence(bytes: &[u8]) -> Result<SliceReader<'_>, String> {
    let whole: AnyRef = SliceReader::new(bytes).and_then(|mut reader| reader.decode()).map_err(malformed)?;
    whole.tag().assert_eq(Tag::Sequence).map_err(malformed)?;
    SliceReader::new(whole.value()).map_err(malformed)
}

fn element<'a>(reader: &mut SliceReader<'a>, tag: Tag) -> Result<&'a [u8], String> {
    let element: AnyRef<'a> = reader.decode().map_err(malformed)?;
    element.tag().assert_eq(tag).map_err(malformed)?;
    Ok(element.value())
}

/// RFC 5208: an algorithm, and the key in the form of that algorithm.
fn pkcs8(bytes: &[u8]) -> Result<KeypairData, String> {
    let mut parts = sequence(bytes)?;
    element(&mut parts, Tag::Integer)?;
    let algorithm = element(&mut parts, Tag::Sequence)?;
    let mut algorithm = SliceReader::new(algorithm).map_err(malformed)?;
    let kind: ObjectIdentifier = algorithm.decode().map_err(malformed)?;
    let key = element(&mut parts, Tag::OctetString)?;
    let embedded =
        |name, reason| format!("x509: failed to parse {name} private key embedded in PKCS#8: {reason}");
    match kind {
        RSA => pkcs1(key).map_err(|reason| embedded("RSA", reason)),
        EC => sec1(key, algorithm.decode().ok()).map_err(|reason| embedded("EC", reason)),
        ED25519 => {
            let seed: AnyRef =
                SliceReader::new(key).and_then(|mut reader| reader.decode()).map_err(malformed)?;
            let seed = seed.value();
            let sized = seed.try_into();
            let sized =
                sized.map_err(|_| format!("x509: invalid Ed25519 private key length: {}", seed.len()))?;
            Ok(KeypairData::Ed25519(Ed25519Keypair::from_seed(sized)))
        }
        X25519 => Err("ssh: unsupported key type *ecdh.PrivateKey".to_owned()),
        _ => Err(format!("x509: PKCS#8 wrapping contained private key with unknown algorithm: {kind}")),
    }
}

/// RFC 8017: the numbers of an RSA key.
fn pkcs1(bytes: &[u8]) -> Result<KeypairData, String> {
    let mut parts = sequence(bytes)?;
    element(&mut parts, Tag::Integer)?;
    let mut numbers = Vec::new();
    for _ in 0..8 {
        numbers.push(Mpint::from_positive_bytes(element(&mut parts, Tag::Integer)?));
    }
    let [n, e, d, p, q, _, _, iqmp] = &numbers[..] else { return Err(malformed(())) };
    if !parts.is_finished() {
        return Err("x509: RSA keys with more than two primes are not supported".to_owned());
    }
    let public = RsaPublicKey::new(e.clone(), n.clone());
    let private = RsaPrivateKey::new(d.clone(), iqmp.clone(), p.clone(), q.clone());
    match (public, private) {
        (Ok(public), Ok(_)) if public.key_size() < LEAST_BITS => {
            Err(format!("crypto/rsa: {}-bit keys are insecure", public.key_size()))
        }
        (Ok(public), Ok(private)) => {
            RsaKeypair::new(public, private).map(KeypairData::Rsa).map_err(|error| format!("x509: {error}"))
        }
        _ => Err("x509: private key contains zero or negative value".to_owned()),
    }
}

/// RFC 5915: the number of an EC key; its curve is in the key or around it.
fn sec1(bytes: &[u8], curve: Option<ObjectIdentifier>) -> Result<KeypairData, String> {
    let mut parts = sequence(bytes)?;
    element(&mut parts, Tag::Integer)?;
    let number = element(&mut parts, Tag::OctetString)?;
    let named = match curve {
        Some(curve) => Some(curve),
        None => parts.decode::<AnyRef>().ok().and_then(|parameters| {
            SliceReader::new(parameters.value()).and_then(|mut reader| reader.decode()).ok()
        }),
    };
    let known = CURVES.iter().find(|(curve, _)| named.as_ref() == Some(curve));
    let (curve, size) = known.ok_or("x509: unknown elliptic curve")?;
    if *size == 28 {
        return Err("ssh: only P-256, P-384 and P-521 EC keys are supported".to_owned());
    }
    ec(curve, *size, number)
}

/// An EC key from its number, which may be written with fewer bytes than the curve has, or with zeros before it.
fn ec(curve: &ObjectIdentifier, size: usize, number: &[u8]) -> Result<KeypairData, String> {
    let number = &number[number.iter().take_while(|byte| **byte == 0).count()..];
    let Some(missing) = size.checked_sub(number.len()) else {
        return Err("x509: invalid private key length".to_owned());
    };
    let tagged =
        |tag: u8, content: &[u8]| [&[tag, u8::try_from(content.len()).unwrap_or(0)], content].concat();
    let number = tagged(4, &[&vec![0; missing], number].concat());
    let curve = tagged(0xa0, &tagged(6, curve.as_bytes()));
    let canonical = tagged(0x30, &[&[2, 1, 1][..], &number, &curve].concat());
    let read = russh::keys::pkcs8::decode_pkcs8(&canonical, None);
    let key = read.map_err(|_| "x509: invalid elliptic curve private key value".to_owned())?;
    Ok(key.key_data().clone())
}

/// A file in OpenSSH's own form (PROTOCOL.key).
struct OpenSsh<'a> {
    cipher: &'a str,
    kdf: &'a str,
    options: &'a [u8],
    private: &'a [u8],
}

impl<'a> OpenSsh<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, String> {
        const BROKEN: &str = "ssh: invalid openssh private key format";
        let mut rest = bytes.strip_prefix(OPENSSH_MAGIC).ok_or(BROKEN)?;
        let mut text = || std::str::from_utf8(field(&mut rest)?).ok();
        let (cipher, kdf) = (text().ok_or(BROKEN)?, text().ok_or(BROKEN)?);
        let options = field(&mut rest).ok_or(BROKEN)?;
        if u32::decode(&mut rest).map_err(|_| BROKEN)? != 1 {
            return Err("ssh: multi-key files are not supported".to_owned());
        }
        field(&mut rest).ok_or(BROKEN)?;
        Ok(Self { cipher, kdf, options, private: field(&mut rest).ok_or(BROKEN)? })
    }

    fn open(&self, passphrase: Option<&str>) -> Result<KeypairData, String> {
        let bytes = match passphrase {
            None if self.cipher != "none" || self.kdf != "none" => {
                return Err("ssh: this private key is passphrase protected".to_owned());
            }
            None if !self.options.is_empty() => return Err("ssh: invalid openssh private key".to_owned()),
            None => self.private.to_vec(),
            Some(passphrase) => self.decrypt(passphrase)?,
        };
        let mut rest = &bytes[..];
        let mut check = || u32::decode(&mut rest).ok();
        let (one, other) = (check(), check());
        let kind = field(&mut rest).filter(|_| one.is_some() && one == other);
        let wrong = if self.cipher == "none" { "ssh: malformed OpenSSH key" } else { WRONG_PASSPHRASE };
        let data = numbers(kind.ok_or(wrong)?, &mut rest)?;
        field(&mut rest).ok_or("ssh: malformed OpenSSH key")?;
        if rest.iter().zip(1..).any(|(byte, wanted)| *byte != wanted) {
            return Err("ssh: padding not as expected".to_owned());
        }
        Ok(data)
    }

    fn decrypt(&self, passphrase: &str) -> Result<Vec<u8>, String> {
        if self.cipher == "none" || self.kdf == "none" {
            return Err("ssh: key is not password protected".to_owned());
        }
        if self.kdf != "bcrypt" {
            return Err(format!("ssh: unknown KDF {}, only supports \"bcrypt\"", quoted(self.kdf)));
        }
        let mut options = self.options;
        let salt = field(&mut options).ok_or("ssh: malformed OpenSSH key")?.to_vec();
        let rounds = u32::decode(&mut options).map_err(|_| "ssh: malformed OpenSSH key")?;
        if rounds > MOST_ROUNDS {
            return Err(format!("ssh: bcrypt KDF rounds {rounds} exceed maximum {MOST_ROUNDS}"));
        }
        let cipher = match self.cipher {
            "aes256-ctr" => Cipher::Aes256Ctr,
            "aes256-cbc" => Cipher::Aes256Cbc,
            other => {
                return Err(format!(
                    "ssh: unknown cipher {}, only supports \"aes256-ctr\" or \"aes256-cbc\"",
                    quoted(other)
                ));
            }
        };
        let mut bytes = self.private.to_vec();
        let derived = Kdf::Bcrypt { salt, rounds }.derive_key_and_iv(cipher, passphrase);
        let (key, iv) = derived.map_err(|error| format!("bcrypt_pbkdf: {error}"))?;
        cipher.decrypt(&key, &iv, &mut bytes, None).map_err(|_| {
            "ssh: invalid encrypted private key length, not a multiple of the block size".to_owned()
        })?;
        Ok(bytes)
    }
}

/// The key of one kind.
fn numbers(kind: &[u8], rest: &mut &[u8]) -> Result<KeypairData, String> {
    const BROKEN: &str = "ssh: malformed OpenSSH key";
    match kind {
        b"ssh-rsa" => {
            KeypairData::decode_as(rest, Algorithm::Rsa { hash: None }).map_err(|_| BROKEN.to_owned())
        }
        b"ssh-ed25519" => KeypairData::decode_as(rest, Algorithm::Ed25519).map_err(|_| BROKEN.to_owned()),
        b"ecdsa-sha2-nistp256" | b"ecdsa-sha2-nistp384" | b"ecdsa-sha2-nistp521" => {
            let (curve, size) = match field(rest).ok_or(BROKEN)? {
                b"nistp256" => CURVES[1],
                b"nistp384" => CURVES[2],
                b"nistp521" => CURVES[3],
                other => {
                    let name = String::from_utf8_lossy(other);
                    return Err(format!("ssh: unhandled elliptic curve: {name}"));
                }
            };
            let (public, number) = (field(rest).ok_or(BROKEN)?, field(rest).ok_or(BROKEN)?);
            let key = ec(&curve, size, number).map_err(|_| "ssh: scalar is out of range")?;
            if key.ecdsa().is_none_or(|pair| pair.public_key_bytes() != public) {
                return Err("ssh: public key does not match private key".to_owned());
            }
            Ok(key)
        }
        _ => Err("ssh: unhandled key type".to_owned()),
    }
}

/// Bytes after their length.
fn field<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (field, after) = after.split_at_checked(length)?;
    *rest = after;
    Some(field)
}
