//! The CRDs: `templates/crds` is what the Rust types say. `UPDATE=1 cargo test crds` writes them.

use crate::support::golden_folder;
use fluxr::testing::api::Kind;
use fluxr::testing::kind::KINDS;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::path::Path;

#[test]
fn the_embedded_definitions_are_what_the_types_say() {
    let file = |kind: &&Kind| {
        (format!("{}.yaml", kind.crd_name()), yaml::to_string(&fluxr::testing::kind::definition(kind)))
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/crds");
    golden_folder(&folder, &KINDS.iter().map(file).collect());
}

/// Calls `see` with every property of a schema and the path to it.
fn properties(schema: &Value, path: &str, see: &mut dyn FnMut(&str, &Value)) {
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{path}.{name}");
        see(&path, property);
        properties(property, &path, see);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(key) {
            properties(inner, path, see);
        }
    }
}

#[test]
fn every_field_has_a_description_that_is_a_sentence() {
    for kind in KINDS {
        let crd = fluxr::testing::kind::definition(kind);
        let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        let mut seen = 0;
        for part in ["spec", "status"] {
            properties(&schema["properties"][part], part, &mut |path, property| {
                let text = property["description"].as_str().unwrap_or_default();
                assert!(text.len() > 8 && text.ends_with('.'), "{} {path}: {text:?}", kind.kind);
                seen += 1;
            });
        }
        assert!(seen > 3, "{} has too few fields to be true", kind.kind);
    }
}
