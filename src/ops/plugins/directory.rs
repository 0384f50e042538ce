//! The folder of the plugins: the programs in it, and a receipt beside each that came from the catalog.

use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// What the names of the programs begin with.
pub(super) const PREFIX: &str = "flux-";
/// Names that no plugin can have, whatever commands there are.
const RESERVED: [&str; 2] = ["plugin", "help"];

/// The folder of the plugins.
#[derive(Debug, Clone)]
pub struct Directory {
    path: PathBuf,
    /// Whether the user has chosen it: then it is not made.
    is_chosen: bool,
}

/// A program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    pub name: String,
    pub path: PathBuf,
}

/// What is known about a plugin from the catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub version: String,
}

impl Directory {
    /// The folder that the environment names, or the usual one.
    ///
    /// # Errors
    /// Neither the folder nor a home is known.
    pub fn of<'e>(variable: impl Fn(&str) -> Option<&'e str>) -> anyhow::Result<Self> {
        let given = |name| variable(name).filter(|value| !value.is_empty());
        if let Some(path) = given("FLUXCD_PLUGINS") {
            return Ok(Self { path: path.into(), is_chosen: true });
        }
        let home = given("HOME").context("the folder of the plugins is not known: HOME is not set")?;
        Ok(Self { path: Path::new(home).join(".fluxcd/plugins"), is_chosen: false })
    }

    /// Makes the usual folder; one that the user has chosen must be there.
    pub(super) fn ensure(&self) {
        if !self.is_chosen {
            // A failure is reported by what is to be written there.
            let _ = fs::create_dir_all(&self.path);
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The plugins, by name. `is_command` says which names have another meaning.
    pub fn plugins(&self, is_command: impl Fn(&str) -> bool) -> Vec<Plugin> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let called = |file: String| file.strip_prefix(PREFIX).map(str::to_owned);
        let mut found: Vec<Plugin> =
            names.filter_map(called).filter_map(|name| self.plugin(&name, &is_command)).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// The plugin of this name, if there is a program for it.
    pub fn plugin(&self, name: &str, is_command: impl Fn(&str) -> bool) -> Option<Plugin> {
        if !is_plain(name) || RESERVED.contains(&name) || is_command(name) {
            return None;
        }
        let path = self.path.join(format!("{PREFIX}{name}"));
        let about = fs::metadata(&path).ok()?;
        (about.is_file() && is_executable(&about)).then(|| Plugin { name: name.to_owned(), path })
    }

    pub(super) fn receipt_path(&self, name: &str) -> PathBuf {
        self.path.join(format!("{PREFIX}{name}.yaml"))
    }

    /// What is known about a plugin; nothing about one that was put there by hand.
    pub fn receipt(&self, name: &str) -> Option<Receipt> {
        let text = fs::read_to_string(self.receipt_path(name)).ok().filter(|_| is_plain(name))?;
        let document = yaml::documents(&text, "receipt").ok()?.into_iter().next()?;
        let version = document.get("version").and_then(Value::as_str);
        Some(Receipt { version: version.unwrap_or_default().to_owned() })
    }

    /// Removes a plugin and its receipt.
    ///
    /// # Errors
    /// It is not there, or cannot be removed.
    pub fn uninstall(&self, name: &str) -> anyhow::Result<()> {
        let path = self.path.join(format!("{PREFIX}{name}"));
        // A link is removed, not what it points to.
        let is_there = is_plain(name) && fs::symlink_metadata(&path).is_ok();
        anyhow::ensure!(is_there, "plugin \"{name}\" is not installed");
        fs::remove_file(&path)
            .with_context(|| format!("failed to remove plugin binary {}", path.display()))?;
        let receipt = self.receipt_path(name);
        match fs::remove_file(&receipt) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("failed to remove plugin receipt {}", receipt.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a name stays one part of a path.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\', '\0'])
}

fn is_executable(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o111 != 0
}
