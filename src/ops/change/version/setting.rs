//! What a version is pinned to.

use crate::api::pinned::BRANCH;
use crate::api::pinned::COMMIT;
use crate::api::pinned::DIGEST;
use crate::api::pinned::SEMVER;
use crate::api::pinned::TAG;
use crate::text;
use crate::text::SemverRange;
use crate::text::shorten_hex;

/// What a version is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Setting {
    /// The field of a reference; empty for images and charts, which have one place.
    pub(super) field: &'static str,
    /// Of an image the tag, the digest, or `tag@digest`; empty where nothing is pinned.
    pub(super) value: String,
}

impl Setting {
    pub(super) fn plain(value: &str) -> Self {
        Self { field: "", value: value.to_owned() }
    }

    /// Of an image.
    pub(super) fn image(tag: &str, digest: &str) -> Self {
        let mark = if tag.is_empty() || digest.is_empty() { "" } else { "@" };
        Self { field: "", value: [tag, mark, digest].concat() }
    }

    /// Tag and digest of an image; either may be empty.
    pub(super) fn tag_and_digest(&self) -> (&str, &str) {
        match self.value.split_once('@') {
            Some(parts) => parts,
            None if self.value.starts_with("sha256:") => ("", &self.value),
            None => (&self.value, ""),
        }
    }

    /// What it is, if what it means moves by itself: a branch, or a range of versions.
    pub(super) fn moves(&self, is_chart: bool) -> Option<&'static str> {
        match self.field {
            BRANCH => Some("branch"),
            SEMVER => (!text::is_exact(&self.value)).then_some("range"),
            _ if is_chart => (!text::is_exact(&self.value)).then_some("range"),
            _ => None,
        }
    }

    /// Whether this is an older version than another one, as far as both are versions.
    pub(super) fn is_older_than(&self, other: &Self, is_image: bool) -> bool {
        let is_older = if is_image { text::is_older_tag } else { text::is_older };
        is_older(self.tag_and_digest().0, other.tag_and_digest().0)
    }

    /// As lines show it: with its field where another one is compared with it.
    pub(super) fn beside(&self, other: &Self) -> String {
        let value = if self.value.is_empty() { "none".to_owned() } else { shorten_hex(&self.value) };
        if self.field == other.field || self.field.is_empty() {
            value
        } else {
            format!("{} {value}", self.field)
        }
    }
}

/// Refuses a value that an image, a chart or a field of a reference could not have.
///
/// # Errors
/// What is wrong with it.
pub(super) fn judge(setting: &Setting, is_chart: bool) -> anyhow::Result<()> {
    let value = setting.value.as_str();
    let refuse = |what: &str| Err(anyhow::anyhow!("\"{value}\" is not {what}"));
    match setting.field {
        SEMVER => judge_range(value),
        _ if is_chart => judge_range(value),
        COMMIT if !is_commit(value) => refuse("a commit: 40 hexadecimal digits"),
        DIGEST if !is_digest(value) => refuse("a digest: sha256: and 64 hexadecimal digits"),
        COMMIT | DIGEST => Ok(()),
        "" => {
            let (tag, digest) = setting.tag_and_digest();
            if (!tag.is_empty() || digest.is_empty()) && !is_tag(tag) {
                return refuse("a tag: letters, digits, \"_\", \".\" and \"-\"");
            }
            if !digest.is_empty() && !is_digest(digest) {
                return refuse("a digest: sha256: and 64 hexadecimal digits");
            }
            Ok(())
        }
        _ if !is_reference(value) => refuse("the name of a tag or a branch"),
        _ => Ok(()),
    }
}

fn judge_range(value: &str) -> anyhow::Result<()> {
    SemverRange::parse(value)
        .map(drop)
        .map_err(|error| anyhow::anyhow!("\"{value}\" is neither a version nor a range of versions: {error}"))
}

/// What registries take for a tag.
fn is_tag(value: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = value.bytes();
    value.len() <= 128
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}

pub(super) fn is_digest(value: &str) -> bool {
    value.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64 && is_hex(hex))
}

