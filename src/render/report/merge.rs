//! Brings edits into the form in which diff-match-patch leaves them: what is kept alternates with what is deleted and inserted.

use super::edit::Action;
use super::edit::Edit;
use super::edit::common_prefix;
use super::edit::common_suffix;

/// The edits with neighbours of a kind merged, and single edits moved to where they make two kept parts one.
pub(super) fn merged(mut edits: Vec<Edit>) -> Vec<Edit> {
    loop {
        edits = joined(edits);
        if !shifted(&mut edits) {
            return edits;
        }
    }
}

/// What is deleted and inserted between two kept parts.
#[derive(Default)]
struct Pending {
    deleted: Vec<u32>,
    inserted: Vec<u32>,
    deletions: usize,
    insertions: usize,
}

/// Deletions and insertions between kept parts become one of each, without what both begin or end with. One that has nothing left stays.
fn joined(edits: Vec<Edit>) -> Vec<Edit> {
    let mut found: Vec<Edit> = Vec::with_capacity(edits.len());
    let mut pending = Pending::default();
    for mut edit in edits.into_iter().chain([Edit::new(Action::Keep, &[])]) {
        match edit.action {
            Action::Insert => {
                pending.insertions += 1;
                pending.inserted.append(&mut edit.part);
            }
            Action::Delete => {
                pending.deletions += 1;
                pending.deleted.append(&mut edit.part);
            }
            Action::Keep => std::mem::take(&mut pending).flush(edit, &mut found),
        }
    }
    if found.last().is_some_and(|last| last.part.is_empty()) {
        found.pop();
    }
    found
}

impl Pending {
    /// Adds what is pending and the kept part behind it.
    fn flush(mut self, mut kept: Edit, found: &mut Vec<Edit>) {
        if self.deletions + self.insertions == 0
            && let Some(last) = found.last_mut()
            && last.action == Action::Keep
        {
            last.part.append(&mut kept.part);
            return;
        }
        if self.deletions > 0 && self.insertions > 0 {
            self.factor_out(&mut kept, found);
        }
        if self.deletions > 0 {
            found.push(Edit { action: Action::Delete, part: self.deleted });
        }
        if self.insertions > 0 {
            found.push(Edit { action: Action::Insert, part: self.inserted });
        }
        found.push(kept);
    }

    fn factor_out(&mut self, kept: &mut Edit, found: &mut Vec<Edit>) {
        let start = common_prefix(&self.inserted, &self.deleted);
        if start > 0 {
            self.deleted.drain(..start);
            let common: Vec<u32> = self.inserted.drain(..start).collect();
            match found.last_mut() {
                Some(last) => last.part.extend(common),
                None => found.push(Edit { action: Action::Keep, part: common }),
            }
        }
        let end = common_suffix(&self.inserted, &self.deleted);
        if end > 0 {
            self.deleted.truncate(self.deleted.len() - end);
            let common = self.inserted.split_off(self.inserted.len() - end);
            kept.part.splice(..0, common);
        }
    }
}

/// Moves an edit over the kept part before or behind it when that leaves one kept part less: of `A<BA>C` becomes `<AB>AC`. Whether one was moved.
fn shifted(edits: &mut Vec<Edit>) -> bool {
    let mut has_shifted = false;
    let mut at = 1;
    while at + 1 < edits.len() {
        let [before, edit, behind] = &mut edits[at - 1..=at + 1] else { break };
        if before.action == Action::Keep && behind.action == Action::Keep {
            if edit.part.ends_with(&before.part) {
                edit.part.truncate(edit.part.len() - before.part.len());
                edit.part.splice(..0, before.part.iter().copied());
                behind.part.splice(..0, std::mem::take(&mut before.part));
                edits.remove(at - 1);
                has_shifted = true;
            } else if edit.part.starts_with(&behind.part) {
                before.part.extend_from_slice(&behind.part);
                edit.part.drain(..behind.part.len());
                edit.part.append(&mut behind.part);
                edits.remove(at + 1);
                has_shifted = true;
            }
        }
        at += 1;
    }
    has_shifted
}
