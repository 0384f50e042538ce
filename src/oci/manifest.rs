//! Manifests: what an artifact of Flux says about itself, and what is read of any manifest.

use super::RegistryError;
use crate::text::is_digest;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeMap;

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// What is accepted as a manifest.
pub(super) const ACCEPTED: [&str; 4] = [MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX];

const CONFIG_TYPE: &str = "application/vnd.cncf.flux.config.v1+json";
const CONTENT_TYPE: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";
/// The configuration of every artifact that the Flux CLI pushes: it says nothing.
pub(super) const CONFIG: &str = r#"{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":null},"config":{}}"#;

const CREATED: &str = "org.opencontainers.image.created";
const SOURCE: &str = "org.opencontainers.image.source";
const REVISION: &str = "org.opencontainers.image.revision";

/// The annotations of an artifact.
#[derive(Debug, Clone, Default)]
pub struct Annotations(BTreeMap<String, String>);

impl Annotations {
    /// Those of Flux, and further ones, which win.
    pub fn new(created: &str, source: &str, revision: &str, further: &[(String, String)]) -> Self {
        let own = [(CREATED, created), (SOURCE, source), (REVISION, revision)];
        let mut all: BTreeMap<String, String> =
            own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        all.extend(further.iter().cloned());
        // A removed creation time is added again.
        let time = all.entry(CREATED.to_owned()).or_default();
        if time.is_empty() {
            created.clone_into(time);
        }
        Self(all)
    }

    fn of(manifest: &Value) -> Self {
        let all = manifest["annotations"].as_object().into_iter().flatten();
        Self(all.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    /// When the artifact was created.
    pub fn created(&self) -> &str {
        self.get(CREATED)
    }

    /// Where its files come from, or nothing.
    pub fn source(&self) -> &str {
        self.get(SOURCE)
    }

    /// The revision of the source, or nothing.
    pub fn revision(&self) -> &str {
        self.get(REVISION)
    }
}

/// Something that a manifest refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
}

/// The digest of bytes.
pub(super) fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The manifest of an artifact with one layer, byte for byte as the Flux CLI writes it.
pub(super) fn write(layer: (&str, u64), annotations: &Annotations) -> String {
    let descriptor = |kind: &str, size: u64, digest: &str| {
        format!("{{\"mediaType\":{},\"size\":{size},\"digest\":{}}}", json!(kind), json!(digest))
    };
    let config = descriptor(CONFIG_TYPE, CONFIG.len() as u64, &digest_of(CONFIG.as_bytes()));
    let layer = descriptor(CONTENT_TYPE, layer.1, layer.0);
    let pairs = annotations.0.iter().map(|(name, value)| format!("{}:{}", go_text(name), go_text(value)));
    let pairs: Vec<String> = pairs.collect();
    format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{config},\"layers\":[{layer}],\"annotations\":{{{}}}}}",
        pairs.join(",")
    )
}

/// A JSON text as Go's `encoding/json` writes it: safe to be put into HTML.
fn go_text(text: &str) -> String {
    let written = json!(text).to_string();
    let mut shown = String::with_capacity(written.len());
    for one in written.chars() {
        match one {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                shown.push_str(&format!("\\u{:04x}", u32::from(one)))
            }
            other => shown.push(other),
        }
    }
    shown
}

/// A manifest as it was fetched.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) bytes: Vec<u8>,
    pub(super) media_type: String,
    pub(super) digest: String,
    value: Value,
}

impl Manifest {
    /// # Errors
    /// Anything but a JSON object.
    pub(super) fn read(bytes: Vec<u8>, media_type: &str) -> Result<Self, RegistryError> {
        let value: Option<Value> = serde_json::from_slice(&bytes).ok().filter(Value::is_object);
        let Some(value) = value else {
            return Err(RegistryError::Garbage(
                "parsing manifest failed: it is not a JSON object".to_owned(),
            ));
        };
        // The header may be that of a proxy; the document knows better.
        let own = value["mediaType"].as_str().filter(|own| !own.is_empty());
        let media_type = own.unwrap_or(media_type).to_owned();
        Ok(Self { digest: digest_of(&bytes), bytes, media_type, value })
    }

