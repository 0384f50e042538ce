//! The images that a folder deploys: those of the manifests, as changed by kustomizations on the way and by the Flux Kustomization.

use super::containers::Container;
use super::containers::Containers;
use super::containers::Hit;
use super::patched;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::rules::At;
use super::rules::Rule;
use super::rules::Rules;
use super::setting::Setting;
use super::spot::Form;
use super::spot::Spot;
use super::spot::SpotKey;
use crate::api::Pinned;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::ops::change::place::is_of_bootstrap;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::Root;
use crate::render::Declaration;
use crate::render::images;
use crate::render::is_below;
use crate::render::kustomize::Image;
use crate::render::kustomize::image_parts;
use crate::text::yaml::edit::Step;
use crate::text::yaml::edit::keys;
use anyhow::Context;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;

/// The list of images in the spec of a Kustomization.
fn list_of_spec() -> &'static str {
    match KUSTOMIZATION.pinned {
        Pinned::Images(list) => list,
        _ => "images",
    }
}

/// Reads the images that one of the folders deploys.
struct Images<'a> {
    reach: &'a Reach,
    at: usize,
    root: &'a Root,
    /// The declaration of the Flux Kustomization.
    by: Option<usize>,
    /// The kustomization of the folder itself.
    own: Option<usize>,
    /// What is applied last: its entries with those of the Flux Kustomization.
    outer: Rules<'a>,
    /// The entries of each kustomization, by its place.
    inner: HashMap<usize, Rules<'a>>,
    found: Vec<Pin>,
    /// The index of a pin by the name of its image, and that of a spot within its pin.
    pins: HashMap<String, usize>,
    spots: HashMap<(usize, SpotKey), usize>,
}

/// The images that one of the folders deploys.
///
/// # Errors
/// An entry that no build could read.
pub(super) fn of_root(reach: &Reach, at: usize) -> anyhow::Result<Vec<Pin>> {
    let mut reading = Images::new(reach, at);
    let mut used = HashSet::new();
    for place in reading.root.objects.clone() {
        let declaration = &reach.objects[place];
        if declaration.object["kind"] == "CustomResourceDefinition" || is_of_bootstrap(&declaration.file) {
            continue;
        }
        let containers = reading
            .follow(declaration)
            .with_context(|| format!("{}, line {}", declaration.file, declaration.line))?;
        for container in containers.0.into_iter().filter(|container| !container.last.is_empty()) {
            used.extend(container.hits.iter().filter_map(|hit| match hit {
                Hit::Entry(at) => Some(*at),
                Hit::Patch(..) => None,
            }));
            reading.add_used(place, container);
        }
    }
    reading.add_unused(&used);
    Ok(reading.found)
}

/// The images in the spec of a Kustomization whose files are not here.
pub(super) fn of_spec(reach: &Reach, place: usize) -> Vec<Pin> {
    let declaration = &reach.objects[place];
    let root = reach.root_of(place).unwrap_or_default();
    let entries = images(&declaration.object["spec"][list_of_spec()]).into_iter().enumerate();
    let pinned = entries.filter(|(_, image)| !image.new_tag.is_empty() || !image.digest.is_empty());
    let pin = |(index, image): (usize, Image)| {
        let path = [keys(["spec", list_of_spec()]), vec![Step::Item(index)]].concat();
        let said = (Form::Entry, Setting::image(&image.new_tag, &image.digest));
        let spot = Spot::in_object(root, (place, declaration), path, said);
        let name = if image.new_name.is_empty() { image.name.clone() } else { image.new_name };
        let owner = Owner::Object(declaration.id.clone());
        Pin { owner, what: What::Image(name.clone()), names: vec![name, image.name], spots: vec![spot] }
    };
    pinned.map(pin).collect()
}

/// The entries of the outermost kustomization, as the controller merges those of the Flux Kustomization into them.
fn outer<'a>(reach: &'a Reach, root: &Root, own: Option<usize>) -> Vec<Rule<'a>> {
    let mut rules = own.map(|place| rules(reach, place)).unwrap_or_default();
    let mut known = HashMap::new();
    for (number, rule) in rules.iter().enumerate() {
        known.entry(rule.image.name.clone()).or_insert(number);
    }
    for (index, image) in images(&root.spec[list_of_spec()]).into_iter().enumerate() {
        let at = At::Spec(index);
        let Some(same) = known.get(&image.name) else {
            known.insert(image.name.clone(), rules.len());
            rules.push(Rule { image: Cow::Owned(image), at });
            continue;
        };
        let Rule { image: same, at: place } = &mut rules[*same];
        if !image.new_name.is_empty() {
            same.to_mut().new_name = image.new_name;
        }
        if !image.new_tag.is_empty() || !image.digest.is_empty() {
            same.to_mut().new_tag = image.new_tag;
            same.to_mut().digest = image.digest;
            *place = at;
        }
    }
    rules
}

fn rules(reach: &Reach, place: usize) -> Vec<Rule<'_>> {
    let entries = reach.kustomizations[place].images.iter().enumerate();
    entries.map(|(index, image)| Rule { image: Cow::Borrowed(image), at: At::File(place, index) }).collect()
}

