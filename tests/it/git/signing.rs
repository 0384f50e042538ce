//! Signed commits, judged by `git verify-commit`.

use std::path::Path;
use std::process::Command;

use fluxr::testing::git::Author;
use fluxr::testing::git::GitError;
use fluxr::testing::git::sign::OpenPgpKey;
use fluxr::testing::git::sign::Signer;
use fluxr::testing::git::ssh::Curve;
use fluxr::testing::git::ssh::KeyAlgorithm;
use fluxr::testing::git::ssh::KeyPair;
use fluxr::testing::text::Secret;

use super::author;
use super::basic;
use super::failure;
use super::server::Fault;
use super::server::Repositories;
use super::server::WRITER;
use super::server::git;
use super::server::serve_http;
use super::server::try_git;

/// Commits and pushes with a signer, and gives the bare repository that holds the commit.
async fn push_signed(repositories: &Repositories, signer: &Signer) -> String {
    let remote = basic(&format!("{}/r", serve_http(repositories.root(), None, Fault::None).await), WRITER);
    let workspace = remote.clone_commits("main", 1).await.unwrap();
    workspace.write("signed", format!("{signer:?}")).unwrap();
    // A signature must not be older than its key.
    let author = Author { at: jiff::Zoned::now(), ..author() };
    let sha = workspace.commit((&author, &author), "Add a signed file", Some(signer)).unwrap().unwrap();
    workspace.push().await.unwrap();
    sha
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_signed_with_ssh_keys_verify() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    let allowed = repositories.root().join("allowed_signers");
    for kind in [KeyAlgorithm::Ed25519, KeyAlgorithm::Ecdsa(Curve::P384), KeyAlgorithm::Rsa(2048)] {
        let pair = KeyPair::generate(kind).unwrap();
        let sha = push_signed(&repositories, &Signer::Ssh(pair.key.clone())).await;
        git(&bare, &["fsck", "--strict"]);
        if Command::new("ssh-keygen").arg("-?").output().is_err() {
            return;
        }
        let setting = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
        let verify = ["-c", setting.as_str(), "verify-commit", sha.as_str()];
        std::fs::write(&allowed, format!("flux@example.com {}", pair.public)).unwrap();
        let (ok, text) = try_git(&bare, &verify, &[]);
        assert!(ok && text.contains("Good \"git\" signature for flux@example.com"), "{text}");
        let other = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
        std::fs::write(&allowed, format!("flux@example.com {}", other.public)).unwrap();
        assert!(!try_git(&bare, &verify, &[]).0, "another key does not verify it");
    }
}

/// GnuPG with a home of its own.
pub(crate) struct Gpg(tempfile::TempDir);

impl Gpg {
    pub(crate) fn new() -> Option<Self> {
        Command::new("gpg").arg("--version").output().ok()?;
        // The socket of its agent must have a short path.
        let mut builder = tempfile::Builder::new();
        builder.prefix("g").permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let home = builder.tempdir_in("/tmp").unwrap();
        // Stretching passphrases takes GnuPG a tenth of a second, and unoptimised code minutes.
        std::fs::write(home.path().join("gpg-agent.conf"), "s2k-count 65536\n").unwrap();
        Some(Self(home))
    }

