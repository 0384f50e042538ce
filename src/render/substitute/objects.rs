//! Variables in the objects of a build.

use super::Missing;
use super::substitute;
use crate::api::kustomize::kustomization::KUSTOMIZATION;
use crate::text::yaml;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::LazyLock;

const NAME: &str = "^[_[:alpha:]][_[:alpha:][:digit:]]*$";

#[expect(clippy::unwrap_used, reason = "the expression is known")]
static NAMES: LazyLock<Regex> = LazyLock::new(|| Regex::new(NAME).unwrap());

/// Replaces the variables in the objects, unless one asks not to. Each is written as YAML and read again, as the controller does it:
/// what a value is in the end follows from how it looks then.
///
/// # Errors
/// A variable with an invalid name; an invalid expression, a missing variable, or a result that is not YAML: the object is named.
pub fn substitute_in(
    objects: &mut [Value],
    variables: &BTreeMap<String, String>,
    missing: Missing,
) -> anyhow::Result<()> {
    for object in objects {
        if is_switched_off(object) {
            continue;
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        let doing = |reason: String| {
            anyhow::anyhow!("var substitution failed for '{name}': envsubst error: {reason}")
        };
        if let Some(wrong) = variables.keys().find(|name| !NAMES.is_match(name)) {
            return Err(doing(format!("'{wrong}' var name is invalid, must match '{NAME}'")));
        }
        let text = yaml::to_string(object);
        let value = |name: &str| variables.get(name).map(String::as_str);
        let text = substitute(text.as_bytes(), missing, value)
            .map_err(|reason| doing(format!("variable substitution failed: {reason}")))?;
        let text =
            String::from_utf8(text).map_err(|_| doing("YAMLToJSON: the result is not UTF-8".to_owned()))?;
        *object = yaml::document(&text, "the result")
            .map_err(|bad| doing(format!("YAMLToJSON: yaml: {}", bad.reason)))?;
    }
    Ok(())
}

/// Whether an object asks for its variables to be left alone.
pub fn is_switched_off(object: &Value) -> bool {
    let switch = KUSTOMIZATION.mark("substitute");
    ["labels", "annotations"].iter().any(|field| object["metadata"][*field][&switch] == "disabled")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_value_becomes_what_it_looks_like() {
        let object =
            |value: &str| json!({"kind": "ConfigMap", "metadata": {"name": "app"}, "data": {"a": value}});
        let mut objects = [object("${n}"), object("x-${n}"), object("${none:-yes}")];
        substitute_in(&mut objects, &variables(&[("n", "1")]), Missing::Empty).unwrap();
        assert_eq!(objects.map(|object| object["data"]["a"].clone()), [json!(1), json!("x-1"), json!(true)]);
    }

    #[test]
    fn an_object_may_ask_to_be_left_alone() {
        for field in ["labels", "annotations"] {
            let marks = json!({"kustomize.toolkit.fluxcd.io/substitute": "disabled"});
            let object = json!({"metadata": {"name": "app", field: marks}, "data": {"a": "${n}"}});
            let mut objects = [object.clone()];
            substitute_in(&mut objects, &variables(&[("n", "1")]), Missing::Empty).unwrap();
            assert_eq!(objects, [object]);
        }
    }

    #[test]
    fn what_goes_wrong_names_the_object() {
        let told = |value: &str, set: &[(&str, &str)]| {
            let mut objects = [json!({"metadata": {"name": "app"}, "data": {"a": value}})];
            substitute_in(&mut objects, &variables(set), Missing::Error).unwrap_err().to_string()
        };
        let begin = "var substitution failed for 'app': envsubst error: ";
        assert_eq!(
            told("${a.b}", &[]),
            format!("{begin}variable substitution failed: missing closing brace")
        );
        let missing = "variable substitution failed: variable not set (strict mode): \"n\"";
        assert_eq!(told("${n}", &[]), format!("{begin}{missing}"));
        let name = "'a-b' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'";
        assert_eq!(told("", &[("a-b", "")]), format!("{begin}{name}"));
        assert!(told("${n}", &[("n", "{")]).starts_with(&format!("{begin}YAMLToJSON: yaml: line ")));
    }
}
