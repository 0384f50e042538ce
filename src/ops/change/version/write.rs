//! Writes versions where they are declared: each file is read once, and edited once.

use super::change::VersionChange;
use super::patched;
use super::pin::Owner;
use super::pin::What;
use super::spot::Form;
use super::spot::Holder;
use super::spot::PatchAt;
use super::spot::Spot;
use super::variable;
use crate::api::ObjectId;
use crate::api::image::image_policy::IMAGE_POLICY;
use crate::ops::change::edit::Draft;
use crate::ops::change::edit::content;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::declared_at_once;
use crate::render::Declaration;
use crate::render::PatchText;
use crate::text::WithHint;
use crate::text::with_hint;
use crate::text::yaml::edit::Edit;
use crate::text::yaml::edit::EditKind;
use crate::text::yaml::edit::Failed;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use anyhow::Context;
use std::collections::HashMap;
use std::collections::HashSet;
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
    let mut writing = Writing {
        users: Users::of(reach),
        patched: patched_by(changes),
        reach,
        files: Vec::new(),
        places: HashMap::new(),
    };
    let mut warnings = Vec::new();
    let doing = |change: &VersionChange| format!("setting {} to {}", change.name(), change.to());
    for (number, change) in changes.iter().enumerate() {
        for spot in change.pin.spots.iter().filter(|spot| !spot.has(&change.to)) {
            let added = writing.add(draft, spot, (number, change));
            warnings.extend(added.with_context(|| doing(change))?);
        }
    }
    for file in writing.files {
        let edited = file
            .edited()
            .map_err(|(number, error)| anyhow::Error::new(error).context(doing(&changes[number])))?;
        draft.write(&edited.0, edited.1);
    }
    Ok(warnings)
}

/// A patch within a root.
type PatchOf = (usize, PatchAt);

/// What is changed in each patch: the owner of the version, and the version.
fn patched_by(changes: &[VersionChange]) -> HashMap<PatchOf, Vec<&VersionChange>> {
    let mut found: HashMap<PatchOf, Vec<&VersionChange>> = HashMap::new();
    for change in changes {
        for spot in &change.pin.spots {
            if let Some(patch) = spot.patch {
                found.entry((spot.root, patch)).or_default().push(change);
            }
        }
    }
    found
}

/// A text of documents with the edits that it gets.
struct Sheet {
    manifest: Manifest,
    /// The first document that says something.
    content: usize,
    edits: Vec<Edit>,
    /// The change that each edit belongs to.
    owners: Vec<usize>,
}

impl Sheet {
    fn new(manifest: Manifest) -> Self {
        Self { content: content(&manifest), manifest, edits: Vec::new(), owners: Vec::new() }
    }

    fn edited(self) -> Result<Manifest, Failed> {
        let Self { manifest, edits, owners, .. } = self;
        manifest.edit_all(edits).map_err(|(number, error)| (owners[number], error))
    }
}

/// A file with the edits that it gets, also inside of its texts.
struct File {
    name: String,
    sheet: Sheet,
    /// Each with its document and the way to it.
    texts: Vec<(usize, Vec<Step>, Sheet)>,
    /// Where a text is in these.
    places: HashMap<(usize, Vec<Step>), usize>,
}

impl File {
    /// The sheet of the file, or of one of its texts.
    fn sheet(&mut self, holder: Option<&Holder>) -> anyhow::Result<&mut Sheet> {
        let Some(Holder { document, path }) = holder else { return Ok(&mut self.sheet) };
        let document = document.unwrap_or(self.sheet.content);
        let at = match self.places.entry((document, path.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let inner = self.sheet.manifest.inner(document, path)?;
                self.texts.push((document, path.clone(), Sheet::new(inner)));
                *new.insert(self.texts.len() - 1)
            }
        };
        Ok(&mut self.texts[at].2)
    }

    /// The name of the file, and its new text.
    fn edited(mut self) -> Result<(String, String), Failed> {
        for (document, path, text) in self.texts {
            let owner = text.owners.first().copied().unwrap_or_default();
            let kind = EditKind::Text(text.edited()?.text().to_owned());
            self.sheet.edits.push(Edit { document, path, kind });
            self.sheet.owners.push(owner);
        }
        Ok((self.name, self.sheet.edited()?.text().to_owned()))
    }
}

