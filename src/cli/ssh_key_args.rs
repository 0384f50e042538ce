//! The flags that say which SSH key is created or read.

use crate::cli::go_int;
use crate::cli::help_text;
use crate::git::GitError;
use crate::git::ssh::Curve;
use crate::git::ssh::KeyAlgorithm;
use crate::git::ssh::KeyPair;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context as _;
use std::path::PathBuf;

// Which SSH key is created.
#[derive(clap::Args, Debug, Clone)]
pub struct SshKeyArgs {
    /// Algorithm of the SSH key that is generated: rsa, ecdsa or ed25519
    #[arg(long, default_value = "ecdsa", value_name = "rsa|ecdsa|ed25519", value_parser = algorithm, global = true, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    ssh_key_algorithm: Algorithm,
    /// Bits of a generated RSA key, a multiple of 8
    #[arg(long, default_value = "2048", value_name = "bits", value_parser = rsa_bits, global = true, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    ssh_rsa_bits: usize,
    /// Curve of a generated ECDSA key: p256, p384 or p521
    #[arg(long, default_value = "p384", value_name = "p256|p384|p521", value_parser = curve, global = true, help_heading = help_text::AUTHENTICATION, hide_short_help = true)]
    ssh_ecdsa_curve: Curve,
    /// File with the private key to use instead of a generated one
    #[arg(long, global = true, help_heading = help_text::AUTHENTICATION)]
    pub private_key_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rsa,
    Ecdsa,
    Ed25519,
}

impl SshKeyArgs {
    /// What is generated when no file is given.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self.ssh_key_algorithm {
            Algorithm::Rsa => KeyAlgorithm::Rsa(self.ssh_rsa_bits),
            Algorithm::Ecdsa => KeyAlgorithm::Ecdsa(self.ssh_ecdsa_curve),
            Algorithm::Ed25519 => KeyAlgorithm::Ed25519,
        }
    }

    /// The file that was named, if any.
    pub fn file(&self) -> Option<&PathBuf> {
        self.private_key_file.as_ref().filter(|path| !path.as_os_str().is_empty())
    }

    /// The key pair of the file, if one was named.
    ///
    /// # Errors
    /// A file that cannot be read, that is not a private key, or that the passphrase does not open.
    pub fn load(&self, passphrase: Option<&Secret>) -> anyhow::Result<Option<KeyPair>> {
        let Some(path) = self.file() else { return Ok(None) };
        let bytes = crate::text::read(path).context("failed to open private key file")?;
        let text = String::from_utf8_lossy(&bytes);
        let file = path.display().to_string();
        match KeyPair::load(&text, passphrase, &file) {
            Err(GitError::Key { reason, .. }) => {
                let hint = advice(&reason, &text, &file);
                Err(anyhow::anyhow!(reason)).hint(hint)
            }
            loaded => Ok(Some(loaded?)),
        }
    }
}

/// What to do about a key that cannot be used; nothing was changed yet.
fn advice(reason: &str, text: &str, file: &str) -> String {
    let convert =
        format!("Flux does not read a key in this form: `ssh-keygen -p -f {file}` writes it in another one");
    match reason {
        "ssh: this private key is passphrase protected" => {
            format!("give the passphrase of \"{file}\" with --password")
        }
        "x509: decryption password incorrect" => {
            format!("--password does not open \"{file}\", or the file is damaged")
        }
        // Older releases of ssh-keygen read no Ed25519 key in this form.
        _ if text.contains("BEGIN ENCRYPTED PRIVATE KEY") => format!(
            "Flux reads no PKCS#8 key with a passphrase: `openssl pkey -in {file} -out {file}.plain` writes it \
             without one, then leave --password and GIT_PASSWORD out"
        ),
        _ if text.contains("BEGIN EC PARAMETERS") => convert,
        "ssh: not an encrypted key" | "ssh: key is not password protected" => {
            format!("leave --password and GIT_PASSWORD out: \"{file}\" has no passphrase")
        }
        "ssh: no key found" => format!("\"{file}\" is not a private key in PEM form"),
        _ if reason.starts_with("ssh: unknown cipher") || reason.starts_with("ssh: cannot decode") => convert,
        _ => "make a key with `ssh-keygen -t ed25519`, or leave --private-key-file out to have one made"
            .to_owned(),
    }
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    match text {
        "rsa" => Ok(Algorithm::Rsa),
        "ecdsa" => Ok(Algorithm::Ecdsa),
        "ed25519" => Ok(Algorithm::Ed25519),
        _ if text.trim().is_empty() => {
            Err("no public key algorithm given, must be one of: rsa, ecdsa, ed25519".to_owned())
        }
        _ => Err(format!("unsupported public key algorithm '{text}', must be one of: rsa, ecdsa, ed25519")),
    }
}

fn curve(text: &str) -> Result<Curve, String> {
    match text {
        "p256" => Ok(Curve::P256),
        "p384" => Ok(Curve::P384),
        "p521" => Ok(Curve::P521),
        _ => Err(format!("unsupported curve '{text}', must be one of: p256, p384, p521")),
    }
}

fn rsa_bits(text: &str) -> Result<usize, String> {
    if text.trim().is_empty() {
        return Ok(2048);
    }
    let bits = go_int(text).map_err(|reason| reason.replace("ParseInt", "Atoi"))?;
    match usize::try_from(bits) {
        Ok(bits) if bits < 1024 => Err("RSA key bit size must be at least 1024".to_owned()),
        Ok(bits) if !bits.is_multiple_of(8) => Err("RSA key bit size must be a multiples of 8".to_owned()),
        Ok(bits) => Ok(bits),
        Err(_) => Err("RSA key bit size must be at least 1024".to_owned()),
    }
}
