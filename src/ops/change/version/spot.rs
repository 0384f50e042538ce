//! A place where a version is written, and how another one is written there.

use super::setting::Setting;
use super::variable;
use crate::api::pinned::BRANCH;
use crate::api::pinned::COMMIT;
use crate::ops::change::edit::Draft;
use crate::ops::change::edit::content;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::Root;
use crate::text::WithHint;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::NotEditable;
use crate::text::yaml::edit::Step;
use serde_json::Map;
use serde_json::Value;

/// How a version is written in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// An entry of a list of images.
    Entry,
    /// An entry that is added to a list of images, for an image of this name.
    NewEntry(String),
    /// An image with its tag, of this name.
    Image(String),
    /// The value itself.
    Value,
    /// A mapping of these fields, of which the first decides.
    Reference(&'static [&'static str]),
    /// It cannot be edited, for this reason.
    Fixed(String),
}

/// A place where a version is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) present: Setting,
    /// Which of the folders that are built.
    pub(super) root: usize,
    /// The object whose document it is, by its place; none in a kustomization.
    pub(super) declared: Option<usize>,
    pub(super) file: String,
    /// Which document of the file; without one, the first that says something.
    pub(super) document: Option<usize>,
    pub(super) path: Vec<Step>,
    pub(super) form: Form,
}

impl Spot {
    /// Writes another version there.
    ///
    /// # Errors
    /// A place that cannot be edited alone, or not at all; a variable in it.
    pub(super) fn write(&self, draft: &mut Draft<'_>, reach: &Reach, to: &Setting) -> anyhow::Result<()> {
        if let Form::Fixed(why) = &self.form {
            return Err(anyhow::anyhow!("{why}, which is not edited"))
                .hint("change it there, or move it into a file of its own");
        }
        self.alone(reach)?;
        let manifest = draft.manifest(&self.file)?;
        let document = self.document.unwrap_or_else(|| content(&manifest));
        if self.present.value.contains("${") {
            let line = manifest.line_of(document, &self.value_path());
            let written = (self.file.as_str(), line, self.present.value.as_str());
            // What an object says is replaced by the one who applies that.
            let holds = |place| reach.roots.iter().find(|root| root.objects.contains(&place));
            let root = self.declared.and_then(holds).unwrap_or(&reach.roots[self.root]);
            return Err(variable::refusal(written, root, draft, reach));
        }
        draft.edit(&self.file, |manifest| Ok(self.edited(manifest, document, to)?))
    }

    /// The way to the value, as far as it is one of its own.
    fn value_path(&self) -> Vec<Step> {
        let field = match self.form {
            Form::Entry if self.present.tag_and_digest().0.is_empty() => "digest",
            Form::Entry => "newTag",
            Form::Reference(_) => self.present.field,
            _ => return self.path.clone(),
        };
        [&self.path[..], &[Step::Key(field.to_owned())]].concat()
    }

    fn edited(&self, manifest: Manifest, document: usize, to: &Setting) -> Result<Manifest, NotEditable> {
        let (tag, digest) = to.tag_and_digest();
        match &self.form {
            Form::Entry => fields(manifest, document, &self.path, &[("newTag", tag), ("digest", digest)]),
            Form::NewEntry(name) => {
                let parts = [("name", name.as_str()), ("newTag", tag), ("digest", digest)];
                let given = parts.into_iter().filter(|(_, value)| !value.is_empty());
                let entry: Map<String, Value> =
                    given.map(|(field, value)| (field.to_owned(), value.into())).collect();
                manifest.append(document, &self.path, &Value::Object(entry))
            }
            Form::Image(name) => {
                let mut text = name.clone();
                for (mark, part) in [(":", tag), ("@", digest)] {
                    if !part.is_empty() {
                        text.push_str(mark);
                        text.push_str(part);
                    }
                }
                manifest.set(document, &self.path, &text.into())
            }
            Form::Reference(known) => {
                let beside = |field: &str| to.field == COMMIT && field == BRANCH;
                let others = known.iter().filter(|field| **field != to.field && !beside(field));
                let mut wanted: Vec<(&str, &str)> = vec![(to.field, &to.value)];
                wanted.extend(others.map(|field| (*field, "")));
                fields(manifest, document, &self.path, &wanted)
            }
            Form::Value | Form::Fixed(_) => manifest.set(document, &self.path, &to.value.as_str().into()),
        }
    }

    /// Refuses a file that something else is built from too.
    fn alone(&self, reach: &Reach) -> anyhow::Result<()> {
        if let Some(declared) = self.declared {
            return reach.alone(&reach.objects[declared]);
        }
        let builds = |(at, root): (usize, &Root)| {
            let is_other = at != self.root;
            let has =
                reach.kustomizations[root.kustomizations.clone()].iter().any(|one| one.file == self.file);
            (is_other && has).then(|| root.shown())
        };
        match reach.roots.iter().enumerate().find_map(builds) {
            None => Ok(()),
            Some(other) => Err(anyhow::anyhow!(
                "{} is built by {} and {other}: an edit would change both",
                self.file,
                reach.roots[self.root].shown()
            ))
            .hint("give the Kustomization a spec.images of its own, or each a folder of its own"),
        }
    }
}

/// Sets the fields of a mapping that have a value, and takes the others away.
fn fields(
    mut manifest: Manifest,
    document: usize,
    path: &[Step],
    wanted: &[(&str, &str)],
) -> Result<Manifest, NotEditable> {
    for (field, value) in wanted {
        let way = [path, &[Step::Key((*field).to_owned())]].concat();
        let is_there = manifest.documents().nth(document).is_some_and(|root| at(root, &way).is_some());
        if !value.is_empty() {
            manifest = manifest.set(document, &way, &(*value).into())?;
        } else if is_there {
            manifest = manifest.remove(document, &way)?;
        }
    }
    Ok(manifest)
}

/// The value at the end of a way.
pub(super) fn at<'a>(root: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(item) => value.get(item),
    })
}
