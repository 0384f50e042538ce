//! The patches of a kustomization as they are written, to tell which of them says what a field of an object is. Nothing is patched here.

use super::kustomize::FILE_NAMES;
use super::kustomize::Selector;
use super::spelling::spelled;
use super::tree::Memory;
use super::tree::PathEntry;
use super::tree::Tree;
use super::tree::join;
use super::tree::normal;
use super::tree::parent;
use crate::text::yaml;
use crate::text::yaml::edit::Manifest;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use serde_json::Value;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::OnceLock;

/// Where a patch is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatchPlace {
    /// In this file, links resolved.
    File(String),
    /// In the text at the end of this way in what has the patch.
    Text(Vec<Step>),
}

/// A patch.
#[derive(Debug, Clone)]
pub struct PatchText {
    pub written: PatchPlace,
    /// Which document of the file or the text.
    pub document: usize,
    /// What it is for; null where the patch itself says so.
    target: Value,
    /// The target; none where it cannot be read.
    selector: OnceLock<Option<Arc<Selector>>>,
    /// A part of an object, or a list of operations.
    pub content: Value,
    /// Whether a part of an object may give it another name.
    allows_names: bool,
}

/// An operation of a patch that puts a value somewhere.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Its place in the list.
    pub at: usize,
    /// Whether it adds an item to a list.
    pub is_add: bool,
    pub path: Vec<String>,
    pub value: &'a Value,
}

/// Where a patch says what a field is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub path: Vec<Step>,
    /// The only part of the field that it sets.
    pub part: Option<&'static str>,
}

impl PatchText {
    /// Whether it changes this object.
    pub fn is_for(&self, object: &Value) -> bool {
        if self.target.is_object() {
            // One that cannot be read is refused by the build.
            let read = || Selector::read(&self.target).ok().map(Arc::new);
            return self.selector.get_or_init(read).as_ref().is_some_and(|it| it.selects_object(object));
        }
        let own = |pointer: &str| self.content.pointer(pointer);
        let is_same = |pointer: &str| own(pointer) == object.pointer(pointer);
        let namespace = object.pointer("/metadata/namespace");
        is_same("/kind")
            && is_same("/metadata/name")
            && own("/metadata/namespace").is_none_or(|own| namespace.is_none_or(|namespace| namespace == own))
    }

    /// The file that it is written in, if it has one.
    pub fn file(&self) -> Option<&String> {
        match &self.written {
            PatchPlace::File(file) => Some(file),
            PatchPlace::Text(_) => None,
        }
    }

    /// Kind and name of the only objects that it can be for, if it is for such.
    fn name(&self) -> Option<(String, String)> {
        let of = |value: &Value, kind: &str, name: &str| {
            let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            Some((text(kind)?, text(name)?))
        };
        if !self.target.is_object() {
            return of(&self.content, "/kind", "/metadata/name");
        }
        let is_plain = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        of(&self.target, "/kind", "/name").filter(|(kind, name)| is_plain(kind) && is_plain(name))
    }

    /// Whether it changes this field of the metadata. In a part of an object, that is usually the name that it is for.
    pub fn renames(&self, field: &[&str]) -> bool {
        (self.content.is_array() || self.allows_names) && self.said(field, &[]).is_some()
    }

    /// The operations that put values, if it is a list of operations.
    pub fn operations(&self) -> Option<Vec<Operation<'_>>> {
        Some(self.content.as_array()?.iter().enumerate().filter_map(put).collect())
    }

    /// Where it says what a field is, or one of the parts of it. What an operation removes or copies has no such place.
    pub fn said(&self, field: &[&str], parts: &[&'static str]) -> Option<Said> {
        let Some(operations) = self.content.as_array() else {
            self.content.pointer(&pointer(field))?;
            let path = field.iter().map(|part| Step::Key((*part).to_owned())).collect();
            return Some(Said { path, part: None });
        };
        for (at, one) in operations.iter().enumerate().rev().filter(|(_, one)| one["op"] != "test") {
            let Some(tokens) = tokens(one) else { continue };
            let common =
                tokens.iter().zip(field).take_while(|(token, part)| token.as_str() == **part).count();
            let (behind, rest) = (&tokens[common..], &field[common..]);
            let part = match behind {
                [] => None,
                [last] if rest.is_empty() => parts.iter().copied().find(|part| *part == last.as_str()),
                _ => continue,
            };
            if !behind.is_empty() && part.is_none() {
                continue;
            }
            let puts = ["add", "replace"].iter().any(|word| one["op"] == *word);
            one["value"].pointer(&pointer(rest)).filter(|_| puts)?;
            let inside = ["value"].iter().chain(rest).map(|part| Step::Key((*part).to_owned()));
            return Some(Said { path: [Step::Item(at)].into_iter().chain(inside).collect(), part });
        }
        None
    }
}

