//! The images that a folder deploys: those of the manifests, and what the kustomizations on the way and the Flux Kustomization make of them.

use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::spot::Form;
use super::spot::Spot;
use crate::api::Pinned;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::ops::change::place::is_of_bootstrap;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::Root;
use crate::render::Declaration;
use crate::render::images;
use crate::render::is_below;
use crate::render::kustomize::Image;
use crate::render::kustomize::changed_image;
use crate::render::kustomize::image_parts;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use anyhow::Context;
use serde_json::Value;

/// The lists of containers, as kustomize knows them.
const CONTAINERS: [&str; 2] = ["containers", "initContainers"];

/// The list of images in the spec of a Kustomization.
fn list_of_spec() -> &'static str {
    match KUSTOMIZATION.pinned {
        Pinned::Images(list) => list,
        _ => "images",
    }
}

/// Where an entry about an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In the spec of the Flux Kustomization.
    Spec(usize),
    /// In a kustomization, by its place, and that of the entry.
    File(usize, usize),
}

/// An entry that is applied.
#[derive(Debug, Clone)]
struct Rule {
    image: Image,
    at: At,
}

/// An image of a manifest, followed to what is deployed.
struct Followed {
    names: Vec<String>,
    /// With tag and digest.
    last: String,
    /// The entries that changed it, the innermost first.
    hits: Vec<At>,
}

/// Reads the images that one of the folders deploys.
pub(super) struct Images<'a> {
    reach: &'a Reach,
    at: usize,
    root: &'a Root,
    /// The kustomization of the folder itself.
    own: Option<usize>,
    /// What is applied last: its entries with those of the Flux Kustomization.
    outer: Vec<Rule>,
    found: Vec<Pin>,
}

/// The images that one of the folders deploys.
///
/// # Errors
/// An entry that no build could read.
pub(super) fn of_root(reach: &Reach, at: usize) -> anyhow::Result<Vec<Pin>> {
    let root = &reach.roots[at];
    let own = root.kustomizations.clone().find(|place| reach.kustomizations[*place].folder == root.real);
    let outer = outer(reach, root, own);
    let mut reading = Images { reach, at, root, own, outer, found: Vec::new() };
    let mut used = Vec::new();
    for place in root.objects.clone() {
        let declaration = &reach.objects[place];
        if declaration.object["kind"] == "CustomResourceDefinition" || is_of_bootstrap(&declaration.file) {
            continue;
        }
        let mut written = Vec::new();
        containers(&declaration.object, &mut Vec::new(), &mut written);
        for (path, image) in written {
            let followed = reading
                .follow(declaration, image)
                .with_context(|| format!("{}, line {}", declaration.file, declaration.line))?;
            used.extend(followed.hits.iter().copied());
            reading.add_used(place, path, followed);
        }
    }
    reading.add_unused(&used);
    Ok(reading.found)
}

/// The images in the spec of a Kustomization whose files are not here.
pub(super) fn of_spec(reach: &Reach, place: usize) -> Vec<Pin> {
    let declaration = &reach.objects[place];
    let root = reach.roots.iter().position(|root| root.objects.contains(&place)).unwrap_or_default();
    let entries = images(&declaration.object["spec"][list_of_spec()]).into_iter().enumerate();
    let pinned = entries.filter(|(_, image)| !image.new_tag.is_empty() || !image.digest.is_empty());
    let pin = |(index, image): (usize, Image)| {
        let spot = Spot {
            present: Setting::image(&image.new_tag, &image.digest),
            root,
            declared: Some(place),
            file: declaration.file.clone(),
            document: Some(declaration.document),
            path: [keys(["spec", list_of_spec()]), vec![Step::Item(index)]].concat(),
            form: Form::Entry,
        };
        let name = if image.new_name.is_empty() { image.name.clone() } else { image.new_name };
        let owner = Owner::Object(declaration.id.clone());
        Pin { owner, what: What::Image(name.clone()), names: vec![name, image.name], spots: vec![spot] }
    };
    pinned.map(pin).collect()
}

/// The entries of the outermost kustomization, as the controller merges those of the Flux Kustomization into them.
fn outer(reach: &Reach, root: &Root, own: Option<usize>) -> Vec<Rule> {
    let mut rules = own.map(|place| rules(reach, place)).unwrap_or_default();
    for (index, image) in images(&root.spec[list_of_spec()]).into_iter().enumerate() {
        let at = At::Spec(index);
        let Some(same) = rules.iter_mut().find(|rule| rule.image.name == image.name) else {
            rules.push(Rule { image, at });
            continue;
        };
        if !image.new_name.is_empty() {
            same.image.new_name = image.new_name;
        }
        if !image.new_tag.is_empty() || !image.digest.is_empty() {
            same.image.new_tag = image.new_tag;
            same.image.digest = image.digest;
            same.at = at;
        }
    }
    rules
}

fn rules(reach: &Reach, place: usize) -> Vec<Rule> {
    let entries = reach.kustomizations[place].images.iter().enumerate();
    entries.map(|(index, image)| Rule { image: image.clone(), at: At::File(place, index) }).collect()
}

