//! `crds`: OpenAPI definitions of custom types, whose extensions say which fields hold names, labels and annotations.

use super::config::Config;
use super::config::NameReference;
use super::fieldspec::FieldSpec;
use crate::text::yaml;
use anyhow::Context;
use serde_json::Map;
use serde_json::Value;

/// Definitions may refer to each other; those that do so in a cycle end here.
const DEEPEST: usize = 64;

/// What the definitions of a file add to the configuration.
///
/// # Errors
/// No mapping of definitions; definitions that refer to each other in a cycle.
pub(super) fn read(text: &str, file: &str) -> anyhow::Result<Config> {
    anyhow::ensure!(!text.is_empty(), "unable to parse open API definition from '{file}': it is empty");
    let root = yaml::document(text, file)?;
    let Value::Object(types) = root else {
        anyhow::bail!("unable to parse open API definition from '{file}': it is not a mapping of types");
    };
    let mut config = Config::default();
    for (name, definition) in &types {
        let is_definition = |value: &Value| value.is_object() || value.is_null();
        anyhow::ensure!(
            is_definition(definition) && get(definition, "schema").is_none_or(is_definition),
            "unable to parse open API definition from '{file}': \"{name}\" is not one"
        );
        let properties = properties(definition);
        let is_object = ["kind", "apiVersion", "metadata"]
            .iter()
            .all(|field| properties.is_some_and(|properties| properties.contains_key(*field)));
        if is_object {
            let kind = name.rsplit('.').next().unwrap_or(name);
            let mut own = Config::default();
            add(&mut own, &types, definition, kind, &[])
                .with_context(|| format!("the definition \"{name}\" in \"{file}\""))?;
            config.merge(&own)?;
        }
    }
    Ok(config)
}

fn properties(definition: &Value) -> Option<&Map<String, Value>> {
    get(get(definition, "schema")?, "properties")?.as_object()
}

/// A field whose name is matched without regard to case, as Go's JSON does it.
fn get<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let fields = value.as_object()?;
    fields
        .get(name)
        .or_else(|| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, of)| of))
}

fn add(
    config: &mut Config,
    types: &Map<String, Value>,
    definition: &Value,
    kind: &str,
    path: &[&str],
) -> anyhow::Result<()> {
    anyhow::ensure!(path.len() < DEEPEST, "the types refer to each other in a cycle");
    for (name, property) in properties(definition).into_iter().flatten() {
        let path = [path, &[name.as_str()]].concat();
        let spec = || FieldSpec::new("", "", kind.to_owned(), path.join("/"), false);
        let says = |extension: &str| get(property, extension).and_then(Value::as_str);
        if says("x-kubernetes-annotation").is_some() {
            config.common_annotations.push(spec());
        }
        if says("x-kubernetes-label-selector").is_some() {
            config.common_labels.push(spec());
        }
        if says("x-kubernetes-identity").is_some() {
            config.name_prefix.push(spec());
        }
        if let (Some(version), Some(of)) =
            (says("x-kubernetes-object-ref-api-version"), says("x-kubernetes-object-ref-kind"))
        {
            let key = says("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let place = format!("{}/{key}", path.join("/"));
            config.merge(&Config {
                name_reference: vec![NameReference {
                    group: "".into(),
                    version: version.to_owned().into(),
                    kind: of.to_owned().into(),
                    field_specs: vec![FieldSpec::new("", "", kind.to_owned(), place, false)],
                }]
                .into(),
                ..Config::default()
            })?;
        }
        if let Some(next) = property["$ref"].as_str().and_then(|of| types.get(of)) {
            add(config, types, next, kind, &path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_become_places_and_cycles_are_refused() {
        let text = r#"{"example.Lamp": {"Schema": {"properties": {
            "apiVersion": {}, "kind": {}, "metadata": {},
            "spec": {"$ref": "example.Spec"}}}},
          "example.Spec": {"schema": {"properties": {
            "room": {"x-kubernetes-object-ref-api-version": "v1", "x-kubernetes-object-ref-kind": "Room"},
            "marks": {"x-kubernetes-label-selector": ""}}}}}"#;
        let config = read(text, "crd.json").unwrap();
        assert_eq!(config.name_reference[0].field_specs[0].path, "spec/room/name");
        assert_eq!(*config.common_labels, [FieldSpec::new("", "", "Lamp", "spec/marks", false)]);
        let cycle = text.replace("\"room\": {", "\"room\": {\"$ref\": \"example.Spec\", ");
        assert!(format!("{:#}", read(&cycle, "crd.json").unwrap_err()).contains("cycle"));
        assert!(read("", "crd.json").is_err() && read("[]", "crd.json").is_err());
    }
}
