//! The objects that fluxr generates for a release against those that are published, leaf by leaf.

use super::leaves::leaves;
use fluxr::testing::distribution::ComponentOptions;
use fluxr::testing::distribution::Published;
use fluxr::testing::distribution::Release;
use fluxr::testing::distribution::generate;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a comparison has found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Objects compared.
    pub objects: usize,
    /// One line for each leaf that differs, and for each object that is missing.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Compares an object that was generated with one that was published.
    pub fn add(&mut self, ours: &Value, theirs: &Value) {
        self.add_as_they_are(&as_published(ours), &as_published(theirs));
    }

    /// Compares two objects that were generated.
    pub fn add_as_they_are(&mut self, ours: &Value, theirs: &Value) {
        self.objects += 1;
        let name = id(theirs);
        let (ours, theirs) = (leaves(ours), leaves(theirs));
        for path in ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path))) {
            if ours.get(path) != theirs.get(path) {
                let shown = |leaf: Option<&String>| leaf.cloned().unwrap_or_else(|| "nothing".to_owned());
                let (ours, theirs) = (shown(ours.get(path)), shown(theirs.get(path)));
                self.differences.push(format!("{name}{path}: {ours} here, {theirs} published"));
            }
        }
    }
}

/// Compares everything that a release publishes with what is generated for it.
///
/// # Errors
/// A release that cannot be generated; a file that is not YAML.
pub fn compare(release: &Release, files: &Published) -> anyhow::Result<Comparison> {
    let options = everything(release);
    let mut ours: BTreeMap<String, Value> =
        generate(&options)?.into_iter().map(|object| (id(&object), object)).collect();
    // The namespace is not part of what is published.
    ours.retain(|_, object| object["kind"] != "Namespace");
    let mut comparison = Comparison::default();
    for (file, text) in files {
        for theirs in yaml::documents(text, file)?.iter().filter(|object| object["kind"].is_string()) {
            // Rules are named after the namespace.
            let suffixed = format!("{}-{}", id(theirs), options.namespace);
            match ours.remove(&id(theirs)).or_else(|| ours.remove(&suffixed)) {
                Some(mine) => comparison.add(&mine, theirs),
                None => {
                    comparison.differences.push(format!("{}: missing here, published in {file}", id(theirs)))
                }
            }
        }
    }
    let only_here = ours.keys().map(|name| format!("{name}: not published"));
    comparison.differences.extend(only_here);
    Ok(comparison)
}

/// The definitions that are generated for a release, by name.
pub struct Definitions(BTreeMap<String, Value>);

impl Definitions {
    /// Those of all controllers.
    ///
    /// # Errors
    /// A release that cannot be generated.
    pub fn of(release: &Release) -> anyhow::Result<Self> {
        let is_definition = |object: &Value| object["kind"] == "CustomResourceDefinition";
        let generated = generate(&everything(release))?.into_iter().filter(is_definition);
        Ok(Self(generated.map(|object| (id(&object), object)).collect()))
    }

    /// Compares one of them with a definition that was published elsewhere.
    pub fn compare(&self, theirs: &Value, comparison: &mut Comparison) {
        match self.0.get(&id(theirs)) {
            Some(ours) => comparison.add(ours, theirs),
            None => comparison.differences.push(format!("{}: missing here", id(theirs))),
        }
    }
}

/// The default options, with every controller.
fn everything(release: &Release) -> ComponentOptions {
    let components = release.components.iter().map(|component| component.name.clone()).collect();
    ComponentOptions { components, ..ComponentOptions::of(release.clone()) }
}

fn id(object: &Value) -> String {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    format!("{}/{}", text("/kind"), text("/metadata/name"))
}

/// Arguments that `install` fills in.
const FILLED: [&str; 5] =
    ["--events-addr", "--watch-all-namespaces", "--log-level", "--storage-adv-addr", "--feature-gates"];

/// An object without what `install` adds to the published files.
fn as_published(object: &Value) -> Value {
    let mut object = object.clone();
    let is_definition = object["kind"] == "CustomResourceDefinition";
    if let Some(metadata) = object.pointer_mut("/metadata").and_then(Value::as_object_mut) {
        metadata.remove("namespace");
        // The modules of the controllers publish their definitions without labels.
        if is_definition {
            metadata.remove("labels");
        }
        if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
            labels.retain(|name, _| {
                ["control-plane", "app"].contains(&name.as_str())
                    || name.starts_with("rbac.authorization.k8s.io/")
            });
            if labels.is_empty() {
                metadata.remove("labels");
            }
        }
        // Rules are named after the namespace.
        if let Some(name) = metadata.get_mut("name") {
            *name = without_namespace(name);
        }
    }
    if let Some(name) = object.pointer_mut("/roleRef/name") {
        *name = without_namespace(name);
    }
    let subjects = object.get_mut("subjects").and_then(Value::as_array_mut);
    for subject in subjects.into_iter().flatten().filter_map(Value::as_object_mut) {
        subject.remove("namespace");
    }
    if object["kind"] == "Deployment" {
        // Labels of pods differ between the ways of installing; the selector's label is compared below `spec.selector`.
        object["spec"]["template"]["metadata"]["labels"] = Value::Null;
        object["spec"]["template"]["spec"]["nodeSelector"] = Value::Null;
        let container = &mut object["spec"]["template"]["spec"]["containers"][0];
        if let Some(image) = container["image"].as_str().and_then(|image| image.rsplit('/').next()) {
            container["image"] = image.into();
        }
        if let Some(arguments) = container["args"].as_array_mut() {
            arguments.retain(|argument| {
                let argument = argument.as_str().unwrap_or_default();
                !FILLED.iter().any(|flag| argument.starts_with(flag))
            });
        }
    }
    object
}

fn without_namespace(name: &Value) -> Value {
    let name = name.as_str().unwrap_or_default();
    name.strip_suffix("-flux-system").unwrap_or(name).into()
}
