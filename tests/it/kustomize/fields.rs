//! Every field of a kustomization is in several cases.

use super::Expected;
use super::cases;
use fluxr::testing::render::kustomize::field_names;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

const AT_LEAST: usize = 3;

const GENERATOR: &[&str] = &["namespace", "name", "behavior", "literals", "files", "envs", "env", "options"];
const OPTIONS: &[&str] = &["labels", "annotations", "disableNameSuffixHash", "immutable"];
const IMAGE: &[&str] = &["name", "newName", "newTag", "tagSuffix", "digest"];
const SELECTOR: &[&str] =
    &["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"];
const PATCH: &[&str] = &["path", "patch", "target", "options"];

/// The fields inside of fields.
const INNER: &[(&str, &[&str])] = &[
    ("metadata", &["name", "namespace", "labels", "annotations"]),
    ("openapi", &["path", "version"]),
    ("labels", &["pairs", "includeSelectors", "includeTemplates", "fields"]),
    ("labels.fields", &["group", "version", "kind", "path", "create"]),
    ("patches", PATCH),
    ("patches.target", SELECTOR),
    ("patches.options", &["allowNameChange", "allowKindChange"]),
    ("patchesJson6902", &["path", "patch", "target"]),
    ("patchesJson6902.target", &["group", "version", "kind", "name", "namespace"]),
    ("images", IMAGE),
    ("imageTags", &["name", "newName", "newTag", "digest"]),
    ("replacements", &["path", "source", "sourceValue", "targets"]),
    ("replacements.source", &["group", "version", "kind", "name", "namespace", "fieldPath", "options"]),
    ("replacements.source.options", &["delimiter", "index"]),
    ("replacements.targets", &["select", "reject", "fieldPaths", "options"]),
    ("replacements.targets.select", SELECTOR),
    ("replacements.targets.reject", SELECTOR),
    ("replacements.targets.options", &["delimiter", "index", "create", "encoding"]),
    ("replicas", &["name", "count"]),
    ("vars", &["name", "objref", "fieldref"]),
    ("vars.objref", &["apiVersion", "group", "version", "kind", "name", "namespace"]),
    ("vars.fieldref", &["fieldPath"]),
    ("sortOptions", &["order", "legacySortOptions"]),
    ("sortOptions.legacySortOptions", &["orderFirst", "orderLast"]),
    ("configMapGenerator", GENERATOR),
    ("configMapGenerator.options", OPTIONS),
    ("secretGenerator", GENERATOR),
    ("secretGenerator", &["type"]),
    ("secretGenerator.options", OPTIONS),
    ("helmGlobals", &["chartHome", "configHome"]),
    ("generatorOptions", OPTIONS),
];

/// Adds the paths of the fields of a value; items of lists have the path of their list.
fn collect(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                collect(value, &path, found);
                found.insert(path);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, found)),
        _ => {}
    }
}

#[test]
fn every_field_is_in_several_cases() {
    let mut built: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases() {
        let mut paths = BTreeSet::new();
        for text in case.kustomizations() {
            if let Ok(value) = yaml::document(&text, "kustomization") {
                collect(&value, "", &mut paths);
            }
        }
        let counts = if matches!(case.expected, Expected::Built(_)) { &mut built } else { &mut refused };
        paths.into_iter().for_each(|path| *counts.entry(path).or_default() += 1);
    }
    let inner =
        INNER.iter().flat_map(|(field, names)| names.iter().map(move |name| format!("{field}.{name}")));
    let wanted = field_names().iter().map(|name| (*name).to_owned()).chain(inner);
    // A chart is always refused.
    let is_chart = |field: &str| ["helmCharts", "helmChartInflationGenerator"].contains(&field);
    let count = |field: &String| {
        let counts = if is_chart(field) { &refused } else { &built };
        counts.get(field).copied().unwrap_or_default()
    };
    let rare: Vec<String> = wanted
        .map(|field| (count(&field), field))
        .filter(|(count, _)| *count < AT_LEAST)
        .map(|(count, field)| format!("{field}: {count}"))
        .collect();
    assert!(rare.is_empty(), "fields in fewer than {AT_LEAST} cases:\n{}", rare.join("\n"));
}