    pub(crate) fn home(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Vec<u8> {
        let mut command = Command::new("gpg");
        command.env("GNUPGHOME", self.home()).args(["--batch", "--quiet", "--pinentry-mode", "loopback"]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "gpg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Makes a key and gives the id of its primary key.
    pub(crate) fn generate(&self, name: &str, algorithm: &str, passphrase: &str) -> String {
        self.run(&[
            "--passphrase",
            passphrase,
            "--quick-generate-key",
            name,
            algorithm,
            "sign,cert",
            "never",
        ]);
        let listed = String::from_utf8(self.run(&["--list-keys", "--with-colons", name])).unwrap();
        listed.lines().find(|line| line.starts_with("pub:")).unwrap().split(':').nth(4).unwrap().to_owned()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // Ends the agent that GnuPG started for this home, and no other.
        let _ = Command::new("gpgconf").env("GNUPGHOME", self.home()).args(["--kill", "gpg-agent"]).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_signed_with_openpgp_keys_verify() {
    let Some(gpg) = Gpg::new() else { return };
    let repositories = Repositories::new();
    let bare = repositories.create_with("r", &[("a", "1")]);
    let home = [("GNUPGHOME", gpg.home().to_str().unwrap())];
    let passphrase = Secret::new("pass:phrase");
    for algorithm in ["ed25519", "rsa2048", "nistp384"] {
        let name = format!("{algorithm}@example.com");
        let id = gpg.generate(&name, algorithm, passphrase.reveal());
        let export = ["--passphrase", passphrase.reveal(), "--export-secret-keys"];
        for ring in [
            gpg.run(&[&export[..], &["--armor", &name]].concat()),
            gpg.run(&[&export[..], &[&name]].concat()),
        ] {
            let key = OpenPgpKey::load(&ring, None, &passphrase).unwrap();
            assert_eq!(key.id(), id);
            assert!(OpenPgpKey::load(&ring, Some(&format!("0x{}", id.to_lowercase())), &passphrase).is_ok());
            let sha = push_signed(&repositories, &Signer::OpenPgp(key)).await;
            let (ok, text) = try_git(&bare, &["verify-commit", &sha], &home);
            assert!(ok && text.contains("Good signature from"), "{algorithm}: {text}");
            git(&bare, &["fsck", "--strict"]);
            // A commit of the same content needs a new branch to be pushed again.
            repositories.commit("r", "main", &[("signed", algorithm), ("sha", &sha)]);
        }
    }
}

#[test]
fn a_signing_subkey_is_preferred() {
    let Some(gpg) = Gpg::new() else { return };
    let id = gpg.generate("a@example.com", "ed25519", "");
    let listed =
        |gpg: &Gpg| String::from_utf8(gpg.run(&["--list-keys", "--with-colons", "a@example.com"])).unwrap();
    let print = listed(&gpg)
        .lines()
        .find(|line| line.starts_with("fpr:"))
        .unwrap()
        .split(':')
        .nth(9)
        .unwrap()
        .to_owned();
    gpg.run(&["--passphrase", "", "--quick-add-key", &print, "ed25519", "sign", "never"]);
    let subkey = listed(&gpg)
        .lines()
        .find(|line| line.starts_with("sub:"))
        .unwrap()
        .split(':')
        .nth(4)
        .unwrap()
        .to_owned();
    let ring = gpg.run(&["--export-secret-keys"]);
    for wanted in [id.as_str(), subkey.as_str()] {
        assert_eq!(OpenPgpKey::load(&ring, Some(wanted), &Secret::default()).unwrap().id(), subkey);
    }
}

#[test]
fn a_ring_that_cannot_sign_says_why() {
    let Some(gpg) = Gpg::new() else { return };
    let first = gpg.generate("first@example.com", "ed25519", "pass-s3cret");
    let second = gpg.generate("second@example.com", "ed25519", "pass-s3cret");
    let right = Secret::new("pass-s3cret");
    let ring = gpg.run(&["--passphrase", right.reveal(), "--export-secret-keys"]);
    assert_eq!(OpenPgpKey::load(&ring, None, &right).unwrap().id(), first, "the first key without an id");
    assert_eq!(OpenPgpKey::load(&ring, Some(&second), &right).unwrap().id(), second);
    let public = gpg.run(&["--export"]);
    for (ring, id, passphrase, part) in [
        (
            &ring[..],
            None,
            &Secret::new("wrong"),
            "unable to decrypt GPG private key: openpgp: invalid data: private key checksum",
        ),
        (
            &ring,
            None,
            &Secret::default(),
            "unable to decrypt GPG private key: openpgp: invalid data: private key checksum",
        ),
        (
            &ring,
            Some("0x0123456789abcdef"),
            &right,
            "no GPG keyring matching key id '0123456789ABCDEF' found",
        ),
        (&ring, Some("1234"), &right, "invalid GPG key id length; expected 16, got 4"),
        (&public, None, &right, "keyring does not contain a private key; export the secret key"),
        (&public, Some(first.as_str()), &right, "keyring does not contain private key for key id '"),
        (
            b"not a key ring",
            None,
            &right,
            "unable to read GPG key ring: openpgp: invalid data: tag byte does not have MSB set",
        ),
        (b"", None, &right, "empty GPG key ring"),
    ] {
        let error = failure(OpenPgpKey::load(ring, id, passphrase));
        assert!(matches!(error, GitError::Key { .. }) && error.to_string().contains(part), "{part}: {error}");
    }
}
