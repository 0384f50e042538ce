//! A testbed that runs beside the shell that started it: its folder, its lock, and what it tells.

use crate::places;
use anyhow::Context;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// The files of the testbed of one name.
#[derive(Debug, Clone)]
pub struct Place {
    /// Everything it writes is below.
    pub folder: PathBuf,
    /// Held, with the supervising process's id in it, as long as that process lives. It lies beside the folder, so that the folder can go first.
    pub lock: PathBuf,
}

impl Place {
    /// # Errors
    /// A name that cannot be a folder's, or a place that cannot be written.
    pub fn named(name: &str) -> anyhow::Result<Self> {
        let folder = places::state(name)?;
        let above = places::states();
        std::fs::create_dir_all(&above).with_context(|| format!("creating {}", above.display()))?;
        Ok(Self { lock: folder.with_extension("lock"), folder })
    }

    /// Takes the lock for this process.
    ///
    /// # Errors
    /// The file cannot be written. That another process holds it is not an error: the result is `None`.
    pub fn hold(&self) -> anyhow::Result<Option<File>> {
        let mut file = File::options().write(true).create(true).truncate(false).open(&self.lock)?;
        // A process that only asks whether it is held holds it for a moment.
        let mut tries = 0;
        while file.try_lock().is_err() {
            tries += 1;
            if tries > 10 {
                return Ok(None);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        Ok(Some(file))
    }

    /// The id of the supervising process, when one lives.
    #[must_use]
    pub fn supervisor(&self) -> Option<i32> {
        let file = File::open(&self.lock).ok()?;
        if file.try_lock_shared().is_ok() {
            return None;
        }
        std::fs::read_to_string(&self.lock).ok()?.trim().parse().ok()
    }

    /// What it tells about itself; nothing while it is not ready.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn state(&self) -> anyhow::Result<Option<State>> {
        if self.supervisor().is_none() {
            return Ok(None);
        }
        State::read(&self.folder)
    }
}

/// What a testbed tells when it is ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Seconds from its start until it was ready.
    pub ready_after: f64,
    /// The variables that lead to everything in it.
    pub environment: BTreeMap<String, String>,
}

impl State {
    fn read(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join("state.json");
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        Ok(Some(serde_json::from_str(&text).with_context(|| format!("understanding {}", path.display()))?))
    }

    /// Replaces the file as a whole, so that a reader never sees half of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let half = folder.join("state.json.part");
        std::fs::write(&half, serde_json::to_string_pretty(self)?)?;
        std::fs::rename(&half, folder.join("state.json")).context("writing state.json")
    }
}
