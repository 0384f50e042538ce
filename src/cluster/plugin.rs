//! Credential plugins: the programs that a kubeconfig names under `exec`. (client-go's `plugin/pkg/client/auth/exec`.)

use crate::api::object;
use crate::text::WithHint;
use crate::text::first_line;
use crate::text::with_hint;
use crate::text::yaml;
use anyhow::Context;
use kube::config::ExecConfig;
use kube::config::ExecInteractiveMode;
use serde_json::Value;
use serde_json::json;
use std::io::IsTerminal;
use std::process::Stdio;

const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// What a plugin has answered.
pub struct Answer {
    pub token: Option<String>,
    /// Certificate and key in PEM.
    pub identity: Option<(String, String)>,
    pub expires: Option<jiff::Timestamp>,
}

/// Runs the plugin, which may ask on the terminal. It ends with the future.
///
/// # Errors
/// A plugin that is not installed, with its install hint; one that fails, or answers something else than credentials.
pub async fn run(exec: &ExecConfig) -> anyhow::Result<Answer> {
    let name = exec.command.clone().unwrap_or_default();
    let version = exec.api_version.as_deref().unwrap_or_default();
    anyhow::ensure!(VERSIONS.contains(&version), "exec plugin: invalid apiVersion \"{version}\"");
    let has_terminal = std::io::stdin().is_terminal();
    let is_interactive = match exec.interactive_mode {
        Some(ExecInteractiveMode::Never) => false,
        Some(ExecInteractiveMode::Always) => {
            anyhow::ensure!(
                has_terminal,
                "exec plugin cannot support interactive mode: standard input is not a terminal"
            );
            true
        }
        Some(ExecInteractiveMode::IfAvailable) | None => has_terminal,
    };
    let mut request =
        json!({"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": is_interactive}});
    if let Some(cluster) = exec.cluster.as_ref().filter(|_| exec.provide_cluster_info) {
        request["spec"]["cluster"] = serde_json::to_value(cluster)?;
    }
    let mut command = tokio::process::Command::new(&name);
    command.args(exec.args.iter().flatten()).env("KUBERNETES_EXEC_INFO", request.to_string());
    for pair in exec.env.iter().flatten() {
        command
            .env(pair.get("name").map_or("", String::as_str), pair.get("value").map_or("", String::as_str));
    }
    command.stdin(if is_interactive { Stdio::inherit() } else { Stdio::null() });
    let output = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| not_started(&name, &error, exec.install_hint.as_deref()))?;
    if !output.status.success() {
        let code = output.status.code().unwrap_or(-1);
        return Err(anyhow::anyhow!("exec: executable {name} failed with exit code {code}"))
            .hint("run it by hand to see why; what it wrote is above");
    }
    let text =
        String::from_utf8(output.stdout).map_err(|_| anyhow::anyhow!("decoding stdout: it is not UTF-8"))?;
    answer(&text, version)
}

fn not_started(name: &str, error: &std::io::Error, install_hint: Option<&str>) -> anyhow::Error {
    if error.kind() != std::io::ErrorKind::NotFound {
        return anyhow::anyhow!("exec: executable {name} cannot be started: {error}");
    }
    let hint = install_hint.map(first_line).filter(|hint| !hint.is_empty());
    with_hint(
        anyhow::anyhow!("exec: executable {name} not found"),
        hint.unwrap_or_else(|| {
            "the kubeconfig logs in with this credential plugin: install it, or choose another user with --user".to_owned()
        }),
    )
}

/// What is wrong with an answer is said without quoting it.
fn answer(text: &str, version: &str) -> anyhow::Result<Answer> {
    let document = yaml::documents(text, "stdout").ok().and_then(|documents| documents.into_iter().next());
    let credential =
        document.filter(Value::is_object).context("decoding stdout: it is not an ExecCredential")?;
    let found = object::text(&credential, "/apiVersion");
    anyhow::ensure!(
        found == version,
        "exec plugin is configured to use API version {version}, plugin returned version {found}"
    );
    anyhow::ensure!(credential["status"].is_object(), "exec plugin didn't return a status field");
    let part =
        |pointer: &str| Some(object::text(&credential, pointer).to_owned()).filter(|part| !part.is_empty());
    let identity = match (part("/status/clientCertificateData"), part("/status/clientKeyData")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => anyhow::bail!("exec plugin returned only certificate or key, not both"),
    };
    let token = part("/status/token");
    anyhow::ensure!(
        token.is_some() || identity.is_some(),
        "exec plugin didn't return a token or cert/key pair"
    );
    let expires = part("/status/expirationTimestamp").map(|moment| moment.parse());
    let expires = expires
        .transpose()
        .map_err(|_| anyhow::anyhow!("decoding stdout: expirationTimestamp is not a time"))?;
    Ok(Answer { token, identity, expires })
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn an_answer_holds_a_token_or_a_certificate_with_its_key() {
        let version = "client.authentication.k8s.io/v1";
        let read = |status: &str| {
            answer(&format!("{{apiVersion: {version}, kind: ExecCredential, status: {status}}}"), version)
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("{token: abc}").unwrap().token.as_deref(), Some("abc"));
        assert!(read("{clientCertificateData: a, clientKeyData: b}").unwrap().identity.is_some());
        for (status, says) in [
            ("{clientKeyData: b}", "only certificate or key"),
            ("{}", "didn't return a token"),
            ("{token: ''}", "didn't return a token"),
            ("null", "didn't return a status field"),
            ("{token: a, expirationTimestamp: soon}", "is not a time"),
        ] {
            let error = read(status).err().unwrap();
            assert!(error.contains(says), "{status}: {error}");
        }
        for text in ["", "s3cret", "[s3cret", "{apiVersion: v1, status: {token: s3cret}}"] {
            let error = answer(text, version).err().unwrap().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
