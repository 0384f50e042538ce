//! What a Flux Kustomization builds: the `kustomization.yaml` of its folder, or a generated one, with what the Kustomization adds to it.
//! (The rules of Flux's `pkg/kustomize`.)

use super::generator::KUSTOMIZATION;
use super::ignored::Ignored;
use super::scan;
use super::spelling::usual_name;
use super::tree::Tree;
use super::tree::join;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The `kustomization.yaml` to build with in the place of the one of the folder, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    pub path: String,
    pub text: String,
}

/// Prepares the build of `folder` by a Kustomization with this `spec`. `further` are patterns for what stays out.
///
/// # Errors
/// A folder that is not there; manifests and entries of a kustomization that cannot be read, named.
pub fn prepare(tree: &dyn Tree, folder: &str, spec: &Value, further: &[String]) -> anyhow::Result<Prepared> {
    let ignored = Ignored::read(tree, folder, further)?;
    let (path, mut kustomization) = match scan::own_kustomization(tree, folder)? {
        Some((path, real)) => {
            let text = String::from_utf8(tree.read(&real)?)
                .with_context(|| format!("{} is not UTF-8", tree.name(&path)))?;
            let mut fields = known_fields(&yaml::document(&text, &tree.name(&path))?)
                .with_context(|| format!("{} is not a kustomization", tree.name(&path)))?;
            if is_empty(fields.get("resources")) {
                // Else kustomize refuses the file as empty.
                fields.insert("buildMetadata".into(), json!(["originAnnotations"]));
            }
            (path, fields)
        }
        None => {
            let resources = scan::manifests(tree, folder, &ignored)?;
            let field = if resources.is_empty() {
                // Nothing would be refused as empty.
                ("namespace".to_owned(), json!("_placeholder"))
            } else {
                ("resources".to_owned(), json!(resources))
            };
            (join(folder, KUSTOMIZATION), Map::from_iter([field]))
        }
    };
    let header = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
    });
    kustomization.extend(header.as_object().cloned().unwrap_or_default());
    for field in ["resources", "components", "crds"] {
        let takes_urls = field != "crds";
        let Some(Value::Array(entries)) = kustomization.get_mut(field) else { continue };
        let mut kept = Vec::new();
        for entry in entries.drain(..) {
            let name = entry.as_str().unwrap_or_default();
            if (takes_urls && is_url(name)) || !ignored.excludes(name)? {
                kept.push(entry);
            }
        }
        *entries = kept;
    }
    add(&mut kustomization, tree, folder, spec)?;
    Ok(Prepared { path, text: yaml::to_string(&Value::Object(kustomization)) })
}

/// What the Kustomization says.
fn add(
    kustomization: &mut Map<String, Value>,
    tree: &dyn Tree,
    folder: &str,
    spec: &Value,
) -> anyhow::Result<()> {
    for (field, of_spec) in
        [("namespace", "targetNamespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")]
    {
        let value = spec.get(of_spec).and_then(Value::as_str).filter(|value| !value.is_empty());
        if let Some(value) = value {
            kustomization.insert(field.into(), json!(value));
        }
    }
    let list = |field: &str| spec.get(field).and_then(Value::as_array).into_iter().flatten();
    for patch in list("patches") {
        let mut added = Map::new();
        added.insert("patch".into(), patch["patch"].clone());
        if let Some(target) = patch.get("target").filter(|target| target.is_object()) {
            added.insert("target".into(), target.clone());
        }
        push(kustomization, "patches", Value::Object(added));
    }
    for component in list("components").filter_map(Value::as_str) {
        anyhow::ensure!(is_local(component), "component path '{component}' must be local and relative");
        let is_missing = || matches!(tree.find(&join(folder, component)), Ok(None));
        if spec["ignoreMissingComponents"] == true && is_missing() {
            continue;
        }
        push(kustomization, "components", json!(component));
    }
    for image in list("images") {
        merge_image(kustomization, image);
    }
    if let Some(metadata) = spec.get("buildMetadata").filter(|value| !is_empty(Some(value))) {
        kustomization.insert("buildMetadata".into(), metadata.clone());
    }
    Ok(())
}

