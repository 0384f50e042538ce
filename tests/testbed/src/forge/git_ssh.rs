//! Git over SSH: a deploy key opens its own repository, for reading or for writing.

use super::state::Shared;
use crate::git_ssh::Gate;
use russh::keys::PrivateKey;
use russh::keys::PublicKey;
use std::path::PathBuf;

/// Host keys: ECDSA and Ed25519, as GitHub has them.
///
/// # Errors
/// When a key cannot be generated.
pub fn host_keys() -> anyhow::Result<Vec<PrivateKey>> {
    use russh::keys::Algorithm;
    use russh::keys::EcdsaCurve;
    let mut random = russh::keys::key::safe_rng();
    let ecdsa = Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 };
    Ok(vec![PrivateKey::random(&mut random, ecdsa)?, PrivateKey::random(&mut random, Algorithm::Ed25519)?])
}

/// Whether a line of text is this key.
fn is(line: &str, key: &PublicKey) -> bool {
    PublicKey::from_openssh(line).is_ok_and(|known| known.key_data() == key.key_data())
}

impl Shared {
    /// Whether a key may write to a repository; `None` if it is not one of its keys.
    fn may_write(&self, key: &PublicKey, full_name: &str) -> Option<bool> {
        let state = self.lock();
        let keys = &state.repository(full_name)?.keys;
        keys.iter().find(|known| is(&known.key, key)).map(|known| !known.read_only)
    }
}

impl Gate for Shared {
    fn knows(&self, key: &PublicKey) -> bool {
        self.lock().owned.values().flat_map(|owned| &owned.keys).any(|known| is(&known.key, key))
    }

    fn open(&self, key: &PublicKey, program: &str, path: &str) -> Result<PathBuf, &'static str> {
        let full_name = path.trim_matches('/').trim_end_matches(".git");
        match (self.may_write(key, full_name), program) {
            (None, _) => Err("ERROR: Repository not found.\n"),
            (Some(false), "git-receive-pack") => {
                Err("ERROR: The key you are authenticating with has been marked as read only.\n")
            }
            (Some(_), "git-receive-pack" | "git-upload-pack") => {
                Ok(self.repositories.join(format!("{full_name}.git")))
            }
            _ => Err("ERROR: unknown command\n"),
        }
    }
}