/// The JSON pointer to a field.
pub(super) fn pointer(field: &[&str]) -> String {
    field.iter().map(|part| format!("/{part}")).collect()
}

fn put((at, one): (usize, &Value)) -> Option<Operation<'_>> {
    let word = one["op"].as_str().filter(|word| ["add", "replace"].contains(word))?;
    Some(Operation { at, is_add: word == "add", path: tokens(one)?, value: one.get("value")? })
}

/// The parts of the path of an operation.
pub(super) fn tokens(operation: &Value) -> Option<Vec<String>> {
    let path = operation["path"].as_str()?.strip_prefix('/')?;
    Some(path.split('/').map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
}

/// The patches of a kustomization, in the order in which they are applied.
#[derive(Debug, Clone, Default)]
pub struct Patches {
    all: Vec<PatchText>,
    /// Those for objects of one kind and name.
    named: HashMap<(String, String), Vec<usize>>,
    others: Vec<usize>,
}

impl Patches {
    fn of_list(all: Vec<PatchText>) -> Self {
        let mut patches = Self::default();
        for (number, patch) in all.iter().enumerate() {
            match patch.name() {
                Some(name) => patches.named.entry(name).or_default().push(number),
                None => patches.others.push(number),
            }
        }
        patches.all = all;
        patches
    }

    /// The patches of a Flux Kustomization, from its spec.
    pub fn of_spec(spec: &Value) -> Self {
        patches(&Memory::default(), "", spec)
    }

    pub fn all(&self) -> &[PatchText] {
        &self.all
    }

    /// Those that change an object, by their numbers.
    pub fn of(&self, object: &Value) -> Vec<usize> {
        if self.all.is_empty() {
            return Vec::new();
        }
        let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let name = (text("/kind").to_owned(), text("/metadata/name").to_owned());
        let named = self.named.get(&name).into_iter().flatten();
        let mut found: Vec<usize> = named.chain(&self.others).copied().collect();
        found.retain(|number| self.all[*number].is_for(object));
        found.sort_unstable();
        found
    }
}

/// The files of the patches of those of these files that are kustomizations, links resolved.
pub fn patch_files(tree: &dyn Tree, files: &[String]) -> HashSet<String> {
    let name = |file: &str| file.rsplit('/').next().unwrap_or_default().to_owned();
    let is_kustomization = |file: &&String| FILE_NAMES.contains(&name(file).as_str());
    let patches = files.iter().filter(is_kustomization).filter_map(|file| {
        let text = yaml::text(tree.read(file).ok()?, file).ok()?;
        Some(patches(tree, parent(file), &yaml::document(&text, file).ok()?))
    });
    patches.flat_map(|patches| patches.all).filter_map(|patch| patch.file().cloned()).collect()
}

/// The patches of a kustomization. What cannot be read is left to the build to refuse.
pub(super) fn patches(tree: &dyn Tree, folder: &str, kustomization: &Value) -> Patches {
    let mut found = Vec::new();
    let mut add = |path: Option<&str>, (text, way): (Option<&str>, Vec<Step>), entry: &Value| {
        let allows_names = entry.pointer("/options/allowNameChange").is_some_and(|allowed| allowed == true);
        let of_file = path.and_then(|path| read(tree, folder, path));
        let of_text = || Some((PatchPlace::Text(way), Manifest::parse(text?, "a patch").ok()?));
        let Some((written, manifest)) = of_file.or_else(of_text) else { return };
        found.extend(manifest.documents().enumerate().map(|(document, content)| PatchText {
            written: written.clone(),
            document,
            target: entry["target"].clone(),
            selector: OnceLock::new(),
            content: content.clone(),
            allows_names,
        }));
    };
    let list = |field: &'static str| {
        let field = spelled(kustomization, field);
        let items = kustomization[field].as_array().into_iter().flatten().enumerate();
        items.map(move |(at, entry)| ([keys([field]), vec![Step::Item(at)]].concat(), entry))
    };
    for (way, entry) in list("patchesStrategicMerge") {
        add(entry.as_str(), (entry.as_str(), way), &Value::Null);
    }
    for (way, entry) in list("patches").chain(list("patchesJson6902")) {
        let way = [way, keys(["patch"])].concat();
        add(entry["path"].as_str(), (entry["patch"].as_str(), way), entry);
    }
    Patches::of_list(found)
}

