//! A place where a version is written, and the edits that write another one there.

use super::setting::Setting;
use crate::api::pinned::BRANCH;
use crate::api::pinned::COMMIT;
use crate::render::Declaration;
use crate::text::WithHint;
use crate::text::yaml::edit::Edit;
use crate::text::yaml::edit::EditKind;
use crate::text::yaml::edit::Step;
use serde_json::Map;
use serde_json::Value;

/// The path to the reference of a source.
const REFERENCE: &str = "/spec/ref";

/// How a version is written in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// An entry of a list of images.
    Entry,
    /// A new entry of a list of images, for an image of this name.
    NewEntry(String),
    /// An image with its tag, of this name.
    Image(String),
    /// The value itself.
    Value,
    /// A mapping with these fields, of which the first that is set decides. In a patch, it may be merged over others of them.
    Reference { fields: &'static [&'static str], beneath: Vec<&'static str> },
    /// The value of an operation that sets one of these fields, apart from the others. The object has some of them before.
    Part { part: &'static str, fields: &'static [&'static str], beneath: Vec<&'static str> },
    /// It cannot be edited, for this reason.
    Fixed(String),
}

/// A text that holds YAML of its own: a patch in a kustomization.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    /// Which document of the file; if none, the first that says something.
    pub(super) document: Option<usize>,
    pub(super) path: Vec<Step>,
}

/// A patch, by the place of its kustomization (none for the spec of the Flux Kustomization) and its number there.
pub(super) type PatchAt = (Option<usize>, usize);

/// What identifies a place where a version is written.
pub(super) type SpotKey = (String, Option<Holder>, Option<usize>, Vec<Step>);

/// A place where a version is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    /// The present values: several if a new entry would be for images with different tags.
    pub(super) present: Vec<Setting>,
    /// Which of the folders that are built.
    pub(super) root: usize,
    /// The object whose document it is, by its place; none in a kustomization.
    pub(super) declared: Option<usize>,
    pub(super) file: String,
    /// The text of the file that it is in, if it is in a patch that is written inside of another document.
    pub(super) holder: Option<Holder>,
    /// The patch that it is in.
    pub(super) patch: Option<PatchAt>,
    /// Which document of the file or the text; if none, the first that says something.
    pub(super) document: Option<usize>,
    pub(super) path: Vec<Step>,
    pub(super) form: Form,
    /// Where the present values are written that a new entry takes the place of.
    pub(super) covers: Vec<Covered>,
}

/// A place that a new entry makes ineffective: file, document (if none, the first that says something) and way.
pub(super) type Covered = (String, Option<usize>, Vec<Step>);

impl Spot {
    /// A place in the document of a file that says something first.
    pub(super) fn in_file(
        root: usize,
        file: &str,
        path: Vec<Step>,
        (form, present): (Form, Setting),
    ) -> Self {
        Self {
            present: vec![present],
            root,
            declared: None,
            file: file.to_owned(),
            holder: None,
            patch: None,
            document: None,
            path,
            form,
            covers: Vec::new(),
        }
    }

    /// A place in an object, which has this place among all.
    pub(super) fn in_object(
        root: usize,
        (place, object): (usize, &Declaration),
        path: Vec<Step>,
        said: (Form, Setting),
    ) -> Self {
        let spot = Self::in_file(root, &object.file, object.way(&path), said);
        Self { declared: Some(place), document: Some(object.document), ..spot }
    }

    /// Whether this is the only value there.
    pub(super) fn has(&self, value: &Setting) -> bool {
        self.present.iter().all(|present| present == value)
    }

    pub(super) fn place(&self) -> SpotKey {
        (self.file.clone(), self.holder.clone(), self.document, self.path.clone())
    }

    /// Refuses a place that cannot be edited.
    ///
    /// # Errors
    /// Why it cannot.
    pub(super) fn refuse_fixed(&self) -> anyhow::Result<()> {
        match &self.form {
            Form::Fixed(why) => Err(anyhow::anyhow!("{why}, which is not edited"))
                .hint("change it there, or move it into a file of its own"),
            _ => Ok(()),
        }
    }

    /// The present value if it is a variable.
    pub(super) fn variable(&self) -> Option<&str> {
        let name = match &self.form {
            Form::NewEntry(name) => Some(name.as_str()),
            _ => None,
        };
        let values = self.present.iter().map(|present| present.value.as_str());
        name.into_iter().chain(values).find(|value| value.contains("${"))
    }

    /// The path to the value, as far as it has one of its own.
    pub(super) fn value_path(&self) -> Vec<Step> {
        let first = self.present.first();
        let field = match self.form {
            Form::Entry if first.is_some_and(|first| first.tag_and_digest().0.is_empty()) => "digest",
            Form::Entry => "newTag",
            Form::Reference { .. } => first.map_or("", |first| first.field),
            _ => return self.path.clone(),
        };
        [&self.path[..], &[Step::Key(field.to_owned())]].concat()
    }

