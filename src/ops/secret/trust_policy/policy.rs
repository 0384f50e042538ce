//! A trust policy as a whole.

use super::statement;
use super::statement::Statement;
use crate::text::quoted;
use serde_json::Value;
use std::collections::BTreeSet;

/// Checks a policy. `file` is what it is called in errors.
///
/// # Errors
/// What is not JSON, or breaks a rule.
pub fn check_trust_policy(text: &str, file: &str) -> anyhow::Result<()> {
    let unreadable = |reason: String| anyhow::anyhow!("failed to unmarshal trust policy {file}: {reason}");
    let document: Value =
        serde_json::from_str(text).map_err(|error| unreadable(in_go_words(text, &error)))?;
    let refused = |reason: String| anyhow::anyhow!("invalid trust policy: {reason}");
    let (version, statements) = read(&document).map_err(unreadable)?;
    check(&version, &statements).map_err(refused)
}

/// What Go calls a text that is not JSON, for those that are met: nothing, and a word.
fn in_go_words(text: &str, error: &serde_json::Error) -> String {
    match text.trim_start().chars().next() {
        _ if error.is_eof() => "unexpected end of JSON input".to_owned(),
        Some(first) if !"{[\"-tfn0123456789".contains(first) => {
            format!("invalid character '{first}' looking for beginning of value")
        }
        _ => error.to_string(),
    }
}

/// The version and the statements of a document.
fn read(document: &Value) -> Result<(String, Vec<Statement>), String> {
    let version = statement::text(document, "version", "Document")?;
    let statements = statement::list(document, "trustPolicies", "Document")?;
    Ok((version, statements.iter().map(Statement::read).collect::<Result<_, _>>()?))
}

fn check(version: &str, statements: &[Statement]) -> Result<(), String> {
    match version {
        "" => return Err("trust policy document has empty version, version must be specified".to_owned()),
        "1.0" => {}
        other => {
            return Err(format!("trust policy document uses unsupported version {}", quoted(other)));
        }
    }
    if statements.is_empty() {
        return Err("trust policy document can not have zero trust policy statements".to_owned());
    }
    let mut names = BTreeSet::new();
    for statement in statements {
        if names.contains(&statement.name) {
            return Err(format!(
                "multiple trust policy statements use the same name {}, statement names must be unique",
                quoted(&statement.name)
            ));
        }
        statement.check().map_err(|reason| format!("trust policy: {reason}"))?;
        names.insert(&statement.name);
    }
    let mut scopes = BTreeSet::new();
    for statement in statements {
        statement.check_scopes()?;
        if let Some(twice) = statement.scopes.iter().find(|scope| !scopes.insert(*scope)) {
            return Err(format!(
                "registry scope {} is present in multiple trust policy statements, \
                 one registry scope value can only be associated with one statement",
                quoted(twice)
            ));
        }
    }
    Ok(())
}
