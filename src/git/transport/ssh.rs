//! Git's smart protocol over SSH: `git-upload-pack` or `git-receive-pack` run on the other side, its pipes carried by one channel.

use std::sync::Arc;

use git2::transport::Service;
use russh::ChannelMsg;
use russh::client::Msg;

use super::pipe::program;
use crate::git::Auth;
use crate::git::GitError;
use crate::git::Remote;
use crate::git::core;
use crate::git::core::Core;
use crate::git::core::End;
use crate::git::ssh::Connection;
use crate::git::ssh::SshAuth;

/// The most of a server's complaint that is kept.
const KEPT_STDERR: usize = 2000;

/// What is needed to connect.
pub(super) struct Link {
    auth: SshAuth,
}

impl Link {
    pub(super) fn new(remote: &Remote) -> Result<Self, GitError> {
        match &remote.auth {
            Auth::Ssh(auth) => Ok(Self { auth: auth.clone() }),
            Auth::None => Ok(Self { auth: SshAuth::default() }),
            Auth::Basic { .. } | Auth::Bearer(_) => Err(GitError::Unauthorized {
                url: remote.url.to_string(),
                reason: "passwords and tokens are for HTTP, SSH needs a key".to_owned(),
            }),
        }
    }
}

impl core::Link for Link {
    fn open(&self, core: &Arc<Core>, service: Service) -> Result<Box<dyn End>, GitError> {
        Ok(Box::new(Channel::open(core, self, service)?))
    }

    fn is_stateless(&self) -> bool {
        false
    }
}

/// The pipes of the program on the other side. libgit2 asks for them once per direction and continues with them.
struct Channel {
    core: Arc<Core>,
    open: Option<(Connection, russh::Channel<Msg>)>,
    stderr: Vec<u8>,
    received: bool,
}

impl Channel {
    fn open(core: &Arc<Core>, link: &Link, service: Service) -> Result<Self, GitError> {
        let command = format!("{} {}", program(&service), quote(&core.url.path()));
        let (connection, channel) = core.wait(async {
            let broken = |error| broken(core, error);
            let connection = Connection::open(&core.url, &link.auth).await?;
            let channel = connection.handle.channel_open_session().await.map_err(broken)?;
            channel.exec(true, command).await.map_err(broken)?;
            Ok::<_, GitError>((connection, channel))
        })??;
        let core = Arc::clone(core);
        Ok(Self { core, open: Some((connection, channel)), stderr: Vec::new(), received: false })
    }
}

impl End for Channel {
    fn receive(&mut self) -> Result<Vec<u8>, GitError> {
        let Some((_, channel)) = self.open.as_mut() else { return Ok(Vec::new()) };
        let mut failed = None;
        loop {
            match self.core.wait(channel.wait())? {
                Some(ChannelMsg::Data { data }) => {
                    self.received = true;
                    return Ok(data.to_vec());
                }
                Some(ChannelMsg::ExtendedData { data, .. }) => {
                    let room = KEPT_STDERR.saturating_sub(self.stderr.len());
                    self.stderr.extend_from_slice(&data[..data.len().min(room)]);
                }
                Some(ChannelMsg::ExitStatus { exit_status }) if exit_status != 0 => {
                    failed = Some(exit_status)
                }
                Some(ChannelMsg::Failure) => failed = Some(1),
                // The exit status comes after the end of the output.
                Some(_) => {}
                None => break,
            }
        }
        if failed.is_none() && self.received {
            return Ok(Vec::new());
        }
        Err(complaint(&self.core, &self.stderr))
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), GitError> {
        let Some((_, channel)) = self.open.as_ref() else { return Ok(()) };
        let sent = self.core.wait(channel.data_bytes(bytes.to_vec()))?;
        sent.map_err(|error| broken(&self.core, error))
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // Dropping a channel sends a message from a task, which only a thread inside the runtime may start.
        let _inside = self.core.runtime.enter();
        self.open = None;
    }
}

fn broken(core: &Core, error: russh::Error) -> GitError {
    GitError::Unreachable { url: core.url.to_string(), reason: error.to_string() }
}

/// Sorts what the other side wrote to its standard error before it went away.
fn complaint(core: &Core, stderr: &[u8]) -> GitError {
    let url = core.url.to_string();
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let reason = lines
        .map(|line| line.chars().filter(|c| !c.is_control()).collect())
        .collect::<Vec<String>>()
        .join("; ");
    let lower = reason.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| lower.contains(words));
    match () {
        () if reason.is_empty() => {
            GitError::Unreachable { url, reason: "the server closed the connection".to_owned() }
        }
        () if says(&["not found", "does not exist", "not appear to be a git repository", "no such"]) => {
            GitError::NotFound { url, reason }
        }
        () if says(&[
            "read only",
            "read-only",
            "denied",
            "not allowed",
            "permission",
            "forbidden",
            "unauthorized",
        ]) =>
        {
            GitError::Forbidden { url, reason }
        }
        () => GitError::other(format!("\"{url}\""), reason),
    }
}

/// Quotes a word for the shell on the other side.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_cannot_leave_its_quotes() {
        assert_eq!(quote("/org/repo"), "'/org/repo'");
        assert_eq!(quote("/o'; rm -rf ~; '"), r"'/o'\''; rm -rf ~; '\'''");
    }
}
