//! Credential helpers: the programs `docker-credential-<name>`, which are asked for the login of a registry on standard input.

use super::Credentials;
use crate::text::Secret;
use crate::text::WithHint;
use crate::text::first_line;
use anyhow::Context;
use serde::Deserialize;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A helper may ask its person for a password, but not for ever.
const LIMIT: Duration = Duration::from_secs(60);
/// The user that says that the secret is an identity token.
const TOKEN_USER: &str = "<token>";
/// What helpers say, with exit code 1, when they know no login.
const UNKNOWN: &str = "credentials not found in native keychain";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Answer {
    username: String,
    secret: Secret,
}

/// The login that a helper has for a registry.
///
/// # Errors
/// A helper that is not installed, does not answer, fails, or answers something else than a login.
pub(super) async fn get(name: &str, registry: &str) -> anyhow::Result<Credentials> {
    let program = format!("docker-credential-{name}");
    // It has the whole environment, as Docker gives it: some helpers take the token of a forge from there, for the registry of that forge.
    let (is_fine, answer) = run(&program, &["get"], registry, &[])
        .await
        .context("error getting credentials")
        .hint(format!("Docker's configuration names {program} for this registry; --creds does without it"))?;
    let answer = answer.trim();
    if !is_fine {
        if answer == UNKNOWN {
            return Ok(Credentials::Anonymous);
        }
        let said = if answer.is_empty() { "it said nothing".to_owned() } else { first_line(answer) };
        return Err(anyhow::anyhow!("error getting credentials: {program} failed: {said}"))
            .hint(format!("run `echo {registry} | {program} get` to see why; --creds does without it"));
    }
    // Whatever it wrote may be a secret.
    let read: Answer = serde_json::from_str(answer)
        .map_err(|_| {
            anyhow::anyhow!("error getting credentials: {program} did not answer with a login in JSON")
        })
        .hint(format!(
            "repair {program}, or choose another in Docker's configuration; --creds does without it"
        ))?;
    if read.username == TOKEN_USER {
        return Ok(Credentials::IdentityToken(read.secret));
    }
    Ok(Credentials::basic(&read.username, read.secret.reveal()))
}

/// Runs a program with a line on its standard input, and without some variables of the environment; whether it succeeded, and what it
/// wrote to standard output.
pub(super) async fn run(
    program: &str,
    arguments: &[&str],
    input: &str,
    withheld: &[&str],
) -> anyhow::Result<(bool, String)> {
    let mut command = Command::new(program);
    for variable in withheld {
        command.env_remove(variable);
    }
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = match command.kill_on_drop(true).spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            anyhow::bail!("{program} is not installed")
        }
        child => child.with_context(|| format!("starting {program}"))?,
    };
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read is judged by its answer.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let ended = tokio::time::timeout(LIMIT, child.wait_with_output()).await;
    let output = ended
        .map_err(|_| anyhow::anyhow!("{program} did not answer within {} s", LIMIT.as_secs()))?
        .with_context(|| format!("waiting for {program}"))?;
    let text = String::from_utf8(output.stdout);
    Ok((output.status.success(), text.map_err(|_| anyhow::anyhow!("{program} did not answer in UTF-8"))?))
}
