//! The files of a certificate, its key and an authority, as `tls` and `helm` take them.

use crate::cli::help_text;
use crate::text;
use crate::text::Secret;
use anyhow::Context as _;
use std::path::PathBuf;

// The files of a certificate, its key and an authority.
#[derive(clap::Args, Debug)]
pub(super) struct TlsArgs {
    /// File with the client certificate, in PEM
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    tls_crt_file: Option<PathBuf>,
    /// File with the private key of the client certificate, in PEM
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    tls_key_file: Option<PathBuf>,
    /// File with the certificate authority of the server
    #[arg(long, help_heading = help_text::AUTHENTICATION)]
    ca_crt_file: Option<PathBuf>,
}

/// What the files hold; empty where none was named.
pub(super) struct TlsFiles {
    pub(super) certificate: String,
    pub(super) key: Secret,
    pub(super) authority: String,
}

impl TlsArgs {
    /// Reads the files.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn read(&self) -> anyhow::Result<TlsFiles> {
        let read = |path: &Option<PathBuf>, doing: &'static str| {
            let path = path.as_ref().filter(|path| !path.as_os_str().is_empty());
            path.map(|path| text::read_lossy(path).context(doing)).transpose().map(Option::unwrap_or_default)
        };
        Ok(TlsFiles {
            authority: read(&self.ca_crt_file, "unable to read TLS CA file")?,
            certificate: read(&self.tls_crt_file, "failed to read cert file")?,
            key: Secret::new(read(&self.tls_key_file, "failed to read key file")?),
        })
    }
}
