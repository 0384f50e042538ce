//! A child process that ends with its parent, whatever happens to it, and whose output goes to a file or to its starter.

use anyhow::Context;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Child;
use tokio::process::Command;

/// Starts `program`; its output is appended to `log`. The environment is `env` and nothing else.
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
    let mut command = command(program, arguments, env);
    command.stdout(output.try_clone()?).stderr(output);
    command.spawn().with_context(|| format!("starting {}", program.display()))
}

/// Starts `program`; its output is for the caller to read.
///
/// # Errors
/// When the program cannot be started.
pub fn spawn_piped<A: AsRef<OsStr>>(
    program: &Path,
    arguments: &[A],
    env: &[(&str, &str)],
) -> anyhow::Result<Child> {
    let mut command = command(program, arguments, env);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().with_context(|| format!("starting {}", program.display()))
}

/// `setpriv` makes the kernel end the child when this thread goes, so that a killed testbed leaves nothing running.
fn command<A: AsRef<OsStr>>(program: &Path, arguments: &[A], env: &[(&str, &str)]) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program)
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .envs(env.iter().copied())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}