/// The images of containers with the ways to them.
pub(super) fn containers<'a>(value: &'a Value, path: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, &'a str)>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                path.push(Step::Key(key.clone()));
                if CONTAINERS.contains(&key.as_str()) {
                    for (item, container) in value.as_array().into_iter().flatten().enumerate() {
                        if let Some(image) = container["image"].as_str() {
                            let way =
                                [&path[..], &[Step::Item(item), Step::Key("image".to_owned())]].concat();
                            found.push((way, image));
                        }
                    }
                }
                containers(value, path, found);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (item, value) in items.iter().enumerate() {
                path.push(Step::Item(item));
                containers(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

impl Images<'_> {
    fn follow(&self, declaration: &Declaration, image: &str) -> anyhow::Result<Followed> {
        let name = |text: &str| image_parts(text).0.to_owned();
        let mut followed = Followed { names: vec![name(image)], last: image.to_owned(), hits: Vec::new() };
        let mut apply = |rule: &Rule| -> anyhow::Result<()> {
            if let Some(changed) = changed_image(&followed.last, &rule.image)? {
                followed.last = changed;
                followed.hits.push(rule.at);
                followed.names.push(name(&followed.last));
            }
            Ok(())
        };
        for place in declaration.through.iter().rev().filter(|place| Some(**place) != self.own) {
            rules(self.reach, *place).iter().try_for_each(&mut apply)?;
        }
        self.outer.iter().try_for_each(&mut apply)?;
        Ok(followed)
    }

    /// Adds an image that a container has.
    fn add_used(&mut self, place: usize, path: Vec<Step>, followed: Followed) {
        let (name, tag, digest) = image_parts(&followed.last);
        let present = Setting::image(tag, digest);
        let is_own = |at: &&At| match at {
            At::Spec(_) => true,
            At::File(place, _) => self.is_below_root(*place),
        };
        let declaration = &self.reach.objects[place];
        let spot = match (followed.hits.iter().rev().find(is_own), declaration.through.first()) {
            (Some(at), _) => self.entry(*at, present),
            (None, Some(outermost)) => Spot {
                present,
                root: self.at,
                declared: None,
                file: self.reach.kustomizations[*outermost].file.clone(),
                document: None,
                path: keys(["images"]),
                form: Form::NewEntry(name.to_owned()),
            },
            (None, None) => Spot {
                present,
                root: self.at,
                declared: Some(place),
                file: declaration.file.clone(),
                document: Some(declaration.document),
                path,
                form: Form::Image(name.to_owned()),
            },
        };
        self.add(name, followed.names, spot);
    }

    /// Adds what entries are about that no manifest here has: images of bases elsewhere, and those in fields of other kinds.
    fn add_unused(&mut self, used: &[At]) {
        let below = self.root.kustomizations.clone().filter(|place| Some(*place) != self.own);
        let inner =
            below.filter(|place| self.is_below_root(*place)).flat_map(|place| rules(self.reach, place));
        let all: Vec<Rule> = self.outer.iter().cloned().chain(inner).collect();
        for Rule { image, at } in all {
            let says_version = !image.new_tag.is_empty() || !image.digest.is_empty();
            if !says_version || used.contains(&at) {
                continue;
            }
            let name = if image.new_name.is_empty() { &image.name } else { &image.new_name };
            let spot = self.entry(at, Setting::image(&image.new_tag, &image.digest));
            self.add(name, vec![image.name.clone()], spot);
        }
    }

    fn is_below_root(&self, place: usize) -> bool {
        is_below(&self.reach.kustomizations[place].folder, &self.root.real)
    }

    fn entry(&self, at: At, present: Setting) -> Spot {
        let spot = |declared, file: &str, document, list: Vec<Step>, index| Spot {
            present: present.clone(),
            root: self.at,
            declared,
            file: file.to_owned(),
            document,
            path: [list, vec![Step::Item(index)]].concat(),
            form: Form::Entry,
        };
        match at {
            At::File(place, index) => {
                spot(None, &self.reach.kustomizations[place].file, None, keys(["images"]), index)
            }
            At::Spec(index) => {
                let by = self.root.by.as_ref();
                let declared = by.and_then(|by| self.reach.place(by));
                match declared.map(|place| (place, &self.reach.objects[place])) {
                    Some((place, found)) => spot(
                        Some(place),
                        &found.file,
                        Some(found.document),
                        keys(["spec", list_of_spec()]),
                        index,
                    ),
                    None => {
                        let why = format!("spec.images of {} has it", self.root.shown());
                        Spot { form: Form::Fixed(why), ..spot(None, "", None, Vec::new(), index) }
                    }
                }
            }
        }
    }

    fn add(&mut self, name: &str, names: Vec<String>, spot: Spot) {
        let what = What::Image(name.to_owned());
        let at = self.found.iter().position(|pin| pin.what == what).unwrap_or_else(|| {
            let owner = match &self.root.by {
                Some(id) => Owner::Object(id.clone()),
                None => Owner::Folder(self.root.folder.clone()),
            };
            self.found.push(Pin { owner, what, names: vec![name.to_owned()], spots: Vec::new() });
            self.found.len() - 1
        });
        let pin = &mut self.found[at];
        let new = names.into_iter().filter(|name| !pin.names.contains(name)).collect::<Vec<_>>();
        pin.names.extend(new);
        if !pin.spots.contains(&spot) {
            pin.spots.push(spot);
        }
    }
}
