//! What a version is pinned to.

use crate::api::pinned::BRANCH;
use crate::api::pinned::COMMIT;
use crate::api::pinned::DIGEST;
use crate::api::pinned::NAME;
use crate::api::pinned::SEMVER;
use crate::api::pinned::TAG;
use crate::text;
use crate::text::SemverRange;
use crate::text::WithHint;
use crate::text::shorten_hex;

/// How a full reference begins: of any kind, of a tag, of a branch.
const REFS: &str = "refs/";
const TAGS: &str = "refs/tags/";
const HEADS: &str = "refs/heads/";

/// What a version is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Setting {
    /// The field of a reference; empty for images and charts, which have only one.
    pub(super) field: &'static str,
    /// For an image the tag, the digest, or `tag@digest`; empty where nothing is pinned.
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

    /// Of a source. A commit is written in lower case, as Git does.
    pub(super) fn reference(field: &'static str, value: &str) -> Self {
        let value = if field == COMMIT { value.to_ascii_lowercase() } else { value.to_owned() };
        Self { field, value }
    }

    /// Tag and digest of an image; either may be empty.
    pub(super) fn tag_and_digest(&self) -> (&str, &str) {
        match self.value.split_once('@') {
            Some(parts) => parts,
            None if self.value.starts_with("sha256:") => ("", &self.value),
            None => (&self.value, ""),
        }
    }

    /// What kind of thing it follows, if it moves by itself: a branch, a range of versions, or a reference that is not a tag.
    pub(super) fn moves(&self, is_chart: bool) -> Option<&'static str> {
        match self.field {
            BRANCH => Some("branch"),
            NAME if self.value.starts_with(HEADS) => Some("branch"),
            NAME if !self.value.starts_with(TAGS) => Some("reference"),
            SEMVER => (!text::is_exact(&self.value)).then_some("range"),
            _ if is_chart => (!text::is_exact(&self.value)).then_some("range"),
            _ => None,
        }
    }

    /// Whether this is an older version than the other; never where one of them is not a version.
    pub(super) fn is_older_than(&self, other: &Self, is_image: bool) -> bool {
        let is_older = if is_image { text::is_older_tag } else { text::is_older };
        is_older(self.version(), other.version())
    }

    fn version(&self) -> &str {
        match self.field {
            "" => self.tag_and_digest().0,
            NAME => self.value.strip_prefix(TAGS).unwrap_or(&self.value),
            _ => &self.value,
        }
    }

    /// The same tag in the form of another setting: `tag: v1` or `name: refs/tags/v1`.
    pub(super) fn in_form_of(self, other: &Self) -> Self {
        match (self.field, other.field) {
            (TAG, NAME) if !self.value.is_empty() && other.value.starts_with(TAGS) => {
                Self::reference(NAME, &[TAGS, &self.value].concat())
            }
            (NAME, TAG) if !other.value.is_empty() => match self.value.strip_prefix(TAGS) {
                Some(tag) => Self::reference(TAG, tag),
                None => self,
            },
            _ => self,
        }
    }

    /// As output shows it: with its field if that of the other setting is a different one.
    pub(super) fn beside(&self, other: &Self) -> String {
        let value = if self.value.is_empty() { "none".to_owned() } else { shorten_hex(&self.value) };
        if self.field == other.field || self.field.is_empty() {
            value
        } else {
            format!("{} {value}", self.field)
        }
    }
}

