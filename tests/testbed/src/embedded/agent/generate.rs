//! The kustomization of a folder, made when there is none, with what the object's own fields add to it.

use super::surroundings::Files;
use super::surroundings::text;
use fluxr::testing::text::yaml;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Adds or changes the kustomization of the folder; a folder that says all itself stays as it is.
pub fn generate(files: &mut Files, folder: &str, object: &Value) -> anyhow::Result<()> {
    let found = NAMES.iter().map(|name| joined(folder, name)).find(|path| files.contains_key(path));
    let is_new = found.is_none();
    let path = found.unwrap_or_else(|| joined(folder, NAMES[0]));
    let mut kustomization = match files.get(&path) {
        Some(content) => yaml::documents(&String::from_utf8_lossy(content), &path)?
            .into_iter()
            .next()
            .unwrap_or_else(|| json!({})),
        None => {
            json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources(files, folder)?})
        }
    };
    let before = kustomization.clone();
    if let Some(fields) = kustomization.as_object_mut() {
        add(fields, &object["spec"]);
    }
    if is_new || kustomization != before {
        files.insert(path, yaml::to_string(&kustomization).into_bytes());
    }
    Ok(())
}

/// The fields of the object that are fields of a kustomization.
fn add(fields: &mut Map<String, Value>, spec: &Value) {
    for (ours, theirs) in
        [("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")]
    {
        if !text(spec, &format!("/{ours}")).is_empty() {
            fields.insert(theirs.to_owned(), spec[ours].clone());
        }
    }
    for name in ["patches", "components"] {
        let Some(more) = spec[name].as_array().filter(|more| !more.is_empty()) else { continue };
        if let Some(all) = fields.entry(name).or_insert_with(|| json!([])).as_array_mut() {
            all.extend(more.iter().cloned());
        }
    }
    for image in spec["images"].as_array().into_iter().flatten() {
        if let Some(all) = fields.entry("images").or_insert_with(|| json!([])).as_array_mut() {
            all.retain(|known| known["name"] != image["name"]);
            all.push(image.clone());
        }
    }
}

/// The manifests below a folder; a folder with a kustomization of its own stands for what is in it.
fn resources(files: &Files, folder: &str) -> anyhow::Result<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let prefix = joined(folder, "");
    for (path, content) in files {
        let Some(inside) = path.strip_prefix(&prefix) else { continue };
        if found.iter().any(|known| inside.starts_with(&format!("{known}/"))) {
            continue;
        }
        let above = inside.match_indices('/').map(|(at, _)| &inside[..at]);
        let own = above
            .into_iter()
            .find(|above| NAMES.iter().any(|name| files.contains_key(&format!("{prefix}{above}/{name}"))));
        if let Some(own) = own {
            found.push(own.to_owned());
        } else if inside.ends_with(".yaml") || inside.ends_with(".yml") {
            let documents = yaml::documents(&String::from_utf8_lossy(content), inside)?;
            let is_manifest = |document: &Value| {
                !text(document, "/kind").is_empty() && !text(document, "/metadata/name").is_empty()
            };
            if let Some(other) =
                documents.iter().find(|document| !document.is_null() && !is_manifest(document))
            {
                anyhow::bail!(
                    "failed to decode Kubernetes YAML from {inside}: it has no kind or no name: {other}"
                );
            }
            found.push(inside.to_owned());
        }
    }
    Ok(found)
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[(&str, &str)]) -> Files {
        paths.iter().map(|(path, content)| ((*path).to_owned(), content.as_bytes().to_vec())).collect()
    }

    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

    #[test]
    fn a_folder_without_a_kustomization_gets_one_of_its_manifests_and_kustomizations() {
        let mut all = files(&[
            ("apps/a.yaml", MAP),
            ("apps/deep/b.yml", MAP),
            ("apps/own/kustomization.yaml", ""),
            ("apps/own/c.yaml", MAP),
            ("apps/read.me", ""),
            ("other/d.yaml", MAP),
        ]);
        generate(&mut all, "apps", &json!({"spec": {"targetNamespace": "shop"}})).unwrap();
        let made = yaml::documents(&String::from_utf8_lossy(&all["apps/kustomization.yaml"]), "made")
            .unwrap()
            .remove(0);
        assert_eq!(made["resources"], json!(["a.yaml", "deep/b.yml", "own"]));
        assert_eq!(made["namespace"], "shop");
    }

    #[test]
    fn a_kustomization_that_nothing_is_added_to_keeps_its_bytes() {
        let mut all = files(&[("kustomization.yaml", "resources: [a.yaml] # mine\n"), ("a.yaml", MAP)]);
        let before = all.clone();
        generate(&mut all, "", &json!({"spec": {}})).unwrap();
        assert_eq!(all, before);
        generate(&mut all, "", &json!({"spec": {"images": [{"name": "web", "newTag": "2"}]}})).unwrap();
        assert!(String::from_utf8_lossy(&all["kustomization.yaml"]).contains("newTag"));
    }

    #[test]
    fn a_file_that_is_not_a_manifest_is_named() {
        let mut all = files(&[("values.yaml", "a: 1\n")]);
        let error = generate(&mut all, "", &json!({"spec": {}})).unwrap_err().to_string();
        assert!(error.contains("values.yaml"), "{error}");
    }
}
