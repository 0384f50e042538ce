//! Which versions of two environments belong together, and which of them are changed.

use super::change::VersionChange;
use super::pin;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use crate::text::glob;
use std::collections::HashMap;
use std::collections::HashSet;

/// A version that an environment has.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) owner: Owner,
    pub(super) what: What,
    /// The different values.
    pub(super) settings: Vec<Setting>,
}

impl Known {
    pub(super) fn of(pin: &Pin) -> Self {
        let settings = pin.present().into_iter().cloned().collect();
        Self { owner: pin.owner.clone(), what: pin.what.clone(), settings }
    }

    fn values(&self) -> String {
        self.settings.iter().map(|one| one.beside(one)).collect::<Vec<_>>().join(" and ")
    }

    fn shown(&self) -> String {
        pin::shown(&self.what, &self.owner)
    }
}

/// What names and patterns choose.
#[derive(Debug, Clone, Default)]
pub(super) struct Choice {
    /// Empty means all.
    pub(super) only: Vec<String>,
    pub(super) except: Vec<String>,
}

impl Choice {
    fn takes(&self, pin: &Pin) -> bool {
        let is_meant = |patterns: &[String]| patterns.iter().any(|pattern| names(pattern, pin));
        (self.only.is_empty() || is_meant(&self.only)) && !is_meant(&self.except)
    }

    /// Checks that every name and pattern matches something.
    ///
    /// # Errors
    /// The first that does not.
    pub(super) fn check(&self, pins: &[Pin]) -> anyhow::Result<()> {
        for (flag, patterns) in [("--only", &self.only), ("--except", &self.except)] {
            for pattern in patterns {
                anyhow::ensure!(
                    glob::matches(pattern, "").is_some(),
                    "{flag} \"{pattern}\" is not a valid pattern"
                );
                anyhow::ensure!(
                    pins.iter().any(|pin| names(pattern, pin)),
                    "{flag} \"{pattern}\" matches no image and no object that has a version"
                );
            }
        }
        Ok(())
    }
}

/// Whether a name or a pattern matches an image, or the object that has the version.
fn names(pattern: &str, pin: &Pin) -> bool {
    let is_it = |text: &str| pattern == text || glob::matches(pattern, text) == Some(true);
    let of_image = |name: &String| is_it(name) || name.rsplit('/').next().is_some_and(is_it);
    let of_owner = match &pin.owner {
        Owner::Object(id) => {
            is_it(&id.name) || is_it(&format!("{}/{}", id.kind, id.name)) || is_it(&id.to_string())
        }
        Owner::Folder(folder) => is_it(folder),
    };
    of_owner || pin.names.iter().any(of_image)
}

/// What is changed, and what is skipped.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) changes: Vec<VersionChange>,
    /// What differs and is skipped, with the reason.
    pub(super) skipped: Vec<String>,
    /// What only one of the environments has.
    pub(super) alone: Vec<String>,
}

/// What a version corresponds to in the other environment, by its place there.
enum Counterpart<'a> {
    One(usize),
    /// It is not clear which of these, for this reason.
    Several(String, &'a [usize]),
    None,
}

/// Plans the changes that bring the pins of one environment to the versions of another one.
pub(super) fn plan(known: &[Known], pins: Vec<Pin>, choice: &Choice) -> Plan {
    let mut plan = Plan::default();
    let both = Both::new(known, &pins);
    let mut met = vec![false; known.len()];
    let mut met_whole = HashSet::new();
    let mut changes = Vec::new();
    for (place, pin) in pins.iter().enumerate() {
        let found = both.counterpart(pin);
        match &found {
            Counterpart::One(one) => met[*one] = true,
            Counterpart::Several(_, several) if met_whole.insert(several.as_ptr()) => {
                several.iter().for_each(|one| met[*one] = true)
            }
            Counterpart::Several(..) | Counterpart::None => {}
        }
        if !choice.takes(pin) {
            continue;
        }
        let judged = match found {
            Counterpart::None => {
                plan.alone.push(format!("{} exists only in --to", pin.shown()));
                continue;
            }
            Counterpart::Several(which, _) => Err(which),
            Counterpart::One(one) => judged(pin, &known[one]),
        };
        match judged {
            Ok(Some(to)) => changes.push((place, to)),
            Ok(None) => {}
            Err(why) => plan.skipped.push(format!("{} is skipped: {why}", pin.shown())),
        }
    }
    let unmet = met.iter().zip(known).filter(|(met, _)| !**met);
    plan.alone.extend(unmet.map(|(_, one)| format!("{} exists only in --from", one.shown())));
    let changes = changes.into_iter().map(|(place, to)| VersionChange { pin: pins[place].clone(), to });
    plan.changes.extend(changes);
    plan
}

