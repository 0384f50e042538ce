//! The registry of the distribution project as a process of this machine.

use crate::build;
use crate::pki::Authority;
use crate::ports;
use anyhow::Context;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// Who may use a registry that asks for a login; the third is the bcrypt hash that the registry reads.
const ADA: (&str, &str, &str) =
    ("ada", "s3cret-of-ada", "$2b$04$6yQskTlPzt6E9mRfZzplNeWqvLD.D41PrFslEluZ82SeeWOprJ7Ha");
/// It is up in a fraction of this.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running registry; it ends when this value does.
pub struct RealRegistry {
    child: Child,
    port: u16,
    ca_file: PathBuf,
}

impl RealRegistry {
    /// User and password of [`RealRegistry::start`] with a login.
    pub const LOGIN: (&str, &str) = (ADA.0, ADA.1);

    /// Starts an empty registry that keeps its contents below `folder`: over HTTPS or HTTP, open or with a login.
    ///
    /// # Errors
    /// A registry that was not built, or does not start.
    pub fn start(folder: &Path, with_tls: bool, with_login: bool) -> anyhow::Result<Self> {
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
        let tls = format!("  tls:\n    certificate: {}\n    key: {}\n", certificate.display(), key.display());
        let login = format!("auth:\n  htpasswd:\n    realm: testbed\n    path: {}\n", users.display());
        let config = format!(
            "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\n\
             http:\n  addr: 127.0.0.1:{port}\n  secret: testbed\n{}{}",
            folder.join("contents").display(),
            if with_tls { &tls } else { "" },
            if with_login { &login } else { "" },
        );
        let config = file("registry.yaml", &config)?;
        let log = std::fs::File::create(folder.join("registry.log"))?;
        // As for every part of the testbed: the kernel ends it when whoever started it goes.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .arg("serve")
            .arg(config)
            .env_clear()
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting the registry")?;
        let registry = Self { child, port, ca_file };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let log = folder.join("registry.log");
            anyhow::ensure!(
                begun.elapsed() < START_LIMIT,
                "the registry does not start: {}",
                std::fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(registry)
    }

    /// `127.0.0.1:port`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The authority of its certificate.
    pub fn ca_file(&self) -> &Path {
        &self.ca_file
    }
}

impl Drop for RealRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