struct Writing<'a> {
    reach: &'a Reach,
    users: Users<'a>,
    patched: HashMap<PatchOf, Vec<&'a VersionChange>>,
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
        let is_in_workload = matches!(change.pin.what, What::Image(_)) && matches!(spot.form, Form::Image(_));
        self.users.refuse_others(spot, is_in_workload)?;
        self.refuse_shared(spot, change)?;
        let at = self.file(draft, &spot.file)?;
        let sheet = self.files[at].sheet(spot.holder.as_ref())?;
        let document = spot.document.unwrap_or(sheet.content);
        if let Some(variable) = spot.variable() {
            let line = sheet.manifest.line_of(document, &spot.value_path());
            let written = (spot.file.as_str(), line, variable);
            // What an object contains is substituted by the Kustomization that applies the object.
            let root = spot.declared.and_then(|place| self.reach.root_of(place)).unwrap_or(spot.root);
            return Err(variable::refusal(written, &self.reach.roots[root], draft, self.reach));
        }
        let edits = spot.edits(document, &change.to);
        let lines = edits.iter().filter_map(|edit| sheet.manifest.line_text(document, &edit.path));
        // It does not look into texts.
        let policy = lines.filter_map(setter).next().filter(|_| spot.holder.is_none());
        sheet.owners.extend(edits.iter().map(|_| number));
        sheet.edits.extend(edits);
        let name = change.pin.name();
        if let Some(policy) = policy {
            let file = &spot.file;
            return Ok(Some(format!("{file}: image automation will overwrite {name} as {policy} selects")));
        }
        self.covered(draft, spot, name)
    }

    /// A warning about a line of image automation that a new entry makes ineffective.
    fn covered(&mut self, draft: &Draft<'_>, spot: &Spot, name: &str) -> anyhow::Result<Option<String>> {
        for (file, document, path) in &spot.covers {
            let at = self.file(draft, file)?;
            let sheet = &self.files[at].sheet;
            let line = sheet.manifest.line_text(document.unwrap_or(sheet.content), path);
            if let Some(policy) = line.and_then(setter) {
                let entry = &spot.file;
                return Ok(Some(format!(
                    "{file}: image automation writes {name} as {policy} selects, which the new entry in {entry} overrides"
                )));
            }
        }
        Ok(None)
    }

    /// Refuses a patch that sets the version of another object, too, unless that becomes the same.
    fn refuse_shared(&self, spot: &Spot, change: &VersionChange) -> anyhow::Result<()> {
        let (Some(at), Owner::Object(owner), false) =
            (spot.patch, &change.pin.owner, matches!(change.pin.what, What::Image(_)))
        else {
            return Ok(());
        };
        let patch = patched::patch_of(self.reach, spot.root, at);
        let together = self.patched.get(&(spot.root, at)).into_iter().flatten();
        let same: HashSet<&ObjectId> = together
            .filter(|one| one.to == change.to && one.pin.what == change.pin.what)
            .filter_map(|one| match &one.pin.owner {
                Owner::Object(id) => Some(id),
                Owner::Folder(_) => None,
            })
            .collect();
        let objects = &self.reach.objects[self.reach.roots[spot.root].objects.clone()];
        let is_other = |one: &&Declaration| {
            at.0.is_none_or(|place| one.through.contains(&place))
                && one.id != *owner
                && patch.is_for(&one.object)
                && !same.contains(&one.id)
        };
        match objects.iter().find(is_other) {
            None => Ok(()),
            Some(other) => Err(anyhow::anyhow!(
                "a patch in {} is for {owner} and {} at once: an edit would change both",
                spot.file,
                other.id
            ))
            .hint("give the object a patch of its own"),
        }
    }

    fn file(&mut self, draft: &Draft<'_>, name: &str) -> anyhow::Result<usize> {
        match self.places.entry(name.to_owned()) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(new) => {
                let sheet = Sheet::new(draft.manifest(name)?);
                let (texts, places) = (Vec::new(), HashMap::new());
                self.files.push(File { name: name.to_owned(), sheet, texts, places });
                Ok(*new.insert(self.files.len() - 1))
            }
        }
    }
}

/// What is declared in each document, and what builds each kustomization and each file of patches.
struct Users<'a> {
    reach: &'a Reach,
    declared: HashMap<(&'a str, usize, &'a [Step]), Vec<usize>>,
    builders: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Users<'a> {
    fn of(reach: &'a Reach) -> Self {
        let mut users = Self { reach, declared: HashMap::new(), builders: HashMap::new() };
        for (place, one) in reach.objects.iter().enumerate() {
            users.declared.entry(one.written()).or_default().push(place);
        }
        for (at, root) in reach.roots.iter().enumerate() {
            for one in &reach.kustomizations[root.kustomizations.clone()] {
                let patches = one.patches.all().iter().filter_map(PatchText::file);
                for file in patches.chain([&one.file]) {
                    users.builders.entry(file).or_default().push(at);
                }
            }
        }
        users
    }

    /// Refuses a place that something else is built from, too: another object, or for images the same of another Kustomization.
    fn refuse_others(&self, spot: &Spot, of_images: bool) -> anyhow::Result<()> {
        if let Some(place) = spot.declared {
            let objects = &self.reach.objects;
            let one = &objects[place];
            let same = self.declared.get(&one.written()).into_iter().flatten().copied();
            for other in same.filter(|other| *other != place) {
                if objects[other].id != one.id {
                    return Err(declared_at_once(one, &objects[other]));
                }
                if of_images && let Some(root) = self.reach.root_of(other).filter(|root| *root != spot.root) {
                    return Err(self.built_twice(spot, root));
                }
            }
            return Ok(());
        }
        let mut builders = self.builders.get(spot.file.as_str()).into_iter().flatten();
        match builders.find(|at| **at != spot.root) {
            None => Ok(()),
            Some(other) => Err(self.built_twice(spot, *other)),
        }
    }

    fn built_twice(&self, spot: &Spot, other: usize) -> anyhow::Error {
        let error = anyhow::anyhow!(
            "{} is built by {} and {}: an edit would change both",
            spot.file,
            self.reach.roots[spot.root].shown(),
            self.reach.roots[other].shown()
        );
        with_hint(error, "give the Kustomization a spec.images of its own, or give each a folder of its own")
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
