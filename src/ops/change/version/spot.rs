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
    /// The value of one of these fields, apart from the others.
    Part(&'static str),
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
}

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
        }
    }

    /// A place in the document that declares an object, which has this place among all.
    pub(super) fn in_object(
        root: usize,
        (place, object): (usize, &Declaration),
        path: Vec<Step>,
        said: (Form, Setting),
    ) -> Self {
        let spot = Self::in_file(root, &object.file, path, said);
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
    pub(super) fn refuse_fixed(&self, to: &Setting) -> anyhow::Result<()> {
        match &self.form {
            Form::Fixed(why) => Err(anyhow::anyhow!("{why}, which is not edited"))
                .hint("change it there, or move it into a file of its own"),
            Form::Part(part) if *part != to.field => Err(anyhow::anyhow!(
                "an operation of a patch in {} sets only the {part} of the reference, not its {}",
                self.file,
                to.field
            ))
            .hint(format!(
                "let the operation set the whole reference: {{op: add, path: /spec/ref, value: {{{}: {}}}}}",
                to.field, to.value
            )),
            _ => Ok(()),
        }
    }

    /// The present value if it is a variable.
    pub(super) fn variable(&self) -> Option<&str> {
        self.present.iter().map(|present| present.value.as_str()).find(|value| value.contains("${"))
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
            Form::Entry => self.fields(document, [("newTag", tag), ("digest", digest)]),
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
            Form::Value | Form::Part(_) | Form::Fixed(_) => here(EditKind::Set(to.value.as_str().into())),
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
