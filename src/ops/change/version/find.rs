//! What an argument means for an object: one of its own versions, or one of the source that it gets its content from.

use super::change::VersionChange;
use super::fields;
use super::images;
use super::pin::Owner;
use super::pin::Pin;
use super::pin::What;
use super::setting::Setting;
use super::setting::fitting;
use super::setting::judge;
use super::wanted::Key;
use super::wanted::VersionRequest;
use crate::api::ObjectId;
use crate::api::Pinned;
use crate::api::Relation;
use crate::api::pinned::DIGEST;
use crate::api::reference::ReferenceTarget;
use crate::kind;
use crate::ops::change::fleet::Fleet;
use crate::ops::change::reach::Reach;
use crate::ops::change::reach::Root;
use crate::render::kustomize::image_parts;
use crate::text::WithHint;
use crate::text::with_hint;

/// Finds the versions of an object.
pub(super) struct Finder<'a> {
    pub(super) reach: &'a Reach,
    pub(super) fleet: &'a Fleet,
    pub(super) id: &'a ObjectId,
}

impl Finder<'_> {
    /// What an argument changes.
    ///
    /// # Errors
    /// It fits nothing, or more than one thing; a value that cannot be a version.
    pub(super) fn change(&self, wanted: &VersionRequest) -> anyhow::Result<VersionChange> {
        let place = self.declared(self.id)?;
        let builds = kind::of(self.id).is_some_and(|kind| matches!(kind.pinned, Pinned::Images(_)));
        let pin = match &wanted.key {
            Key::Image(name) => self.image(place, name, builds)?,
            Key::Only if builds => self.only_image(place, &wanted.value)?,
            Key::Only => self.own(place)?,
            Key::Chart => self.source(place, &What::Chart, self.id)?,
            Key::Reference | Key::Field(_) => self.source(place, &What::Reference, self.id)?,
        };
        let to = setting(&pin, wanted)?;
        if let Err(error) = judge(&to, pin.is_chart()) {
            let error = error.context(format!("setting {}", pin.shown()));
            return Err(match form(wanted, &pin) {
                Some(form) => with_hint(error, as_word(&form)),
                None => error,
            });
        }
        Ok(VersionChange { pin, to })
    }

    fn declared(&self, id: &ObjectId) -> anyhow::Result<usize> {
        self.reach.one_place(id, self.fleet)
    }

    fn images(&self, place: usize) -> anyhow::Result<Vec<Pin>> {
        let id = &self.reach.objects[place].id;
        let is_it = |root: &Root| root.by.as_ref().is_some_and(|by| by == id || by == self.id);
        if let Some(root) = self.reach.roots.iter().position(is_it) {
            return images::of_root(self.reach, root);
        }
        let of_spec = images::of_spec(self.reach, place);
        if of_spec.is_empty() {
            return Err(anyhow::anyhow!("the files that {} applies are not in this repository", self.id)).hint(
                "set the reference of its source with ref=…, or run the command for the repository that has them",
            );
        }
        Ok(of_spec)
    }

    fn image(&self, place: usize, name: &str, builds: bool) -> anyhow::Result<Pin> {
        anyhow::ensure!(
            builds,
            "{} deploys no images by itself: use chart= or ref=, or name the Kustomization that deploys \"{name}\"",
            self.id
        );
        let all = self.images(place)?;
        let exact = all.iter().filter(|pin| pin.names.iter().any(|known| known == name));
        let mut found: Vec<&Pin> = exact.collect();
        if found.is_empty() {
            found = all.iter().filter(|pin| pin.is_called(name)).collect();
        }
        match found[..] {
            [one] => Ok(one.clone()),
            [] => Err(with_hint(
                anyhow::anyhow!("{} deploys no image \"{name}\"", self.id),
                format!("it deploys {}", listed(&all)),
            )),
            _ => anyhow::bail!("\"{name}\" is ambiguous: it matches {}; use the full name", listed(found)),
        }
    }

    fn only_image(&self, place: usize, value: &str) -> anyhow::Result<Pin> {
        let all = self.images(place)?;
        match &all[..] {
            [one] => Ok(one.clone()),
            [] => Err(anyhow::anyhow!("{} deploys no image that files here name", self.id))
                .hint("say what to change: <image>=…, or ref=… for its source"),
            several => Err(with_hint(
                anyhow::anyhow!("{} deploys several images: {}", self.id, listed(several)),
                match split(value) {
                    Some((name, version)) => as_word(&format!("{name}={version}")),
                    None => format!("say which one to set to {value}: <image>={value}"),
                },
            )),
        }
    }

    /// The one version that an object of another kind has: that of its chart, or its reference.
    fn own(&self, place: usize) -> anyhow::Result<Pin> {
        let id = &self.reach.objects[place].id;
        match kind::of(id).map(|kind| kind.pinned) {
            Some(Pinned::Chart { .. }) => self.source(place, &What::Chart, self.id),
            Some(Pinned::Reference(_)) => self.source(place, &What::Reference, self.id),
            _ => anyhow::bail!("a {} has no version", id.kind),
        }
    }

    /// Refuses to change the source that the cluster itself follows.
    fn refuse_own(&self, id: &ObjectId) -> anyhow::Result<()> {
        if !self.fleet.source.is_same(id) {
            return Ok(());
        }
        Err(anyhow::anyhow!("{id} is what the cluster itself follows, which this command does not change"))
            .hint("`fluxr bootstrap` with another --branch changes it")
    }

    /// The version of a chart or a reference: of the object itself, or of the source that it gets its content from.
    fn source(&self, place: usize, what: &What, asked: &ObjectId) -> anyhow::Result<Pin> {
        let declaration = &self.reach.objects[place];
        let id = if declaration.id.namespace.is_empty() { asked } else { &declaration.id };
        let kind = kind::of(id).ok_or_else(|| anyhow::anyhow!("{id} is not a kind of Flux"))?;
        if let Some(pin) = fields::own(self.reach, place)
            && (pin.what == *what || (*what == What::Chart && is_of_registry(&pin)))
        {
            self.refuse_own(id)?;
            return Ok(pin);
        }
        let mut object = declaration.object.clone();
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.insert("namespace".to_owned(), id.namespace.as_str().into());
        }
        let source = (kind.refers)(&object).into_iter().find(|one| one.relation == Relation::Source);
        let source = match source.map(|source| source.to) {
            // A reference may leave the group out.
            Some(ReferenceTarget::One(source) | ReferenceTarget::Made(_, source)) => {
                match kind::by_name(&source.kind) {
                    Some(kind) => kind.id(&source.namespace, &source.name),
                    None => source,
                }
            }
            _ => anyhow::bail!("{asked} has no {}", word(what)),
        };
        if let (What::Chart, Pinned::Chart { source: at, .. }) = (what, kind.pinned)
            && object.pointer(at).is_some()
        {
            return Err(anyhow::anyhow!("the version of the chart of {id} is that of the files in {source}"))
                .hint("set the reference of the source with ref=…");
        }
        self.refuse_own(&source)?;
        let found = self
            .declared(&source)
            .map_err(|error| error.context(format!("looking for the source of {id}")))?;
        self.source(found, what, &source)
    }
}

