//! Many edits of one file. Those that do not touch each other are made together, so that the text is read again once for all of them.

use super::block;
use super::fault::NotEditable;
use super::fault::Reason;
use super::inner;
use super::insert;
use super::manifest::Manifest;
use super::patch::Hand;
use super::patch::Patch;
use super::remove;
use super::rename;
use super::step;
use super::step::Path;
use super::step::Step;
use super::step::at;
use super::walk::Refusal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// An edit of one of the documents of a file.
#[derive(Debug, Clone)]
pub struct Edit {
    pub document: usize,
    pub path: Vec<Step>,
    pub kind: EditKind,
}

/// What is done at the end of the path.
#[derive(Debug, Clone)]
pub enum EditKind {
    /// As [`Manifest::set`].
    Set(Value),
    /// As [`Manifest::append`], once for each item.
    Append(Vec<Value>),
    /// Another text in the place of one that holds YAML: only the lines that differ are touched.
    Text(String),
    /// Another name and another value for a field, which stays in its place with its comment; a field that is not there is set.
    Rename(String, Value),
    /// As [`Manifest::remove`], but does nothing if there is nothing at the end of the path.
    Remove,
}

/// An edit that failed, by its number, and why.
pub type Failed = (usize, NotEditable);

type Numbered = (usize, Edit);

impl Manifest {
    /// Makes all of these edits, which has the same result as one after the other.
    ///
    /// # Errors
    /// The first edit that is refused.
    pub fn edit_all(self, edits: Vec<Edit>) -> Result<Self, Failed> {
        let mut waiting = joined(edits);
        let mut edited = self;
        while !waiting.is_empty() {
            (edited, waiting) = edited.round(waiting)?;
        }
        Ok(edited)
    }

    /// Makes those of the edits that do not touch each other. Returns the others.
    fn round(self, edits: Vec<Numbered>) -> Result<(Self, Vec<Numbered>), Failed> {
        let mut hands: HashMap<usize, Hand> = HashMap::new();
        let mut patches = Patches::default();
        let mut wanted: Vec<Value> = self.documents().cloned().collect();
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for (number, edit) in edits {
            let failed = |error| (number, error);
            if let Entry::Vacant(unknown) = hands.entry(edit.document) {
                unknown.insert(self.open(edit.document).map_err(failed)?.1);
            }
            let Some(patch) = self.patch(&edit, hands[&edit.document]).map_err(failed)? else { continue };
            if !patches.add(patch) {
                later.push((number, edit));
                continue;
            }
            let done = wanted.get_mut(edit.document).and_then(|root| edit.apply(root));
            done.ok_or_else(|| (number, self.refused((0, layout(&edit)))))?;
            now.push((number, edit));
        }
        let refusal = (0, Reason::Layout { path: Path(&[]).to_string() });
        match self.proven(&patches.apply(self.text()), &wanted, refusal) {
            Ok(edited) => Ok((edited, later)),
            // One after the other, each has further ways, and the one that is not possible is found.
            Err(_) => Ok((now.into_iter().try_fold(self, |edited, one| edited.single(one))?, later)),
        }
    }

    fn single(self, (number, edit): Numbered) -> Result<Self, Failed> {
        let Edit { document, path, kind } = &edit;
        let edited = match kind {
            EditKind::Set(value) => self.set(*document, path, value),
            EditKind::Append(items) => {
                items.iter().try_fold(self, |edited, item| edited.append(*document, path, item))
            }
            EditKind::Text(text) => self.set_text(*document, path, text),
            EditKind::Rename(name, value) if !self.has(*document, path) => {
                self.set(*document, &rename::beside(path, name), value)
            }
            EditKind::Rename(name, value) => self.rename(*document, path, (name, value)),
            EditKind::Remove if !self.has(*document, path) => Ok(self),
            EditKind::Remove => self.remove(*document, path),
        };
        edited.map_err(|error| (number, error))
    }

    fn rename(
        &self,
        document: usize,
        path: &[Step],
        (name, value): (&str, &Value),
    ) -> Result<Self, NotEditable> {
        let (at, hand) = self.open(document)?;
        let patch = rename::field(self.text(), hand, &self.go(at, path)?, path, (name, value));
        self.edited(document, path, patch, |root| rename::apply(root, path, name, value))
    }

    fn has(&self, document: usize, path: &[Step]) -> bool {
        self.documents().nth(document).is_some_and(|root| at(root, path).is_some())
    }

