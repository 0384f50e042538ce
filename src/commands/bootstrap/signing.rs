//! The flags about signed commits, judged before anything else is done.

use crate::cli::help_text;
use crate::git::sign::OpenPgpKey;
use crate::git::sign::Signer;
use crate::text::Secret;
use crate::text::WithHint;
use anyhow::Context as _;
use std::path::Path;
use std::path::PathBuf;

// Which key signs the commits, in one of two formats.
#[derive(clap::Args, Debug, Clone)]
pub(super) struct SigningArgs {
    /// File with the OpenPGP key ring to sign commits with
    #[arg(long, value_name = "file", help_heading = help_text::SIGNING)]
    gpg_key_ring: Option<PathBuf>,
    /// Passphrase of the OpenPGP key
    #[arg(long, help_heading = help_text::SIGNING)]
    gpg_passphrase: Option<Secret>,
    /// Id of the OpenPGP key in the ring
    #[arg(long, help_heading = help_text::SIGNING)]
    gpg_key_id: String,
    /// File with the SSH key to sign commits with
    #[arg(long, help_heading = help_text::SIGNING)]
    ssh_signing_key_file: Option<PathBuf>,
    /// Passphrase of the SSH signing key
    #[arg(long, help_heading = help_text::SIGNING)]
    ssh_signing_password: Option<Secret>,
    /// The same, by its older name
    #[arg(long, hide = true)]
    ssh_signing_passphrase: Option<Secret>,
    /// Sign commits with the key of --private-key-file
    #[arg(long, help_heading = help_text::SIGNING)]
    ssh_signing_reuse_private_key: bool,
}

impl SigningArgs {
    /// Whether the key that logs in is to sign as well.
    pub(super) fn reuses_key(&self) -> bool {
        self.ssh_signing_reuse_private_key
    }

    /// The key that was chosen, unless it is that which logs in.
    ///
    /// # Errors
    /// Flags that exclude each other; a key that cannot be read, or whose passphrase is missing or wrong.
    pub(super) fn signer(&self, private_key: Option<&PathBuf>) -> anyhow::Result<Option<Signer>> {
        let (ring, file) = (named(self.gpg_key_ring.as_ref()), named(self.ssh_signing_key_file.as_ref()));
        let reuses_key = self.reuses_key();
        anyhow::ensure!(
            ring.is_none() || (file.is_none() && !reuses_key),
            "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format"
        );
        anyhow::ensure!(
            file.is_none() || !reuses_key,
            "--ssh-signing-key-file and --ssh-signing-reuse-private-key are mutually exclusive"
        );
        anyhow::ensure!(
            !reuses_key || private_key.is_some(),
            "--ssh-signing-reuse-private-key requires --private-key-file"
        );
        let password = self.password()?;
        anyhow::ensure!(
            password.is_empty() || file.is_some(),
            "--ssh-signing-password requires --ssh-signing-key-file"
        );
        match (ring, file) {
            (Some(ring), _) => self.openpgp(ring).map(Some),
            (None, Some(file)) => {
                let text = crate::text::read(file).context("failed to read SSH signing key file")?;
                let signer =
                    Signer::ssh(&String::from_utf8_lossy(&text), &password, "invalid SSH signing key");
                signer.hint("check --ssh-signing-key-file and --ssh-signing-password").map(Some)
            }
            (None, None) => Ok(None),
        }
    }

    /// The key that logs in, when it is to sign as well.
    ///
    /// # Errors
    /// A key that cannot be read or cannot sign.
    pub(super) fn reused(
        &self,
        private_key: Option<&PathBuf>,
        password: &Secret,
    ) -> anyhow::Result<Option<Signer>> {
        let Some(file) = private_key.filter(|_| self.reuses_key()) else { return Ok(None) };
        let text = crate::text::read(file).context("failed to read transport private key for signing")?;
        let what = "invalid signing key (reused from --private-key-file)";
        let signer = Signer::ssh(&String::from_utf8_lossy(&text), password, what);
        signer.hint("check --private-key-file and --password").map(Some)
    }

    fn openpgp(&self, ring: &Path) -> anyhow::Result<Signer> {
        let bytes = crate::text::read(ring)
            .context(if ring.is_dir() {
                "unable to read GPG key ring"
            } else {
                "unable to open GPG key ring"
            })
            .context("invalid GPG signing key")?;
        let passphrase = self.gpg_passphrase.clone().unwrap_or_default();
        let key = OpenPgpKey::load(&bytes, Some(&self.gpg_key_id), &passphrase)
            .hint("check --gpg-key-ring, --gpg-passphrase and --gpg-key-id")?;
        Ok(Signer::OpenPgp(key))
    }

    /// The passphrase of the SSH key by either of its flags.
    fn password(&self) -> anyhow::Result<Secret> {
        let given = |secret: &Option<Secret>| secret.clone().unwrap_or_default();
        let (password, alias) = (given(&self.ssh_signing_password), given(&self.ssh_signing_passphrase));
        anyhow::ensure!(
            password.is_empty() || alias.is_empty() || password == alias,
            "--ssh-signing-password and --ssh-signing-passphrase are aliases; do not pass both"
        );
        Ok(if password.is_empty() { alias } else { password })
    }
}

/// A path that was given and is not empty.
fn named(path: Option<&PathBuf>) -> Option<&Path> {
    path.map(PathBuf::as_path).filter(|path| !path.as_os_str().is_empty())
}
