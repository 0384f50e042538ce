//! A plugin gets into the folder: downloaded, verified, unpacked, and only then put in the place of an older one.

use super::Directory;
use super::Manifest;
use super::Offer;
use super::archive;
use super::fetch::Fetch;
use crate::ops::Sink;
use crate::text::yaml;
use anyhow::Context;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use tempfile::NamedTempFile;

/// Installs a version of a plugin. `at` is the moment for its receipt, `doing` what is shown meanwhile.
///
/// # Errors
/// A download that fails or is not what the catalog says; an archive without the program; a folder that cannot be written.
pub async fn install(
    sink: &dyn Sink,
    directory: &Directory,
    manifest: &Manifest,
    offer: &Offer,
    fetch: &Fetch,
    at: &jiff::Zoned,
    doing: &str,
) -> anyhow::Result<()> {
    let _busy = sink.busy(doing);
    directory.ensure();
    let mut download = tempfile::tempfile().context("failed to create temp file")?;
    let digest = fetch.plugin(&offer.url, &mut download).await;
    let found = format!("sha256:{}", digest.context("failed to download plugin")?);
    anyhow::ensure!(
        found == offer.checksum,
        "checksum verification failed (expected: {}, got: {found})",
        offer.checksum
    );
    let target = if offer.extract_path.is_empty() { &manifest.bin } else { &offer.extract_path };
    let (url, target) = (offer.url.clone(), target.clone());
    let place = directory.path().join(&manifest.bin);
    let mut program = beside(&place)?;
    let unpacked = tokio::task::spawn_blocking(move || {
        archive::unpack(&mut download, &url, &target, program.as_file_mut()).map(|()| program)
    });
    put(unpacked.await??, &place, 0o755)?;
    let receipt = json!({
        "name": manifest.name,
        "version": offer.version,
        "installedAt": at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "platform": offer.platform,
    });
    let place = directory.receipt_path(&manifest.name);
    let mut file = beside(&place)?;
    file.write_all(yaml::to_string(&receipt).as_bytes())
        .with_context(|| format!("failed to write {}", place.display()))?;
    put(file, &place, 0o644)
}

/// A new file in the folder of another one.
fn beside(place: &Path) -> anyhow::Result<NamedTempFile> {
    let folder = place.parent().unwrap_or(Path::new("."));
    NamedTempFile::new_in(folder).with_context(|| format!("failed to create {}", place.display()))
}

/// Puts a file in its place: what was there is replaced at once, or stays.
fn put(file: NamedTempFile, place: &Path, mode: u32) -> anyhow::Result<()> {
    let failed = || format!("failed to write {}", place.display());
    set_mode(&file, mode).with_context(failed)?;
    file.persist(place).map_err(|error| error.error).with_context(failed)?;
    Ok(())
}

fn set_mode(file: &NamedTempFile, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))
}