pub(super) fn is_commit(value: &str) -> bool {
    matches!(value.len(), 40 | 64) && is_hex(value)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// What Git takes for the name of a branch or a tag, and registries for a tag.
fn is_reference(value: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\${}\"'#".contains(c);
    !value.is_empty()
        && !value.contains(is_odd)
        && !value.contains("..")
        && !value.contains("//")
        && !value.starts_with(['-', '/', '.'])
        && !value.ends_with(['/', '.'])
}

/// The field of a reference that a value is meant for: the present one where it fits, otherwise by the form of the value.
pub(super) fn field_for(
    value: &str,
    present: Option<&'static str>,
    fields: &[&'static str],
) -> Option<&'static str> {
    let named = |name: &str| fields.iter().copied().find(|field| *field == name);
    if is_digest(value) && named(DIGEST).is_some() {
        return named(DIGEST);
    }
    if is_commit(value) && named(COMMIT).is_some() {
        return named(COMMIT);
    }
    let is_version = text::is_exact(value);
    let is_range = !is_version && value.contains(|c: char| "<>=~^* |,".contains(c));
    match present {
        _ if is_range => named(SEMVER),
        // What moved by itself is pinned.
        Some(SEMVER) if is_version => named(SEMVER),
        Some(BRANCH) if is_version => named(TAG),
        Some(field) if !matches!(field, DIGEST | COMMIT | SEMVER) => Some(field),
        None if !is_version && named(BRANCH).is_some() => named(BRANCH),
        _ => named(TAG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIT: [&str; 5] = [COMMIT, "name", SEMVER, TAG, BRANCH];
    const OCI: [&str; 3] = [DIGEST, SEMVER, TAG];

    #[test]
    fn a_value_goes_into_the_field_that_it_fits() {
        let commit = "0".repeat(40);
        let digest = format!("sha256:{}", "a".repeat(64));
        for (value, present, fields, wanted) in [
            ("v1.2.3", Some(BRANCH), &GIT[..], TAG),
            ("next", Some(BRANCH), &GIT, BRANCH),
            ("v2", Some(TAG), &GIT, TAG),
            (&commit, Some(BRANCH), &GIT, COMMIT),
            ("v1.2.3", Some(COMMIT), &GIT, TAG),
            (">=1.0.0", Some(TAG), &GIT, SEMVER),
            ("1.2.3", Some(SEMVER), &OCI, SEMVER),
            ("latest", Some(SEMVER), &OCI, TAG),
            (&digest, Some(TAG), &OCI, DIGEST),
            ("1.2.3", Some(DIGEST), &OCI, TAG),
            ("latest", None, &OCI, TAG),
            ("main", None, &GIT, BRANCH),
        ] {
            assert_eq!(field_for(value, present, fields), Some(wanted), "{value} {present:?}");
        }
    }

    #[test]
    fn what_nothing_could_have_is_refused() {
        let judged = |field: &'static str, value: &str, is_chart: bool| {
            judge(&Setting { field, value: value.to_owned() }, is_chart).is_ok()
        };
        let digest = format!("sha256:{}", "a".repeat(64));
        for (field, good, bad) in [
            (
                "",
                &["1.27", &digest, &format!("1.27@{digest}"), "_x"][..],
                &["", "a b", "${X}", "1:2", "sha256:a", "@x"][..],
            ),
            (TAG, &["v1", "release/1.0"], &["", "a b", "a..b", "-x", "x:y", "${X}"]),
            (COMMIT, &["0123456789012345678901234567890123456789"], &["main", "0123"]),
            (DIGEST, &[&digest], &["main", "sha256:0"]),
            (SEMVER, &[">=1.0.0 <2.0.0", "1.2.3"], &["latest", ""]),
        ] {
            assert!(good.iter().all(|value| judged(field, value, false)), "{field} {good:?}");
            assert!(!bad.iter().any(|value| judged(field, value, false)), "{field} {bad:?}");
        }
        assert!(judged("", "6.x", true) && !judged("", "latest", true));
    }
}
