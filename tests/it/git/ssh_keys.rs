//! Private keys: those of OpenSSH and OpenSSL, and the generated ones.

use std::process::Command;

use fluxr::testing::git::GitError;
use fluxr::testing::git::ssh::KeyAlgorithm;
use fluxr::testing::git::ssh::KeyPair;
use fluxr::testing::git::ssh::PrivateKey;
use fluxr::testing::text::Secret;

use super::failure;
use super::ssh::KINDS;

#[test]
fn a_key_with_a_short_number_is_read_as_go_reads_it() {
    let short = include_str!("../data/ssh/short-scalar");
    let pair = KeyPair::load(short, None, "k").unwrap();
    assert!(pair.public.starts_with("ecdsa-sha2-nistp256 "), "{}", pair.public);
}

#[test]
fn keys_made_by_openssh_are_read_in_all_their_forms() {
    let dir = tempfile::tempdir().unwrap();
    for kind in ["ed25519", "ecdsa", "rsa"] {
        for (form, passphrase) in [
            ("RFC4716", ""),
            ("RFC4716", "pa:ss"),
            ("PKCS8", ""),
            ("PKCS8", "pa:ss"),
            ("PEM", ""),
            ("PEM", "pa:ss"),
        ] {
            if kind == "ed25519" && form != "RFC4716" {
                continue;
            }
            let file = dir.path().join(format!("{kind}-{form}-{}", passphrase.len()));
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", kind, "-m", form, "-N", passphrase, "-C", "somebody", "-f"]).arg(&file);
            if kind == "rsa" {
                command.args(["-b", "2048"]);
            }
            let Ok(output) = command.output() else { return };
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let text = std::fs::read_to_string(&file).unwrap();
            let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
            let secret = Secret::new(passphrase);
            if form == "PKCS8" && !passphrase.is_empty() {
                // Go reads no PKCS#8 with a passphrase, and source-controller is written in it.
                for (given, said) in [
                    (Some(&secret), "ssh: not an encrypted key"),
                    (None, "ssh: unsupported key type \"ENCRYPTED PRIVATE KEY\""),
                ] {
                    let error = failure(KeyPair::load(&text, given, "k")).to_string();
                    assert!(error.ends_with(said), "{kind}: {error}");
                }
                continue;
            }
            let loaded = KeyPair::load(&text, Some(&secret), "k");
            let pair = loaded.unwrap_or_else(|error| panic!("{kind} {form}: {error}"));
            assert_eq!(pair.identity.reveal(), text, "a loaded key is kept as it is");
            assert_eq!(pair.public.trim_end(), public.trim_end().trim_end_matches(" somebody"));
            if passphrase.is_empty() {
                let error = failure(KeyPair::load(&text, Some(&Secret::new("x")), "k")).to_string();
                let said = ["ssh: not an encrypted key", "ssh: key is not password protected"];
                assert!(said.iter().any(|said| error.ends_with(said)), "{kind} {form}: {error}");
                continue;
            }
            let error = failure(KeyPair::load(&text, None, "k")).to_string();
            assert!(
                error.ends_with("ssh: this private key is passphrase protected"),
                "{kind} {form}: {error}"
            );
            let error = failure(KeyPair::load(&text, Some(&Secret::new("wrong")), "k")).to_string();
            assert!(error.ends_with("x509: decryption password incorrect"), "{kind} {form}: {error}");
        }
    }
}

/// What OpenSSL makes: each with what it is made by, whether it is encrypted, and the error instead of reading it.
#[test]
fn keys_made_by_openssl_are_read_or_refused_as_go_does() {
    const P256: &str = "ecparam -genkey -name prime256v1";
    let of = |more: &str| format!("{P256} -noout {more}");
    let convert = |how: &str| format!("{P256} -noout | openssl {how}");
    let dir = tempfile::tempdir().unwrap();
    for (line, is_encrypted, said) in [
        ("genrsa 2048".to_owned(), false, ""),
        ("genrsa -3 2048".to_owned(), false, ""),
        ("genrsa -traditional 2048".to_owned(), false, ""),
        ("genrsa -traditional -des3 -passout pass:pa:ss 2048".to_owned(), true, ""),
        ("genrsa -traditional -aes192 -passout pass:pa:ss 2048".to_owned(), true, ""),
        (
            "genrsa -traditional -camellia256 -passout pass:pa:ss 2048".to_owned(),
            true,
            "unknown encryption mode",
        ),
        ("genpkey -algorithm ed25519".to_owned(), false, ""),
        ("genpkey -algorithm ed448".to_owned(), false, "unknown algorithm: 1.3.101.113"),
        ("genpkey -algorithm x25519".to_owned(), false, "ssh: unsupported key type *ecdh.PrivateKey"),
        ("genpkey -algorithm rsa-pss".to_owned(), false, "unknown algorithm: 1.2.840.113549.1.1.10"),
        (of(""), false, ""),
        (of("-param_enc explicit"), false, "x509: unknown elliptic curve"),
        (P256.to_owned(), false, "ssh: unsupported key type \"EC PARAMETERS\""),
        (of("-name secp224r1"), false, "only P-256, P-384 and P-521 EC keys are supported"),
        (of("-name secp256k1"), false, "x509: unknown elliptic curve"),
        (of("-name secp521r1"), false, ""),
        (convert("ec -no_public"), false, ""),
        (convert("ec -aes256 -passout pass:pa:ss"), true, ""),
        (convert("pkcs8 -topk8 -nocrypt"), false, ""),
    ] {
        let command = format!("openssl {line}");
        let Ok(made) = Command::new("sh").arg("-c").arg(&command).current_dir(dir.path()).output() else {
            return;
        };
        let text = String::from_utf8(made.stdout).unwrap();
        if text.is_empty() {
            // An OpenSSL that does not know the algorithm, or none at all.
            continue;
        }
        let passphrase = Secret::new(if is_encrypted { "pa:ss" } else { "" });
        match KeyPair::load(&text, Some(&passphrase), "k") {
            Ok(pair) => assert_eq!(said, "", "{command}: {}", pair.public),
            Err(error) => {
                assert!(!said.is_empty() && error.to_string().ends_with(said), "{command}: {error}")
            }
        }
    }
}

#[test]
fn generated_keys_are_read_by_openssh() {
    let dir = tempfile::tempdir().unwrap();
    for (kind, name) in KINDS {
        let pair = KeyPair::generate(kind).unwrap();
        let text = pair.identity.reveal();
        assert!(
            text.starts_with("-----BEGIN PRIVATE KEY-----\n")
                && text.ends_with("-----END PRIVATE KEY-----\n")
        );
        assert!(text.lines().all(|line| line.len() <= 64));
        assert!(!format!("{pair:?}").contains("BEGIN"), "{pair:?}");
        // OpenSSH reads Ed25519 in its own form only.
        if kind == KeyAlgorithm::Ed25519 {
            continue;
        }
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let Ok(output) = Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file).output() else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), pair.public.trim(), "{name}");
    }
}

#[test]
fn what_is_not_a_private_key_is_named() {
    for (text, part) in [
        ("", "private key \"id\": ssh: no key found"),
        ("ssh-ed25519 AAAA", "ssh: no key found"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "ssh: not an encrypted key"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAAAA\n",
            "ssh: no key found",
        ),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAAAA\n\
             -----END RSA PRIVATE KEY-----\n",
            "x509: incorrect IV size",
        ),
    ] {
        let error = failure(PrivateKey::parse(text, Some(&Secret::new("x")), "id"));
        assert!(matches!(error, GitError::Key { .. }) && error.to_string().contains(part), "{error}");
    }
}