fn push(kustomization: &mut Map<String, Value>, field: &str, item: Value) {
    match kustomization.get_mut(field) {
        Some(Value::Array(items)) => items.push(item),
        _ => drop(kustomization.insert(field.to_owned(), json!([item]))),
    }
}

/// Tag and digest choose the version together: one of them removes the other.
fn merge_image(kustomization: &mut Map<String, Value>, image: &Value) {
    let text = |field: &str| image[field].as_str().filter(|text| !text.is_empty());
    let present = kustomization.get_mut("images").and_then(Value::as_array_mut);
    let same = present.into_iter().flatten().find(|one| one["name"] == image["name"]);
    let Some(Value::Object(present)) = same else {
        return push(kustomization, "images", image.clone());
    };
    if let Some(name) = text("newName") {
        present.insert("newName".into(), json!(name));
    }
    if text("newTag").or(text("digest")).is_some() {
        for field in ["newTag", "digest"] {
            match text(field) {
                Some(value) => drop(present.insert(field.into(), json!(value))),
                None => drop(present.remove(field)),
            }
        }
    }
}

/// The fields that a kustomization has, by their usual names; others are left out as Flux leaves them out.
fn known_fields(document: &Value) -> Option<Map<String, Value>> {
    let written = match document {
        Value::Null => return Some(Map::new()),
        document => document.as_object()?,
    };
    let known =
        written.iter().filter_map(|(name, value)| Some((usual_name(name)?.to_owned(), value.clone())));
    Some(known.filter(|(_, value)| !value.is_null()).collect())
}

fn is_empty(value: Option<&Value>) -> bool {
    value.and_then(Value::as_array).is_none_or(Vec::is_empty)
}

/// Whether Go's `url.ParseRequestURI` finds a scheme.
pub(super) fn is_url(entry: &str) -> bool {
    let Some((scheme, rest)) = entry.split_once(':') else { return false };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(is_part)
        && !rest.is_empty()
}

