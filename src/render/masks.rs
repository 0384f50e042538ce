//! Secrets without their values: those that SOPS has encrypted, which are of no use to a reader, and those that are compared.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeSet;

const MASK: &str = "**SOPS**";
/// A value that SOPS has encrypted, of which only the key can be compared.
const ENCRYPTED: &str = "*****";
const SAME: &str = "***";
const BEFORE: &str = "*** (before)";
const AFTER: &str = "*** (after)";
/// Where `kubectl apply` keeps a copy of what it applied.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const DOCKER_CONFIG: &str = "kubernetes.io/dockerconfigjson";

/// Masks the values of a Secret that SOPS has encrypted. Other objects stay as they are.
///
/// # Errors
/// A value below `data` that is not Base64; the Secret is named.
pub fn mask_sops(object: &mut Value) -> anyhow::Result<()> {
    if object["kind"] != "Secret" {
        return Ok(());
    }
    let is_encrypted = object.get("sops").is_some_and(Value::is_object) && has_code(object);
    let is_docker = object["type"] == DOCKER_CONFIG;
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let Some(fields) = object.as_object_mut() else { return Ok(()) };
    let whole = if is_docker { json!({"mask": MASK}).to_string() } else { MASK.to_owned() };
    if is_encrypted {
        fields.remove("sops");
    }
    for (field, is_encoded) in [("data", true), ("stringData", false)] {
        let Some(Value::Object(values)) = fields.get_mut(field) else { continue };
        for value in values.values_mut() {
            let text = value.as_str().unwrap_or_default();
            if is_encrypted {
                *value = json!(if is_encoded { STANDARD.encode(&whole) } else { whole.clone() });
                continue;
            }
            let decoded = if is_encoded {
                let text: String = text.chars().filter(|letter| !matches!(letter, '\n' | '\r')).collect();
                STANDARD.decode(text).map_err(|reason| {
                    anyhow::anyhow!("failed to mask secret {name} sops data: {}", illegal(&reason))
                })?
            } else {
                text.as_bytes().to_vec()
            };
            let decoded = String::from_utf8_lossy(&decoded);
            if decoded.contains("sops") && decoded.contains("ENC[") {
                *value = json!(STANDARD.encode(MASK));
            }
        }
    }
    Ok(())
}

/// Whether the metadata of SOPS has the code that authenticates the file.
fn has_code(object: &Value) -> bool {
    object["sops"]["mac"].as_str().is_some_and(|code| code.starts_with("ENC["))
}

/// In the words of Go's decoder.
fn illegal(reason: &base64::DecodeError) -> String {
    let at = match reason {
        base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => *at,
        base64::DecodeError::InvalidLength(at) => at / 4 * 4,
        base64::DecodeError::InvalidPadding => 0,
    };
    format!("illegal base64 data at input byte {at}")
}

/// Masks the values of a Secret on both sides of a comparison: what is left is which keys there are, and which values differ.
pub fn mask_secret(live: &mut Value, merged: &mut Value) {
    for field in ["data", "stringData"] {
        mask_pairs(live.get_mut(field), merged.get_mut(field));
    }
    let annotations = "/metadata/annotations";
    let (mut before, mut after) =
        (copy_in(live.pointer_mut(annotations)), copy_in(merged.pointer_mut(annotations)));
    mask_pairs(before.as_mut(), after.as_mut());
    for (object, copy) in [(live, before), (merged, after)] {
        if let Some(Value::Object(copy)) = copy {
            object["metadata"]["annotations"][LAST_APPLIED] = copy[LAST_APPLIED].clone();
        }
    }
}

/// The annotation with the copy of the whole Secret.
fn copy_in(annotations: Option<&mut Value>) -> Option<Value> {
    let copy = annotations?.get(LAST_APPLIED)?;
    Some(json!({LAST_APPLIED: copy}))
}

fn mask_pairs(before: Option<&mut Value>, after: Option<&mut Value>) {
    let mut nothing = Map::new();
    let mut nothing_else = Map::new();
    let before = before.and_then(Value::as_object_mut).unwrap_or(&mut nothing);
    let after = after.and_then(Value::as_object_mut).unwrap_or(&mut nothing_else);
    for (key, old) in before.iter_mut() {
        let (masked, new) = match after.get_mut(key) {
            Some(new) if new != old => (BEFORE, Some((new, AFTER))),
            Some(new) => (SAME, Some((new, SAME))),
            None => (SAME, None),
        };
        *old = json!(masked);
        if let Some((new, masked)) = new {
            *new = json!(masked);
        }
    }
    for (_, new) in after.iter_mut().filter(|(key, _)| !before.contains_key(*key)) {
        *new = json!(SAME);
    }
}