    pub(super) fn annotations(&self) -> Annotations {
        Annotations::of(&self.value)
    }

    /// For an index, the digest of the manifest for this platform, which is what go-containerregistry takes.
    pub(super) fn child(&self) -> Option<Result<String, RegistryError>> {
        if ![INDEX, DOCKER_INDEX].contains(&self.media_type.as_str()) {
            return None;
        }
        let found = self.value["manifests"].as_array().into_iter().flatten().find(|child| {
            let platform = &child["platform"];
            platform.is_null() || (platform["os"] == "linux" && platform["architecture"] == "amd64")
        });
        let digest = found.and_then(|child| child["digest"].as_str()).filter(|digest| is_digest(digest));
        Some(digest.map(str::to_owned).ok_or_else(|| {
            RegistryError::Garbage(format!("no child with platform linux/amd64 in index {}", self.digest))
        }))
    }

    /// The layer that holds the content.
    pub(super) fn first_layer(&self) -> Result<Blob, RegistryError> {
        let garbage = |reason: &str| RegistryError::Garbage(reason.to_owned());
        let layer = self.value["layers"].as_array().and_then(|layers| layers.first());
        let layer = layer.ok_or_else(|| garbage("no layers found in artifact"))?;
        let digest = layer["digest"].as_str().filter(|digest| is_digest(digest));
        let digest =
            digest.ok_or_else(|| garbage("parsing manifest failed: the layer has no sha256 digest"))?;
        let size = layer["size"]
            .as_u64()
            .ok_or_else(|| garbage("parsing manifest failed: the layer has no size"))?;
        let media_type = layer["mediaType"].as_str().unwrap_or_default().to_owned();
        Ok(Blob { media_type, digest: digest.to_owned(), size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_written_as_flux_writes_it() {
        let further = [("k".to_owned(), "<v> & \"w\"".to_owned())];
        let annotations = Annotations::new("1970-01-01T00:00:00Z", "s", "r", &further);
        let digest = "sha256:748f23cea266e39498b71ea62bf7242c03f82d27869fb5681e615fea845872c4";
        let wanted = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.cncf.flux.config.v1+json","size":115,"digest":"sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe"},"layers":[{"mediaType":"application/vnd.cncf.flux.content.v1.tar+gzip","size":188,"digest":"sha256:748f23cea266e39498b71ea62bf7242c03f82d27869fb5681e615fea845872c4"}],"annotations":{"k":"\u003cv\u003e \u0026 \"w\"","org.opencontainers.image.created":"1970-01-01T00:00:00Z","org.opencontainers.image.revision":"r","org.opencontainers.image.source":"s"}}"#;
        assert_eq!(write((digest, 188), &annotations), wanted);
    }

    #[test]
    fn the_content_is_in_the_first_layer() {
        let read = |text: &str| Manifest::read(text.as_bytes().to_vec(), MANIFEST);
        let digest = digest_of(b"");
        let layer = format!(r#"{{"layers": [{{"mediaType": "x", "digest": "{digest}", "size": 3}}, {{}}]}}"#);
        let wanted = Blob { media_type: "x".to_owned(), digest, size: 3 };
        assert_eq!(read(&layer).unwrap().first_layer().unwrap(), wanted);
        for text in [
            "{}",
            r#"{"layers": []}"#,
            r#"{"layers": [{}]}"#,
            r#"{"layers": [{"digest": "sha256:../../x", "size": 1}]}"#,
            r#"{"layers": 1}"#,
        ] {
            assert!(read(text).unwrap().first_layer().is_err(), "{text}");
        }
        for text in ["", "[]", "<html>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