fn read(tree: &dyn Tree, folder: &str, path: &str) -> Option<(PatchPlace, Manifest)> {
    let Some(PathEntry::File(real)) = tree.find(&normal(&join(folder, path)).ok()?).ok()? else {
        return None;
    };
    let text = yaml::text(tree.read(&real).ok()?, path).ok()?;
    let manifest = Manifest::parse(text, path).ok()?;
    Some((PatchPlace::File(real), manifest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patches_are_found_in_files_and_inside_of_a_kustomization() {
        let files = [
            ("k/p.yaml", "kind: A\nmetadata: {name: x}\nspec: {version: \"1\"}\n---\nkind: B\n"),
            ("k/ops.yaml", "- {op: replace, path: /spec/version, value: \"2\"}\n"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
        let kustomization = json!({
            "patches": [
                {"path": "p.yaml"},
                {"path": "ops.yaml", "target": {"kind": "A", "name": "x.*"}},
                {"patch": "# none\n---\nspec: {version: \"3\"}", "target": {"kind": "A"}},
                {"path": "missing.yaml"},
            ],
            "patchesStrategicMerge": ["kind: A\nmetadata: {name: x, namespace: n}\nspec: {other: 1}\n"],
        });
        let found = patches(&Memory(files.into_iter().collect()), "k", &kustomization);
        let told = |object: Value| -> Vec<_> {
            let told = |number: usize| {
                let patch = &found.all()[number];
                let said = patch.said(&["spec", "version"], &[]).map(|said| said.path.len());
                (patch.written.clone(), patch.document, said)
            };
            found.of(&object).into_iter().map(told).collect()
        };
        let file = |name: &str, said| (PatchPlace::File(name.to_owned()), 0, Some(said));
        let item = |field: &'static str, at| [keys([field]), vec![Step::Item(at)]].concat();
        let text = [item("patches", 2), keys(["patch"])].concat();
        let mut wanted = vec![
            (PatchPlace::Text(item("patchesStrategicMerge", 0)), 0, None),
            file("k/p.yaml", 2),
            file("k/ops.yaml", 2),
            (PatchPlace::Text(text), 0, Some(2)),
        ];
        let object = json!({"apiVersion": "g/v1", "kind": "A", "metadata": {"name": "x"}});
        assert_eq!(told(object), wanted);
        let object = json!({"apiVersion": "g/v1", "kind": "A", "metadata": {"name": "x", "namespace": "m"}});
        wanted.remove(0);
        assert_eq!(told(object), wanted);
        let object = json!({"apiVersion": "g/v1", "kind": "A", "metadata": {"name": "y"}});
        assert_eq!(told(object), wanted[2..]);
    }

    #[test]
    fn the_operation_that_decides_a_field_is_the_last_that_puts_it() {
        let found = |operations: Value| {
            let spec = json!({"patches": [{"patch": operations.to_string(), "target": {"kind": "A"}}]});
            let patches = Patches::of_spec(&spec);
            patches.all()[0].said(&["spec", "ref"], &["tag", "branch"]).map(|said| {
                let path: Vec<String> = said.path.iter().map(|step| format!("{step:?}")).collect();
                (path.join(" "), said.part)
            })
        };
        let put = |path: &str, value: Value| json!({"op": "replace", "path": path, "value": value});
        let at = |text: &str, part| Some((text.to_owned(), part));
        let value = "Item(0) Key(\"value\")";
        assert_eq!(found(json!([put("/spec/ref", json!({})), put("/spec/url", json!(1))])), at(value, None));
        assert_eq!(found(json!([put("/spec/ref/tag", json!("v1"))])), at(value, Some("tag")));
        assert_eq!(found(json!([put("/spec/ref/name", json!("v1"))])), None);
        let whole = json!([put("/spec", json!({"ref": {"tag": "v1"}}))]);
        assert_eq!(found(whole), at("Item(0) Key(\"value\") Key(\"ref\")", None));
        let later = json!([put("/spec/ref", json!({})), {"op": "remove", "path": "/spec/ref"}]);
        assert_eq!(found(later), None);
        let test = json!([put("/spec/ref", json!({})), {"op": "test", "path": "/spec/ref", "value": {}}]);
        assert_eq!(found(test), at(value, None));
    }
}