/// Refuses a value that an image, a chart or a field of a reference cannot have.
///
/// # Errors
/// What is wrong with it.
pub(super) fn judge(setting: &Setting, is_chart: bool) -> anyhow::Result<()> {
    let value = setting.value.as_str();
    let refuse = |what: &str| Err(anyhow::anyhow!("\"{value}\" is not {what}"));
    match setting.field {
        SEMVER => judge_range(value),
        _ if is_chart => judge_range(value),
        COMMIT if !text::is_commit(value) => refuse("a commit: 40 hexadecimal digits"),
        DIGEST if !text::is_digest(value) => refuse(DIGEST_FORM),
        COMMIT | DIGEST => Ok(()),
        "" => {
            let (tag, digest) = setting.tag_and_digest();
            if (!tag.is_empty() || digest.is_empty()) && !is_tag(tag) {
                return refuse("a tag: letters, digits, \"_\", \".\" and \"-\"");
            }
            if !digest.is_empty() && !text::is_digest(digest) {
                return refuse(DIGEST_FORM);
            }
            Ok(())
        }
        _ if !is_reference(value) => refuse("the name of a tag or a branch"),
        NAME if !value.starts_with(REFS) => refuse("a full reference, such as refs/tags/v1.0.0"),
        TAG | BRANCH if value.starts_with(REFS) => {
            Err(anyhow::anyhow!("\"{value}\" is a full reference, not the name of a tag or a branch"))
                .hint("a GitRepository takes it as name=…")
        }
        _ => Ok(()),
    }
}

const DIGEST_FORM: &str = "a digest: sha256: and 64 hexadecimal digits in lower case";

fn judge_range(value: &str) -> anyhow::Result<()> {
    SemverRange::parse(value)
        .map(drop)
        .map_err(|error| anyhow::anyhow!("\"{value}\" is neither a version nor a range of versions: {error}"))
}

/// What registries accept as a tag.
fn is_tag(value: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = value.bytes();
    value.len() <= 128
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || byte == b'.' || byte == b'-')
}

/// What Git accepts as the name of a branch or a tag, and registries as a tag.
fn is_reference(value: &str) -> bool {
    let is_odd = |c: char| c.is_control() || c.is_whitespace() || "~^:?*[\\${}\"'#".contains(c);
    !value.is_empty()
        && !value.contains(is_odd)
        && !value.contains("..")
        && !value.contains("//")
        && !value.starts_with(['-', '/', '.'])
        && !value.ends_with(['/', '.'])
}

