//! An object store with the API of S3 on loopback. It checks the signature of every request, and keeps buckets as folders.

use crate::build;
use crate::places;
use crate::ports;
use crate::server::Server;
use anyhow::Context;
use sha2::Digest;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

/// A running store; it ends when this value does.
pub struct ObjectStore {
    server: Server,
}

impl ObjectStore {
    /// The access key and the secret key of its one user.
    pub const KEY: (&str, &str) = ("ada-of-the-store", "s3cret-of-the-store");
    /// The region that requests are signed for.
    pub const REGION: &str = "us-east-1";

    /// Starts an empty store that keeps its contents below `folder`.
    ///
    /// # Errors
    /// curl is missing; a store that was not built, or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        places::require(&[("curl", "fills buckets")])?;
        let program = build::binary("versitygw")?;
        let of = |name: &str| {
            let path = folder.join(name);
            std::fs::create_dir_all(&path).with_context(|| format!("creating {}", path.display()))?;
            Ok::<_, anyhow::Error>(path.canonicalize()?.display().to_string())
        };
        // What is known of an object is kept beside it: not every file system has extended attributes.
        let (buckets, metadata) = (of("buckets")?, of("metadata")?);
        let port = ports::free_port()?;
        let address = format!("127.0.0.1:{port}");
        let arguments = ["--port", &address, "posix", "--sidecar", &metadata, &buckets];
        let environment = [
            ("ROOT_ACCESS_KEY", Self::KEY.0),
            ("ROOT_SECRET_KEY", Self::KEY.1),
            ("VGW_REGION", Self::REGION),
        ];
        let log = folder.join("object-store.log");
        Ok(Self { server: Server::start(&program, &arguments, &environment, port, &log)? })
    }

    /// `127.0.0.1:port`: the endpoint, spoken to over plain HTTP.
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// Makes an empty bucket.
    ///
    /// # Errors
    /// What the store says.
    pub fn create_bucket(&self, bucket: &str) -> anyhow::Result<()> {
        self.ask("PUT", bucket, "")
    }

    /// Writes an object.
    ///
    /// # Errors
    /// What the store says.
    pub fn put(&self, bucket: &str, key: &str, content: &str) -> anyhow::Result<()> {
        self.ask("PUT", &format!("{bucket}/{key}"), content)
    }

    fn ask(&self, method: &str, path: &str, content: &str) -> anyhow::Result<()> {
        let (access, secret) = Self::KEY;
        let digest = hex::encode(sha2::Sha256::digest(content));
        let mut child = Command::new("curl")
            .args(["--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--request", method])
            .args(["--aws-sigv4", &format!("aws:amz:{}:s3", Self::REGION)])
            .args(["--user", &format!("{access}:{secret}"), "--data-binary", "@-"])
            .args(["--header", "Content-Type: application/octet-stream"])
            .args(["--header", &format!("x-amz-content-sha256: {digest}")])
            .arg(format!("http://{}/{path}", self.host()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("starting curl")?;
        child.stdin.take().context("curl has an input")?.write_all(content.as_bytes())?;
        let output = child.wait_with_output()?;
        let said = [output.stdout, output.stderr].concat();
        anyhow::ensure!(
            output.status.success(),
            "{method} {path} of the store: {}",
            String::from_utf8_lossy(&said)
        );
        Ok(())
    }
}