/// Name and version of an image that is written as in the field of a container: `nginx:1.28`.
fn split(value: &str) -> Option<(&str, String)> {
    let (name, tag, digest) = image_parts(value);
    let version = Setting::image(tag, digest).value;
    (!version.is_empty() && !matches!(name, "" | "sha256")).then_some((name, version))
}

/// The form of an argument that gives name and version in one word.
fn form(wanted: &VersionRequest, pin: &Pin) -> Option<String> {
    let (name, version) = split(&wanted.value)?;
    Some(match (&wanted.key, &pin.what) {
        (Key::Field(_), _) => return None,
        (Key::Image(given), _) => format!("{given}={version}"),
        (_, What::Image(_)) => format!("{name}={version}"),
        (_, What::Chart) => format!("chart={version}"),
        (_, What::Reference) => format!("ref={version}"),
    })
}

fn as_word(form: &str) -> String {
    format!("write it as {form}")
}

/// Whether a chart of this source is the artifact itself.
fn is_of_registry(pin: &Pin) -> bool {
    kind_fields(pin).contains(&DIGEST)
}

fn word(what: &What) -> &'static str {
    if *what == What::Chart { "chart" } else { "source with a reference" }
}

/// What an argument sets a version to.
fn setting(pin: &Pin, wanted: &VersionRequest) -> anyhow::Result<Setting> {
    let value = wanted.value.as_str();
    if pin.what != What::Reference {
        return Ok(Setting::plain(value));
    }
    let known = kind_fields(pin);
    let found = match wanted.key {
        Key::Field(field) if known.contains(&field) => Some(Setting::reference(field, value)),
        Key::Field(_) => None,
        _ => {
            let present = pin.present().into_iter().find(|present| !present.value.is_empty());
            fitting(value, present, known)
        }
    };
    found
        .ok_or_else(|| anyhow::anyhow!("{} cannot be pinned to \"{value}\"", pin.owner.shown()))
        .hint(format!("its reference has the fields {}", known.join(", ")))
}

fn kind_fields(pin: &Pin) -> &'static [&'static str] {
    let Owner::Object(id) = &pin.owner else { return &[] };
    match kind::of(id).map(|kind| kind.pinned) {
        Some(Pinned::Reference(fields)) => fields,
        _ => &[],
    }
}

fn listed<'a>(pins: impl IntoIterator<Item = &'a Pin>) -> String {
    let names: Vec<&str> = pins.into_iter().map(Pin::name).collect();
    if names.is_empty() { "none that files here name".to_owned() } else { names.join(", ") }
}
