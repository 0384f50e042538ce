//! Releases of Flux on GitHub: which is the latest, whether one exists, and its manifests. No token, no other repository.

use crate::net;
use crate::net::Proxy;
use crate::text::WithHint;
use anyhow::Context;
use reqwest::StatusCode;
use sha2::Digest;
use std::collections::BTreeMap;
use std::io::Read;
use std::time::Duration;

/// No question about a release takes longer.
const ANSWER_LIMIT: Duration = Duration::from_secs(15);
/// The manifests of a release are a fraction of this.
const LARGEST_ARCHIVE: usize = 8 * 1024 * 1024;
const AGENT: &str = concat!("fluxr/", env!("CARGO_PKG_VERSION"));
const ARCHIVE: &str = "manifests.tar.gz";

/// Where releases are asked for and downloaded from.
#[derive(Debug, Clone)]
pub struct Releases {
    /// The API of the repository.
    pub api: String,
    /// Where the files of a release are, without the tag.
    pub downloads: String,
    pub proxy: Proxy,
}

impl Default for Releases {
    fn default() -> Self {
        Self {
            api: "https://api.github.com/repos/fluxcd/flux2/releases".to_owned(),
            downloads: "https://github.com/fluxcd/flux2/releases/download".to_owned(),
            proxy: Proxy::default(),
        }
    }
}

impl Releases {
    /// The tag of the latest release, with its `v`.
    ///
    /// # Errors
    /// A server that is not reached, or answers otherwise than GitHub.
    pub async fn latest(&self) -> anyhow::Result<String> {
        let doing = "asking GitHub for the latest release of Flux";
        let (status, body) = self.get(&format!("{}/latest", self.api), doing).await?;
        anyhow::ensure!(status.is_success(), "{doing}: it answered {status}");
        let answer: serde_json::Value = serde_json::from_slice(&body).context(doing)?;
        let tag = answer["tag_name"].as_str().with_context(|| format!("{doing}: the answer names no tag"))?;
        Ok(tag.to_owned())
    }

    /// The files of a release by name, e.g. `rbac.yaml`, verified against the release's list of checksums.
    ///
    /// # Errors
    /// A release that does not exist; a download that is not what the release says.
    pub async fn manifests(&self, tag: &str) -> anyhow::Result<BTreeMap<String, String>> {
        let doing = format!("looking for Flux {tag} on GitHub");
        let (status, _) = self.get(&format!("{}/tags/{tag}", self.api), &doing).await?;
        anyhow::ensure!(status != StatusCode::NOT_FOUND, "targeted version '{tag}' does not exist");
        anyhow::ensure!(status.is_success(), "{doing}: it answered {status}");
        let doing = format!("downloading the manifests of Flux {tag}");
        let sums = format!("flux_{}_checksums.txt", tag.trim_start_matches('v'));
        let (archive_url, sums_url) =
            (format!("{}/{tag}/{ARCHIVE}", self.downloads), format!("{}/{tag}/{sums}", self.downloads));
        let (archive, sums) = tokio::try_join!(self.get(&archive_url, &doing), self.get(&sums_url, &doing))?;
        anyhow::ensure!(archive.0.is_success(), "{doing}: it answered {}", archive.0);
        anyhow::ensure!(sums.0.is_success(), "{doing}: the list of checksums is missing ({})", sums.0);
        verify(&archive.1, &String::from_utf8_lossy(&sums.1)).context(doing.clone())?;
        unpack(&archive.1).context(doing)
    }

    async fn get(&self, url: &str, doing: &str) -> anyhow::Result<(StatusCode, Vec<u8>)> {
        let client = net::client(AGENT, None, &self.proxy, |builder| builder.timeout(ANSWER_LIMIT))?;
        let exchange = async {
            let mut response = client.get(url).send().await?;
            let status = response.status();
            let mut body = Vec::new();
            let is_whole = net::read_body(&mut response, LARGEST_ARCHIVE, &mut body).await?;
            Ok::<_, reqwest::Error>((status, body, is_whole))
        };
        let (status, body, is_whole) = exchange
            .await
            .with_context(|| format!("{doing}: cannot reach {url}"))
            .hint("leave --version out to install the release that is part of this program")?;
        anyhow::ensure!(is_whole, "{doing}: the answer is too large");
        Ok((status, body))
    }
}

/// Checks the archive against its line in a list as `sha256sum` writes it.
fn verify(archive: &[u8], sums: &str) -> anyhow::Result<()> {
    let wanted = sums.lines().find_map(|line| {
        let (sum, name) = line.split_once(char::is_whitespace)?;
        (name.trim_start_matches([' ', '*']) == ARCHIVE).then_some(sum)
    });
    let wanted = wanted.with_context(|| format!("the list of checksums does not name {ARCHIVE}"))?;
    let found = hex::encode(sha2::Sha256::digest(archive));
    anyhow::ensure!(found.eq_ignore_ascii_case(wanted), "the checksum of {ARCHIVE} is {found}, not {wanted}");
    Ok(())
}

/// The YAML files of an archive by their last name; nothing is written to disk.
fn unpack(archive: &[u8]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut entries =
        tar::Archive::new(flate2::read::GzDecoder::new(archive).take(LARGEST_ARCHIVE as u64 * 8));
    for entry in entries.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if !entry.header().entry_type().is_file() || !name.ends_with(".yaml") {
            continue;
        }
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        files.insert(name, text);
    }
    anyhow::ensure!(!files.is_empty(), "{ARCHIVE} holds no manifests");
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder =
            tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for (name, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn an_archive_must_be_what_the_list_of_checksums_says() {
        let bytes = archive(&[("./rbac.yaml", "kind: A\n"), ("notes.txt", "x")]);
        let sum = hex::encode(sha2::Sha256::digest(&bytes));
        verify(&bytes, &format!("aa  other.zip\n{sum}  {ARCHIVE}\n")).unwrap();
        let wrong = verify(&bytes, &format!("{}  {ARCHIVE}\n", "0".repeat(64))).unwrap_err();
        assert!(wrong.to_string().contains(&sum), "{wrong}");
        assert!(verify(&bytes, &format!("{sum}  other.tar.gz\n")).is_err());
        assert_eq!(unpack(&bytes).unwrap(), BTreeMap::from([("rbac.yaml".into(), "kind: A\n".into())]));
        assert!(unpack(&bytes[..bytes.len() / 2]).is_err());
    }
}
