//! What a running cluster tells about its programs, in files beside their logs.

use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

const FILES: [&str; 2] = [CONTROL_PLANE, CONTROLLERS];
pub(super) const CONTROL_PLANE: &str = "control-plane.json";
pub(super) const CONTROLLERS: &str = "controllers.json";

/// A program of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    /// The namespace of the pod that it stands for; empty for the control plane.
    pub namespace: String,
    /// Nothing while it waits to be started again.
    pub pid: Option<u32>,
    pub ready: bool,
    pub restarts: u32,
    pub log: PathBuf,
    /// Where it listens, by purpose: `health`, `storage`, `receiver` …
    pub addresses: BTreeMap<String, String>,
}

/// Everything that runs in the cluster with this folder, as far as it was told.
///
/// # Errors
/// A file that is damaged.
pub fn parts(folder: &Path) -> anyhow::Result<Vec<Part>> {
    let mut parts = Vec::new();
    for name in FILES {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let told: Vec<Part> =
            serde_json::from_str(&text).with_context(|| format!("understanding {}", path.display()))?;
        parts.extend(told);
    }
    Ok(parts)
}

/// Replaces a file as a whole, so that a reader never sees half of it.
pub(super) fn tell(folder: &Path, name: &str, parts: &[Part]) -> anyhow::Result<()> {
    let half = folder.join(format!("{name}.part"));
    std::fs::write(&half, serde_json::to_string_pretty(parts)?)?;
    std::fs::rename(&half, folder.join(name)).with_context(|| format!("writing {name}"))
}
