//! Git over HTTP through `git http-backend`; the token of a user is the password.

use super::clean_git;
use super::state::Shared;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::response::Response;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// `owner/name` and what follows in the path of a Git request.
pub fn repository_of(path: &str) -> Option<(String, &str)> {
    let rest = path.strip_prefix('/')?;
    let end = rest
        .find("/info/refs")
        .or_else(|| rest.find("/git-upload-pack"))
        .or_else(|| rest.find("/git-receive-pack"))?;
    let (repository, service) = rest.split_at(end);
    Some((repository.trim_end_matches(".git").to_owned(), service))
}

/// Answers a Git request of a user who may do it.
pub async fn answer(
    shared: &Shared,
    head: &Parts,
    full_name: &str,
    service: &str,
    body: Bytes,
) -> anyhow::Result<Response> {
    let mut command = clean_git();
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", &shared.repositories)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "git")
        .env("PATH_INFO", format!("/{full_name}.git{service}"))
        .env("QUERY_STRING", head.uri.query().unwrap_or_default())
        .env("REQUEST_METHOD", head.method.as_str())
        .env("CONTENT_LENGTH", body.len().to_string());
    for (header, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ] {
        if let Some(value) = head.headers.get(header).and_then(|value| value.to_str().ok()) {
            command.env(variable, value);
        }
    }
    let mut child = Command::from(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        tokio::spawn(async move { input.write_all(&body).await });
    }
    let output = child.wait_with_output().await?.stdout;
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(output.len());
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output[..end]).lines() {
        let Some((name, value)) = line.split_once(": ") else { continue };
        response = match name {
            "Status" => response.status(value.get(..3).unwrap_or("500").parse::<u16>()?),
            _ => response.header(name, value),
        };
    }
    Ok(response.body(Body::from(output.get(end + 4..).unwrap_or_default().to_vec()))?)
}
