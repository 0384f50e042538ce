//! A version that is changed: how it is shown, and whether it is allowed.

use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use crate::present::markdown::code;
use crate::text::WithHint;

/// A version, and what it is changed to.
pub(super) struct VersionChange {
    pub(super) pin: Pin,
    pub(super) to: Setting,
}

impl VersionChange {
    /// Whether the version is there already, everywhere.
    pub(super) fn is_done(&self) -> bool {
        self.pin.has(&self.to)
    }

    /// The present value as output shows it.
    pub(super) fn from(&self) -> String {
        let present = self.pin.present();
        present.into_iter().map(|one| one.beside(&self.to)).collect::<Vec<_>>().join(", ")
    }

    /// The new value as output shows it.
    pub(super) fn to(&self) -> String {
        let present = self.pin.present();
        match present[..] {
            [one] => self.to.beside(one),
            _ => self.to.beside(&self.to),
        }
    }

    /// The files that the version is written in.
    pub(super) fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = self.pin.spots.iter().map(|spot| spot.file.clone()).collect();
        files.sort();
        files.dedup();
        files
    }

    /// `nginx of Kustomization/flux-system/shop`.
    pub(super) fn name(&self) -> String {
        self.pin.shown()
    }

    fn is_downgrade(&self) -> bool {
        let is_image = matches!(self.pin.what, What::Image(_));
        self.pin.present().into_iter().any(|present| self.to.is_older_than(present, is_image))
    }
}

/// Refuses older versions, naming all of them.
///
/// # Errors
/// There are any, and they are not forced.
pub(super) fn refuse_older(changes: &[VersionChange], is_forced: bool) -> anyhow::Result<()> {
    let older: Vec<String> = changes
        .iter()
        .filter(|change| !is_forced && change.is_downgrade())
        .map(|change| format!("{} would go from {} back to {}", change.name(), change.from(), change.to()))
        .collect();
    if older.is_empty() {
        return Ok(());
    }
    Err(anyhow::anyhow!("{}", older.join("; "))).hint("add --force if an older version is wanted")
}

/// The changes, for those who read a request.
pub(super) fn details(changes: &[VersionChange]) -> Vec<String> {
    let line = |change: &VersionChange| {
        format!("- {}: {} → {}", code(&change.name()), code(&change.from()), code(&change.to()))
    };
    changes.iter().map(line).collect()
}
