//! One statement of a trust policy.

use super::distinguished_name;
use super::distinguished_name::Attributes;
use crate::text::quoted;
use regex::Regex;
use serde_json::Map;
use serde_json::Value;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "the expression is known")]
static DOMAIN: LazyLock<Regex> = LazyLock::new(|| {
    let label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    Regex::new(&format!(r"^{label}(?:\.{label})*(?::[0-9]+)?$")).unwrap()
});
#[expect(clippy::unwrap_used, reason = "the expression is known")]
static REPOSITORY: LazyLock<Regex> = LazyLock::new(|| {
    let part = "[a-z0-9]+(?:(?:[._]|__|-*)[a-z0-9]+)*";
    Regex::new(&format!("^{part}(?:/{part})*$")).unwrap()
});

/// Matches every registry scope, and every identity.
const ANY: &str = "*";

const LEVELS: [&str; 4] = ["strict", "permissive", "audit", "skip"];
const CHECKS: [&str; 5] = ["integrity", "authenticity", "authenticTimestamp", "expiry", "revocation"];
const ACTIONS: [&str; 3] = ["enforce", "log", "skip"];
const STORES: [&str; 3] = ["ca", "signingAuthority", "tsa"];
const TIMESTAMPS: [&str; 2] = ["always", "afterCertExpiry"];
const QUALIFIED: &str = "make sure it is a fully qualified repository without the scheme, protocol or tag. \
                         For example domain.com/my/repository or a local scope like local/myOCILayout";

/// Who is trusted for which repositories, and how strictly that is verified.
pub(super) struct Statement {
    pub(super) name: String,
    pub(super) scopes: Vec<String>,
    level: String,
    overrides: Vec<(String, String)>,
    timestamp: String,
    stores: Vec<String>,
    identities: Vec<String>,
}

/// A field, whatever the case of its name: Go is not particular about that.
fn field<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let map = object.as_object()?;
    let alike = || map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    map.get(name).or_else(alike).filter(|value| !value.is_null())
}

fn wrong(value: &Value, of: &str, name: &str, wanted: &str) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match name {
        "" => format!("json: cannot unmarshal {found} into Go value of type trustpolicy.Document"),
        _ => format!("json: cannot unmarshal {found} into Go struct field {of}.{name} of type {wanted}"),
    }
}

/// The text of a field; empty when it is not there.
pub(super) fn text(object: &Value, name: &str, of: &str) -> Result<String, String> {
    if !object.is_object() && !object.is_null() {
        return Err(wrong(object, of, "", ""));
    }
    match field(object, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Err(wrong(other, of, name, "string")),
    }
}

/// The elements of a field; an empty list if it is not there.
pub(super) fn list<'a>(object: &'a Value, name: &str, of: &str) -> Result<&'a [Value], String> {
    match field(object, name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(other) => Err(wrong(other, of, name, "[]string")),
    }
}

fn texts(object: &Value, name: &str, of: &str) -> Result<Vec<String>, String> {
    let read = |item: &Value| match item {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        other => Err(wrong(other, of, name, "string")),
    };
    list(object, name, of)?.iter().map(read).collect()
}

