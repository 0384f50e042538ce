//! Secrets that SOPS has encrypted, without what was encrypted: neither they nor their metadata are of use to a reader.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

const MASK: &str = "**SOPS**";
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
}
