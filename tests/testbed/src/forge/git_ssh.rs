//! Git over SSH: a deploy key opens its own repository, for reading or for writing.

use super::clean_git;
use super::state::Shared;
use russh::keys::PrivateKey;
use russh::keys::PublicKey;
use russh::server::Auth;
use russh::server::ChannelOpenHandle;
use russh::server::Msg;
use russh::server::Session;
use russh::server::VerifiedPublicKey;
use std::collections::HashMap;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::ChildStdin;
use tokio::process::Command;

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

/// Serves until the forge ends.
pub async fn serve(listener: TcpListener, keys: Vec<PrivateKey>, shared: Arc<Shared>) {
    let pause = std::time::Duration::from_millis(1);
    let config = Arc::new(russh::server::Config { keys, auth_rejection_time: pause, ..Default::default() });
    while let Ok((stream, _)) = listener.accept().await {
        let visitor = Visitor { shared: Arc::clone(&shared), key: None, inputs: HashMap::new() };
        let config = Arc::clone(&config);
        tokio::spawn(async move {
            if let Ok(session) = russh::server::run_stream(config, stream, visitor).await {
                let _ = session.await;
            }
        });
    }
}

struct Visitor {
    shared: Arc<Shared>,
    key: Option<PublicKey>,
    inputs: HashMap<russh::ChannelId, ChildStdin>,
}

impl Visitor {
    /// Whether the visitor's key may do this; `None` when it is not a key of the repository.
    fn may_write(&self, full_name: &str) -> Option<bool> {
        let key = self.key.as_ref()?;
        let state = self.shared.lock();
        let keys = &state.repository(full_name)?.keys;
        let same =
            |line: &str| PublicKey::from_openssh(line).is_ok_and(|known| known.key_data() == key.key_data());
        keys.iter().find(|known| same(&known.key)).map(|known| !known.read_only)
    }
}

impl russh::server::Handler for Visitor {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        let same = |line: &str| {
            PublicKey::from_openssh(line).is_ok_and(|known| known.key_data() == key.public_key.key_data())
        };
        let known =
            self.shared.lock().owned.values().flat_map(|owned| &owned.keys).any(|known| same(&known.key));
        if !known {
            return Ok(Auth::reject());
        }
        self.key = Some(key.public_key.clone());
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _: russh::Channel<Msg>,
        reply: ChannelOpenHandle,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: russh::ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        session.channel_success(channel)?;
        let handle = session.handle();
        let command = String::from_utf8_lossy(data).into_owned();
        let (program, path) = command.split_once(' ').unwrap_or((&command, ""));
        let full_name = path.trim_matches('\'').trim_matches('/').trim_end_matches(".git").to_owned();
        let refusal = match (self.may_write(&full_name), program) {
            (None, _) => Some("ERROR: Repository not found.\n"),
            (Some(false), "git-receive-pack") => {
                Some("ERROR: The key you are authenticating with has been marked as read only.\n")
            }
            (Some(_), "git-receive-pack" | "git-upload-pack") => None,
            _ => Some("ERROR: unknown command\n"),
        };
        if let Some(text) = refusal {
            tokio::spawn(async move {
                let _ = handle.extended_data(channel, 1, text.as_bytes().to_vec()).await;
                let _ = handle.exit_status_request(channel, 1).await;
                let _ = handle.close(channel).await;
            });
            return Ok(());
        }
        let mut git = clean_git();
        git.arg(program.trim_start_matches("git-"))
            .arg(self.shared.repositories.join(format!("{full_name}.git")));
        let started = Command::from(git)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let Ok(mut child) = started else {
            return Err(russh::Error::IO(std::io::Error::other("git does not start")));
        };
        let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
            return Ok(());
        };
        self.inputs.insert(channel, input);
        tokio::spawn(async move {
            let mut buffer = vec![0; 32 << 10];
            while let Ok(count @ 1..) = output.read(&mut buffer).await {
                let _ = handle.data(channel, buffer[..count].to_vec()).await;
            }
            let status = child.wait().await.ok().and_then(|status| status.code()).unwrap_or(1);
            let _ = handle.exit_status_request(channel, status.cast_unsigned()).await;
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
        Ok(())
    }

    async fn data(
        &mut self,
        channel: russh::ChannelId,
        data: &[u8],
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        if let Some(input) = self.inputs.get_mut(&channel) {
            let _ = input.write_all(data).await;
        }
        Ok(())
    }

    async fn channel_eof(&mut self, channel: russh::ChannelId, _: &mut Session) -> Result<(), russh::Error> {
        self.inputs.remove(&channel);
        Ok(())
    }
}
