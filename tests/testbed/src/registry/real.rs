//! The registry of the distribution project as a process of this machine.

use crate::build;
use crate::pki::Authority;
use crate::ports;
use crate::server::Server;
use anyhow::Context;
use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

/// Who may use a registry that asks for a login; the third is the bcrypt hash that the registry reads.
const ADA: (&str, &str, &str) =
    ("ada", "s3cret-of-ada", "$2b$04$6yQskTlPzt6E9mRfZzplNeWqvLD.D41PrFslEluZ82SeeWOprJ7Ha");

/// A running registry; it ends when this value does.
pub struct RealRegistry {
    server: Server,
    authority: Authority,
    ca_file: PathBuf,
}

/// Whom a registry serves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    Anyone,
    Login,
    Certificate,
}

impl RealRegistry {
    /// User and password of [`RealRegistry::start`] with a login.
    pub const LOGIN: (&str, &str) = (ADA.0, ADA.1);

    /// Starts an empty registry that keeps its contents below `folder`: over HTTPS or HTTP, open or with a login.
    ///
    /// # Errors
    /// A registry that was not built, or does not start.
    pub fn start(folder: &Path, with_tls: bool, with_login: bool) -> anyhow::Result<Self> {
        Self::serve(folder, with_tls, if with_login { Guard::Login } else { Guard::Anyone })
    }

    /// Starts a registry with the contents below `folder` that serves only those with a certificate of its authority.
    ///
    /// # Errors
    /// A registry that was not built, or does not start.
    pub fn start_for_certificates(folder: &Path) -> anyhow::Result<Self> {
        Self::serve(folder, true, Guard::Certificate)
    }

    fn serve(folder: &Path, with_tls: bool, guard: Guard) -> anyhow::Result<Self> {
        let program = build::binary("registry")?;
        std::fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let authority = Authority::new("testbed registry")?;
        let leaf = authority.server()?;
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            Ok::<_, anyhow::Error>(path)
        };
        let ca_file = file("registry-ca.crt", &authority.certificate)?;
        let (certificate, key) = (file("registry.crt", &leaf.certificate)?, file("registry.key", &leaf.key)?);
        let users = file("registry.htpasswd", &format!("{}:{}\n", ADA.0, ADA.2))?;
        let port = ports::free_port()?;
        let mut tls =
            format!("  tls:\n    certificate: {}\n    key: {}\n", certificate.display(), key.display());
        if guard == Guard::Certificate {
            tls.push_str(&format!("    clientcas:\n    - {}\n", ca_file.display()));
        }
        let login = format!("auth:\n  htpasswd:\n    realm: testbed\n    path: {}\n", users.display());
        let config = format!(
            "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n\
             http:\n  addr: 127.0.0.1:{port}\n  secret: testbed\n{}{}",
            folder.join("contents").display(),
            if with_tls { &tls } else { "" },
            if guard == Guard::Login { &login } else { "" },
        );
        let config = file("registry.yaml", &config)?;
        let arguments = [OsStr::new("serve"), config.as_os_str()];
        let log = folder.join("registry.log");
        let server = Server::start(&program, &arguments, &[("OTEL_TRACES_EXPORTER", "none")], port, &log)?;
        Ok(Self { server, authority, ca_file })
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// A certificate of its authority for a client, and its key; both PEM.
    ///
    /// # Errors
    /// When key generation fails.
    pub fn client(&self) -> anyhow::Result<(String, String)> {
        let leaf = self.authority.client("client of the registry", &[])?;
        Ok((leaf.certificate, leaf.key))
    }

    /// The authority of its certificate.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }
}
