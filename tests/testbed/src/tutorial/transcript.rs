//! A transcript without what differs from run to run: times, hashes, ports, keys, folders.

use super::Line;
use regex::Regex;
use std::path::Path;

/// What is replaced, in this order.
const REPLACED: [(&str, &str); 8] = [
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(Z| [+-]\d{4})( UTC)?", "TIME"),
    (r"(ecdsa-sha2-nistp384|ssh-ed25519) [A-Za-z0-9+/=]+", "KEY"),
    (r"\b[0-9a-f]{40}\b", "SHA"),
    (r"@sha1:[0-9a-f]{7,}", "@sha1:SHA"),
    (r"kustomization-\d+", "kustomization-N"),
    (r"\b\d+(\.\d+)?(ms|s)\b", "DURATION"),
    (r"[ \t]+", " "),
];

/// The lines of a run that another run has to have too.
///
/// # Errors
/// Never: the expressions are fixed.
pub fn comparable(lines: &[Line], folder: &Path) -> anyhow::Result<Vec<String>> {
    let replaced: Vec<(Regex, &str)> = REPLACED
        .iter()
        .map(|(found, with)| Ok((Regex::new(found)?, *with)))
        .collect::<Result<_, regex::Error>>()?;
    // A commit at the beginning of a line of `git log --oneline`.
    let short_hash = Regex::new(r"^[0-9a-f]{7,10} ")?;
    let place = folder.display().to_string();
    let mut all: Vec<String> = Vec::new();
    let (mut command, mut rows) = (String::new(), 0);
    for line in lines {
        let (mark, text) = match line {
            Line::Chapter(title) => ("# ", title),
            Line::Note(text) => ("# ", text),
            Line::Command(text) => ("$ ", text),
            Line::Output(text) => ("", text),
            Line::Took(..) => continue,
        };
        let text = short_hash.replace(text, "SHA ").replace(&place, "FOLDER");
        let text =
            replaced.iter().fold(text, |text, (found, with)| found.replace_all(&text, *with).into_owned());
        if let Line::Output(_) = line {
            // A watch shows what it happens to see on the way to the last row.
            rows += 1;
            if command.ends_with("--watch")
                && rows > 1
                && !text.contains("podinfo master@sha1:SHA False True")
                && text != "^C"
            {
                continue;
            }
        } else {
            (command, rows) = (text.clone(), 0);
        }
        all.push(format!("{mark}{}", text.trim_end()));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_run_to_run_is_gone_and_the_rest_stays() {
        let output = |text: &str| Line::Output(text.to_owned());
        let lines = [
            Line::Command("fluxr get kustomizations --watch".to_owned()),
            output("NAME     REVISION            SUSPENDED"),
            output("podinfo  master@sha1:0a1b2c3d  False Unknown"),
            output("podinfo  master@sha1:0a1b2c3d  False True Applied"),
            Line::Took("x".to_owned(), std::time::Duration::from_secs(1)),
            Line::Command("git log".to_owned()),
            output("0a1b2c3 Add http://127.0.0.1:80/x after 1.5s in /tmp/f/x"),
        ];
        assert_eq!(
            comparable(&lines, Path::new("/tmp/f")).unwrap(),
            [
                "$ fluxr get kustomizations --watch",
                "NAME REVISION SUSPENDED",
                "podinfo master@sha1:SHA False True Applied",
                "$ git log",
                "SHA Add http://HOST/x after DURATION in FOLDER/x",
            ]
        );
    }
}
