//! Writes the files of a release: archives, bills of materials, checksums, their signature, the installer.

use super::archive;
use super::archive::Entry;
use super::installer;
use super::signature::Key;
use anyhow::Context;
use sha2::Digest;
use sha2::Sha256;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What is published for one platform.
pub struct Program {
    /// As in the name of the archive: `linux_amd64`.
    pub platform: String,
    /// The files of the archive.
    pub files: BTreeMap<String, Entry>,
    /// The bill of materials.
    pub sbom: String,
}

/// A release.
pub struct Release<'a> {
    pub version: &'a str,
    /// The time of its commit, in seconds since 1970.
    pub time: u64,
    /// Where its files will be; `{version}` is replaced by the installer.
    pub url: Option<&'a str>,
    pub key: Option<&'a Key>,
    /// `install.sh` as it is in the tree.
    pub installer: &'a str,
    pub programs: Vec<Program>,
}

impl Release<'_> {
    /// The files by name.
    ///
    /// # Errors
    /// An archive cannot be packed, or a value does not fit into the installer.
    pub fn files(&self) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
        let version = self.version;
        let mut files = BTreeMap::new();
        for program in &self.programs {
            let name = format!("fluxr_{version}_{}", program.platform);
            files.insert(format!("{name}.tar.gz"), archive::pack(&program.files, self.time)?);
            files.insert(format!("{name}.cdx.json"), program.sbom.clone().into_bytes());
        }
        let public_key = self.key.map(Key::public).transpose()?;
        let installer = installer::belonging_to(self.installer, version, self.url, public_key.as_deref())?;
        files.insert("install.sh".to_owned(), installer.into_bytes());
        let mut checksums = String::new();
        for (name, bytes) in &files {
            writeln!(checksums, "{}  {name}", hex::encode(Sha256::digest(bytes)))?;
        }
        let name = format!("fluxr_{version}_checksums.txt");
        if let (Some(key), Some(public_key)) = (self.key, public_key) {
            files.insert(format!("{name}.sig"), format!("{}\n", key.sign(checksums.as_bytes())).into_bytes());
            files.insert("fluxr.pub".to_owned(), public_key.into_bytes());
        }
        files.insert(name, checksums.into_bytes());
        Ok(files)
    }
}

/// Writes the files into `folder`, which is replaced as a whole.
///
/// # Errors
/// A file cannot be written.
pub fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) -> anyhow::Result<()> {
    let parent = folder.parent().context("the folder of a release has a parent")?;
    std::fs::create_dir_all(parent).with_context(|| format!("making {}", parent.display()))?;
    let fresh = tempfile::tempdir_in(parent)?;
    for (name, bytes) in files {
        std::fs::write(fresh.path().join(name), bytes).with_context(|| format!("writing {name}"))?;
    }
    std::fs::set_permissions(fresh.path(), Permissions::from_mode(0o755))?;
    std::fs::set_permissions(fresh.path().join("install.sh"), Permissions::from_mode(0o755))?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("removing {}", folder.display()))?;
    }
    std::fs::rename(fresh.keep(), folder)?;
    Ok(())
}
