//! What libgit2 reads from and writes to, whichever way the bytes travel.

use std::io;
use std::io::Read;
use std::io::Write;
use std::sync::Arc;

use git2::transport::Service;
use git2::transport::SmartSubtransport;
use git2::transport::SmartSubtransportStream;

use crate::git::GitError;
use crate::git::core::Core;
use crate::git::core::End;

/// The part libgit2 calls.
pub(super) struct Subtransport(pub(super) Arc<Core>);

impl SmartSubtransport for Subtransport {
    fn action(&self, _url: &str, service: Service) -> Result<Box<dyn SmartSubtransportStream>, git2::Error> {
        let core = Arc::clone(&self.0);
        let end = core.link.open(&core, service);
        let end = end.map_err(|error| git2::Error::from_str(&core.fail(error)))?;
        Ok(Box::new(Pipe { core, end, chunk: Vec::new(), read: 0 }))
    }

    fn close(&self) -> Result<(), git2::Error> {
        Ok(())
    }
}

struct Pipe {
    core: Arc<Core>,
    end: Box<dyn End>,
    chunk: Vec<u8>,
    read: usize,
}

impl Pipe {
    fn failed(&self, error: GitError) -> io::Error {
        io::Error::other(self.core.fail(error))
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.chunk.len() {
            self.chunk = self.end.receive().map_err(|error| self.failed(error))?;
            self.read = 0;
        }
        let rest = &self.chunk[self.read..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.read += taken;
        Ok(taken)
    }
}

impl Write for Pipe {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.end.send(buffer).map_err(|error| self.failed(error))?;
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The program that serves the other side.
pub(super) fn program(service: &Service) -> &'static str {
    match service {
        Service::UploadPackLs | Service::UploadPack => "git-upload-pack",
        Service::ReceivePackLs | Service::ReceivePack => "git-receive-pack",
    }
}
