//! Templates that name the groups of a regular expression, as Go's `regexp` expands them.

use regex::Regex;
use std::sync::LazyLock;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadTemplate {
    /// A `$` without a name, or a brace that is not closed.
    Malformed,
    /// The expression has no group of this name.
    NoSuchGroup(String),
}

/// Checks that a template names only groups that there are; `$1` may be any number, `$$` is a dollar.
///
/// # Errors
/// The first name that is invalid, or not in `groups`.
pub fn check_template(template: &str, groups: &[String]) -> Result<(), BadTemplate> {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\$(?:\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))").ok());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$") {
            rest = after;
            continue;
        }
        let found = NAME.as_ref().and_then(|pattern| pattern.captures(rest)).ok_or(BadTemplate::Malformed)?;
        let name = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
        if !is_number(name) && !groups.iter().any(|group| group == name) {
            return Err(BadTemplate::NoSuchGroup(name.to_owned()));
        }
        rest = &rest[found[0].len()..];
    }
    Ok(())
}

/// The number of a group: one with a leading zero, or of more than nine digits, is a name.
fn is_number(name: &str) -> bool {
    let is_plain = name == "0" || !name.starts_with('0');
    name.bytes().all(|byte| byte.is_ascii_digit()) && is_plain && name.len() <= 9
}

#[cfg(test)]
mod tests {
    use super::super::group_names;
    use super::*;

    #[test]
    fn a_template_names_groups_that_there_are() {
        let groups = group_names(r"^v(?P<n>\d+)-(?<build>\w+)(x)").unwrap();
        assert_eq!(groups, ["n", "build"]);
        for good in ["", "x", "$n", "${n}.$build", "$1", "$0", "$123456789", "$$", "$$$n", "a$n-b"] {
            assert_eq!(check_template(good, &groups), Ok(()), "{good}");
        }
        for bad in ["$", "$$$", "${n", "${}", "$-", "a$ b", "${n-}"] {
            assert_eq!(check_template(bad, &groups), Err(BadTemplate::Malformed), "{bad}");
        }
        for (bad, name) in [
            ("$m", "m"),
            ("$nx", "nx"),
            ("$01", "01"),
            ("${2a}", "2a"),
            ("$1234567890", "1234567890"),
            ("$é", "é"),
        ] {
            assert_eq!(check_template(bad, &groups), Err(BadTemplate::NoSuchGroup(name.to_owned())), "{bad}");
        }
    }
}
