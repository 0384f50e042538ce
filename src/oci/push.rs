//! Pushing: the content and its configuration, and then the manifest that names them.

use super::Annotations;
use super::Reference;
use super::Registry;
use super::RegistryError;
use super::archive::Archive;
use super::client::Payload;
use super::client::Request;
use super::manifest;
use super::manifest::CONFIG;
use super::manifest::MANIFEST;
use super::manifest::Manifest;
use super::manifest::digest_of;
use crate::net::Meter;
use crate::text::quoted;
use reqwest::Method;
use reqwest::StatusCode;
use reqwest::header;

impl Registry<'_> {
    /// Pushes an archive under a tag or a digest, and returns the digest of its manifest.
    ///
    /// # Errors
    /// What the registry says.
    pub async fn push(
        &self,
        identifier: &str,
        archive: &Archive,
        annotations: &Annotations,
        meter: &Meter,
    ) -> Result<String, RegistryError> {
        let content = self.push_blob(&archive.digest, || Payload::File {
            file: archive.file(),
            length: archive.size,
            meter,
        });
        let digest = digest_of(CONFIG.as_bytes());
        let configuration = self.push_blob(&digest, || Payload::Bytes(CONFIG.as_bytes()));
        tokio::try_join!(content, configuration)?;
        let manifest = manifest::write((&archive.digest, archive.size), annotations);
        self.push_manifest(identifier, manifest.as_bytes(), MANIFEST).await
    }

    async fn push_blob<'p>(
        &self,
        digest: &str,
        payload: impl Fn() -> Payload<'p>,
    ) -> Result<(), RegistryError> {
        self.retried(async || {
            let known = Request::new(Method::HEAD, self.url(&format!("blobs/{digest}"))?);
            match self.ask(&known, &[StatusCode::OK]).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_missing() => {}
                Err(error) => return Err(error),
            }
            let begin = Request::new(Method::POST, self.url("blobs/uploads/")?);
            let begun = self.ask(&begin, &[StatusCode::ACCEPTED, StatusCode::CREATED]).await?;
            let location = begun.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let place = location.and_then(|location| begun.url().join(location).ok());
            let Some(mut place) = place else {
                let reason = format!("{} does not say where to upload to", self.repository);
                return Err(RegistryError::Garbage(reason));
            };
            place.query_pairs_mut().append_pair("digest", digest);
            let mut upload = Request::new(Method::PUT, place);
            upload.headers.push((header::CONTENT_TYPE, "application/octet-stream".to_owned()));
            upload.payload = payload();
            self.ask(&upload, &[StatusCode::CREATED, StatusCode::NO_CONTENT]).await?;
            Ok(())
        })
        .await
    }

    /// Puts a manifest where a tag or a digest says.
    async fn push_manifest(
        &self,
        identifier: &str,
        bytes: &[u8],
        kind: &str,
    ) -> Result<String, RegistryError> {
        let mut request = Request::new(Method::PUT, self.url(&format!("manifests/{identifier}"))?);
        request.headers.push((header::CONTENT_TYPE, kind.to_owned()));
        request.payload = Payload::Bytes(bytes);
        let expected = [StatusCode::CREATED, StatusCode::OK, StatusCode::ACCEPTED];
        self.retried(async || self.ask(&request, &expected).await).await?;
        Ok(digest_of(bytes))
    }

    /// Gives an artifact another tag.
    ///
    /// # Errors
    /// What the registry says.
    pub async fn tag(&self, of: &Reference, tag: &str) -> Result<(), RegistryError> {
        let found = self.manifest(of.identifier.as_str()).await;
        let Manifest { bytes, media_type, .. } =
            found.map_err(|error| error.within(&format!("fetching {}", quoted(&of.to_string()))))?;
        self.push_manifest(tag, &bytes, &media_type).await?;
        Ok(())
    }
}