    /// What an edit does to the text as it is; `None` if there is nothing to do.
    fn patch(&self, edit: &Edit, hand: Hand) -> Result<Option<Patch>, NotEditable> {
        let Edit { document, path, kind } = edit;
        if matches!(kind, EditKind::Remove) && !self.has(*document, path) {
            return Ok(None);
        }
        if let EditKind::Rename(name, value) = kind
            && !self.has(*document, path)
        {
            let (path, kind) = (rename::beside(path, name), EditKind::Set(value.clone()));
            return self.patch(&Edit { document: *document, path, kind }, hand);
        }
        let reached = self.reach(*document, path)?;
        let text = self.text();
        let patch: Result<Patch, Refusal> = match kind {
            EditKind::Set(value) if reached.steps == path.len() => {
                block::replace(text, hand, &reached, path, value)
            }
            EditKind::Set(value) => insert::field(text, hand, &reached, path, value),
            EditKind::Append(items) => insert::items(text, hand, &reached, path, items),
            EditKind::Text(new) => inner::replace(text, hand, &reached, path, new),
            EditKind::Rename(name, value) => rename::field(text, hand, &reached, path, (name, value)),
            EditKind::Remove => remove::entry(text, hand, &reached, path),
        };
        patch.map(Some).map_err(|refusal| self.refused(refusal))
    }
}

impl Edit {
    fn apply(&self, root: &mut Value) -> Option<()> {
        match &self.kind {
            EditKind::Set(value) => step::set(root, &self.path, value),
            EditKind::Append(items) => items.iter().try_for_each(|item| step::append(root, &self.path, item)),
            EditKind::Text(text) => step::set(root, &self.path, &text.as_str().into()),
            EditKind::Rename(name, value) => rename::apply(root, &self.path, name, value),
            EditKind::Remove => step::remove(root, &self.path),
        }
    }
}

fn layout(edit: &Edit) -> Reason {
    Reason::Layout { path: Path(&edit.path).to_string() }
}

/// The edits with their numbers; the items for one list become one edit.
fn joined(edits: Vec<Edit>) -> Vec<Numbered> {
    let mut all: Vec<Numbered> = Vec::new();
    let mut lists: HashMap<(usize, Vec<Step>), usize> = HashMap::new();
    for (number, mut edit) in edits.into_iter().enumerate() {
        if let EditKind::Append(items) = &mut edit.kind {
            match lists.entry((edit.document, edit.path.clone())) {
                Entry::Vacant(new) => drop(new.insert(all.len())),
                Entry::Occupied(known) => {
                    if let EditKind::Append(before) = &mut all[*known.get()].1.kind {
                        before.append(items);
                    }
                    continue;
                }
            }
        }
        all.push((number, edit));
    }
    all
}

/// Patches of one text, by where they begin.
#[derive(Default)]
struct Patches(BTreeMap<usize, Patch>);

impl Patches {
    /// Adds a patch, unless it touches another one.
    fn add(&mut self, patch: Patch) -> bool {
        let (start, end) = (patch.range.start, patch.range.end);
        // None of them touch each other, so that only the last that begins before the end can touch this one.
        let is_apart = self.0.range(..=end).next_back().is_none_or(|(_, before)| before.range.end < start);
        if is_apart {
            self.0.insert(start, patch);
        }
        is_apart
    }