/// The value that a version is changed to, if it differs.
fn judged(pin: &Pin, known: &Known) -> Result<Option<Setting>, String> {
    let [to] = &known.settings[..] else {
        return Err(format!("it is {} there", known.values()));
    };
    let present = pin.present();
    let to = match present[..] {
        [one] => to.clone().in_form_of(one),
        _ => to.clone(),
    };
    if pin.has(&to) {
        return Ok(None);
    }
    let is_chart = pin.is_chart();
    let moving =
        |setting: &Setting| setting.moves(is_chart).map(|what| format!("the {what} {}", setting.value));
    if let Some(what) = moving(&to) {
        return Err(format!("it follows {what} there"));
    }
    if let Some(what) = present.into_iter().find_map(moving) {
        return Err(format!("it follows {what} here"));
    }
    if to.value.is_empty() {
        return Err("no version is given there".to_owned());
    }
    if to.value.contains("${") {
        return Err(format!("it is the variable \"{}\" there", to.value));
    }
    Ok(Some(to))
}

/// A version of an object in any namespace: what it is of, and group, kind and name.
type Key<'a> = (&'a What, &'a str, &'a str, &'a str);

fn key<'a>(what: &'a What, owner: &'a Owner) -> Option<(Key<'a>, &'a str)> {
    match owner {
        Owner::Object(id) => Some(((what, &id.group, &id.kind, &id.name), &id.namespace)),
        Owner::Folder(_) => None,
    }
}

/// The objects with one key in both environments.
#[derive(Default)]
struct Namesakes<'a> {
    /// The other environment's, by namespace.
    there: HashMap<&'a str, usize>,
    /// Those of them in namespaces where this environment has no such object.
    only_there: Vec<usize>,
    /// The namespaces in this environment.
    here: HashSet<&'a str>,
    /// How many of these the other environment does not have.
    only_here: usize,
}

/// The versions of an image that the other environment has.
#[derive(Default)]
struct Versions {
    places: Vec<usize>,
    /// The first place of each different version.
    different: Vec<usize>,
}

/// The versions of both environments, by what they are of.
struct Both<'a> {
    known: &'a [Known],
    images: HashMap<&'a What, Versions>,
    named: HashMap<Key<'a>, Namesakes<'a>>,
}

impl<'a> Both<'a> {
    fn new(known: &'a [Known], pins: &'a [Pin]) -> Self {
        let mut images: HashMap<&What, Versions> = HashMap::new();
        let mut named: HashMap<Key<'_>, Namesakes<'_>> = HashMap::new();
        for (place, one) in known.iter().enumerate() {
            let versions = images.entry(&one.what).or_default();
            versions.places.push(place);
            if !versions.different.iter().any(|other| known[*other].settings == one.settings) {
                versions.different.push(place);
            }
            if let Some((key, namespace)) = key(&one.what, &one.owner) {
                named.entry(key).or_default().there.entry(namespace).or_insert(place);
            }
        }
        for (key, namespace) in pins.iter().filter_map(|pin| key(&pin.what, &pin.owner)) {
            named.entry(key).or_default().here.insert(namespace);
        }
        for namesakes in named.values_mut() {
            let Namesakes { there, here, only_there, only_here } = namesakes;
            let unknown = there.iter().filter(|(namespace, _)| !here.contains(*namespace));
            *only_there = unknown.map(|(_, place)| *place).collect();
            *only_here = here.iter().filter(|namespace| !there.contains_key(*namespace)).count();
        }
        Self { known, images, named }
    }

    /// The version of the other environment that corresponds to this one.
    fn counterpart<'b>(&'b self, pin: &'b Pin) -> Counterpart<'b> {
        if let Some((key, namespace)) = key(&pin.what, &pin.owner)
            && let Some(Namesakes { there, only_there, only_here, .. }) = self.named.get(&key)
        {
            if let Some(exact) = there.get(namespace) {
                return Counterpart::One(*exact);
            }
            // Environments may differ in their namespaces: without a counterpart of the same name and namespace, the name decides.
            match (&only_there[..], only_here) {
                ([one], 1) => return Counterpart::One(*one),
                ([], _) => {}
                (several, _) => {
                    let why = "several objects of this kind and name are in other namespaces";
                    return Counterpart::Several(why.to_owned(), several);
                }
            }
        }
        match (&pin.what, self.images.get(&pin.what)) {
            (What::Image(_), Some(versions)) => self.image(versions),
            _ => Counterpart::None,
        }
    }

    /// An image is the same wherever it is deployed, as long as the other environment has only one version of it.
    fn image<'b>(&self, versions: &'b Versions) -> Counterpart<'b> {
        match versions.different[..] {
            [one] => Counterpart::One(one),
            ref different => {
                let shown = |one: &usize| {
                    let known = &self.known[*one];
                    format!("{} in {}", known.values(), known.owner.shown())
                };
                let shown: Vec<String> = different.iter().map(shown).collect();
                Counterpart::Several(format!("it is {}", shown.join(", ")), &versions.places)
            }
        }
    }
}
