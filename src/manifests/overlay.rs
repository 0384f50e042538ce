//! Kustomizations as people write them next to Flux's own manifests: resources, patches, images, labels, annotations.
//!
//! What is not covered is named, so that a caller can hand the folder to kustomize itself. Nothing is read but through the given
//! function, and no path leads out of its root.

use super::patch;
use crate::text::clean_relative_path;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;

/// Gives the content of a file by its path below the root; `None` when there is none.
pub type Read<'a> = &'a dyn Fn(&str) -> anyhow::Result<Option<String>>;

/// What became of a folder.
#[derive(Debug, PartialEq)]
pub enum Overlay {
    /// The objects, in the order of the resources.
    Built(Vec<Value>),
    /// The kustomization uses this field or form, which is not covered.
    NotCovered(String),
}

const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Deeper nesting is a circle.
const DEEPEST: usize = 32;

/// Builds a folder.
///
/// # Errors
/// A file that is missing or no YAML, a patch that fits nothing; named.
pub fn build(read: Read<'_>, folder: &str) -> anyhow::Result<Overlay> {
    build_at(read, folder, 0)
}

fn build_at(read: Read<'_>, folder: &str, depth: usize) -> anyhow::Result<Overlay> {
    anyhow::ensure!(depth < DEEPEST, "\"{folder}\" refers to itself");
    let (file, text) = kustomization_of(read, folder)?;
    let root = yaml::documents(&text, &file)?.into_iter().next().unwrap_or(Value::Null);
    let Some(fields) = root.as_object() else { anyhow::bail!("\"{file}\" holds no kustomization") };
    let known = [
        "apiVersion",
        "kind",
        "metadata",
        "resources",
        "patches",
        "patchesStrategicMerge",
        "patchesJson6902",
        "images",
        "labels",
        "commonAnnotations",
    ];
    if let Some(other) = fields.keys().find(|name| !known.contains(&name.as_str())) {
        return Ok(Overlay::NotCovered(format!("{other} in \"{file}\"")));
    }
    if root["kind"].as_str().is_some_and(|kind| kind != "Kustomization") {
        return Ok(Overlay::NotCovered(format!("a component, \"{file}\"")));
    }
    if let Some(form) = uncovered_form(&root) {
        return Ok(Overlay::NotCovered(format!("{form} in \"{file}\"")));
    }
    let mut objects = Vec::new();
    for resource in strings(&root["resources"]) {
        if resource.contains("://") || resource.contains("?ref=") || resource.starts_with("git@") {
            return Ok(Overlay::NotCovered(format!("the remote resource \"{resource}\" in \"{file}\"")));
        }
        let path = below(folder, &resource)?;
        match read(&path) {
            Ok(Some(text)) => objects.extend(objects_of(&text, &path)?),
            _ => match build_at(read, &path, depth + 1)
                .with_context(|| format!("resource \"{resource}\" of \"{file}\""))?
            {
                Overlay::Built(more) => objects.extend(more),
                not_covered => return Ok(not_covered),
            },
        }
    }
    // The order of the fields is kustomize's own, whatever their order in the file.
    let patch_all = |objects: &mut Vec<Value>, field: &str| -> anyhow::Result<()> {
        for (text, target) in patches(read, folder, &root, field)? {
            patch::apply(objects, &text, target.as_ref())
                .with_context(|| format!("a patch of \"{file}\""))?;
        }
        Ok(())
    };
    patch_all(&mut objects, "patchesStrategicMerge")?;
    patch_all(&mut objects, "patches")?;
    for entry in root["labels"].as_array().into_iter().flatten() {
        objects.iter_mut().for_each(|object| add_pairs(object, &["metadata", "labels"], &entry["pairs"]));
    }
    objects.iter_mut().for_each(|object| annotate(object, &root["commonAnnotations"]));
    patch_all(&mut objects, "patchesJson6902")?;
    for image in root["images"].as_array().into_iter().flatten() {
        objects.iter_mut().for_each(|object| replace_image(object, image));
    }
    Ok(Overlay::Built(objects))
}

fn kustomization_of(read: Read<'_>, folder: &str) -> anyhow::Result<(String, String)> {
    for name in FILES {
        let path = join(folder, name);
        if let Some(text) = read(&path)? {
            return Ok((path, text));
        }
    }
    anyhow::bail!("\"{folder}\" is neither a file nor a folder with a kustomization.yaml")
}

/// A form within a covered field that is not covered itself.
fn uncovered_form(root: &Value) -> Option<&'static str> {
    let entries = |field: &str| root[field].as_array().into_iter().flatten();
    let wide = |entry: &Value| entry["includeSelectors"] == true || entry["includeTemplates"] == true;
    if entries("labels").any(|entry| wide(entry) || !entry["fields"].is_null()) {
        return Some("labels with selectors, templates or fields");
    }
    let has_options = |entry: &Value| !entry["options"].is_null();
    if entries("patches").chain(entries("patchesJson6902")).any(has_options) {
        return Some("a patch with options");
    }
    entries("images").any(|entry| !entry["tagSuffix"].is_null()).then_some("an image's tagSuffix")
}

