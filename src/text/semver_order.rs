//! The order of versions as tags and charts write them: with or without a `v`, with fewer than three numbers, with a flavour behind.

use semver::Prerelease;
use std::cmp::Ordering;

/// The numbers of a version, how many there were, and what is behind the first hyphen.
fn parts(text: &str) -> Option<([u64; 3], usize, &str)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let text = text.split('+').next().unwrap_or(text);
    let (core, preview) = text.split_once('-').unwrap_or((text, ""));
    let mut numbers = [0; 3];
    let mut given = 0;
    for part in core.split('.') {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        *numbers.get_mut(given).filter(|_| is_number)? = part.parse().ok()?;
        given += 1;
    }
    Some((numbers, given, preview))
}

/// Whether this is one version and not a range: all three numbers are there.
pub fn is_exact(text: &str) -> bool {
    parts(text).is_some_and(|(_, given, _)| given == 3)
}

/// Words behind a hyphen that mean what comes before a release. Images have flavours there, too.
const PREVIEWS: [&str; 7] = ["alpha", "beta", "dev", "pre", "preview", "rc", "snapshot"];

/// Whether a version comes before another one, as semver has it; never if one of them is not a version.
pub fn is_older(one: &str, other: &str) -> bool {
    is_before(one, other, |preview| preview)
}

/// The same for the tags of an image, where `-alpine` is a flavour and `-rc.1` a preview.
pub fn is_older_tag(one: &str, other: &str) -> bool {
    is_before(one, other, |preview| {
        let end = preview.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(preview.len());
        let is_preview = PREVIEWS.iter().any(|word| word.eq_ignore_ascii_case(&preview[..end]));
        if is_preview { preview } else { "" }
    })
}

fn is_before(one: &str, other: &str, kept: impl Fn(&str) -> &str) -> bool {
    let (Some((numbers, _, preview)), Some((others, _, other_preview))) = (parts(one), parts(other)) else {
        return false;
    };
    let order = numbers.cmp(&others).then_with(|| {
        match (Prerelease::new(kept(preview)), Prerelease::new(kept(other_preview))) {
            (Ok(preview), Ok(other)) => preview.cmp(&other),
            _ => Ordering::Equal,
        }
    });
    order == Ordering::Less
}

#[cfg(test)]
mod tests {
    use super::is_exact;
    use super::is_older;
    use super::is_older_tag;

    #[test]
    fn versions_are_compared_by_their_numbers_and_previews() {
        for (older, newer) in [
            ("1.9.0", "1.10.0"),
            ("v1.2.3", "2"),
            ("1.24", "v1.25"),
            ("1.24-alpine", "1.25-alpine"),
            ("1.25.0-rc.1", "1.25.0"),
            ("1.0.0-rc.2", "1.0.0-rc.10"),
            ("1.0.0+b", "1.0.1+a"),
        ] {
            assert!(is_older(older, newer) && !is_older(newer, older), "{older} {newer}");
        }
        for (one, other) in
            [("1.0", "1.0.0"), ("main", "1.0"), ("1.x", "2.0"), ("1-alpine3.09", "1-alpine3.10")]
        {
            assert!(!is_older(one, other) && !is_older(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_flavour_of_an_image_is_not_a_preview() {
        assert!(is_older("1.25.0-alpine", "1.25.0") && !is_older_tag("1.25.0-alpine", "1.25.0"));
        assert!(!is_older_tag("1.25-bookworm", "1.25-trixie"));
        for (older, newer) in
            [("1.25.0-rc.1", "1.25.0"), ("1.24-alpine", "1.25"), ("2.0-beta2", "2.0-rc1"), ("1.0-RC1", "1.0")]
        {
            assert!(is_older_tag(older, newer) && !is_older_tag(newer, older), "{older} {newer}");
        }
    }

    #[test]
    fn a_version_has_three_numbers_and_a_range_has_not() {
        for version in ["1.2.3", "v1.2.3", "1.2.3-rc.1"] {
            assert!(is_exact(version), "{version}");
        }
        for range in ["1.2", "1.x", ">=1.0.0", "*", "", "1.2.3.4", "latest"] {
            assert!(!is_exact(range), "{range}");
        }
    }
}
