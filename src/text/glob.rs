//! Patterns for one name of a path, as Go's `path/filepath.Match` reads them. A slash is a character like any other.

/// Whether a name matches; `None` for a pattern that is broken where it was read.
pub fn matches(pattern: &str, name: &str) -> Option<bool> {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // Where the last `*` was, and how much of the name it has taken.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut of) = (0, 0);
    loop {
        let step = match pattern.get(at) {
            Some('*') => {
                star = Some((at, of));
                at += 1;
                continue;
            }
            None if of == name.len() => return Some(true),
            None => None,
            Some(_) => match (one(&pattern[at..])?, name.get(of)) {
                ((used, class), Some(found)) if class.holds(*found) => Some(used),
                _ => None,
            },
        };
        match (step, &mut star) {
            (Some(used), _) => {
                at += used;
                of += 1;
            }
            (None, Some((begin, taken))) if *taken < name.len() => {
                *taken += 1;
                (at, of) = (*begin + 1, *taken);
            }
            (None, _) => return well_formed(&pattern[at..]).then_some(false),
        }
    }
}

/// The lengths in bytes of the shortest and the longest beginning of a text that match, of those with at least one character.
pub fn matching_prefixes(pattern: &str, text: &str) -> Option<(usize, usize)> {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut steps = Vec::new();
    let mut rest = &pattern[..];
    while let Some(first) = rest.first() {
        let (used, step) = match first {
            '*' => (1, None),
            _ => one(rest).map(|(used, class)| (used, Some(class)))?,
        };
        steps.push(step);
        rest = &rest[used..];
    }
    // Which steps are done with what was read so far; all of them side by side, so that no text takes long.
    let mut reached = vec![false; steps.len() + 1];
    reached[0] = true;
    let skip_stars = |reached: &mut Vec<bool>| {
        for (at, step) in steps.iter().enumerate() {
            reached[at + 1] |= reached[at] && step.is_none();
        }
    };
    skip_stars(&mut reached);
    let mut found = None;
    for (at, letter) in text.char_indices() {
        let mut next = vec![false; reached.len()];
        for (step, class) in steps.iter().enumerate().filter(|(step, _)| reached[*step]) {
            match class {
                None => next[step] = true,
                Some(class) => next[step + 1] |= class.holds(letter),
            }
        }
        skip_stars(&mut next);
        reached = next;
        if reached[steps.len()] {
            let length = at + letter.len_utf8();
            found = Some(found.map_or((length, length), |(shortest, _)| (shortest, length)));
        }
        if !reached.contains(&true) {
            break;
        }
    }
    found
}

/// What one character of a name may be.
enum Class {
    Any,
    One(char),
    Ranges { is_negated: bool, ranges: Vec<(char, char)> },
}

impl Class {
    fn holds(&self, found: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(wanted) => *wanted == found,
            Self::Ranges { is_negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&found)) != *is_negated
            }
        }
    }
}

fn well_formed(mut pattern: &[char]) -> bool {
    while let Some(first) = pattern.first() {
        let used = if *first == '*' { Some(1) } else { one(pattern).map(|(used, _)| used) };
        match used {
            Some(used) => pattern = &pattern[used..],
            None => return false,
        }
    }
    true
}

/// The class at the beginning of a pattern, and the length of its text.
fn one(pattern: &[char]) -> Option<(usize, Class)> {
    match pattern.first()? {
        '?' => Some((1, Class::Any)),
        '\\' => pattern.get(1).map(|escaped| (2, Class::One(*escaped))),
        '[' => ranges(pattern),
        other => Some((1, Class::One(*other))),
    }
}

fn ranges(pattern: &[char]) -> Option<(usize, Class)> {
    let is_negated = pattern.get(1) == Some(&'^');
    let mut at = if is_negated { 2 } else { 1 };
    let mut ranges = Vec::new();
    loop {
        if pattern.get(at)? == &']' && !ranges.is_empty() {
            return Some((at + 1, Class::Ranges { is_negated, ranges }));
        }
        let low = bound(pattern, &mut at)?;
        let mut high = low;
        if pattern.get(at)? == &'-' {
            at += 1;
            high = bound(pattern, &mut at)?;
        }
        ranges.push((low, high));
    }
}

fn bound(pattern: &[char], at: &mut usize) -> Option<char> {
    let found = match pattern.get(*at)? {
        '-' | ']' => return None,
        '\\' => {
            *at += 1;
            *pattern.get(*at)?
        }
        other => *other,
    };
    *at += 1;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::matches;
    use super::matching_prefixes;

    #[test]
    fn names_match_as_in_go() {
        for (pattern, name, wanted) in [
            ("abc", "abc", Some(true)),
            ("*", "abc", Some(true)),
            ("*c", "abc", Some(true)),
            ("a*", "a", Some(true)),
            ("a*b*c", "aXbYbZc", Some(true)),
            ("a*b", "aXbY", Some(false)),
            ("a?c", "abc", Some(true)),
            ("a?", "a", Some(false)),
            ("[a-c]x", "bx", Some(true)),
            ("[^a-c]x", "bx", Some(false)),
            ("[^a-c]", "é", Some(true)),
            ("[]a]", "]", None),
            ("[-]", "-", None),
            ("[x-]", "x", None),
            ("[\\]]", "]", Some(true)),
            ("\\*", "*", Some(true)),
            ("\\*", "x", Some(false)),
            ("a\\", "a", None),
            ("[a", "a", None),
            ("", "", Some(true)),
            ("", "a", Some(false)),
            ("*.gif", ".gif", Some(true)),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn a_beginning_matches_as_short_and_as_long_as_it_can() {
        for (pattern, text, wanted) in [
            ("*/", "a/b/c", Some((2, 4))),
            ("a*", "abc", Some((1, 3))),
            ("?", "éa", Some((2, 2))),
            ("[ab]*c", "abcac", Some((3, 5))),
            ("*", "abc", Some((1, 3))),
            ("", "abc", None),
            ("x", "abc", None),
            ("a[", "abc", None),
            ("abc", "ab", None),
        ] {
            assert_eq!(matching_prefixes(pattern, text), wanted, "{pattern} {text}");
        }
        let long = "a".repeat(10_000);
        assert_eq!(matching_prefixes("*a*a*a*a*a*a*b", &long), None);
    }
}