/// Whether both sides have the same keys, for a Secret whose values SOPS has encrypted; the values are masked. `None` if nothing in
/// `applied` is encrypted.
pub fn same_keys(applied: &Value, live: &mut Value, merged: &mut Value) -> Option<bool> {
    let values = applied["data"].as_object()?;
    let is_encrypted = |value: &Value| {
        let decoded = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
        String::from_utf8_lossy(&decoded).contains(MASK)
    };
    values.values().find(|value| is_encrypted(value))?;
    let [before, after] = [live, merged].map(|object| {
        let values = object.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten();
        values
            .map(|(key, value)| {
                *value = json!(ENCRYPTED);
                key.clone()
            })
            .collect::<BTreeSet<_>>()
    });
    Some(before == after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(mut object: Value) -> Value {
        mask_sops(&mut object).unwrap();
        object
    }

    #[test]
    fn what_sops_encrypted_is_masked_with_its_metadata() {
        let secret = |more: Value| {
            let mut secret = json!({"kind": "Secret", "metadata": {"name": "a"}, "data": {"x": "YQ=="}, "stringData": {"y": "b"}});
            secret.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            secret
        };
        let sops = json!({"mac": "ENC[AES256_GCM,data:x]", "version": "3.8"});
        let (mask, encoded) = (json!(MASK), json!(STANDARD.encode(MASK)));
        let whole = masked(secret(json!({"sops": sops})));
        assert_eq!(
            (&whole["data"]["x"], &whole["stringData"]["y"], whole.get("sops")),
            (&encoded, &mask, None)
        );
        let docker = masked(secret(json!({"sops": sops, "type": DOCKER_CONFIG})));
        assert_eq!(docker["stringData"]["y"], json!({"mask": MASK}).to_string());
        let plain = secret(json!({}));
        assert_eq!(masked(plain.clone()), plain);
        let file = json!({"data": {"x": STANDARD.encode("a: ENC[x]\nsops: {}\n"), "z": "YQ=="}, "stringData": {"y": "sops ENC["}});
        let file = masked(secret(file));
        assert_eq!(
            (&file["data"]["x"], &file["data"]["z"], &file["stringData"]["y"]),
            (&encoded, &json!("YQ=="), &encoded)
        );
    }

    #[test]
    fn a_value_that_is_not_base64_is_named() {
        let mut secret = json!({"kind": "Secret", "metadata": {"name": "a"}, "data": {"x": "no base64"}});
        let error = mask_sops(&mut secret).unwrap_err().to_string();
        assert_eq!(error, "failed to mask secret a sops data: illegal base64 data at input byte 2");
    }

    #[test]
    fn a_comparison_of_secrets_shows_which_values_differ_and_none_of_them() {
        let secret = |data: Value, copy: &str| json!({"kind": "Secret", "metadata": {"annotations": {LAST_APPLIED: copy}}, "data": data});
        let mut live = secret(json!({"same": "YQ==", "new": "Yg==", "gone": "Yw=="}), "a");
        let mut merged = secret(json!({"same": "YQ==", "new": "eA==", "added": "ZA=="}), "b");
        mask_secret(&mut live, &mut merged);
        assert_eq!(live, secret(json!({"same": "***", "new": "*** (before)", "gone": "***"}), BEFORE));
        assert_eq!(merged, secret(json!({"same": "***", "new": "*** (after)", "added": "***"}), AFTER));
        let (mut live, mut merged) =
            (json!({"kind": "Secret"}), json!({"kind": "Secret", "data": {"a": "YQ=="}}));
        mask_secret(&mut live, &mut merged);
        assert_eq!(
            (live, merged),
            (json!({"kind": "Secret"}), json!({"kind": "Secret", "data": {"a": "***"}}))
        );
        // One that cannot be encoded has its texts still.
        let mut odd = json!({"kind": "Secret", "stringData": {"a": "hunter2", "b": 1}});
        mask_secret(&mut odd, &mut json!({}));
        assert_eq!(odd, json!({"kind": "Secret", "stringData": {"a": "***", "b": "***"}}));
    }

    #[test]
    fn of_an_encrypted_secret_only_the_keys_are_compared() {
        let applied = json!({"data": {"a": STANDARD.encode(MASK)}});
        let of = |keys: &[&str]| json!({"data": keys.iter().map(|key| ((*key).to_owned(), json!("x"))).collect::<Map<_, _>>()});
        let (mut live, mut merged) = (of(&["a"]), of(&["a"]));
        assert_eq!(same_keys(&applied, &mut live, &mut merged), Some(true));
        assert_eq!(
            (&live, &merged),
            (&json!({"data": {"a": ENCRYPTED}}), &json!({"data": {"a": ENCRYPTED}}))
        );
        assert_eq!(same_keys(&applied, &mut of(&["a", "b"]), &mut of(&["a"])), Some(false));
        assert_eq!(same_keys(&json!({"data": {"a": "YQ=="}}), &mut of(&["a"]), &mut of(&["a"])), None);
    }
}
