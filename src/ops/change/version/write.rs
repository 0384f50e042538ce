//! Writes versions where they are declared: each file is read once, and edited once.

use super::change::VersionChange;
use super::spot::Spot;
use super::variable;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::ops::change::edit::Draft;
use crate::ops::change::edit::content;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::declared_at_once;
use crate::render::Declaration;
use crate::text::WithHint;
use crate::text::yaml::edit::Edit;
use crate::text::yaml::edit::Manifest;
use anyhow::Context;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Writes the new versions. Returns warnings about those that image automation will overwrite.
///
/// # Errors
/// A place that cannot be edited, with the version that is written there.
pub(super) fn write(
    draft: &mut Draft<'_>,
    reach: &Reach,
    changes: &[VersionChange],
) -> anyhow::Result<Vec<String>> {
    let mut writing = Writing { users: Users::of(reach), reach, files: Vec::new(), places: HashMap::new() };
    let mut warnings = Vec::new();
    let doing = |change: &VersionChange| format!("setting {} to {}", change.name(), change.to());
    for (number, change) in changes.iter().enumerate() {
        for spot in change.pin.spots.iter().filter(|spot| !spot.has(&change.to)) {
            let added = writing.add(draft, spot, (number, change));
            warnings.extend(added.with_context(|| doing(change))?);
        }
    }
    for File { name, manifest, edits, owners, .. } in writing.files {
        let edited = manifest
            .edit_all(edits)
            .map_err(|(number, error)| anyhow::Error::new(error).context(doing(&changes[owners[number]])))?;
        draft.write(&name, edited.text());
    }
    Ok(warnings)
}

/// A file with the edits that it gets.
struct File {
    name: String,
    manifest: Manifest,
    /// The first document that says something.
    content: usize,
    edits: Vec<Edit>,
    /// The change that each edit belongs to.
    owners: Vec<usize>,
}

struct Writing<'a> {
    reach: &'a Reach,
    users: Users<'a>,
    files: Vec<File>,
    /// Where a file is in these.
    places: HashMap<String, usize>,
}

impl Writing<'_> {
    /// Adds the edits of a place. Returns a warning if image automation writes there.
    fn add(
        &mut self,
        draft: &Draft<'_>,
        spot: &Spot,
        (number, change): (usize, &VersionChange),
    ) -> anyhow::Result<Option<String>> {
        spot.refuse_fixed()?;
        self.users.refuse_others(spot)?;
        let at = self.file(draft, &spot.file)?;
        let file = &mut self.files[at];
        let document = spot.document.unwrap_or(file.content);
        if let Some(variable) = spot.variable() {
            let line = file.manifest.line_of(document, &spot.value_path());
            let written = (spot.file.as_str(), line, variable);
            // What an object contains is substituted by the Kustomization that applies the object.
            let root = spot.declared.and_then(|place| self.reach.root_of(place)).unwrap_or(spot.root);
            return Err(variable::refusal(written, &self.reach.roots[root], draft, self.reach));
        }
        let edits = spot.edits(document, &change.to);
        let lines = edits.iter().filter_map(|edit| file.manifest.line_text(document, &edit.path));
        let policy = lines.filter_map(setter).next();
        file.owners.extend(edits.iter().map(|_| number));
        file.edits.extend(edits);
        Ok(policy.map(|policy| {
            let name = change.pin.name();
            format!("{}: image automation will overwrite {name} as {policy} selects", spot.file)
        }))
    }

    fn file(&mut self, draft: &Draft<'_>, name: &str) -> anyhow::Result<usize> {
        match self.places.entry(name.to_owned()) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(new) => {
                let manifest = draft.manifest(name)?;
                let content = content(&manifest);
                let (edits, owners) = (Vec::new(), Vec::new());
                self.files.push(File { name: name.to_owned(), manifest, content, edits, owners });
                Ok(*new.insert(self.files.len() - 1))
            }
        }
    }
}

/// What is declared in each document, and what builds each kustomization.
struct Users<'a> {
    reach: &'a Reach,
    declared: HashMap<(&'a str, usize), Vec<&'a Declaration>>,
    builders: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Users<'a> {
    fn of(reach: &'a Reach) -> Self {
        let mut users = Self { reach, declared: HashMap::new(), builders: HashMap::new() };
        for one in &reach.objects {
            users.declared.entry((&one.file, one.document)).or_default().push(one);
        }
        for (at, root) in reach.roots.iter().enumerate() {
            for one in &reach.kustomizations[root.kustomizations.clone()] {
                users.builders.entry(&one.file).or_default().push(at);
            }
        }
        users
    }

    /// Refuses a place that something else is built from, too.
    fn refuse_others(&self, spot: &Spot) -> anyhow::Result<()> {
        if let Some(place) = spot.declared {
            let one = &self.reach.objects[place];
            let same = self.declared.get(&(one.file.as_str(), one.document)).into_iter().flatten();
            let mut others = same.filter(|other| other.id != one.id);
            return others.next().map_or(Ok(()), |other| Err(declared_at_once(one, other)));
        }
        let mut builders = self.builders.get(spot.file.as_str()).into_iter().flatten();
        match builders.find(|at| **at != spot.root) {
            None => Ok(()),
            Some(other) => Err(anyhow::anyhow!(
                "{} is built by {} and {}: an edit would change both",
                spot.file,
                self.reach.roots[spot.root].shown(),
                self.reach.roots[*other].shown()
            ))
            .hint("give the Kustomization a spec.images of its own, or give each a folder of its own"),
        }
    }
}

/// The policy in the comment of a line, by which image automation finds the lines that it writes.
fn setter(line: &str) -> Option<String> {
    const MARK: &str = "\"$imagepolicy\":";
    let (_, rest) = line.split_once('#')?.1.split_once(MARK)?;
    let policy = rest.trim_start().strip_prefix('"')?.split('"').next()?;
    let mut parts = policy.split(':');
    let (namespace, name) = (parts.next()?, parts.next()?);
    Some(IMAGE_POLICY.id(namespace, name).to_string())
}
