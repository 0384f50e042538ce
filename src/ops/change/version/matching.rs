//! Which versions of two environments belong together, and what one gets from the other.

use super::pin;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::step::Step;
use crate::api::ObjectId;
use crate::text::glob;

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

/// How a version is found in the other environment.
enum Counterpart<'a> {
    One(&'a Known),
    Several(String, Vec<&'a Known>),
    None,
}

/// Plans what brings the pins of one environment to what is known of another one.
pub(super) fn plan(known: &[Known], pins: Vec<Pin>, choice: &Choice) -> Plan {
    let mut plan = Plan::default();
    let mut met: Vec<bool> = vec![false; known.len()];
    let mut chosen = Vec::new();
    for pin in &pins {
        let found = counterpart(known, &pins, pin);
        let meets = |other: &Known| match &found {
            Counterpart::One(one) => std::ptr::eq(*one, other),
            Counterpart::Several(_, several) => several.iter().any(|one| std::ptr::eq(*one, other)),
            Counterpart::None => false,
        };
        met.iter_mut().zip(known).for_each(|(met, other)| *met |= meets(other));
        if !choice.takes(pin) {
            continue;
        }
        match found {
            Counterpart::None => plan.alone.push(format!("{} is only in the target", pin.shown())),
            Counterpart::Several(which, _) => {
                plan.left.push(format!("{} is left alone: {which}", pin.shown()))
            }
            Counterpart::One(one) => chosen.push((pin.clone(), one)),
        }
    }
    let unmet = met.iter().zip(known).filter(|(met, _)| !**met);
    plan.alone.extend(unmet.map(|(_, one)| format!("{} is only in the origin", one.shown())));
    for (pin, one) in chosen {
        match judged(&pin, one) {
            Ok(Some(to)) => plan.steps.push(Step { pin, to }),
            Ok(None) => {}
            Err(why) => plan.left.push(format!("{} is left alone: {why}", pin.shown())),
        }
    }
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

/// The same version of the other environment.
fn counterpart<'a>(known: &'a [Known], pins: &[Pin], pin: &Pin) -> Counterpart<'a> {
    let same: Vec<&Known> = known.iter().filter(|one| one.what == pin.what).collect();
    if let Owner::Object(id) = &pin.owner {
        let of = |one: &&Known| matches!(&one.owner, Owner::Object(other) if other.is_same(id));
        if let Some(exact) = same.iter().copied().find(|one| of(one)) {
            return Counterpart::One(exact);
        }
        // Environments may differ in their namespaces: what has no counterpart of its own name and namespace is looked for by its name.
        let near: Vec<&Known> = same
            .iter()
            .copied()
            .filter(|one| is_near(&one.owner, id) && !pins.iter().any(|pin| is_exact(pin, one)))
            .collect();
        let rivals = pins.iter().filter(|other| {
            other.what == pin.what
                && is_near(&other.owner, id)
                && !known.iter().any(|one| is_exact(other, one))
        });
        match (&near[..], rivals.count()) {
            ([one], 1) => return Counterpart::One(one),
            ([], _) => {}
            _ => {
                let why = "several objects of this kind and name are in other namespaces";
                return Counterpart::Several(why.to_owned(), near);
            }
        }
    }
    if !matches!(pin.what, What::Image(_)) {
        return Counterpart::None;
    }
    let Some(first) = same.first() else { return Counterpart::None };
    if same.iter().all(|one| one.settings == first.settings) {
        return Counterpart::One(first);
    }
    let value = |one: &&Known| format!("{} in {}", one.values(), one.owner.shown());
    let values: Vec<String> = same.iter().map(value).collect();
    Counterpart::Several(format!("it is {}", values.join(", ")), same)
}

fn is_exact(pin: &Pin, known: &Known) -> bool {
    match (&pin.owner, &known.owner) {
        (Owner::Object(id), Owner::Object(other)) => pin.what == known.what && id.is_same(other),
        _ => false,
    }
}

/// Whether an object has the kind and the name of another one.
fn is_near(owner: &Owner, id: &ObjectId) -> bool {
    match owner {
        Owner::Object(other) => other.is_called(id),
        Owner::Folder(_) => false,
    }
}
