//! A server for Git over SSH, around the real `git`. What a key opens, a [`Gate`] decides.

use crate::forge::clean_git;
use russh::keys::PrivateKey;
use russh::keys::PublicKey;
use russh::server::Auth;
use russh::server::ChannelOpenHandle;
use russh::server::Msg;
use russh::server::Session;
use russh::server::VerifiedPublicKey;
use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::ChildStdin;
use tokio::process::Command;

/// Who may do what.
pub trait Gate: Send + Sync + 'static {
    /// Whether a key opens anything.
    fn knows(&self, key: &PublicKey) -> bool;

    /// The folder of the repository at a path.
    ///
    /// # Errors
    /// The line that the client shows if the key may not run this program there.
    fn open(&self, key: &PublicKey, program: &str, path: &str) -> Result<PathBuf, &'static str>;
}

/// Serves until the listener is dropped.
pub async fn serve(listener: TcpListener, keys: Vec<PrivateKey>, gate: Arc<impl Gate>) {
    let pause = std::time::Duration::from_millis(1);
    let config = Arc::new(russh::server::Config { keys, auth_rejection_time: pause, ..Default::default() });
    while let Ok((stream, _)) = listener.accept().await {
        let visitor = Visitor { gate: Arc::clone(&gate), key: None, inputs: HashMap::new() };
        let config = Arc::clone(&config);
        tokio::spawn(async move {
            if let Ok(session) = russh::server::run_stream(config, stream, visitor).await {
                let _ = session.await;
            }
        });
    }
}

struct Visitor<G> {
    gate: Arc<G>,
    key: Option<PublicKey>,
    inputs: HashMap<russh::ChannelId, ChildStdin>,
}

impl<G: Gate> russh::server::Handler for Visitor<G> {
    type Error = russh::Error;

    async fn auth_publickey(&mut self, _: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, russh::Error> {
        if !self.gate.knows(key.public_key) {
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
        let Some(key) = &self.key else { return Err(russh::Error::NotAuthenticated) };
        let folder = match self.gate.open(key, program, path.trim_matches('\'')) {
            Ok(folder) => folder,
            Err(text) => {
                tokio::spawn(async move {
                    let _ = handle.extended_data(channel, 1, text.as_bytes().to_vec()).await;
                    let _ = handle.exit_status_request(channel, 1).await;
                    let _ = handle.close(channel).await;
                });
                return Ok(());
            }
        };
        let mut git = clean_git();
        git.arg(program.trim_start_matches("git-")).arg(folder);
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
    async fn channel_close(
        &mut self,
        channel: russh::ChannelId,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.inputs.remove(&channel);
        Ok(())
    }
}
