//! An authenticated SSH connection to a host whose key is known.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use russh::client;
use russh::client::AuthResult;
use russh::client::Handle;
use russh::keys::Algorithm;
use russh::keys::PrivateKeyWithHashAlg;
use russh::keys::PublicKey;
use russh::keys::PublicKeyOrCertificate;
use russh::keys::ssh_key::HashAlg;

use super::PrivateKey;
use super::SshAuth;
use super::algorithms::parse_algorithms;
use super::known_hosts::HostKeys;
use super::known_hosts::Verdict;
use super::known_hosts::normalize;
use crate::git::GitError;
use crate::git::GitUrl;

/// How long connecting and agreeing on keys may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection that may open channels.
pub(in crate::git) struct Connection {
    pub(in crate::git) handle: Handle<Greeter>,
}

impl Connection {
    /// Connects, checks the host key, and authenticates.
    pub(in crate::git) async fn open(url: &GitUrl, auth: &SshAuth) -> Result<Self, GitError> {
        let (host, port) = (url.host(), url.port());
        let known = HostKeys::find(&auth.known_hosts, host, port);
        let mut algorithms = parse_algorithms(&auth.host_key_algorithms)?;
        // A host may have several keys: ask for one that can be checked.
        if algorithms.iter().any(|algorithm| known.has_kind(algorithm)) {
            algorithms.retain(|algorithm| known.has_kind(algorithm));
        }
        let (greeter, _) = Greeter::new(Some(known));
        let handle = connect(host, port, algorithms, greeter, CONNECT_TIMEOUT).await?;
        let mut connection = Self { handle };
        connection.authenticate(url, auth).await?;
        Ok(connection)
    }

    async fn authenticate(&mut self, url: &GitUrl, auth: &SshAuth) -> Result<(), GitError> {
        let user = url.user().unwrap_or_else(|| "git".to_owned());
        let shown = url.to_string();
        let refuse = |reason: String| GitError::Unauthorized { url: shown.clone(), reason };
        let broken =
            |error: russh::Error| GitError::Unreachable { url: shown.clone(), reason: error.to_string() };
        if let Some(key) = &auth.key {
            let hash = self.rsa_hash(&key.0.algorithm()).await;
            let key_with_hash = PrivateKeyWithHashAlg::new(Arc::clone(&key.0), hash);
            let answer = self.handle.authenticate_publickey(user, key_with_hash).await.map_err(broken)?;
            return match answer {
                AuthResult::Success => Ok(()),
                AuthResult::Failure { .. } => {
                    Err(refuse(format!("the server does not accept the key {}", fingerprint(key))))
                }
            };
        }
        let Some(socket) = &auth.agent else {
            return Err(refuse(
                "no private key, and no SSH agent to ask (SSH_AUTH_SOCK is not set)".to_owned(),
            ));
        };
        self.ask_agent(socket, &user, &refuse).await
    }

    async fn ask_agent(
        &mut self,
        socket: &std::path::Path,
        user: &str,
        refuse: &(impl Fn(String) -> GitError + Sync),
    ) -> Result<(), GitError> {
        use russh::keys::agent::AgentIdentity;
        use russh::keys::agent::client::AgentClient;
        let trouble = |error: &dyn std::fmt::Display| refuse(format!("SSH agent: {error}"));
        let mut agent = AgentClient::connect_uds(socket).await.map_err(|error| trouble(&error))?;
        let identities = agent.request_identities().await.map_err(|error| trouble(&error))?;
        if identities.is_empty() {
            return Err(refuse("the SSH agent holds no key".to_owned()));
        }
        let tried = identities.len();
        for identity in identities {
            let AgentIdentity::PublicKey { key, .. } = identity else { continue };
            let hash = self.rsa_hash(&key.algorithm()).await;
            let answer = self.handle.authenticate_publickey_with(user, key, hash, &mut agent).await;
            // An agent that declines to sign with one key may still sign with the next.
            if let Ok(AuthResult::Success) = answer {
                return Ok(());
            }
        }
        Err(refuse(format!("the server accepts none of the {tried} keys of the SSH agent")))
    }

