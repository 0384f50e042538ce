//! A file of documents, and the edits of them.

use super::super::BadYaml;
use super::super::parse::Parser;
use super::super::read;
use super::super::scan::Dialect;
use super::block;
use super::fault::NotEditable;
use super::fault::Reason;
use super::insert;
use super::patch::Hand;
use super::patch::Patch;
use super::patch::line_end_of;
use super::remove;
use super::spot::Document;
use super::spot::Offsets;
use super::spot::PlacedNode;
use super::spot::line_start;
use super::step;
use super::step::Path;
use super::step::Step;
use super::walk::Reached;
use super::walk::Refusal;
use serde_json::Value;

/// The text of a file with its documents. An edit makes another one.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub(super) file: String,
    pub(super) text: String,
    /// The lines of the file before the text.
    before: usize,
    documents: Vec<Document>,
}

impl Manifest {
    /// Reads a file; errors contain its name.
    ///
    /// # Errors
    /// It is not YAML, or holds what JSON cannot.
    pub fn parse(text: impl Into<String>, file: &str) -> Result<Self, BadYaml> {
        Self::parse_behind(0, text.into(), file)
    }

    /// The same for a text that begins after so many lines of the file.
    pub(super) fn parse_behind(before: usize, text: String, file: &str) -> Result<Self, BadYaml> {
        let documents = documents(&text, file, before)?;
        Ok(Self { file: file.to_owned(), text, before, documents })
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The documents; those that say nothing are null.
    pub fn documents(&self) -> impl Iterator<Item = &Value> {
        self.documents.iter().map(|document| &document.value)
    }

    /// The line where a document's content begins, from one.
    pub fn line(&self, document: usize) -> usize {
        self.documents.get(document).map_or(1, |document| self.line_at(document.root.place.start))
    }

    /// The line of the node at the end of a way, or of the last one on it.
    pub fn line_of(&self, document: usize, path: &[Step]) -> usize {
        let reached = self.documents.get(document).map(|found| Reached::go(&found.root, path, &self.text));
        let at = match reached {
            Some(Ok(reached)) => reached.spot.place.start,
            Some(Err((at, _))) => at,
            None => self.text.len(),
        };
        self.line_at(at)
    }

    /// The whole line where the node at the end of a way begins.
    pub fn line_text(&self, document: usize, path: &[Step]) -> Option<&str> {
        let found = self.documents.get(document)?;
        let reached = Reached::go(&found.root, path, &self.text).ok()?;
        let start = line_start(&self.text, reached.spot.place.start);
        self.text[start..].lines().next().filter(|_| reached.steps == path.len())
    }

    /// Whether no document says anything.
    pub fn is_empty(&self) -> bool {
        self.documents().all(Value::is_null)
    }

    /// Sets the value at the end of a way; missing mappings on it are created.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn set(&self, document: usize, path: &[Step], value: &Value) -> Result<Self, NotEditable> {
        let (at, hand) = self.open(document)?;
        let reached = self.go(at, path)?;
        let patch = if reached.steps == path.len() {
            block::replace(&self.text, hand, &reached, path, value)
        } else {
            insert::field(&self.text, hand, &reached, path, value)
        };
        self.edited(document, path, patch, |root| step::set(root, path, value))
    }

