//! Git's smart protocol over SSH: `git-upload-pack` or `git-receive-pack` run on the other side, its pipes carried by one channel.

use std::io;
use std::io::Read;
use std::io::Write;
use std::sync::Arc;

use git2::transport::Service;
use git2::transport::SmartSubtransport;
use git2::transport::SmartSubtransportStream;
use russh::Channel;
use russh::ChannelMsg;
use russh::client::Msg;

use super::Link as AnyLink;
use crate::git::Auth;
use crate::git::GitError;
use crate::git::Remote;
use crate::git::SshAuth;
use crate::git::remote::Core;
use crate::git::ssh::Connection;

/// The most of a server's complaint that is kept.
const KEPT_STDERR: usize = 2000;

/// What is needed to connect.
pub(in crate::git) struct Link {
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

/// The part libgit2 calls.
pub(super) struct Subtransport(Arc<Core>);

impl Subtransport {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    fn connect(&self, program: &str) -> Result<Dialogue, GitError> {
        let core = &self.0;
        let AnyLink::Ssh(link) = &core.link else {
            return Err(GitError::other("Git transport", "an HTTP remote reached the SSH transport"));
        };
        let command = format!("{program} {}", quote(&core.url.path()));
        let broken = |error: russh::Error| GitError::Unreachable {
            url: core.url.to_string(),
            reason: error.to_string(),
        };
        let (connection, channel) = core.wait(async {
            let connection = Connection::open(&core.url, &link.auth).await?;
            let channel = connection.handle.channel_open_session().await.map_err(broken)?;
            channel.exec(true, command).await.map_err(broken)?;
            Ok::<_, GitError>((connection, channel))
        })??;
        Ok(Dialogue {
            core: Arc::clone(core),
            open: Some((connection, channel)),
            chunk: Vec::new(),
            read: 0,
            stderr: Vec::new(),
            received: false,
        })
    }
}

impl SmartSubtransport for Subtransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        // libgit2 asks for a stream once per direction and continues with it.
        let program = match service {
            Service::UploadPackLs | Service::UploadPack => "git-upload-pack",
            Service::ReceivePackLs | Service::ReceivePack => "git-receive-pack",
        };
        let dialogue = self.connect(program).map_err(|error| git2::Error::from_str(&self.0.fail(error)))?;
        Ok(Box::new(dialogue))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

/// The pipes of the program on the other side.
struct Dialogue {
    core: Arc<Core>,
    open: Option<(Connection, Channel<Msg>)>,
    chunk: Vec<u8>,
    read: usize,
    stderr: Vec<u8>,
    received: bool,
}

impl Dialogue {
    /// Waits for the next bytes; none are left when the program has ended.
    fn fill(&mut self) -> Result<(), GitError> {
        self.chunk.clear();
        self.read = 0;
        let core = Arc::clone(&self.core);
        let Some((_, channel)) = self.open.as_mut() else { return Ok(()) };
        let mut failed = None;
        loop {
            match core.wait(channel.wait())? {
                Some(ChannelMsg::Data { data }) => {
                    self.received = true;
                    self.chunk = data.to_vec();
                    return Ok(());
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
            return Ok(());
        }
        Err(complaint(&core, &self.stderr))
    }
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

impl Read for Dialogue {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.chunk.len() {
            self.fill().map_err(|error| io::Error::other(self.core.fail(error)))?;
        }
        let rest = &self.chunk[self.read..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.read += taken;
        Ok(taken)
    }
}

impl Write for Dialogue {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let core = Arc::clone(&self.core);
        let Some((_, channel)) = self.open.as_ref() else { return Ok(0) };
        let sent = core.wait(channel.data_bytes(buffer.to_vec())).and_then(|sent| {
            sent.map_err(|error| GitError::Unreachable {
                url: core.url.to_string(),
                reason: error.to_string(),
            })
        });
        sent.map_err(|error| io::Error::other(core.fail(error)))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        // Dropping a channel sends a message from a task, which only a thread inside the runtime may start.
        let _inside = self.core.runtime.enter();
        self.open = None;
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