/// The patches of one field, as text with what they are for.
fn patches(
    read: Read<'_>,
    folder: &str,
    root: &Value,
    field: &str,
) -> anyhow::Result<Vec<(String, Option<Value>)>> {
    let from_file = |name: &str| {
        let path = below(folder, name)?;
        read(&path)?.with_context(|| format!("there is no \"{path}\""))
    };
    let mut found = Vec::new();
    for entry in root[field].as_array().into_iter().flatten() {
        let text = match (entry.as_str(), entry["patch"].as_str(), entry["path"].as_str()) {
            // An entry that is a text is a file, or the patch itself.
            (Some(inline), ..) if inline.contains('\n') => inline.to_owned(),
            (Some(name), ..) => from_file(name)?,
            (None, Some(inline), _) => inline.to_owned(),
            (None, None, Some(name)) => from_file(name)?,
            (None, None, None) => anyhow::bail!("it has neither patch nor path"),
        };
        found.push((text, entry.get("target").cloned()));
    }
    Ok(found)
}

fn objects_of(text: &str, path: &str) -> anyhow::Result<Vec<Value>> {
    let mut objects = Vec::new();
    for document in yaml::documents(text, path)? {
        match document["items"].as_array() {
            Some(items) if document["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) => {
                objects.extend(items.iter().cloned());
            }
            _ if document.is_null() => {}
            _ => objects.push(document),
        }
    }
    Ok(objects)
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A path relative to the folder; one that leaves the root is refused.
fn below(folder: &str, name: &str) -> anyhow::Result<String> {
    let joined = join(folder, name);
    let mut depth = 0_i32;
    for part in joined.split('/') {
        depth += match part {
            "" | "." => 0,
            ".." => -1,
            _ => 1,
        };
        anyhow::ensure!(depth >= 0 && !name.starts_with('/'), "\"{name}\" leads out of the repository");
    }
    Ok(clean_relative_path(&joined))
}

/// Adds annotations to an object and to the pods it makes, as `commonAnnotations` does.
fn annotate(object: &mut Value, pairs: &Value) {
    add_pairs(object, &["metadata", "annotations"], pairs);
    let is_batch = object["apiVersion"].as_str().is_some_and(|version| version.starts_with("batch/"));
    match object["kind"].as_str() {
        Some("Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "ReplicationController") => {
            add_pairs(object, &["spec", "template", "metadata", "annotations"], pairs);
        }
        Some("Job") if is_batch => {
            add_pairs(object, &["spec", "template", "metadata", "annotations"], pairs);
        }
        Some("CronJob") if is_batch => {
            add_pairs(object, &["spec", "jobTemplate", "metadata", "annotations"], pairs);
            add_pairs(object, &["spec", "jobTemplate", "spec", "template", "metadata", "annotations"], pairs);
        }
        _ => {}
    }
}

/// Adds pairs to the mapping at the path, which is made where it is missing. A place that is no mapping is left alone.
fn add_pairs(object: &mut Value, path: &[&str], pairs: &Value) {
    let Some(pairs) = pairs.as_object().filter(|pairs| !pairs.is_empty()) else { return };
    let mut place = object;
    for name in path {
        let Some(fields) = place.as_object_mut() else { return };
        place = fields.entry(*name).or_insert(Value::Null);
        if place.is_null() {
            *place = json!({});
        }
    }
    let Some(fields) = place.as_object_mut() else { return };
    for (key, value) in pairs {
        fields.insert(key.clone(), value.clone());
    }
}

/// Sets name, tag or digest of an image wherever a container names it.
fn replace_image(value: &mut Value, image: &Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                if matches!(key.as_str(), "containers" | "initContainers") {
                    for container in inner.as_array_mut().into_iter().flatten() {
                        if let Some(changed) =
                            container["image"].as_str().and_then(|name| renamed(name, image))
                        {
                            container["image"] = json!(changed);
                        }
                    }
                } else {
                    replace_image(inner, image);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| replace_image(inner, image)),
        _ => {}
    }
}

