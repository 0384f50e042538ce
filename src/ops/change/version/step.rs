//! A version that is changed: shown, judged, written.

use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::ops::Sink;
use crate::ops::change::edit::Draft;
use crate::ops::change::reach::Reach;
use crate::ops::request::code;
use crate::text::WithHint;
use anyhow::Context;
use std::sync::Mutex;
use std::sync::PoisonError;

/// A version, and what it becomes.
pub(super) struct Step {
    pub(super) pin: Pin,
    pub(super) to: Setting,
}

impl Step {
    /// Whether it is so everywhere already.
    pub(super) fn is_done(&self) -> bool {
        self.pin.spots.iter().all(|spot| spot.present == self.to)
    }

    /// The present value as lines show it.
    pub(super) fn from(&self) -> String {
        let present = self.pin.present();
        present.into_iter().map(|one| one.beside(&self.to)).collect::<Vec<_>>().join(", ")
    }

    /// The new value as lines show it.
    pub(super) fn to(&self) -> String {
        let present = self.pin.present();
        match present[..] {
            [one] => self.to.beside(one),
            _ => self.to.beside(&self.to),
        }
    }

    /// The files that it is written in.
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
        self.pin.spots.iter().any(|spot| self.to.is_older_than(&spot.present, is_image))
    }
}

/// Refuses older versions, all at once.
///
/// # Errors
/// There are any, and they are not forced.
pub(super) fn refuse_older(steps: &[Step], is_forced: bool) -> anyhow::Result<()> {
    let older: Vec<String> = steps
        .iter()
        .filter(|step| !is_forced && step.is_downgrade())
        .map(|step| format!("{} would go from {} back to {}", step.name(), step.from(), step.to()))
        .collect();
    if older.is_empty() {
        return Ok(());
    }
    Err(anyhow::anyhow!("{}", older.join("; "))).hint("add --force if an older version is wanted")
}

/// Writes the new versions, and warns of those that a controller will write again.
///
/// # Errors
/// A place that cannot be edited, with the version that is there.
pub(super) fn write(draft: &mut Draft<'_>, reach: &Reach, steps: &[Step]) -> anyhow::Result<Vec<String>> {
    let mut warnings = Vec::new();
    for step in steps {
        for spot in step.pin.spots.iter().filter(|spot| spot.present != step.to) {
            let before = draft.text(&spot.file).ok().flatten().unwrap_or_default();
            spot.write(draft, reach, &step.to)
                .with_context(|| format!("setting {} to {}", step.name(), step.to()))?;
            let after = draft.text(&spot.file)?.unwrap_or_default();
            if let Some(policy) = setter(&before, &after) {
                warnings.push(format!(
                    "{}: image automation writes {} again, as {policy} selects it",
                    spot.file,
                    step.pin.name()
                ));
            }
        }
    }
    warnings.dedup();
    Ok(warnings)
}

/// What is changed, for people who read a request.
pub(super) fn details(steps: &[Step]) -> Vec<String> {
    let line =
        |step: &Step| format!("- {}: {} → {}", code(&step.name()), code(&step.from()), code(&step.to()));
    steps.iter().map(line).collect()
}

/// The policy in a comment of a line that was changed, by which image automation finds what it writes.
fn setter(before: &str, after: &str) -> Option<String> {
    const MARK: &str = "\"$imagepolicy\":";
    let changed = before.lines().zip(after.lines()).find(|(before, after)| before != after)?.0;
    let (_, rest) = changed.split_once('#')?.1.split_once(MARK)?;
    let policy = rest.trim_start().strip_prefix('"')?.split('"').next()?;
    let mut parts = policy.split(':');
    let (namespace, name) = (parts.next()?, parts.next()?);
    Some(IMAGE_POLICY.id(namespace, name).to_string())
}

/// Tells lines once: a change is made again where the branch has moved.
pub(super) struct Told<'a> {
    sink: &'a dyn Sink,
    told: Mutex<Vec<String>>,
}

impl<'a> Told<'a> {
    pub(super) fn new(sink: &'a dyn Sink) -> Self {
        Self { sink, told: Mutex::default() }
    }

    /// Whether a line is told for the first time.
    fn is_new(&self, line: &str) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !told.iter().any(|known| known == line);
        if is_new {
            told.push(line.to_owned());
        }
        is_new
    }

    pub(super) fn action(&self, line: String) {
        if self.is_new(&line) {
            self.sink.action(line);
        }
    }

    pub(super) fn warning(&self, line: String) {
        if self.is_new(&line) {
            self.sink.warning(line);
        }
    }
}
