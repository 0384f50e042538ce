//! A child process that ends with its parent, whatever happens to it, and whose output goes to a file.

use anyhow::Context;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Child;
use tokio::process::Command;

/// Starts `program`; its output is appended to `log`. The environment is `env` and nothing else.
/// `setpriv` makes the kernel end the child when this thread goes, so that a killed testbed leaves nothing running.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    env: &[(&str, &str)],
    log: &Path,
) -> anyhow::Result<Child> {
    let output = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("opening {}", log.display()))?;
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {}", program.display()))
}