    fn apply(&self, text: &str) -> String {
        let mut patched = String::with_capacity(text.len());
        let mut at = 0;
        for Patch { range, text: new } in self.0.values() {
            patched.push_str(&text[at..range.start]);
            patched.push_str(new);
            at = range.end;
        }
        patched.push_str(&text[at..]);
        patched
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys;
    use super::*;
    use serde_json::json;

    fn entry(at: usize, field: &str, kind: EditKind) -> Edit {
        let path = [keys(["images"]), vec![Step::Item(at), Step::Key(field.to_owned())]].concat();
        Edit { document: 0, path, kind }
    }

    fn append(name: &str) -> Edit {
        let item = json!({"name": name, "newTag": "2"});
        Edit { document: 0, path: keys(["images"]), kind: EditKind::Append(vec![item]) }
    }

    fn one_by_one(text: &str, edits: Vec<Edit>) -> String {
        let manifest = Manifest::parse(text, "x").unwrap();
        let edited = edits.into_iter().enumerate().try_fold(manifest, |edited, one| edited.single(one));
        edited.unwrap().text().to_owned()
    }

    #[test]
    fn edits_that_are_apart_are_made_in_one_round() {
        let lines = |tag: &str| -> String {
            (0..600).map(|at| format!("- name: a{at}\n  newTag: {tag} # {at}\n")).collect()
        };
        let manifest = Manifest::parse(format!("images:\n{}", lines("v1")), "x").unwrap();
        let edits = (0..600).map(|at| entry(at, "newTag", EditKind::Set(json!("v2"))));
        let all: Vec<Edit> = edits.chain((0..600).map(|at| append(&format!("b{at}")))).collect();
        let (edited, later) = manifest.round(joined(all)).unwrap();
        assert!(later.is_empty(), "{}", later.len());
        let added: String = (0..600).map(|at| format!("- name: b{at}\n  newTag: \"2\"\n")).collect();
        assert_eq!(edited.text(), format!("images:\n{}{added}", lines("v2")));
    }

    #[test]
    fn many_edits_have_the_result_of_one_after_the_other() {
        let set = |at, value: &str| entry(at, "newTag", EditKind::Set(json!(value)));
        let digest = |at, value: &str| entry(at, "digest", EditKind::Set(json!(value)));
        let remove = |at, field: &str| entry(at, field, EditKind::Remove);
        for text in [
            "images:\n- name: a\n  digest: x # old\n- name: b\n  newTag: y",
            "images: # these\n  - newTag: x # dash\n    name: a\n  - {name: b, digest: y}\nresources: []\n",
            "images: [{name: a, newTag: \"1\"}, {name: b, digest: \"y\", newTag: '2'}]\n",
            "images:\r\n- name: a\r\n  newTag: x\r\n  digest: z\r\n- name: b\r\n",
        ] {
            let edits = vec![
                set(0, "3"),
                remove(0, "digest"),
                append("c"),
                digest(1, "sha256:0"),
                remove(1, "newTag"),
                append("d"),
                set(0, "4"),
            ];
            let wanted = one_by_one(text, edits.clone());
            let edited = Manifest::parse(text, "x").unwrap().edit_all(edits).unwrap();
            assert_eq!(edited.text(), wanted);
        }
        for text in [
            "resources: []\n",
            "images: []\n",
            "images:\n",
            "a: {b: 1}\nimages: []",
            "{a: 1}\n",
            "{images: []}\n",
        ] {
            let edits = vec![append("c"), append("d"), append("e")];
            let wanted = one_by_one(text, edits.clone());
            let edited = Manifest::parse(text, "x").unwrap().edit_all(edits).unwrap();
            assert_eq!(edited.text(), wanted);
        }
    }

    #[test]
    fn a_renamed_field_keeps_its_place_and_its_comment() {
        let rename =
            |at, value: &str| entry(at, "newTag", EditKind::Rename("digest".to_owned(), json!(value)));
        for (text, wanted) in [
            ("images:\n- name: a\n  newTag: '1' # ours\n", "images:\n- name: a\n  digest: 'x' # ours\n"),
            ("images:\n- newTag: v1 # ours\n  name: a\n", "images:\n- digest: x # ours\n  name: a\n"),
            ("images: [{name: a, newTag: v1}] # b\n", "images: [{name: a, digest: x}] # b\n"),
            ("images:\n- name: a\n", "images:\n- name: a\n  digest: x\n"),
        ] {
            let edited = Manifest::parse(text, "x").unwrap().edit_all(vec![rename(0, "x")]).unwrap();
            assert_eq!((edited.text(), &*one_by_one(text, vec![rename(0, "x")])), (wanted, wanted));
        }
    }

    #[test]
    fn an_edit_that_is_refused_is_named() {
        let text =
            "images:\n- name: a\n  newTag: x\n- name: b\n  newTag: &tag y\n- name: c\n  newTag: ${C}\n";
        let failed = |numbers: &[usize]| {
            let edits = numbers.iter().map(|at| entry(*at, "newTag", EditKind::Set(json!("z"))));
            let failed = Manifest::parse(text, "x").unwrap().edit_all(edits.collect()).unwrap_err();
            (failed.0, failed.1.line)
        };
        assert_eq!(failed(&[0, 1, 2]), (1, 5));
        assert_eq!(failed(&[0, 2]), (1, 7));
        let edits = vec![entry(0, "newTag", EditKind::Set(json!("z"))), Edit { document: 4, ..append("c") }];
        assert_eq!(Manifest::parse(text, "x").unwrap().edit_all(edits).unwrap_err().0, 1);
    }
}
