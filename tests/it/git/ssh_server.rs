//! A Git server on loopback for SSH, with the keys that a test gives it.

use russh::keys::PublicKey;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use testbed::git_ssh;
use tokio::net::TcpListener;

/// Serves repositories over SSH with this host key; each key may read, and push when its flag says so. Returns host and port.
pub(crate) async fn serve_ssh(
    root: &Path,
    host_keys: Vec<russh::keys::PrivateKey>,
    clients: Vec<(String, bool)>,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let clients =
        clients.into_iter().map(|(line, writes)| (PublicKey::from_openssh(&line).unwrap(), writes)).collect();
    let gate = Arc::new(Clients { root: root.to_owned(), clients });
    tokio::spawn(git_ssh::serve(listener, host_keys, gate));
    address
}

struct Clients {
    root: PathBuf,
    clients: Vec<(PublicKey, bool)>,
}

impl Clients {
    /// Whether a key may write; `None` if it is not known.
    fn may_write(&self, key: &PublicKey) -> Option<bool> {
        let is_same = |(known, _): &&(PublicKey, bool)| known.key_data() == key.key_data();
        self.clients.iter().find(is_same).map(|(_, writes)| *writes)
    }
}

impl git_ssh::Gate for Clients {
    fn knows(&self, key: &PublicKey) -> bool {
        self.may_write(key).is_some()
    }

    fn open(&self, key: &PublicKey, program: &str, path: &str) -> Result<PathBuf, &'static str> {
        let folder = self.root.join(path.trim_start_matches('/'));
        match program {
            _ if !folder.exists() => Err("ERROR: Repository not found.\n"),
            "git-receive-pack" if self.may_write(key) != Some(true) => {
                Err("ERROR: The key is marked as read only.\n")
            }
            _ => Ok(folder),
        }
    }
}
