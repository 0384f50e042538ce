//! Pulling: the manifest, and then its first layer into a temporary file, where it is judged before anybody reads it.

use super::Annotations;
use super::Registry;
use super::RegistryError;
use super::client::Request;
use super::client::read_body;
use super::client::unreachable;
use super::manifest::ACCEPTED;
use super::manifest::Blob;
use super::manifest::Manifest;
use crate::net::Meter;
use crate::text::is_digest;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header;
use sha2::Digest;
use sha2::Sha256;
use std::fs::File;
use std::io;
use std::io::Seek;
use std::io::Write;

/// The specification asks registries to take as much, and clients no more.
const LARGEST_MANIFEST: usize = 4 * 1024 * 1024;
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An artifact whose content is in a temporary file.
#[derive(Debug)]
pub struct Pulled {
    pub annotations: Annotations,
    /// Of the manifest.
    pub digest: String,
    /// The archive, which is gone when this is dropped.
    pub archive: File,
    pub size: u64,
}

/// An artifact of which only the manifest was fetched.
pub struct RemoteArtifact {
    manifest: Manifest,
    layer: Blob,
}

impl RemoteArtifact {
    /// The bytes of its content.
    pub fn size(&self) -> u64 {
        self.layer.size
    }
}

impl Registry<'_> {
    /// The manifest of a tag or a digest. What it says of itself is verified.
    pub(super) async fn manifest(&self, identifier: &str) -> Result<Manifest, RegistryError> {
        let mut request = Request::new(Method::GET, self.url(&format!("manifests/{identifier}"))?);
        request.headers.push((header::ACCEPT, ACCEPTED.join(",")));
        self.retried(async || {
            let answer = self.ask(&request, &[StatusCode::OK]).await?;
            let text = |name: &str| {
                let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
                value.unwrap_or_default().to_owned()
            };
            let (kind, told) = (text("content-type"), text("docker-content-digest"));
            let body = read_body(&Method::GET, answer, LARGEST_MANIFEST).await?;
            let kind = kind.split(';').next().unwrap_or_default().trim();
            let manifest = Manifest::read(body, kind)?;
            let asked = if is_digest(identifier) { identifier } else { &told };
            if is_digest(asked) && *asked != manifest.digest {
                return Err(RegistryError::Garbage(format!(
                    "manifest digest: \"{}\" does not match requested digest: \"{asked}\" for \"{}\"",
                    manifest.digest,
                    self.repository.at(identifier)
                )));
            }
            Ok(manifest)
        })
        .await
    }

    /// Looks for an artifact.
    ///
    /// # Errors
    /// An error of the registry; a manifest that is not an artifact.
    pub async fn find(&self, identifier: &str) -> Result<RemoteArtifact, RegistryError> {
        let mut manifest = self.manifest(identifier).await?;
        if let Some(child) = manifest.child() {
            manifest = self.manifest(&child?).await?;
        }
        let layer = manifest.first_layer()?;
        Ok(RemoteArtifact { manifest, layer })
    }

    /// Fetches the content of an artifact.
    ///
    /// # Errors
    /// What the registry says; content that is not what the manifest promises, or no archive.
    pub async fn pull(&self, found: RemoteArtifact, meter: &Meter) -> Result<Pulled, RegistryError> {
        let RemoteArtifact { manifest, layer } = found;
        let archive = self.retried(async || self.fetch(&layer, meter).await).await?;
        let annotations = manifest.annotations();
        Ok(Pulled { annotations, digest: manifest.digest, archive, size: layer.size })
    }

    async fn fetch(&self, layer: &Blob, meter: &Meter) -> Result<File, RegistryError> {
        let failed = |error: io::Error| RegistryError::Garbage(format!("writing a temporary file: {error}"));
        let mut file = tempfile::tempfile().map_err(failed)?;
        meter.reset();
        let request = Request::new(Method::GET, self.url(&format!("blobs/{}", layer.digest))?);
        let mut answer = self.ask(&request, &[StatusCode::OK]).await?;
        let url = answer.url().clone();
        let (mut hash, mut size, mut begin) = (Sha256::new(), 0_u64, Vec::new());
        while let Some(chunk) =
            answer.chunk().await.map_err(|error| unreachable(&Method::GET, &url, &error))?
        {
            size += chunk.len() as u64;
            if size > layer.size {
                return Err(
                    self.wrong(layer, &format!("has more than the {} bytes of its manifest", layer.size))
                );
            }
            if begin.len() < GZIP.len() {
                begin.extend(chunk.iter().take(GZIP.len()));
            }
            hash.update(&chunk);
            file.write_all(&chunk).map_err(failed)?;
            meter.add(chunk.len() as u64);
        }
        if size < layer.size {
            return Err(
                self.wrong(layer, &format!("has {size} bytes, and its manifest promises {}", layer.size))
            );
        }
        let digest = format!("sha256:{}", hex::encode(hash.finalize()));
        if digest != layer.digest {
            return Err(self.wrong(layer, &format!("has the digest {digest}")));
        }
        if !begin.starts_with(&GZIP) {
            return Err(
                self.wrong(layer, &format!("is of type \"{}\" and not a gzip archive", layer.media_type))
            );
        }
        file.rewind().map_err(failed)?;
        Ok(file)
    }

    fn wrong(&self, layer: &Blob, what: &str) -> RegistryError {
        RegistryError::Garbage(format!("the content {} {what}", self.repository.at(&layer.digest)))
    }
}