fn renamed(present: &str, image: &Value) -> Option<String> {
    let (without_digest, digest) = match present.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (present, None),
    };
    let (name, tag) = match without_digest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (without_digest, None),
    };
    if Some(name) != image["name"].as_str() {
        return None;
    }
    let new_name = image["newName"].as_str().unwrap_or(name);
    let new_tag = image.get("newTag").filter(|tag| !tag.is_null());
    let new_tag = new_tag.map(|tag| tag.as_str().map_or_else(|| tag.to_string(), str::to_owned));
    Some(match (image["digest"].as_str(), new_tag, tag, digest) {
        (Some(digest), Some(tag), ..) => format!("{new_name}:{tag}@{digest}"),
        (Some(digest), None, ..) => format!("{new_name}@{digest}"),
        (None, Some(tag), ..) => format!("{new_name}:{tag}"),
        (None, None, Some(tag), Some(digest)) => format!("{new_name}:{tag}@{digest}"),
        (None, None, None, Some(digest)) => format!("{new_name}@{digest}"),
        (None, None, Some(tag), None) => format!("{new_name}:{tag}"),
        (None, None, None, None) => new_name.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn built(files: &[(&str, &str)], folder: &str) -> anyhow::Result<Overlay> {
        let files: BTreeMap<_, _> = files.iter().copied().collect();
        build(&|path| Ok(files.get(path).map(|text| (*text).to_owned())), folder)
    }

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - name: web\n        image: example.com:5000/web:1\n        args: [a]\n      - {name: side, image: side}\n";

    #[test]
    fn resources_patches_and_images_come_together() {
        let root = "resources: [../base, more.yaml]\npatches:\n- path: memory.yaml\n- target: {kind: Deployment, name: w.b}\n  patch: |\n    - {op: add, path: /spec/template/spec/containers/0/args/-, value: b}\nimages: [{name: 'example.com:5000/web', newTag: 2}]\nlabels: [{pairs: {team: ops}}]\n";
        let memory = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, resources: {limits: {memory: 1Gi}}}]}}}\n";
        let files = [
            ("c/one/kustomization.yaml", root),
            ("c/one/memory.yaml", memory),
            ("c/one/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n"),
            ("c/base/kustomization.yaml", "resources: [web.yaml]"),
            ("c/base/web.yaml", DEPLOYMENT),
        ];
        let Overlay::Built(objects) = built(&files, "c/one").unwrap() else { panic!("not built") };
        let containers = &objects[0]["spec"]["template"]["spec"]["containers"];
        assert_eq!(
            containers,
            &json!([
                {"name": "web", "image": "example.com:5000/web:2", "args": ["a", "b"], "resources": {"limits": {"memory": "1Gi"}}},
                {"name": "side", "image": "side"},
            ])
        );
        assert_eq!(objects[1]["metadata"], json!({"name": "m", "labels": {"team": "ops"}}));
    }

    #[test]
    fn what_is_not_covered_is_named_and_what_leads_out_is_refused() {
        let helm = built(&[("k/kustomization.yaml", "helmCharts: []")], "k").unwrap();
        assert_eq!(helm, Overlay::NotCovered("helmCharts in \"k/kustomization.yaml\"".to_owned()));
        let out = built(&[("k/kustomization.yaml", "resources: [../../x.yaml]")], "k").unwrap_err();
        assert!(format!("{out:#}").contains("leads out of the repository"), "{out:#}");
        let missing = built(&[("k/kustomization.yaml", "resources: [x.yaml]")], "k").unwrap_err();
        assert!(format!("{missing:#}").contains("x.yaml"), "{missing:#}");
    }

    #[test]
    fn common_annotations_reach_the_pods() {
        let files = [
            ("k/kustomization.yaml", "resources: [web.yaml]\ncommonAnnotations: {owner: ops}\n"),
            ("k/web.yaml", DEPLOYMENT),
        ];
        let Overlay::Built(objects) = built(&files, "k").unwrap() else { panic!("not built") };
        assert_eq!(objects[0]["metadata"]["annotations"], json!({"owner": "ops"}));
        assert_eq!(objects[0]["spec"]["template"]["metadata"]["annotations"], json!({"owner": "ops"}));
    }

    #[test]
    fn forms_that_are_not_covered_are_never_ignored() {
        for form in [
            "labels: [{pairs: {a: b}, fields: [{path: spec/labels}]}]",
            "patches: [{patch: '[]', target: {kind: X}, options: {allowNameChange: true}}]",
            "images: [{name: a, tagSuffix: -x}]",
        ] {
            let outcome = built(&[("k/kustomization.yaml", form)], "k").unwrap();
            assert!(matches!(outcome, Overlay::NotCovered(_)), "{form}");
        }
    }

    #[test]
    fn a_file_that_is_no_mapping_does_not_stop_the_program() {
        let files = [
            ("k/kustomization.yaml", "resources: [x.yaml]\nlabels: [{pairs: {a: b}}]"),
            ("k/x.yaml", "text"),
        ];
        assert_eq!(built(&files, "k").unwrap(), Overlay::Built(vec![json!("text")]));
    }

    #[test]
    fn an_image_may_have_a_tag_and_a_digest() {
        let both = json!({"name": "a", "newTag": "2", "digest": "sha256:1"});
        assert_eq!(renamed("a:1", &both).as_deref(), Some("a:2@sha256:1"));
        let moved = json!({"name": "a", "newName": "b"});
        assert_eq!(renamed("a:1@sha256:1", &moved).as_deref(), Some("b:1@sha256:1"));
    }
}
