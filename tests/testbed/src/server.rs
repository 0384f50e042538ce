//! A program that serves something on one port of this machine, for as long as the value lives.

use anyhow::Context;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// They are up in a fraction of this.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running program.
pub(crate) struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts `program`, which is to listen on `port`, and waits until it does. Its environment is `environment` and nothing else.
    ///
    /// # Errors
    /// It cannot be started or does not listen in time, with what it wrote.
    pub(crate) fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: &[A],
        environment: &[(&str, &str)],
        port: u16,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let output =
            std::fs::File::create(log).with_context(|| format!("creating the log {}", log.display()))?;
        // As for every part of the testbed: the kernel ends it together with its parent.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "--"])
            .arg(program)
            .args(arguments)
            .env_clear()
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let mut server = Self { child, port };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            let runs = server.child.try_wait()?.is_none() && begun.elapsed() < START_LIMIT;
            let said = || std::fs::read_to_string(log).unwrap_or_default();
            anyhow::ensure!(runs, "{} does not start:\n{}", program.display(), said());
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// `127.0.0.1:port`.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
