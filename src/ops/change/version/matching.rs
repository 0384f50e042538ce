//! Which versions of two environments belong together, and what one gets from the other.

use super::pin;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::step::Step;
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

/// What was chosen by names and patterns.
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

    /// Refuses a name that means nothing.
    ///
    /// # Errors
    /// There is one.
    pub(super) fn check(&self, pins: &[Pin]) -> anyhow::Result<()> {
        for (flag, patterns) in [("--only", &self.only), ("--except", &self.except)] {
            for pattern in patterns {
                anyhow::ensure!(
                    glob::matches(pattern, "").is_some(),
                    "{flag} \"{pattern}\" is not a pattern that can be read"
                );
                anyhow::ensure!(
                    pins.iter().any(|pin| names(pattern, pin)),
                    "{flag} \"{pattern}\" is no image and no object with a version there"
                );
            }
        }
        Ok(())
    }
}

/// Whether a name or a pattern means an image, or the object that has the version.
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

/// What is changed, and what is not.
#[derive(Default)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    /// What differs and is left alone, with the reason.
    pub(super) left: Vec<String>,
    /// What only one of the environments has.
    pub(super) alone: Vec<String>,
}

/// How a version is found in the other environment, by its place there.
enum Counterpart<'a> {
    One(usize),
    /// Which of them is not clear, for this reason.
    Several(String, &'a [usize]),
    None,
}

/// Plans what brings the pins of one environment to what is known of another one.
pub(super) fn plan(known: &[Known], pins: Vec<Pin>, choice: &Choice) -> Plan {
    let mut plan = Plan::default();
    let both = Both::new(known, &pins);
    let mut met = vec![false; known.len()];
    let mut met_whole = HashSet::new();
    let mut steps = Vec::new();
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
                plan.alone.push(format!("{} is only in the target", pin.shown()));
                continue;
            }
            Counterpart::Several(which, _) => Err(which),
            Counterpart::One(one) => judged(pin, &known[one]),
        };
        match judged {
            Ok(Some(to)) => steps.push((place, to)),
            Ok(None) => {}
            Err(why) => plan.left.push(format!("{} is left alone: {why}", pin.shown())),
        }
    }
    let unmet = met.iter().zip(known).filter(|(met, _)| !**met);
    plan.alone.extend(unmet.map(|(_, one)| format!("{} is only in the origin", one.shown())));
    plan.steps.extend(steps.into_iter().map(|(place, to)| Step { pin: pins[place].clone(), to }));
    plan
}

/// The value that a version gets, if it gets another one.
fn judged(pin: &Pin, known: &Known) -> Result<Option<Setting>, String> {
    let [to] = &known.settings[..] else {
        return Err(format!("it is {} there", known.values()));
    };
    if pin.spots.iter().all(|spot| spot.present == *to) {
        return Ok(None);
    }
    let is_chart = pin.is_chart();
    let moving =
        |setting: &Setting| setting.moves(is_chart).map(|what| format!("the {what} {}", setting.value));
    if let Some(what) = moving(to) {
        return Err(format!("it follows {what} there"));
    }
    if let Some(what) = pin.present().into_iter().find_map(moving) {
        return Err(format!("it follows {what} here"));
    }
    if to.value.is_empty() {
        return Err("no version is given there".to_owned());
    }
    if to.value.contains("${") {
        return Err(format!("it is the variable \"{}\" there", to.value));
    }
    Ok(Some(to.clone()))
}

/// A version of an object, whatever namespace that is in: of what, and group, kind and name.
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
    /// Those of them in a namespace that this environment does not have such an object in.
    only_there: Vec<usize>,
    /// The namespaces in this environment.
    here: HashSet<&'a str>,
    /// How many of them the other environment does not have.
    only_here: usize,
}

/// The versions of an image that the other environment has.
#[derive(Default)]
struct Versions {
    places: Vec<usize>,
    /// The first place with each.
    different: Vec<usize>,
}

/// The versions of both environments, found by what they are of.
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

    /// The same version of the other environment.
    fn counterpart<'b>(&'b self, pin: &'b Pin) -> Counterpart<'b> {
        if let Some((key, namespace)) = key(&pin.what, &pin.owner)
            && let Some(Namesakes { there, only_there, only_here, .. }) = self.named.get(&key)
        {
            if let Some(exact) = there.get(namespace) {
                return Counterpart::One(*exact);
            }
            // Environments may differ in their namespaces: what has no counterpart of its own name and namespace is looked for by its name.
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

    /// An image is the same wherever it is deployed, as long as all of the other environment have one version of it.
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
