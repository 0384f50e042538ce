//! The copy of `install.sh` that belongs to one release.

use anyhow::Context;

/// Fills version, address and public key into `script`.
///
/// # Errors
/// The script has no place for one of them, or a value would not stay within its quotes.
pub fn belonging_to(
    script: &str,
    version: &str,
    url: Option<&str>,
    public_key: Option<&str>,
) -> anyhow::Result<String> {
    let mut text = script.to_owned();
    let values =
        [("own_version", version), ("own_url", url.unwrap_or("")), ("own_key", public_key.unwrap_or(""))];
    for (name, value) in values {
        let is_plain = value.chars().all(|c| c.is_ascii_graphic() && c != '\'' || " \n".contains(c));
        anyhow::ensure!(is_plain, "{value:?} cannot be written into install.sh");
        let place = format!("\n{name}=\n");
        let (before, after) =
            text.split_once(&place).with_context(|| format!("install.sh has no line {name}="))?;
        text = format!("{before}\n{name}='{}'\n{after}", value.trim_end());
    }
    Ok(text)
}
