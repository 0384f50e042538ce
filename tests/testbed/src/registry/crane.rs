//! The registry that crane serves.

use crate::build;
use crate::ports;
use crate::server::Server;
use anyhow::Context;
use std::path::Path;

/// A running registry without TLS and without a login; it ends when this value does.
pub struct CraneRegistry {
    server: Server,
}

impl CraneRegistry {
    /// Starts an empty registry with its blobs below `folder`.
    ///
    /// # Errors
    /// A registry that was not built, or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let program = build::binary("crane")?;
        let blobs = folder.join("blobs");
        std::fs::create_dir_all(&blobs).with_context(|| format!("creating {}", blobs.display()))?;
        let port = ports::free_port()?;
        let (address, blobs) = (format!("127.0.0.1:{port}"), blobs.display().to_string());
        let arguments = ["registry", "serve", "--address", &address, "--disk", &blobs];
        let server = Server::start(&program, &arguments, &[], port, &folder.join("registry.log"))?;
        Ok(Self { server })
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> String {
        self.server.host()
    }
}