/// Whether kustomize takes a path for one of the disk.
pub(super) fn is_local(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let remote = ["git::", "gh:", "ssh://", "https://", "http://", "git@", "github.com:", "github.com/"];
    let is_remote = remote.iter().any(|begin| path.len() > begin.len() && path.starts_with(begin));
    !is_remote && !path.trim_start_matches("file://").starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Memory;

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\n";

    fn prepared(files: &[(&str, &str)], spec: &Value, ignored: &[&str]) -> anyhow::Result<(String, Value)> {
        let tree =
            Memory(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect());
        let ignored: Vec<String> = ignored.iter().map(|pattern| (*pattern).to_owned()).collect();
        let prepared = prepare(&tree, "app", spec, &ignored)?;
        let mut value = yaml::document(&prepared.text, "prepared")?;
        let fields = value.as_object_mut().unwrap();
        assert_eq!(fields.remove("kind"), Some(json!("Kustomization")));
        fields.remove("apiVersion");
        Ok((prepared.path, value))
    }

    #[test]
    fn a_folder_without_a_kustomization_lists_its_manifests_in_the_order_of_a_walk() {
        let files = [
            ("app/b.yaml", OBJECT),
            ("app/a/z.yml", OBJECT),
            ("app/own/kustomization.yml", "resources: []\n"),
            ("app/own/deep/x.yaml", "no"),
            ("app/notes.md", ""),
            ("app/cloudbuild.yaml", OBJECT),
        ];
        let (path, value) = prepared(&files, &json!({}), &[]).unwrap();
        assert_eq!(path, "app/kustomization.yaml");
        assert_eq!(value, json!({"resources": ["./a/z.yml", "./b.yaml", "./own"]}));
        // Only where someone wrote a pattern, the usual ones count here too; what is listed is filtered always.
        let (_, value) = prepared(&files, &json!({}), &["b.yaml"]).unwrap();
        assert_eq!(value, json!({"resources": ["./a/z.yml", "./own"]}));
        let (_, value) = prepared(&[("app/notes.md", "")], &json!({}), &[]).unwrap();
        assert_eq!(value, json!({"namespace": "_placeholder"}));
        let error = prepared(&[("app/values.yaml", "replicas: 2\n")], &json!({}), &[]).unwrap_err();
        assert!(
            format!("{error:#}").starts_with("failed to decode Kubernetes YAML from app/values.yaml: "),
            "{error:#}"
        );
    }

    #[test]
    fn a_kustomization_is_filtered_and_gets_what_the_spec_says() {
        let files = [
            (
                "app/kustomization.yaml",
                "Resources: [a.yaml, sub/b.yaml, https://example.com/x.yaml]\nunknown: 1\ncrds: [c.yaml]\n\
                 images: [{name: web, digest: sha256:0}, {name: db, newTag: '1'}]\n",
            ),
            ("app/a.yaml", OBJECT),
            ("app/c.yaml", OBJECT),
            ("app/sub/b.yaml", OBJECT),
            ("app/sub/.sourceignore", "# those below\n/b.yaml\n"),
            ("app/part/kustomization.yaml", "kind: Component\n"),
        ];
        let spec = json!({
            "targetNamespace": "apps", "namePrefix": "a-", "nameSuffix": "-z",
            "patches": [{"patch": "p", "target": {"kind": "Deployment"}}, {"patch": "q"}],
            "components": ["part", "none"], "ignoreMissingComponents": true,
            "images": [{"name": "web", "newTag": "2"}, {"name": "new", "newName": "other"}],
            "buildMetadata": ["originAnnotations"],
        });
        let (path, value) = prepared(&files, &spec, &["c.yaml"]).unwrap();
        assert_eq!(path, "app/kustomization.yaml");
        let wanted = json!({
            "resources": ["a.yaml", "https://example.com/x.yaml"],
            "crds": [],
            "namespace": "apps", "namePrefix": "a-", "nameSuffix": "-z",
            "patches": [{"patch": "p", "target": {"kind": "Deployment"}}, {"patch": "q"}],
            "components": ["part"],
            "images": [{"name": "web", "newTag": "2"}, {"name": "db", "newTag": "1"}, {"name": "new", "newName": "other"}],
            "buildMetadata": ["originAnnotations"],
        });
        assert_eq!(value, wanted);
    }

    #[test]
    fn what_the_spec_leaves_empty_stays_as_the_folder_has_it() {
        let file = ("app/kustomization.yaml", "namespace: own\nnamePrefix: a-\nnameSuffix: -z\n");
        let spec = json!({"targetNamespace": "", "namePrefix": "", "nameSuffix": ""});
        let (_, value) = prepared(&[file], &spec, &[]).unwrap();
        let wanted = json!({"namespace": "own", "namePrefix": "a-", "nameSuffix": "-z", "buildMetadata": ["originAnnotations"]});
        assert_eq!(value, wanted);
    }

    #[test]
    fn entries_that_are_not_there_and_components_from_elsewhere_are_refused() {
        let file = ("app/kustomization.yaml", "resources: [none.yaml]\n");
        let error = prepared(&[file], &json!({}), &[]).unwrap_err().to_string();
        assert_eq!(error, "lstat app/none.yaml: no such file or directory");
        let file = ("app/kustomization.yaml", "namespace: a\n");
        for component in ["/part", "https://example.com/part", "git@example.com:a/b", "GitHub.com/a/b"] {
            let error = prepared(&[file], &json!({"components": [component]}), &[]).unwrap_err().to_string();
            assert_eq!(error, format!("component path '{component}' must be local and relative"));
        }
    }
}
