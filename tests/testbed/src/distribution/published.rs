//! What is published: the rendered manifests of a release, and the definitions in the modules of its controllers.

use crate::build::RELEASES;
use crate::build::module_folder;
use anyhow::Context;
use fluxr::testing::distribution::Published;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The manifests of a release by file name, from the module that has those of every release.
///
/// # Errors
/// The module cannot be downloaded, or does not have the release.
pub fn published(version: &str) -> anyhow::Result<Published> {
    let (module, at, inside) = RELEASES;
    let folder = module_folder(module, at)?.join(inside).join(version);
    anyhow::ensure!(folder.is_dir(), "{module} {at} does not have Flux {version}");
    texts(&folder)
}

/// The definitions in the module of a controller.
///
/// # Errors
/// The proxy refuses the module.
pub fn of_controller(name: &str, version: &str) -> anyhow::Result<Vec<Value>> {
    // Modules from v2 on carry their major version in their path.
    let major = version.split('.').next().filter(|major| !matches!(*major, "v0" | "v1"));
    let module = major.map_or_else(
        || format!("github.com/fluxcd/{name}"),
        |major| format!("github.com/fluxcd/{name}/{major}"),
    );
    definitions(&texts(&module_folder(&module, version)?.join("config/crd/bases"))?)
}

/// The definitions among the objects of some files.
///
/// # Errors
/// A file that is not YAML.
pub fn definitions(files: &Published) -> anyhow::Result<Vec<Value>> {
    Ok(objects(files)?.into_iter().filter(|object| object["kind"] == "CustomResourceDefinition").collect())
}

/// The image tag of each controller.
///
/// # Errors
/// A file that is not YAML, or an image without a tag.
pub fn images(files: &Published) -> anyhow::Result<BTreeMap<String, String>> {
    let deployments = objects(files)?.into_iter().filter(|object| object["kind"] == "Deployment");
    deployments
        .map(|deployment| {
            let image = deployment.pointer("/spec/template/spec/containers/0/image").and_then(Value::as_str);
            let name = image.and_then(|image| image.rsplit('/').next()?.split_once(':'));
            let (name, tag) = name.with_context(|| format!("no tag in the image {image:?}"))?;
            Ok((name.to_owned(), tag.to_owned()))
        })
        .collect()
}

fn objects(files: &Published) -> anyhow::Result<Vec<Value>> {
    let mut found = Vec::new();
    for (name, text) in files {
        found.extend(yaml::documents(text, name)?);
    }
    Ok(found)
}

fn texts(folder: &Path) -> anyhow::Result<Published> {
    let mut found = Published::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        found.insert(name, std::fs::read_to_string(path)?);
    }
    Ok(found)
}