    /// The edits of the document that write another version.
    pub(super) fn edits(&self, document: usize, to: &Setting) -> Vec<Edit> {
        let (tag, digest) = to.tag_and_digest();
        let here = |kind: EditKind| vec![Edit { document, path: self.path.clone(), kind }];
        match &self.form {
            Form::Entry => self.entry(document, tag, digest),
            Form::NewEntry(name) => {
                let parts = [("name", name.as_str()), ("newTag", tag), ("digest", digest)];
                let given = parts.into_iter().filter(|(_, value)| !value.is_empty());
                let entry: Map<String, Value> =
                    given.map(|(field, value)| (field.to_owned(), value.into())).collect();
                here(EditKind::Append(vec![Value::Object(entry)]))
            }
            Form::Image(name) => {
                let mut text = name.clone();
                for (mark, part) in [(":", tag), ("@", digest)] {
                    if !part.is_empty() {
                        text.push_str(mark);
                        text.push_str(part);
                    }
                }
                here(EditKind::Set(text.into()))
            }
            Form::Reference { fields, beneath } => {
                let beside = |field: &str| to.field == COMMIT && field == BRANCH;
                // Only a null removes what the patch is merged over. A weaker field may stay there.
                let stays = fields.iter().take_while(|field| **field != to.field);
                let stays: Vec<&str> = stays.copied().filter(|field| beneath.contains(field)).collect();
                let others = fields.iter().copied().filter(|field| *field != to.field && !beside(field));
                let others = others.map(|field| match stays.contains(&field) {
                    true => self.field(document, field, EditKind::Set(Value::Null)),
                    false => self.field(document, field, EditKind::Remove),
                });
                let set = self.field(document, to.field, EditKind::Set(to.value.as_str().into()));
                [set].into_iter().chain(others).collect()
            }
            Form::Part { part, fields, beneath } => {
                let is_decided = fields.iter().take_while(|field| **field != to.field);
                let is_decided = is_decided.into_iter().any(|field| beneath.contains(field));
                let branch = Some(*part).filter(|part| *part == BRANCH && to.field == COMMIT);
                if is_decided || branch.is_some() {
                    let beside = branch.map(|part| (part, self.present.first().map_or("", |one| &one.value)));
                    let set = beside.into_iter().chain([(to.field, to.value.as_str())]);
                    let set: Map<String, Value> =
                        set.map(|(field, value)| (field.to_owned(), value.into())).collect();
                    return self.operation(document, &[("path", REFERENCE.into()), ("value", set.into())]);
                }
                let path = ("path", format!("{REFERENCE}/{}", to.field).into());
                let value = ("value", to.value.as_str().into());
                match (*part == to.field, beneath.contains(&to.field)) {
                    (true, _) => self.operation(document, &[value]),
                    (false, true) => self.operation(document, &[path, value]),
                    // Only what is there can be replaced.
                    (false, false) => self.operation(document, &[("op", "add".into()), path, value]),
                }
            }
            Form::Value | Form::Fixed(_) => here(EditKind::Set(to.value.as_str().into())),
        }
    }

    /// Sets fields of the operation whose value is the place.
    fn operation(&self, document: usize, wanted: &[(&str, Value)]) -> Vec<Edit> {
        let operation = &self.path[..self.path.len().saturating_sub(1)];
        let path = |field: &str| [operation, &[Step::Key(field.to_owned())]].concat();
        let edit = |(field, value): &(&str, Value)| Edit {
            document,
            path: path(field),
            kind: EditKind::Set(value.clone()),
        };
        wanted.iter().map(edit).collect()
    }

    /// Sets tag and digest of an entry. One that takes the place of the other keeps its comment.
    fn entry(&self, document: usize, tag: &str, digest: &str) -> Vec<Edit> {
        let present = self.present.first().map(Setting::tag_and_digest).unwrap_or_default();
        let only = |(tag, digest): (&str, &str)| match (tag.is_empty(), digest.is_empty()) {
            (false, true) => Some("newTag"),
            (true, false) => Some("digest"),
            _ => None,
        };
        match (only(present), only((tag, digest))) {
            (Some(from), Some(to)) if from != to => {
                let value = if tag.is_empty() { digest } else { tag };
                vec![self.field(document, from, EditKind::Rename(to.to_owned(), value.into()))]
            }
            _ => self.fields(document, [("newTag", tag), ("digest", digest)]),
        }
    }

    /// Sets the fields of a mapping that have a value, and removes those that have none.
    fn fields<'a>(&self, document: usize, wanted: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Edit> {
        let edit = |(field, value): (&str, &str)| {
            let kind = if value.is_empty() { EditKind::Remove } else { EditKind::Set(value.into()) };
            self.field(document, field, kind)
        };
        wanted.into_iter().map(edit).collect()
    }

    fn field(&self, document: usize, field: &str, kind: EditKind) -> Edit {
        Edit { document, path: [&self.path[..], &[Step::Key(field.to_owned())]].concat(), kind }
    }
}