    /// The hash to sign with, which only RSA keys need.
    async fn rsa_hash(&self, algorithm: &Algorithm) -> Option<HashAlg> {
        if !matches!(algorithm, Algorithm::Rsa { .. }) {
            return None;
        }
        // A server that does not tell (RFC 8308) takes SHA-2 in all likelihood: SHA-1 is gone since OpenSSH 8.8.
        self.handle.best_supported_rsa_hash().await.ok().flatten().unwrap_or(Some(HashAlg::Sha512))
    }
}

fn fingerprint(key: &PrivateKey) -> String {
    key.0.fingerprint(HashAlg::Sha256).to_string()
}

/// Connects just far enough to see the key of a host.
pub(super) async fn host_key(
    host: &str,
    port: u16,
    algorithms: Vec<Algorithm>,
    timeout: Duration,
) -> Result<PublicKey, GitError> {
    let (greeter, seen) = Greeter::new(None);
    let connected = connect(host, port, algorithms, greeter, timeout).await;
    let key = seen.lock().unwrap_or_else(PoisonError::into_inner).key.take();
    match (key, connected) {
        (Some(key), _) => Ok(key),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Err(GitError::HostKey {
            host: normalize(host, port),
            reason: "the host presented no key".to_owned(),
        }),
    }
}

async fn connect(
    host: &str,
    port: u16,
    algorithms: Vec<Algorithm>,
    greeter: Greeter,
    timeout: Duration,
) -> Result<Handle<Greeter>, GitError> {
    let seen = Arc::clone(&greeter.seen);
    let mut config = client::Config { nodelay: true, channel_buffer_size: 1000, ..Default::default() };
    config.preferred.key = algorithms.into();
    let name = format!("{}:{port}", if host.contains(':') { format!("[{host}]") } else { host.to_owned() });
    let unreachable = |reason: String| GitError::Unreachable { url: format!("ssh://{name}"), reason };
    match tokio::time::timeout(timeout, client::connect(Arc::new(config), (host, port), greeter)).await {
        Err(_) => Err(unreachable(format!("no SSH server answered within {} s", timeout.as_secs()))),
        Ok(Ok(handle)) => Ok(handle),
        Ok(Err(error)) => {
            let refused = seen.lock().unwrap_or_else(PoisonError::into_inner).refused.take();
            let host_key = |reason| GitError::HostKey { host: name.clone(), reason };
            Err(match (refused, error) {
                (Some(reason), _) => host_key(reason),
                (None, russh::Error::NoCommonAlgo { kind: russh::AlgorithmKind::Key, ours, theirs }) => {
                    host_key(format!(
                        "the host has no key of type {}, it offers {}",
                        ours.join(", "),
                        theirs.join(", ")
                    ))
                }
                (None, error) => unreachable(error.to_string()),
            })
        }
    }
}

/// What was learned from the host's key.
#[derive(Default)]
struct Seen {
    key: Option<PublicKey>,
    refused: Option<String>,
}

/// Looks at the key a host shows.
pub(in crate::git) struct Greeter {
    /// The keys to hold it against; None takes any key, to report it.
    known: Option<HostKeys>,
    seen: Arc<Mutex<Seen>>,
}

impl Greeter {
    fn new(known: Option<HostKeys>) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::new(Mutex::new(Seen::default()));
        (Self { known, seen: Arc::clone(&seen) }, seen)
    }
}

impl client::Handler for Greeter {
    type Error = russh::Error;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            seen.refused = Some("the host shows a certificate, which is not supported".to_owned());
            return Ok(false);
        };
        let print = format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256));
        let refused = match self.known.as_ref().map(|known| known.judge(key)) {
            None | Some(Verdict::Known) => None,
            Some(Verdict::Unknown) => {
                Some(format!("known_hosts does not hold this host, which shows {print}"))
            }
            Some(Verdict::Different) => {
                Some(format!("known_hosts holds another key than {print}; someone may be listening in"))
            }
            Some(Verdict::Revoked) => Some(format!("known_hosts marks {print} as revoked")),
        };
        seen.key = Some(key.clone());
        seen.refused = refused;
        Ok(seen.refused.is_none())
    }
}
