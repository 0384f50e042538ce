//! What a dry run shows: changes as values, put on the screen instead of anywhere else.

use crate::ops::Sink;
use crate::ops::commit::FileChange;
use crate::text::whole_first_line;

/// Everything that a run would do, in its order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    steps: Vec<(&'static str, Vec<String>)>,
    files: Vec<FileChange>,
}

impl Plan {
    /// Adds something that `step` would do, in one line without secrets.
    pub(super) fn add(&mut self, step: &'static str, line: impl Into<String>) {
        match self.steps.iter_mut().find(|(name, _)| *name == step) {
            Some((_, lines)) => lines.push(line.into()),
            None => self.steps.push((step, vec![line.into()])),
        }
    }

    /// Adds a commit with its files; `to` is the branch, where it is not that of the run.
    pub(super) fn add_commit(
        &mut self,
        step: &'static str,
        message: &str,
        files: Vec<FileChange>,
        to: Option<&str>,
    ) {
        let subject = whole_first_line(message);
        let names: Vec<_> = files.iter().map(|file| file.path.clone()).collect();
        let to = to.map(|branch| format!(" to \"{branch}\"")).unwrap_or_default();
        self.add(step, format!("commit \"{subject}\" with {} and push it{to}", names.join(", ")));
        self.files.extend(files);
    }

    /// Writes the plan to stdout.
    pub(super) fn show(&self, ui: &dyn Sink) -> anyhow::Result<()> {
        if self.steps.is_empty() {
            return ui.line("nothing to do: the repository and the cluster are as they should be");
        }
        for (step, lines) in &self.steps {
            ui.line(&format!("{step}:"))?;
            for line in lines {
                ui.line(&format!("  - {line}"))?;
            }
        }
        for file in &self.files {
            ui.line("")?;
            for line in file.diff()?.lines() {
                ui.line(line)?;
            }
        }
        Ok(())
    }
}
