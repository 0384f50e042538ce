//! `--type` of a Receiver, as `create receiver` and `create secret receiver` take it.

use crate::api::notification::receiver::ReceiverType;
use serde_json::Value;

/// The types as the help of the Flux CLI lists them; it does not know the others of the API.
pub(super) const TYPES: &str =
    "generic|generic-hmac|github|gitlab|bitbucket|harbor|dockerhub|quay|gcr|nexus|acr|cdevents";

/// One of the types.
///
/// # Errors
/// Another word, in upstream's words.
pub(super) fn receiver_type(text: &str) -> Result<ReceiverType, String> {
    if text.trim().is_empty() {
        return Err("no receiver type given, please specify the receiver type".to_owned());
    }
    let known = TYPES.split('|').find(|known| *known == text);
    let read = known.and_then(|word| serde_json::from_value(Value::from(word)).ok());
    read.ok_or_else(|| {
        format!("receiver type '{text}' is not supported, must be one of: {}", TYPES.replace('|', ", "))
    })
}