impl Statement {
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let of = "TrustPolicy.trustPolicies";
        let name = text(value, "name", of)?;
        let empty = Value::Object(Map::new());
        let verification = field(value, "signatureVerification").unwrap_or(&empty);
        let overrides = field(verification, "override").and_then(Value::as_object);
        let pairs = overrides.into_iter().flatten();
        Ok(Self {
            name,
            scopes: texts(value, "registryScopes", of)?,
            level: text(verification, "level", "SignatureVerification")?,
            overrides: pairs
                .map(|(check, action)| (check.clone(), action.as_str().unwrap_or_default().to_owned()))
                .collect(),
            timestamp: text(verification, "verifyTimestamp", "SignatureVerification")?,
            stores: texts(value, "trustStores", of)?,
            identities: texts(value, "trustedIdentities", of)?,
        })
    }

    /// Everything but the scopes.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.name.is_empty() {
            return Err(
                "a trust policy statement is missing a name, every statement requires a name".to_owned()
            );
        }
        let name = quoted(&self.name);
        let invalid = |reason: String| {
            format!("trust policy statement {name} has invalid signatureVerification: {reason}")
        };
        self.check_level().map_err(invalid)?;
        if !self.timestamp.is_empty() && !TIMESTAMPS.contains(&self.timestamp.as_str()) {
            let [always, after] = TIMESTAMPS.map(quoted);
            let given = quoted(&self.timestamp);
            return Err(invalid(format!("verifyTimestamp must be {always} or {after}, but got {given}")));
        }
        if self.level == "skip" {
            if self.stores.is_empty() && self.identities.is_empty() {
                return Ok(());
            }
            return Err(format!(
                "trust policy statement {name} is set to skip signature verification but configured with trust stores \
                 and/or trusted identities, remove them if signature verification needs to be skipped"
            ));
        }
        if self.stores.is_empty() || self.identities.is_empty() {
            return Err(format!(
                "trust policy statement {name} is either missing trust stores or trusted identities, both must be specified"
            ));
        }
        self.check_stores()?;
        self.check_identities()
    }

    fn check_level(&self) -> Result<(), String> {
        if self.level.is_empty() {
            return Err(
                "signature verification level is empty or missing in the trust policy statement".to_owned()
            );
        }
        let level = quoted(&self.level);
        if !LEVELS.contains(&self.level.as_str()) {
            return Err(format!("invalid signature verification level {level}"));
        }
        if !self.overrides.is_empty() && self.level == "skip" {
            return Err(format!(
                "signature verification level {level} can't be used to customize signature verification"
            ));
        }
        let listed = |words: &[&str]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        for (check, action) in &self.overrides {
            let unsupported = |what: &str, given: &str, known: &[&str]| {
                format!(
                    "verification {what} {} in custom signature verification is not supported, supported values are [{}]",
                    quoted(given),
                    listed(known)
                )
            };
            if !CHECKS.contains(&check.as_str()) {
                return Err(unsupported("type", check, &CHECKS));
            }
            if !ACTIONS.contains(&action.as_str()) {
                return Err(unsupported("action", action, &ACTIONS));
            }
            let done = match check.as_str() {
                "integrity" => "overridden",
                "revocation" => continue,
                _ if action == "skip" => "skipped",
                _ => continue,
            };
            return Err(format!(
                "{} verification can not be {done} in custom signature verification",
                quoted(check)
            ));
        }
        Ok(())
    }

    fn check_stores(&self) -> Result<(), String> {
        let name = quoted(&self.name);
        for store in &self.stores {
            let value = quoted(store);
            let Some((kind, called)) = store.split_once(':') else {
                return Err(format!(
                    "trust policy statement {name} has malformed trust store value {value}. \
                     The required format is <TrustStoreType>:<TrustStoreName>"
                ));
            };
            if !STORES.contains(&kind) {
                return Err(format!(
                    "trust policy statement {name} uses an unsupported trust store type {} in trust store value {value}",
                    quoted(kind)
                ));
            }
            let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
            if called.is_empty() || !called.chars().all(is_allowed) {
                return Err(format!(
                    "trust policy statement {name} uses an unsupported trust store name {} in trust store value {value}. \
                     Named store name needs to follow [a-zA-Z0-9_.-]+ format",
                    quoted(called)
                ));
            }
        }
        Ok(())
    }

    fn check_identities(&self) -> Result<(), String> {
        let name = quoted(&self.name);
        if self.identities.len() > 1 && self.identities.iter().any(|identity| identity == ANY) {
            return Err(format!(
                "trust policy statement {name} uses a wildcard trusted identity '*', \
                 a wildcard identity cannot be used in conjunction with other values"
            ));
        }
        let mut subjects: Vec<(&str, Attributes)> = Vec::new();
        for identity in self.identities.iter().filter(|identity| *identity != ANY) {
            if identity.is_empty() {
                return Err(format!("trust policy statement {name} has an empty trusted identity"));
            }
            let has = format!("trust policy statement {name} has trusted identity {}", quoted(identity));
            let Some((kind, value)) = identity.split_once(':') else {
                return Err(format!("{has} missing separator"));
            };
            if kind != "x509.subject" {
                continue;
            }
            if value.is_empty() {
                return Err(format!("{has} without an identity value"));
            }
            let subject = distinguished_name::read(value);
            let subject = subject.map_err(|reason| format!("{has} with invalid identity value: {reason}"))?;
            subjects.push((identity, subject));
        }
        for (at, (given, subject)) in subjects.iter().enumerate() {
            let is_part = |(other_at, (_, other)): &(usize, &(&str, Attributes))| {
                *other_at != at && subject.iter().all(|(key, value)| other.get(key) == Some(value))
            };
            if let Some((_, (other, _))) = subjects.iter().enumerate().find(is_part) {
                return Err(format!(
                    "trust policy statement {name} has overlapping x509 trustedIdentities, {} overlaps with {}",
                    quoted(given),
                    quoted(other)
                ));
            }
        }
        Ok(())
    }

    /// The repositories that the statement is about.
    pub(super) fn check_scopes(&self) -> Result<(), String> {
        let name = quoted(&self.name);
        if self.scopes.is_empty() {
            return Err(format!(
                "trust policy statement {name} has zero registry scopes, it must specify registry scopes with at least one value"
            ));
        }
        if self.scopes.len() > 1 && self.scopes.iter().any(|scope| scope == ANY) {
            return Err(format!(
                "trust policy statement {name} uses wildcard registry scope '*', \
                 a wildcard scope cannot be used in conjunction with other scope values"
            ));
        }
        for scope in self.scopes.iter().filter(|scope| *scope != ANY) {
            let scope_is = format!("registry scope {}", quoted(scope));
            if scope.len() > 1 && scope.contains('*') {
                return Err(format!("{scope_is} with wild card(s) is not valid, {QUALIFIED}"));
            }
            let parts = scope.split_once('/');
            if !parts.is_some_and(|(domain, path)| DOMAIN.is_match(domain) && REPOSITORY.is_match(path)) {
                return Err(format!("{scope_is} is not valid, {QUALIFIED}"));
            }
        }
        Ok(())
    }
}