    /// Adds an item at the end of a list, which is created if it is missing.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn append(&self, document: usize, path: &[Step], item: &Value) -> Result<Self, NotEditable> {
        let (at, hand) = self.open(document)?;
        let reached = self.go(at, path)?;
        let patch = insert::items(&self.text, hand, &reached, path, std::slice::from_ref(item));
        self.edited(document, path, patch, |root| step::append(root, path, item))
    }

    /// Removes a field or an item, with its lines.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn remove(&self, document: usize, path: &[Step]) -> Result<Self, NotEditable> {
        let (at, hand) = self.open(document)?;
        let reached = self.go(at, path)?;
        let patch = remove::entry(&self.text, hand, &reached, path);
        // The line end before the last line of a file may belong to the value there: then it stays.
        let kept = patch.as_ref().ok().and_then(|patch| patch.without_first_line_end(&self.text));
        let removed = self.edited(document, path, patch, |root| step::remove(root, path));
        match kept {
            Some(kept) if removed.is_err() => {
                self.edited(document, path, Ok(kept), |root| step::remove(root, path))
            }
            _ => removed,
        }
    }

    /// Removes a whole document, with the comments in it.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn remove_document(&self, document: usize) -> Result<Self, NotEditable> {
        let Some(found) = self.documents.get(document) else { return Err(self.no_document()) };
        if self.documents.len() > 1 {
            self.check_checksums()?;
        }
        let end = self.documents.get(document + 1).map_or(self.text.len(), |next| next.begin);
        let mut wanted: Vec<Value> = self.documents().cloned().collect();
        wanted.remove(document);
        let refusal = (found.root.place.start, Reason::Layout { path: Path(&[]).to_string() });
        self.proven(&Patch::delete(found.begin..end).apply(&self.text), &wanted, refusal)
    }

    /// Puts a document of another text in the place of one: as it is written there, or where that does not fit, by the smallest edits.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn restore(&self, document: usize, other: &Self, theirs: usize) -> Result<Self, NotEditable> {
        let (Some(here), Some(there)) = (self.documents.get(document), other.documents.get(theirs)) else {
            return Err(self.no_document());
        };
        if self.documents.len() > 1 {
            self.check_checksums()?;
        }
        let end = |all: &Self, at: usize| all.documents.get(at + 1).map_or(all.text.len(), |next| next.begin);
        let mut wanted: Vec<Value> = self.documents().cloned().collect();
        wanted[document] = there.value.clone();
        let refusal = (here.root.place.start, Reason::Layout { path: Path(&[]).to_string() });
        let patch = Patch::new(here.begin..end(self, document), &other.text[there.begin..end(other, theirs)]);
        self.proven(&patch.apply(&self.text), &wanted, refusal)
            .or_else(|_| self.clone().merge(document, &[], &there.value))
    }

    /// Adds a document behind the last one.
    ///
    /// # Errors
    /// [`NotEditable`].
    pub fn add_document(&self, value: &Value) -> Result<Self, NotEditable> {
        self.check_checksums()?;
        let hand = match self.documents.last() {
            Some(last) => Hand::of(&self.text, &last.root),
            None => return self.first_document(value),
        };
        let is_open = !self.text.is_empty() && !self.text.ends_with('\n');
        let before = if is_open { hand.line_end } else { "" };
        let text = [before, "---", hand.line_end, &hand.lines(value, 0), hand.line_end].concat();
        let mut wanted: Vec<Value> = self.documents().cloned().collect();
        wanted.push(value.clone());
        let end = self.text.len();
        let refusal = (end, Reason::Layout { path: "the end of the file".to_owned() });
        self.proven(&[&self.text, &text[..]].concat(), &wanted, refusal)
    }

    fn first_document(&self, value: &Value) -> Result<Self, NotEditable> {
        let line_end = line_end_of(&self.text);
        let written = super::super::to_string(value).replace('\n', line_end);
        let end = self.text.len();
        let refusal = (end, Reason::Layout { path: "the end of the file".to_owned() });
        let text = [&self.text, "---", line_end, &written].concat();
        self.proven(&text, std::slice::from_ref(value), refusal)
    }

    /// The document with how it is written, if it may be edited at all.
    pub(super) fn open(&self, document: usize) -> Result<(&Document, Hand), NotEditable> {
        let Some(found) = self.documents.get(document) else { return Err(self.no_document()) };
        self.check_checksums()?;
        Ok((found, Hand::of(&self.text, &found.root)))
    }

    /// A checksum of SOPS is one of all documents.
    fn check_checksums(&self) -> Result<(), NotEditable> {
        let is_encrypted = |document: &&Document| document.value.get("sops").is_some_and(Value::is_object);
        match self.documents.iter().find(is_encrypted) {
            Some(found) => Err(self.refused((found.root.place.start, Reason::Encrypted))),
            None => Ok(()),
        }
    }

    /// The node at the end of a way in one of the documents, or the last one on it.
    pub(super) fn reach(&self, document: usize, path: &[Step]) -> Result<Reached<'_>, NotEditable> {
        let Some(found) = self.documents.get(document) else { return Err(self.no_document()) };
        self.go(found, path)
    }

    pub(super) fn go<'a>(&self, document: &'a Document, path: &[Step]) -> Result<Reached<'a>, NotEditable> {
        Reached::go(&document.root, path, &self.text).map_err(|refusal| self.refused(refusal))
    }

    /// The manifest after a patch of one document, if it then reads as the edited value does.
    pub(super) fn edited(
        &self,
        document: usize,
        path: &[Step],
        patch: Result<Patch, Refusal>,
        edit: impl FnOnce(&mut Value) -> Option<()>,
    ) -> Result<Self, NotEditable> {
        let patch = patch.map_err(|refusal| self.refused(refusal))?;
        let refusal = (patch.range.start, Reason::Layout { path: Path(path).to_string() });
        let mut wanted: Vec<Value> = self.documents().cloned().collect();
        match wanted.get_mut(document).and_then(edit) {
            Some(()) => self.proven(&patch.apply(&self.text), &wanted, refusal),
            None => Err(self.refused(refusal)),
        }
    }

    /// The manifest with another text, if its documents are these.
    pub(super) fn proven(&self, text: &str, wanted: &[Value], refusal: Refusal) -> Result<Self, NotEditable> {
        let edited = Self::parse_behind(self.before, text.to_owned(), &self.file);
        match edited {
            Ok(edited) if edited.documents().eq(wanted) => Ok(edited),
            _ => Err(self.refused(refusal)),
        }
    }

    pub(super) fn refused(&self, (at, reason): Refusal) -> NotEditable {
        NotEditable { file: self.file.clone(), line: self.line_at(at), reason }
    }

    fn no_document(&self) -> NotEditable {
        self.refused((self.text.len(), Reason::Missing { path: "document".to_owned() }))
    }

    pub(super) fn line_at(&self, at: usize) -> usize {
        self.before + 1 + self.text[..at].matches('\n').count()
    }
}

fn documents(text: &str, file: &str, before: usize) -> Result<Vec<Document>, BadYaml> {
    let syntax = |problem| BadYaml::syntax(file, &problem, Dialect::Two, before);
    let mut parser = Parser::new(text, Dialect::Two).map_err(syntax)?;
    let bytes = Offsets::of(text);
    let mut documents = Vec::new();
    loop {
        parser.places();
        let Some(tree) = parser.document().map_err(syntax)? else { return Ok(documents) };
        let places = parser.places();
        let root = PlacedNode::of(&tree, &places, &bytes);
        let begin = if documents.is_empty() && places.document == 0 { 0 } else { bytes.at(places.document) };
        let value = read::value_of(tree).map_err(|broken| BadYaml::rule(file, broken, before))?;
        documents.push(Document { begin, root, value });
    }
}
