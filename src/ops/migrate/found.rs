//! Where a manifest says which version of an API it is written in. The text is looked at line by line, as upstream does, so that nothing
//! else of a file changes.

use crate::kind::KINDS;

const VERSION: &str = "apiVersion: ";
const KIND: &str = "kind: ";

/// A line that names another version than it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutdatedLine {
    /// From 0 on.
    pub(super) line: usize,
    pub(super) kind: &'static str,
    pub(super) old: String,
    pub(super) new: &'static str,
}

/// The lines of a file to change for a release of Flux; `strange` hears of lines that cannot be understood, by their number from 1 on.
pub(super) fn find(
    content: &[u8],
    release: &str,
    mut strange: impl FnMut(usize, String),
) -> Vec<OutdatedLine> {
    let lines: Vec<&[u8]> = content.split(|byte| *byte == b'\n').collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(version) = value(line, VERSION) else { continue };
        let (group, old) = match version.split_once('/') {
            Some((_, rest)) if rest.contains('/') => {
                strange(at + 1, format!("unexpected GroupVersion string: {version}"));
                continue;
            }
            Some((group, version)) => (group, version),
            None => ("", version.as_str()),
        };
        let Some(kind) = lines.get(at + 1).and_then(|line| value(line, KIND)) else { continue };
        let known = KINDS.iter().find(|known| known.group == group && known.kind == kind);
        let Some(known) = known else { continue };
        if let Some(new) = known.version_in(release).filter(|new| *new != old) {
            found.push(OutdatedLine { line: at, kind: known.kind, old: old.to_owned(), new });
        }
    }
    found
}

/// The first word after a key, anywhere in the line.
fn value(line: &[u8], key: &str) -> Option<String> {
    let line = String::from_utf8_lossy(line);
    let at = line.find(key)?;
    line[at + key.len()..].trim().split(' ').next().map(str::to_owned)
}

/// The content with the versions replaced, every other byte as it was.
pub(super) fn replace(content: &[u8], found: &[OutdatedLine]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (at, line) in content.split(|byte| *byte == b'\n').enumerate() {
        let change = found.iter().find(|change| change.line == at);
        let place = change.and_then(|change| {
            let old = change.old.as_bytes();
            let at = memchr::memmem::find(line, old)?;
            Some((at, at + old.len(), change.new))
        });
        lines.push(match place {
            Some((from, to, new)) => [&line[..from], new.as_bytes(), &line[to..]].concat(),
            None => line.to_vec(),
        });
    }
    lines.join(&b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(text: &str, release: &str) -> String {
        let found = find(text.as_bytes(), release, |line, reason| panic!("{line}: {reason}"));
        String::from_utf8(replace(text.as_bytes(), &found)).unwrap()
    }

    #[test]
    fn only_the_version_changes_whatever_the_ends_of_lines() {
        for end in ["\n", "\r\n"] {
            let text = |version: &str| {
                [
                    "# first",
                    &format!("apiVersion: source.toolkit.fluxcd.io/{version} # v1beta2"),
                    "kind: GitRepository",
                    "spec: {apiVersion: source.toolkit.fluxcd.io/v1beta2}",
                    "",
                ]
                .join(end)
            };
            assert_eq!(changed(&text("v1beta2"), "2.9"), text("v1"));
            assert_eq!(changed(&text("v1"), "2.9"), text("v1"));
        }
    }

    #[test]
    fn a_release_has_its_own_versions() {
        let image =
            |version: &str| format!("- apiVersion: image.toolkit.fluxcd.io/{version}\n  kind: ImagePolicy\n");
        assert_eq!(changed(&image("v1beta1"), "2.6"), image("v1beta2"));
        assert_eq!(changed(&image("v1beta2"), "2.7"), image("v1"));
        assert_eq!(changed(&image("v1"), "2.6"), image("v1beta2"));
        let generator = "apiVersion: source.extensions.fluxcd.io/v1alpha1\nkind: ArtifactGenerator\n";
        assert_eq!(changed(generator, "2.6"), generator);
        assert!(changed(generator, "2.9").contains("/v1beta1\n"));
    }

    #[test]
    fn what_is_not_utf_8_stays_as_it_is() {
        let before = b"\xff\xfe\napiVersion: helm.toolkit.fluxcd.io/v2beta1\nkind: HelmRelease\n\xff";
        let found = find(before, "2.9", |_, _| ());
        let after = replace(before, &found);
        assert_eq!(after, b"\xff\xfe\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n\xff");
    }

    #[test]
    fn a_version_with_two_slashes_is_told() {
        let mut told = Vec::new();
        let found = find(b"a\napiVersion: a/b/c\nkind: X", "2.9", |line, reason| told.push((line, reason)));
        assert_eq!(found, []);
        assert_eq!(told, [(2, "unexpected GroupVersion string: a/b/c".to_owned())]);
    }
}
