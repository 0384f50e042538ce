//! What the catalog offers: a list of plugins, and for each a manifest with its versions and where they are downloaded from.

use super::directory::PREFIX;
use super::directory::is_plain;
use super::fetch;
use super::fetch::Fetch;
use crate::api::object::list;
use crate::api::object::text;
use crate::text::WithHint;
use crate::text::quoted;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

const API_VERSION: &str = "cli.fluxcd.io/v1beta1";
/// Where the catalog is, unless the environment says otherwise.
const BASE: &str = "https://github.com/fluxcd/plugins/releases/latest/download/";

/// The catalog.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// What the names of its files are put behind.
    pub base: String,
    pub fetch: Fetch,
}

/// A plugin in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub description: String,
    /// Everything that the list says about it.
    pub whole: Value,
}

/// Everything about one plugin.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub name: String,
    /// The file that it is installed as.
    pub(super) bin: String,
    versions: Vec<Value>,
}

/// One version for one platform.
#[derive(Debug, Clone)]
pub struct Offer {
    pub version: String,
    pub(super) url: String,
    pub(super) checksum: String,
    /// Where the program is within its archive, if the manifest says so.
    pub(super) extract_path: String,
    /// As the manifest has it, for the receipt.
    pub(super) platform: Value,
}

impl Catalog {
    /// The catalog that the environment names, or the usual one.
    pub fn of<'e>(variable: impl Fn(&str) -> Option<&'e str>, fetch: Fetch) -> Self {
        let given = variable("FLUXCD_PLUGIN_CATALOG").filter(|base| !base.is_empty());
        Self { base: given.unwrap_or(BASE).to_owned(), fetch }
    }

    /// The plugins in the list.
    ///
    /// # Errors
    /// A catalog that is not reached, or not valid.
    pub async fn entries(&self) -> anyhow::Result<Vec<Entry>> {
        let body = self.fetch.text(&format!("{}catalog.yaml", self.base)).await;
        let body = body.context("failed to fetch plugin catalog");
        Entry::read_all(&body.hint("FLUXCD_PLUGIN_CATALOG names another catalog, HTTPS_PROXY a proxy")?)
    }

    /// The manifest of a plugin.
    ///
    /// # Errors
    /// A name that the catalog does not have; a catalog that is not reached; as [`Manifest::read`].
    pub async fn manifest(&self, name: &str) -> anyhow::Result<Manifest> {
        let called = quoted(name);
        let missing = || format!("plugin {called} not found in catalog");
        anyhow::ensure!(is_plain(name), missing());
        let body = match self.fetch.text(&format!("{}{name}.yaml", self.base)).await {
            Err(error) if fetch::is_not_found(&error) => anyhow::bail!(missing()),
            body => body.with_context(missing)?,
        };
        Manifest::read(name, &body)
    }
}

impl Entry {
    /// The plugins that a list names.
    ///
    /// # Errors
    /// A text that is not a catalog.
    pub fn read_all(catalog: &str) -> anyhow::Result<Vec<Self>> {
        let document = document(catalog).context("failed to parse plugin catalog")?;
        check(&document, "plugin catalog", "PluginCatalog")?;
        let entries = list(&document, "/plugins");
        Ok(entries
            .iter()
            .map(|entry| Self {
                name: text(entry, "/name").to_owned(),
                description: text(entry, "/description").to_owned(),
                whole: entry.clone(),
            })
            .collect())
    }
}

impl Manifest {
    /// Reads the manifest of the plugin `name`.
    ///
    /// # Errors
    /// A text that is not a manifest, or a plugin that would be installed elsewhere.
    pub fn read(name: &str, manifest: &str) -> anyhow::Result<Self> {
        let called = quoted(name);
        let document =
            document(manifest).with_context(|| format!("failed to parse plugin manifest for {called}"))?;
        check(&document, &format!("plugin {called}"), "Plugin")?;
        let bin = text(&document, "/bin");
        anyhow::ensure!(
            is_plain(bin) && bin.starts_with(PREFIX),
            "plugin {called} has invalid bin {} (must be a plain filename prefixed with \"{PREFIX}\")",
            quoted(bin)
        );
        let own = text(&document, "/name");
        // The receipt is called by it.
        anyhow::ensure!(is_plain(own), "plugin {called} has invalid name {}", quoted(own));
        let versions = list(&document, "/versions").to_vec();
        Ok(Self { name: own.to_owned(), bin: bin.to_owned(), versions })
    }

