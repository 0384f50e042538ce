//! The objects of a folder, built by fluxr's own kustomize and marked as the Kustomization's.

use super::generate;
use super::surroundings::Files;
use super::surroundings::text;
use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::text::clean_relative_path;
use serde_json::Value;
use serde_json::json;

/// What does not come about, as the condition tells it.
pub struct Failure {
    pub reason: &'static str,
    pub message: String,
}

/// The folder that `spec.path` names, when there is one.
pub fn folder(files: &Files, object: &Value) -> Result<String, Failure> {
    let folder = clean_relative_path(text(object, "/spec/path"));
    if folder.is_empty() || files.keys().any(|file| file.starts_with(&format!("{folder}/"))) {
        return Ok(folder);
    }
    // Where the real controller would have unpacked the artifact.
    let message = format!(
        "kustomization path not found: stat /tmp/kustomization-0/{folder}: no such file or directory"
    );
    Err(Failure { reason: "ArtifactFailed", message })
}

/// Builds the folder.
pub fn build(files: &Files, folder: &str, object: &Value) -> Result<Vec<Value>, Failure> {
    let failed = |error: anyhow::Error| Failure {
        reason: "BuildFailed",
        message: format!("kustomize build failed: {error:#}"),
    };
    let mut files = files.clone();
    generate::generate(&mut files, folder, object).map_err(failed)?;
    let mut objects =
        kustomize::build(&Memory(files), folder, kustomize::Options::default()).map_err(failed)?;
    for built in &mut objects {
        for field in ["labels", "annotations"] {
            for (key, value) in object["spec"]["commonMetadata"][field].as_object().into_iter().flatten() {
                put(built, field, key, value.clone());
            }
        }
        for field in ["name", "namespace"] {
            let key = format!("kustomize.toolkit.fluxcd.io/{field}");
            put(built, "labels", &key, object["metadata"][field].clone());
        }
    }
    Ok(objects)
}

fn put(object: &mut Value, field: &str, key: &str, value: Value) {
    let map = &mut object["metadata"][field];
    if !map.is_object() {
        *map = json!({});
    }
    map[key] = value;
}
