//! Downloads: what the catalog says, and the plugins themselves. Failures that may pass are tried again.

use crate::cluster::Deadline;
use crate::net;
use crate::net::Proxy;
use crate::net::Retries;
use crate::net::Retryable;
use anyhow::Context;
use reqwest::StatusCode;
use sha2::Digest;
use sha2::Sha256;
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;

const AGENT: &str = concat!("fluxr/", env!("CARGO_PKG_VERSION"));
/// The catalog is small; what is larger is something else.
const LARGEST_TEXT: u64 = 10 * 1024 * 1024;
/// Plugins are programs with all they need.
const LARGEST_PLUGIN: u64 = 1024 * 1024 * 1024;
const TEXT_LIMIT: Duration = Duration::from_secs(30);
const PLUGIN_LIMIT: Duration = Duration::from_secs(300);
const ATTEMPTS: usize = 3;

/// The server answered with another status than 200.
#[derive(Debug, thiserror::Error)]
#[error("{url} answered {status}")]
struct Refused {
    url: String,
    status: StatusCode,
}

/// Whether the server has no such file.
pub(super) fn is_not_found(error: &anyhow::Error) -> bool {
    crate::text::find_cause::<Refused>(error).is_some_and(|refused| refused.status == StatusCode::NOT_FOUND)
}

/// How downloads are made.
#[derive(Debug, Clone)]
pub struct Fetch {
    pub proxy: Proxy,
    /// When they must have ended. Each has a limit of its own as well.
    pub deadline: Option<Deadline>,
}

impl Fetch {
    /// A text of the catalog.
    pub(super) async fn text(&self, url: &str) -> anyhow::Result<String> {
        let mut bytes = Vec::new();
        self.download(url, TEXT_LIMIT, LARGEST_TEXT, |chunk| {
            match chunk {
                Some(chunk) => bytes.extend_from_slice(chunk),
                None => bytes.clear(),
            }
            Ok(())
        })
        .await?;
        String::from_utf8(bytes).ok().with_context(|| format!("{url} is not text"))
    }

    /// A plugin, as it is written down, and its SHA-256.
    pub(super) async fn plugin(&self, url: &str, file: &mut std::fs::File) -> anyhow::Result<String> {
        use std::io::Seek;
        let mut hash = Sha256::new();
        self.download(url, PLUGIN_LIMIT, LARGEST_PLUGIN, |chunk| {
            match chunk {
                Some(chunk) => {
                    hash.update(chunk);
                    file.write_all(chunk)?;
                }
                None => {
                    hash.reset();
                    file.set_len(0)?;
                    file.rewind()?;
                }
            }
            Ok(())
        })
        .await?;
        Ok(hex::encode(hash.finalize()))
    }

    /// Hands on what a server sends, piece by piece; `None` means that it begins again.
    async fn download(
        &self,
        url: &str,
        limit: Duration,
        largest: u64,
        mut take: impl FnMut(Option<&[u8]>) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let client = net::client(AGENT, None, &self.proxy, |builder| builder)?;
        let pauses = net::pauses(Duration::from_secs(1)).with_max_times(ATTEMPTS);
        let until = Instant::now() + self.deadline.map_or(limit, |deadline| limit.min(deadline.remaining()));
        let mut retries = Retries::new(pauses, until);
        loop {
            take(None).context("writing the download")?;
            let request = client.get(url).timeout(until.saturating_duration_since(Instant::now()));
            match attempt(request, url, largest, &mut take).await {
                Ok(()) => return Ok(()),
                Err(failed) => retries.pause(failed).await.map_err(|failed| failed.error)?,
            }
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{error:#}")]
struct Failed {
    error: anyhow::Error,
    may_pass: bool,
}

impl Retryable for Failed {
    fn is_transient(&self) -> bool {
        self.may_pass
    }
}

async fn attempt(
    request: reqwest::RequestBuilder,
    url: &str,
    largest: u64,
    take: &mut impl FnMut(Option<&[u8]>) -> std::io::Result<()>,
) -> Result<(), Failed> {
    let shown = crate::text::without_credentials(url);
    let broken = |error: reqwest::Error| {
        let may_pass = !error.is_builder();
        Failed { error: anyhow::anyhow!("{shown}: {}", net::cause(&error)), may_pass }
    };
    let last = |error| Failed { error, may_pass: false };
    let mut response = request.send().await.map_err(broken)?;
    let status = response.status();
    if status != StatusCode::OK {
        let may_pass = status == StatusCode::TOO_MANY_REQUESTS
            || (status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED);
        return Err(Failed { error: Refused { url: shown, status }.into(), may_pass });
    }
    let mut length = 0;
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        length += chunk.len() as u64;
        if length > largest {
            let most = largest / 1024 / 1024;
            return Err(last(anyhow::anyhow!("{shown} is larger than {most} MiB")));
        }
        take(Some(&chunk)).context("writing the download").map_err(last)?;
    }
    Ok(())
}
