//! A git server on loopback for SSH, of our own, around the real `git`.

use super::server::clean;
use russh::keys::PublicKey;
use russh::server::Auth;
use russh::server::ChannelOpenHandle;
use russh::server::Msg;
use russh::server::Session;
use russh::server::VerifiedPublicKey;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::ChildStdin;
use tokio::process::Command;

/// Serves repositories over SSH with this host key; each key may read, and push when its flag says so. Gives host and port.
pub(crate) async fn serve_ssh(
    root: &Path,
    host_keys: Vec<russh::keys::PrivateKey>,
    clients: Vec<(String, bool)>,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = Arc::new(russh::server::Config {
        keys: host_keys,
        auth_rejection_time: std::time::Duration::from_millis(1),
        ..Default::default()
    });
    let clients: Arc<Vec<(PublicKey, bool)>> = Arc::new(
        clients.into_iter().map(|(line, writes)| (PublicKey::from_openssh(&line).unwrap(), writes)).collect(),
    );
    let root = root.to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let shell = Shell {
                root: root.clone(),
                clients: Arc::clone(&clients),
                writes: false,
                inputs: HashMap::new(),
            };
            let config = Arc::clone(&config);
            tokio::spawn(async move {
                if let Ok(session) = russh::server::run_stream(config, stream, shell).await {
                    let _ = session.await;
                }
            });
        }
    });
    address
}

struct Shell {
    root: PathBuf,
    clients: Arc<Vec<(PublicKey, bool)>>,
    writes: bool,
    inputs: HashMap<russh::ChannelId, ChildStdin>,
}

impl russh::server::Handler for Shell {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        match self.clients.iter().find(|(known, _)| known.key_data() == key.public_key.key_data()) {
            Some((_, writes)) => {
                self.writes = *writes;
                Ok(Auth::Accept)
            }
            None => Ok(Auth::reject()),
        }
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
        let (program, path) = command.split_once(' ').unwrap();
        let dir = self.root.join(path.trim_matches('\'').trim_start_matches('/'));
        let refusal = match program {
            _ if !dir.exists() => Some("ERROR: Repository not found.\n"),
            "git-receive-pack" if !self.writes => Some("ERROR: The key is marked as read only.\n"),
            _ => None,
        };
        if let Some(text) = refusal {
            tokio::spawn(async move {
                let _ = handle.extended_data(channel, 1, text.as_bytes().to_vec()).await;
                let _ = handle.exit_status_request(channel, 1).await;
                let _ = handle.close(channel).await;
            });
            return Ok(());
        }
        let mut command = std::process::Command::new("git");
        clean(&mut command);
        command.args(["-c", "safe.directory=*", program.trim_start_matches("git-")]).arg(dir);
        let mut child = Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.inputs.insert(channel, child.stdin.take().unwrap());
        tokio::spawn(async move {
            let mut output = child.stdout.take().unwrap();
            let mut buffer = vec![0; 32 << 10];
            while let Ok(count @ 1..) = output.read(&mut buffer).await {
                let _ = handle.data(channel, buffer[..count].to_vec()).await;
            }
            let status = child.wait().await.unwrap().code().unwrap_or(1);
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

    async fn channel_close(
        &mut self,
        channel: russh::ChannelId,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.inputs.remove(&channel);
        Ok(())
    }
}