impl<'a> Images<'a> {
    fn new(reach: &'a Reach, at: usize) -> Self {
        let root = &reach.roots[at];
        let own = root.kustomizations.clone().find(|place| reach.kustomizations[*place].folder == root.real);
        let below = root.kustomizations.clone().filter(|place| Some(*place) != own);
        Self {
            reach,
            at,
            root,
            by: root.by.as_ref().and_then(|by| reach.place(by)),
            own,
            outer: Rules::new(outer(reach, root, own)),
            inner: below.map(|place| (place, Rules::new(rules(reach, place)))).collect(),
            found: Vec::new(),
            pins: HashMap::new(),
            spots: HashMap::new(),
        }
    }

    /// The containers of an object with the images that are deployed: on each level patches come first.
    fn follow(&self, declaration: &Declaration) -> anyhow::Result<Containers> {
        let mut containers = Containers::of(&declaration.object);
        let levels = declaration.through.iter().rev().map(|place| Some(*place)).chain([None]);
        for place in levels {
            let patches = place.map_or(&self.root.patches, |place| &self.reach.kustomizations[place].patches);
            for number in patches.of(&declaration.object) {
                containers.patch(&patches.all()[number], (place, number));
            }
            let rules = place.map_or(Some(&self.outer), |place| self.inner.get(&place));
            rules.map_or(Ok(()), |rules| containers.rename(rules))?;
        }
        Ok(containers)
    }

    /// What decides an image last, if it belongs to this root.
    fn decides<'h>(&self, hits: &'h [Hit]) -> Option<&'h Hit> {
        let is_own = |hit: &&Hit| match hit {
            Hit::Entry(At::Spec(_)) | Hit::Patch((None, _), ..) => true,
            Hit::Entry(At::File(place, _)) | Hit::Patch((Some(place), _), ..) => self.is_below_root(*place),
        };
        // What comes before a patch has no effect.
        let last_patch = hits.iter().rposition(|hit| matches!(hit, Hit::Patch(..))).unwrap_or_default();
        hits[last_patch..].iter().rev().find(is_own)
    }

    /// Adds an image that a container has.
    fn add_used(&mut self, place: usize, container: Container) {
        let (name, tag, digest) = image_parts(&container.last);
        let present = Setting::image(tag, digest);
        let declaration = &self.reach.objects[place];
        let spot = match (self.decides(&container.hits), declaration.through.first()) {
            (Some(Hit::Entry(at)), _) => self.entry(*at, present),
            (Some(Hit::Patch(at, path, name)), _) => {
                let form = Form::Image(name.clone());
                patched::spot(self.reach, self.at, *at, path.clone(), (form, present))
            }
            (None, Some(outermost)) => {
                let file = &self.reach.kustomizations[*outermost].file;
                Spot::in_file(self.at, file, keys(["images"]), (Form::NewEntry(name.to_owned()), present))
            }
            (None, None) => {
                let path = container.path.unwrap_or_default();
                let said = (Form::Image(name.to_owned()), present);
                Spot::in_object(self.at, (place, declaration), path, said)
            }
        };
        self.add(name, container.names, spot);
    }

    /// Adds the entries for images that no manifest here has: for bases that are elsewhere, and for fields of other kinds.
    fn add_unused(&mut self, used: &HashSet<At>) {
        let (reach, below) = (self.reach, self.root.kustomizations.clone());
        let below = below.filter(|place| Some(*place) != self.own && self.is_below_root(*place));
        let inner: Vec<Rule<'a>> = below.flat_map(|place| rules(reach, place)).collect();
        for Rule { image, at } in self.outer.all.clone().into_iter().chain(inner) {
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
        let entry = |list: Vec<Step>, index| [list, vec![Step::Item(index)]].concat();
        let said = (Form::Entry, present);
        match (at, self.by.map(|place| (place, &self.reach.objects[place]))) {
            (At::File(place, index), _) => {
                let file = &self.reach.kustomizations[place].file;
                Spot::in_file(self.at, file, entry(keys(["images"]), index), said)
            }
            (At::Spec(index), Some((place, found))) => {
                let list = keys(["spec", list_of_spec()]);
                Spot::in_object(self.at, (place, found), entry(list, index), said)
            }
            (At::Spec(index), None) => {
                let why = format!("spec.images of {} has it", self.root.shown());
                Spot::in_file(self.at, "", entry(Vec::new(), index), (Form::Fixed(why), said.1))
            }
        }
    }

    /// Adds an image; if it is known, adds a place to it, or a value to a known place.
    fn add(&mut self, name: &str, names: Vec<String>, spot: Spot) {
        let at = match self.pins.get(name) {
            Some(at) => *at,
            None => {
                let owner = match &self.root.by {
                    Some(id) => Owner::Object(id.clone()),
                    None => Owner::Folder(self.root.folder.clone()),
                };
                let what = What::Image(name.to_owned());
                self.found.push(Pin { owner, what, names: vec![name.to_owned()], spots: Vec::new() });
                self.pins.insert(name.to_owned(), self.found.len() - 1);
                self.found.len() - 1
            }
        };
        let pin = &mut self.found[at];
        let new = names.into_iter().filter(|name| !pin.names.contains(name)).collect::<Vec<_>>();
        pin.names.extend(new);
        match self.spots.entry((at, spot.place())) {
            Entry::Vacant(new) => {
                new.insert(pin.spots.len());
                pin.spots.push(spot);
            }
            Entry::Occupied(known) => {
                let known = &mut pin.spots[*known.get()];
                let further = spot.present.into_iter().filter(|one| !known.present.contains(one));
                let further: Vec<Setting> = further.collect();
                known.present.extend(further);
            }
        }
    }
}
