//! Ranges of versions, such as `>=1.0.0 <2.0.0 || ~3.1`, as Go's `Masterminds/semver` reads them, and the versions that Flux takes tags for.

use super::quoted;
use regex::Regex;
use semver::Prerelease;
use semver::Version;
use std::sync::LazyLock;

/// Versions that fulfil one of several lists of conditions.
#[derive(Debug, Clone)]
pub struct SemverRange(Vec<Vec<Condition>>);

#[derive(Debug, Clone)]
struct Condition {
    operator: Operator,
    version: Version,
    /// How many of major, minor and patch were given.
    given: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

const LONGEST: usize = 512;
const MOST_LISTS: usize = 32;
const VERSION: &str = r"v?([0-9xX*|]+)(\.[0-9xX*|]+)?(\.[0-9xX*|]+)?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?";
const OPERATOR: &str = r"!=|>=|=>|<=|=<|~>|=|>|<|~|\^|";

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static HYPHEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(&format!(r"\s*(?P<low>{VERSION})\s+-\s+(?P<high>{VERSION})\s*")));
static CONDITION: LazyLock<Option<Regex>> = LazyLock::new(|| regex(&format!(r"({OPERATOR})\s*{VERSION}")));
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let one = format!(r"\s*(?:{OPERATOR})\s*{VERSION}\s*");
    regex(&format!(r"^{one}(?:(?:\s+|,\s*){one})*$"))
});
static LOOSE: LazyLock<Option<Regex>> = LazyLock::new(|| regex(&format!(r"^{VERSION}$")));

impl SemverRange {
    /// Reads a range.
    ///
    /// # Errors
    /// An invalid range, in Go's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("constraint string is too long (max {LONGEST} bytes)"));
        }
        let (Some(hyphen), Some(condition), Some(list)) = (&*HYPHEN, &*CONDITION, &*LIST) else {
            return Err("constraint parser error".to_owned());
        };
        let text = hyphen.replace_all(text, ">= $low, <= $high ");
        let lists: Vec<&str> = text.split("||").collect();
        if lists.len() > MOST_LISTS {
            return Err(format!("too many constraint groups (max {MOST_LISTS})"));
        }
        let read = |text: &str| {
            if !list.is_match(text) {
                return Err(format!("improper constraint: {}", quoted(text)));
            }
            condition.captures_iter(text).map(|found| Condition::read(&found)).collect()
        };
        lists.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a tag is a version in the range.
    pub fn contains(&self, tag: &str) -> bool {
        let Some(version) = version(tag) else { return false };
        self.0.iter().any(|list| {
            let takes_previews = list.iter().any(|condition| !condition.version.pre.is_empty());
            (version.pre.is_empty() || takes_previews)
                && list.iter().all(|condition| condition.holds(&version))
        })
    }
}

/// The version that a tag is: with all three numbers, and perhaps a `v`.
fn version(tag: &str) -> Option<Version> {
    if tag.splitn(3, '.').count() != 3 {
        return None;
    }
    let found = LOOSE.as_ref()?.captures(tag)?;
    let number = |at: usize| found.get(at)?.as_str().trim_start_matches('.').parse().ok();
    Some(Version { pre: preview(found.get(4))?, ..Version::new(number(1)?, number(2)?, number(3)?) })
}

fn preview(found: Option<regex::Match<'_>>) -> Option<Prerelease> {
    Prerelease::new(found.map(|found| found.as_str().trim_start_matches('-')).unwrap_or_default()).ok()
}

impl Condition {
    fn read(found: &regex::Captures<'_>) -> Result<Self, String> {
        let error = || "constraint parser error".to_owned();
        let operator = match &found[1] {
            "" | "=" => Operator::Equal,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterOrEqual,
            "<=" | "=<" => Operator::LessOrEqual,
            "~" | "~>" => Operator::Tilde,
            _ => Operator::Caret,
        };
        let mut numbers = [0_u64; 3];
        let mut given = 0;
        for (at, number) in numbers.iter_mut().enumerate() {
            let part =
                found.get(at + 2).map(|part| part.as_str().trim_start_matches('.')).unwrap_or_default();
            if matches!(part, "" | "x" | "X" | "*") {
                break;
            }
            *number = part.parse().map_err(|_| error())?;
            given += 1;
        }
        let pre = preview(found.get(5)).ok_or_else(error)?;
        let version = Version { pre, ..Version::new(numbers[0], numbers[1], numbers[2]) };
        Ok(Self { operator, version, given })
    }