    /// What is to be installed here: a version, the one with a `sha256:` digest, or the newest.
    ///
    /// # Errors
    /// The version does not exist, or has no build for this platform.
    pub fn offer(&self, wanted: &str) -> anyhow::Result<Offer> {
        let (name, (os, arch)) = (quoted(&self.name), platform());
        anyhow::ensure!(!self.versions.is_empty(), "plugin {name} has no versions");
        let here = |version: &Value| {
            let found = list(version, "/platforms")
                .iter()
                .find(|one| text(one, "/os") == os && text(one, "/arch") == arch);
            found.map(|platform| Offer::of(version, platform))
        };
        if wanted.starts_with("sha256:") {
            let offers = self.versions.iter().flat_map(|version| {
                let matching = list(version, "/platforms").iter().filter(|one| {
                    text(one, "/os") == os && text(one, "/arch") == arch && text(one, "/checksum") == wanted
                });
                matching.map(|platform| Offer::of(version, platform))
            });
            return offers.into_iter().next().with_context(|| {
                format!("digest {} not found for plugin {name} on {os}/{arch}", quoted(wanted))
            });
        }
        let version = match wanted {
            "" => self.versions.first(),
            wanted => self.versions.iter().find(|version| text(version, "/version") == wanted),
        };
        let version =
            version.with_context(|| format!("version {} not found for plugin {name}", quoted(wanted)))?;
        here(version).with_context(|| {
            format!("plugin {name} v{} has no binary for {os}/{arch}", text(version, "/version"))
        })
    }

    /// The newest version.
    pub fn newest(&self) -> Option<String> {
        self.versions.first().map(|version| text(version, "/version").to_owned())
    }
}

impl Offer {
    fn of(version: &Value, platform: &Value) -> Self {
        let mut kept = json!({});
        for field in ["os", "arch", "url", "checksum"] {
            kept[field] = json!(text(platform, &format!("/{field}")));
        }
        let extract_path = text(platform, "/extractPath");
        if !extract_path.is_empty() {
            kept["extractPath"] = json!(extract_path);
        }
        Self {
            version: text(version, "/version").to_owned(),
            url: text(platform, "/url").to_owned(),
            checksum: text(platform, "/checksum").to_owned(),
            extract_path: extract_path.to_owned(),
            platform: kept,
        }
    }
}

/// System and architecture, as Go calls them.
fn platform() -> (&'static str, &'static str) {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    };
    (os, arch)
}

fn document(content: &str) -> anyhow::Result<Value> {
    let documents = yaml::documents(content, "answer")?;
    Ok(documents.into_iter().next().unwrap_or(Value::Null))
}

fn check(document: &Value, what: &str, kind: &str) -> anyhow::Result<()> {
    let (version, found) = (text(document, "/apiVersion"), text(document, "/kind"));
    anyhow::ensure!(
        version == API_VERSION,
        "{what} has unsupported apiVersion {} (expected \"{API_VERSION}\")",
        quoted(version)
    );
    anyhow::ensure!(found == kind, "{what} has unexpected kind {} (expected \"{kind}\")", quoted(found));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let (os, arch) = platform();
        let version = |version: &str, os: &str, digest: &str| {
            json!({"version": version, "platforms": [
                {"os": os, "arch": arch, "url": format!("https://example.com/{version}"), "checksum": digest},
            ]})
        };
        let versions = vec![
            version("2.0.0", os, "sha256:two"),
            version("1.5.0", "plan9", "sha256:other"),
            version("1.0.0", os, "sha256:one"),
        ];
        Manifest { name: "tool".to_owned(), bin: "flux-tool".to_owned(), versions }
    }

    #[test]
    fn a_version_is_found_by_its_name_its_digest_or_its_place() {
        let manifest = manifest();
        for (wanted, version) in [("", "2.0.0"), ("1.0.0", "1.0.0"), ("sha256:one", "1.0.0")] {
            assert_eq!(manifest.offer(wanted).unwrap().version, version);
        }
        let (os, arch) = platform();
        for (wanted, said) in [
            ("3.0.0", "version \"3.0.0\" not found for plugin \"tool\"".to_owned()),
            ("1.5.0", format!("plugin \"tool\" v1.5.0 has no binary for {os}/{arch}")),
            ("sha256:other", format!("digest \"sha256:other\" not found for plugin \"tool\" on {os}/{arch}")),
        ] {
            assert_eq!(manifest.offer(wanted).unwrap_err().to_string(), said);
        }
    }
}
