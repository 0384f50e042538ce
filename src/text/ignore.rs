//! Which files stay out of an archive or of a build: patterns in the form of `.gitignore`, of which the last that matches decides.
//! (Flux's `pkg/sourceignore`, with its deviations from Git: only a pattern without a slash inside matches anywhere in the path.)

use super::glob;

/// Patterns, the weakest first.
#[derive(Debug, Clone, Default)]
pub struct IgnoreRules(Vec<Rule>);

#[derive(Debug, Clone)]
struct Rule {
    parts: Vec<String>,
    includes: bool,
    only_folders: bool,
    /// The folder that the pattern is for, as the names on the way to it.
    folder: Vec<String>,
}

impl IgnoreRules {
    /// Reads patterns; a pattern may hold several lines, and comments.
    pub fn read<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut rules = Self::default();
        rules.add(patterns, &[]);
        rules
    }

    /// Adds patterns that are for what is below a folder, and stronger than those that are there.
    pub fn add<'p>(&mut self, patterns: impl IntoIterator<Item = &'p str>, folder: &[&str]) {
        let lines = patterns.into_iter().flat_map(|pattern| pattern.split('\n'));
        let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line));
        let is_pattern = |line: &&str| !line.starts_with('#') && !line.trim().is_empty();
        self.0.extend(lines.filter(is_pattern).map(|line| Rule::read(line, folder)));
    }

    /// Whether nothing stays out.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a path below the folder stays out. `path` are its names.
    pub fn excludes(&self, path: &[&str], is_folder: bool) -> bool {
        let decisive = self.0.iter().rev().find(|rule| rule.matches(path, is_folder));
        decisive.is_some_and(|rule| !rule.includes)
    }

    /// Whether what is in a folder that stays out may be in the archive nevertheless.
    pub fn includes_anything(&self) -> bool {
        self.0.iter().any(|rule| rule.includes)
    }
}

impl Rule {
    fn read(line: &str, folder: &[&str]) -> Self {
        let (includes, rest) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let rest = if rest.ends_with("\\ ") { rest } else { rest.trim_end_matches(' ') };
        let (only_folders, rest) = match rest.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let owned = |part: &str| part.to_owned();
        let folder = folder.iter().copied().map(owned).collect();
        Self { parts: rest.split('/').map(owned).collect(), includes, only_folders, folder }
    }

    fn matches(&self, path: &[&str], is_folder: bool) -> bool {
        let Some((above, path)) = path.split_at_checked(self.folder.len()) else { return false };
        if path.is_empty() || above != self.folder {
            return false;
        }
        match &self.parts[..] {
            [name] => {
                for (at, part) in path.iter().enumerate() {
                    match glob::matches(name, part) {
                        None => return false,
                        Some(false) => {}
                        Some(true) => return is_folder || !self.only_folders || at + 1 < path.len(),
                    }
                }
                false
            }
            parts => self.matches_from_the_top(parts, path, is_folder),
        }
    }

    fn matches_from_the_top(&self, parts: &[String], path: &[&str], is_folder: bool) -> bool {
        let mut rest = path;
        let (mut has_matched, mut may_skip) = (false, false);
        for (at, part) in parts.iter().enumerate() {
            match part.as_str() {
                "" => {
                    may_skip = false;
                    continue;
                }
                "**" if at + 1 == parts.len() => break,
                "**" => {
                    may_skip = true;
                    continue;
                }
                part if part.contains("**") => return false,
                _ if rest.is_empty() => return false,
                _ => {}
            }
            let skipped = if std::mem::take(&mut may_skip) { rest.len() } else { 1 };
            has_matched = false;
            for tried in 0..skipped {
                match glob::matches(part, rest[tried]) {
                    None => return false,
                    Some(false) if tried + 1 == rest.len() || skipped == 1 => {
                        rest = &rest[tried + 1..];
                        break;
                    }
                    Some(false) => {}
                    Some(true) => {
                        has_matched = true;
                        rest = &rest[tried + 1..];
                        break;
                    }
                }
            }
            if !has_matched && skipped == 1 {
                return false;
            }
        }
        has_matched && !(self.only_folders && !is_folder && rest.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(patterns: &[&str], path: &str) -> bool {
        let is_folder = path.ends_with('/');
        let names: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        IgnoreRules::read(patterns.iter().copied()).excludes(&names, is_folder)
    }

    #[test]
    fn patterns_match_as_in_flux() {
        for (patterns, path, wanted) in [
            (&["*.jpg"][..], "a/b.jpg", true),
            (&[".git/"], ".git/", true),
            (&[".git/"], ".git", false),
            (&[".git/"], "a/.git/config", true),
            (&["/a"], "a", true),
            (&["/a"], "b/a", false),
            (&["a/b"], "a/b/c", true),
            (&["a/b"], "x/a/b", false),
            (&["**/b"], "x/y/b", true),
            (&["**/b"], "b", true),
            (&["a/**/c"], "a/x/y/c", true),
            (&["a/**/c"], "a/x/y", false),
            (&["a/**"], "a/x", true),
            (&["a/*.yaml"], "a/x.yaml", true),
            (&["a/*.yaml"], "a/b/x.yaml", false),
            (&["*", "!*.yaml"], "a/x.yaml", false),
            (&["*", "!*.yaml"], "a/x.txt", true),
            (&["!a", "a"], "a", true),
            (&["# a"], "# a", false),
            (&["a\n\nb\r\n"], "b", true),
            (&["a "], "a", true),
            (&["a\\ "], "a ", true),
            (&["[a"], "a", false),
            (&["a**b/c"], "axb/c", false),
            (&["a/b/"], "a/b", false),
            (&["a/b/"], "a/b/", true),
        ] {
            assert_eq!(excludes(patterns, path), wanted, "{patterns:?} {path}");
        }
    }
}