    fn holds(&self, version: &Version) -> bool {
        let wanted = &self.version;
        // The parts after those that were given.
        let is_beyond = match self.given {
            0 => false,
            1 => version.major > wanted.major,
            _ => (version.major, version.minor) > (wanted.major, wanted.minor),
        };
        match self.operator {
            Operator::Equal if self.given < 3 => self.is_near(version),
            Operator::Equal => version == wanted,
            Operator::NotEqual if self.given < 3 => self.differs(version),
            Operator::NotEqual => version != wanted,
            Operator::Greater if matches!(self.given, 1 | 2) => is_beyond,
            Operator::Greater => version > wanted,
            Operator::Less => version < wanted,
            Operator::GreaterOrEqual => version >= wanted,
            Operator::LessOrEqual if self.given < 3 => !self.is_after(version),
            Operator::LessOrEqual => version <= wanted,
            Operator::Tilde => self.is_near(version),
            Operator::Caret => self.is_compatible(version),
        }
    }

    /// `<=1.2` takes 1.2.9, and `<=1` takes 1.9.
    fn is_after(&self, version: &Version) -> bool {
        version.major > self.version.major
            || (version.major == self.version.major && version.minor > self.version.minor && self.given != 1)
    }

    /// Within the minor version, or the major one where that is all that was given.
    fn is_near(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version < wanted {
            return false;
        }
        let is_zero = (wanted.major, wanted.minor, wanted.patch) == (0, 0, 0);
        if is_zero && !matches!(self.given, 1 | 2) {
            return true;
        }
        version.major == wanted.major && (self.given == 1 || version.minor == wanted.minor)
    }

    fn differs(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version.major != wanted.major || (version.minor != wanted.minor && self.given != 1) {
            return true;
        }
        match self.given {
            1 => false,
            2 => version.pre != wanted.pre,
            _ => version != wanted,
        }
    }

    /// Without a change of the first number that is not zero.
    fn is_compatible(&self, version: &Version) -> bool {
        let wanted = &self.version;
        if version < wanted {
            return false;
        }
        if wanted.major > 0 || self.given == 1 {
            return version.major == wanted.major;
        }
        if version.major > 0 {
            return false;
        }
        if wanted.minor > 0 || self.given == 2 {
            return version.minor == wanted.minor;
        }
        version.minor == 0 && version.patch == wanted.patch
    }
}

#[cfg(test)]
mod tests {
    use super::SemverRange;

    fn contains(range: &str, tag: &str) -> bool {
        SemverRange::parse(range).unwrap().contains(tag)
    }

    #[test]
    fn ranges_are_read_as_in_go() {
        for (range, inside, outside) in [
            (
                ">=1.0.0 <2.0.0",
                &["1.0.0", "v1.9.9", "01.2.3"][..],
                &["0.9.0", "2.0.0", "1.2.3-rc.1", "1.0", "latest"][..],
            ),
            (">=1.0.0-0", &["1.2.3-rc.1", "1.0.0"], &["0.1.0"]),
            ("1.2.x", &["1.2.0", "1.2.9"], &["1.3.0"]),
            ("1", &["1.0.0", "1.9.0"], &["2.0.0"]),
            ("*", &["0.0.1", "9.0.0"], &["1.0.0-rc.1"]),
            ("~1.2.3", &["1.2.3", "1.2.9"], &["1.2.2", "1.3.0"]),
            ("~>1", &["1.9.0"], &["2.0.0"]),
            ("^1.2", &["1.2.0", "1.9.0"], &["1.1.0", "2.0.0"]),
            ("^0.2.3", &["0.2.4"], &["0.3.0", "0.2.2"]),
            ("^0.0.3", &["0.0.3"], &["0.0.4"]),
            ("^0", &["0.9.0"], &["1.0.0"]),
            ("!=1.2.3", &["1.2.4"], &["1.2.3"]),
            ("!=1.2", &["1.3.0"], &["1.2.3"]),
            (">1", &["2.0.0"], &["1.9.0"]),
            (">1.2", &["1.3.0"], &["1.2.9"]),
            ("<=1.2", &["1.2.9", "0.1.0"], &["1.3.0"]),
            ("<=1", &["1.9.0"], &["2.0.0"]),
            ("1.0 - 1.2", &["1.0.0", "1.2.9"], &["1.3.0", "0.9.0"]),
            ("1.0.0 || >=2.0.0, <3.0.0", &["1.0.0", "2.5.0"], &["1.0.1", "3.0.0"]),
            ("=1.2.3", &["1.2.3", "1.2.3+build"], &["1.2.4"]),
        ] {
            for tag in inside {
                assert!(contains(range, tag), "{range} has {tag}");
            }
            for tag in outside {
                assert!(!contains(range, tag), "{range} has not {tag}");
            }
        }
    }

    #[test]
    fn an_invalid_range_is_refused_in_the_words_of_go() {
        for text in ["x.y", "", "1.2.3.4", ">=a", "1.0.0 ||", "latest"] {
            let error = SemverRange::parse(text).unwrap_err();
            assert!(error.starts_with("improper constraint: \""), "{text}: {error}");
        }
        assert!(SemverRange::parse("1.0.0-01").is_err());
        assert!(SemverRange::parse(&"1 ".repeat(300)).unwrap_err().contains("too long"));
    }
}
