//! Distinguished names (RFC 4514) with the rules that Notation adds: each attribute once, and a country, a state and an organization.

use crate::text::quoted;
use std::collections::BTreeMap;

/// The attributes of a name; `S` is `ST`.
pub(super) type Attributes = BTreeMap<String, String>;

const NEEDED: [&str; 3] = ["C", "ST", "O"];
const LEAST: &str = "'C', 'ST' or 'S', and 'O' RDN attributes at a minimum";

/// Reads a name.
pub(super) fn read(name: &str) -> Result<Attributes, String> {
    let shown = quoted(name);
    if name.contains("=#") {
        return Err(format!(
            "unsupported distinguished name (DN) {shown}: notation does not support x509.subject identities containing \"=#\""
        ));
    }
    let read = parts(name).map_err(|reason| {
        format!(
            "parsing distinguished name (DN) {shown} failed with err: {reason}. \
             A valid DN must contain {LEAST}, and follow RFC 4514 standard"
        )
    })?;
    let mut attributes = Attributes::new();
    for (kind, value, has_another) in read {
        if has_another {
            return Err(format!(
                "distinguished name (DN) {shown} has multi-valued RDN attributes, \
                 remove multi-valued RDN attributes as they are not supported"
            ));
        }
        let kind = if kind == "S" { "ST".to_owned() } else { kind };
        if attributes.get(&kind).is_some_and(|known| !known.is_empty()) {
            return Err(format!(
                "distinguished name (DN) {shown} has duplicate RDN attribute for {}, DN can only have unique RDN attributes",
                quoted(&kind)
            ));
        }
        attributes.insert(kind, value);
    }
    for needed in NEEDED {
        if attributes.get(needed).is_none_or(String::is_empty) {
            return Err(format!(
                "distinguished name (DN) {shown} has no mandatory RDN attribute for {}, it must contain {LEAST}",
                quoted(needed)
            ));
        }
    }
    Ok(attributes)
}

/// Type and value of each attribute, and whether another one belongs to it.
fn parts(name: &str) -> Result<Vec<(String, String, bool)>, String> {
    let mut found = Vec::new();
    if name.trim().is_empty() {
        return Ok(found);
    }
    let (mut kind, mut start, mut is_escaped) = (String::new(), 0, false);
    for (at, letter) in name.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '=' if kind.is_empty() => {
                kind = unescaped(&name[start..at])?;
                start = at + 1;
            }
            ',' | '+' | ';' => {
                if kind.is_empty() {
                    return Err("incomplete type, value pair".to_owned());
                }
                found.push((std::mem::take(&mut kind), unescaped(&name[start..at])?, letter == '+'));
                start = at + 1;
            }
            _ => {}
        }
    }
    if kind.is_empty() {
        return Err("DN ended with incomplete type, value pair".to_owned());
    }
    found.push((kind, unescaped(&name[start..])?, false));
    Ok(found)
}

/// Without blanks around it and backslashes in it.
fn unescaped(text: &str) -> Result<String, String> {
    let trimmed = text.trim_matches(' ');
    // A blank at the end that is escaped belongs to it.
    let kept = if trimmed.ends_with('\\') && text.ends_with(' ') {
        format!("{trimmed} ")
    } else {
        trimmed.to_owned()
    };
    let mut bytes = Vec::new();
    let mut letters = kept.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let rest = letters.as_str();
        let Some(next) = letters.next() else {
            return Err(format!("got corrupted escaped character: '{kept}'"));
        };
        if " \"#+,;<=>\\".contains(next) {
            bytes.push(next as u8);
            continue;
        }
        if letters.next().is_none() {
            return Err(format!("failed to decode escaped character: encoding/hex: invalid byte: {next}"));
        }
        let digits = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let Some(byte) = digits else {
            let wrong = rest.chars().take(2).find(|digit| !digit.is_ascii_hexdigit()).unwrap_or(next);
            let code = u32::from(wrong);
            return Err(format!(
                "failed to decode escaped character: encoding/hex: invalid byte: U+{code:04X} '{wrong}'"
            ));
        };
        bytes.push(byte);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