/// The setting that a value is meant for, in one of the fields of a reference: in the present field if the value fits there, otherwise
/// in the field that its form suggests.
pub(super) fn fitting(value: &str, present: Option<&Setting>, fields: &[&'static str]) -> Option<Setting> {
    let known = |name: &str| fields.iter().copied().find(|field| *field == name);
    let set = |name: &str, value: &str| Some(Setting::reference(known(name)?, value));
    let by_form = [
        (DIGEST, value.starts_with("sha256:")),
        (COMMIT, text::is_commit(value)),
        (NAME, value.starts_with(REFS)),
    ];
    if let Some((field, _)) = by_form.into_iter().find(|(field, fits)| *fits && known(field).is_some()) {
        return set(field, value);
    }
    let is_version = text::is_exact(value);
    let is_range = !is_version && value.contains(|c: char| "<>=~^* |,".contains(c));
    match present.map(|present| (present.field, present.value.as_str())) {
        _ if is_range => set(SEMVER, value),
        // An exact version replaces what moves by itself.
        Some((SEMVER, _)) if is_version => set(SEMVER, value),
        Some((BRANCH, _)) if is_version => set(TAG, value),
        Some((NAME, name)) if name.starts_with(TAGS) => set(NAME, &[TAGS, value].concat()),
        Some((NAME, _)) if is_version => set(TAG, value),
        Some((NAME, name)) if name.starts_with(HEADS) => set(NAME, &[HEADS, value].concat()),
        Some((NAME, _)) => set(BRANCH, value),
        Some((field, _)) if !matches!(field, DIGEST | COMMIT | SEMVER) => set(field, value),
        None if !is_version && known(BRANCH).is_some() => set(BRANCH, value),
        _ => set(TAG, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIT: [&str; 5] = [COMMIT, NAME, SEMVER, TAG, BRANCH];
    const OCI: [&str; 3] = [DIGEST, SEMVER, TAG];

    #[test]
    fn a_value_goes_into_the_field_that_it_fits() {
        let commit = "0".repeat(40);
        let digest = format!("sha256:{}", "a".repeat(64));
        let field = |value: &str, present: Option<&'static str>, fields: &[&'static str]| {
            let present = present.map(|field| Setting::reference(field, "x"));
            let found = fitting(value, present.as_ref(), fields).unwrap();
            assert_eq!(found.value, value);
            found.field
        };
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
            ("refs/heads/next", Some(BRANCH), &GIT, NAME),
            ("refs/tags/v1", Some(TAG), &OCI, TAG),
        ] {
            assert_eq!(field(value, present, fields), wanted, "{value} {present:?}");
        }
    }

    #[test]
    fn a_full_reference_keeps_its_form_as_far_as_the_value_fits() {
        let commit = "ABCDEF0123".repeat(4);
        for (value, present, field, wanted) in [
            ("v1.4.0", "refs/tags/v1.3.0", NAME, "refs/tags/v1.4.0"),
            ("stable", "refs/tags/v1.3.0", NAME, "refs/tags/stable"),
            ("v1.4.0", "refs/heads/main", TAG, "v1.4.0"),
            ("next", "refs/heads/main", NAME, "refs/heads/next"),
            ("v1.4.0", "refs/pull/4/head", TAG, "v1.4.0"),
            ("next", "refs/pull/4/head", BRANCH, "next"),
            (">=1.0.0", "refs/tags/v1.3.0", SEMVER, ">=1.0.0"),
            ("refs/pull/5/head", "refs/tags/v1.3.0", NAME, "refs/pull/5/head"),
            (&commit, "refs/tags/v1.3.0", COMMIT, &commit.to_lowercase()),
        ] {
            let found = fitting(value, Some(&Setting::reference(NAME, present)), &GIT);
            assert_eq!(found, Some(Setting { field, value: wanted.to_owned() }), "{value} {present}");
        }
    }

    #[test]
    fn what_is_not_a_tag_moves_by_itself() {
        let moves = |field, value: &str| Setting::reference(field, value).moves(false);
        assert_eq!(moves(NAME, "refs/tags/v1"), None);
        assert_eq!(moves(NAME, "refs/heads/main"), Some("branch"));
        assert_eq!(moves(NAME, "refs/merge-requests/4/head"), Some("reference"));
        assert_eq!((moves(BRANCH, "main"), moves(TAG, "v1")), (Some("branch"), None));
        assert_eq!((moves(SEMVER, "1.x"), moves(SEMVER, "1.0.0")), (Some("range"), None));
        let [older, newer] =
            ["refs/tags/v1.9.0", "refs/tags/v1.10.0"].map(|name| Setting::reference(NAME, name));
        assert!(older.is_older_than(&newer, false) && !newer.is_older_than(&older, false));
        assert!(older.is_older_than(&Setting::reference(TAG, "v1.10.0"), false));
    }

    #[test]
    fn what_cannot_be_a_version_is_refused() {
        let judged = |field: &'static str, value: &str, is_chart: bool| {
            judge(&Setting { field, value: value.to_owned() }, is_chart).is_ok()
        };
        let digest = format!("sha256:{}", "a".repeat(64));
        for (field, good, bad) in [
            (
                "",
                &["1.27", &digest, &format!("1.27@{digest}"), "_x"][..],
                &["", "a b", "${X}", "1:2", "sha256:a", "@x", &digest.to_uppercase()][..],
            ),
            (TAG, &["v1", "release/1.0"], &["", "a b", "a..b", "-x", "x:y", "${X}", "refs/tags/v1"]),
            (BRANCH, &["main"], &["refs/heads/main"]),
            (
                NAME,
                &["refs/tags/v1", "refs/heads/main", "refs/pull/4/head"],
                &["v1", "main", "refs/", "refs/a b"],
            ),
            (COMMIT, &["0123456789012345678901234567890123456789"], &["main", "0123"]),
            (DIGEST, &[&digest], &["main", "sha256:0"]),
            (SEMVER, &[">=1.0.0 <2.0.0", "1.2.3"], &["latest", ""]),
        ] {
            for value in good {
                assert!(judged(field, value, false), "{field} {value}");
            }
            for value in bad {
                assert!(!judged(field, value, false), "{field} {value}");
            }
        }
        assert!(judged("", "6.x", true) && !judged("", "latest", true));
    }
}
