//! The number of the request that a commit came by, from what forges write into its message.

use regex::Regex;
use std::sync::LazyLock;

/// What forges write, the most certain first: merge commits of GitHub, Gitea, GitLab and Bitbucket, then the subject of a squashed request.
static FORMS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let forms = [
        (r"(?m)^Merge pull request #(\d+)\b", "#"),
        (r"(?m)^Merge pull request '.*' \(#(\d+)\)", "#"),
        (r"(?m)^See merge request (?:\S*)!(\d+)\s*$", "!"),
        (r"^[^\n]*\(#(\d+)\)[ \t]*(?:\n|$)", "#"),
        (r"^[^\n]*\(!(\d+)\)[ \t]*(?:\n|$)", "!"),
        (r"(?m)^Pull request #(\d+):", "#"),
    ];
    let read = |(form, sign): (&str, &'static str)| Regex::new(form).ok().map(|form| (form, sign));
    forms.into_iter().filter_map(read).collect()
});

/// Merge commits of Gitea and Bitbucket, with the title of the request in their first line.
static TITLES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let forms = [r"^Merge pull request '(.+)' \(#\d+\)", r"^Pull request #\d+: (.+)$"];
    forms.into_iter().filter_map(|form| Regex::new(form).ok()).collect()
});

/// `#12` or `!12`, as the forge shows it.
pub(super) fn request(message: &str) -> Option<String> {
    let found = FORMS.iter().find_map(|(form, sign)| Some((form.captures(message)?.get(1)?, sign)));
    found.map(|(number, sign)| format!("{sign}{}", number.as_str()))
}

/// The first non-empty line; for the merge commit of a forge, the title of the request.
pub(super) fn subject(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let titles = || TITLES.iter().find_map(|form| form.captures(first)?.get(1));
    if let Some(title) = titles() {
        return title.as_str().to_owned();
    }
    let is_merge = first.starts_with("Merge pull request #") || first.starts_with("Merge branch '");
    let title = lines.next().filter(|line| is_merge && !line.starts_with("See merge request"));
    title.unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_request_is_found_in_what_forges_write() {
        for (message, wanted, title) in [
            ("Bump web to 1.2 (#12)\n\nlong text (#3)\n", Some("#12"), "Bump web to 1.2 (#12)"),
            ("Merge pull request #34 from acme/fix\n\nFix the port\n", Some("#34"), "Fix the port"),
            (
                "Merge pull request 'Fix the port' (#5) from fix into main\n\nReviewed-on: x\n",
                Some("#5"),
                "Fix the port",
            ),
            (
                "Merge branch 'fix' into 'main'\n\nFix the port\n\nSee merge request acme/fleet!7\n",
                Some("!7"),
                "Fix the port",
            ),
            (
                "Merge branch 'fix' into 'main'\n\nSee merge request !8",
                Some("!8"),
                "Merge branch 'fix' into 'main'",
            ),
            (
                "Merge pull request 'Don't (#3) panic' (#6) from fix into main\n",
                Some("#6"),
                "Don't (#3) panic",
            ),
            ("Pull request #9: Fix the port\n", Some("#9"), "Fix the port"),
            ("Fix the port\n\nsee (#3)\n", None, "Fix the port"),
            ("Fix #3 for good\n", None, "Fix #3 for good"),
            ("", None, ""),
        ] {
            assert_eq!(request(message).as_deref(), wanted, "{message}");
            assert_eq!(subject(message), title);
        }
    }
}
