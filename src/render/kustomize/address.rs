//! Addresses of folders in repositories, in the forms that kustomize takes: `github.com/org/repo//folder?ref=v1`, URLs, `git@host:path`.

use crate::render::remote::Repository;
use crate::render::tree;
use crate::text::GoDuration;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(27);
const SCHEMES: [&str; 4] = ["ssh://", "https://", "http://", "file://"];

/// A folder of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// As it is written.
    pub raw: String,
    pub repository: Repository,
    pub folder: String,
}

/// Whether this is the address of a file rather than a path.
pub(super) fn is_file_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| without(text, scheme).is_some())
}

/// Whether a build takes this for the address of a folder in a repository.
pub fn is_address(text: &str) -> bool {
    Address::parse(text).is_some()
}

impl Address {
    /// Reads an address; `None` for a path.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.starts_with('/') {
            return None;
        }
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (host, path) = host_and_path(place)?;
        let takes_all = host.starts_with("file://");
        let (repository, folder) = repository_and_folder(path, takes_all)?;
        let folder = folder.strip_prefix('/').unwrap_or(folder);
        let leads_out = repository.is_empty() || tree::normal(folder).is_err();
        let query = Query::parse(query);
        (!leads_out).then(|| Self {
            raw: text.to_owned(),
            repository: Repository {
                url: format!("{host}{repository}"),
                revision: Some(query.revision).filter(|revision| !revision.is_empty()),
                has_submodules: query.submodules,
                timeout: query.timeout,
            },
            folder: folder.to_owned(),
        })
    }
}

/// What begins so, without regard to case.
fn without<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let begin = text.get(..prefix.len())?;
    begin.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn host_and_path(text: &str) -> Option<(String, &str)> {
    let text = without(text, "git::").unwrap_or(text);
    let found = SCHEMES.iter().find_map(|scheme| Some((*scheme, without(text, scheme)?)));
    let (scheme, rest) = found.unwrap_or(("", text));
    let (user, after) = user_and_rest(rest);
    let is_github = ["github.com/", "github.com:"].iter().any(|host| without(after, host).is_some());
    let is_short = scheme.is_empty() && (!user.is_empty() || is_github);
    if scheme.is_empty() && !is_short {
        return None;
    }
    if scheme == "file://" {
        return Some((scheme.to_owned(), rest));
    }
    let (slash, colon) = (after.find('/'), after.find(':'));
    let end = match (slash, colon) {
        (None, colon) if is_short => colon,
        (Some(slash), Some(colon)) if is_short && colon > 0 && colon < slash => Some(colon),
        (slash, _) => slash,
    };
    let (host, path) = end.map_or((after, ""), |end| after.split_at(end + 1));
    if host.is_empty() {
        return None;
    }
    Some(match (is_github, scheme == "ssh://" || !user.is_empty()) {
        (true, true) => (format!("{user}github.com:"), path),
        (true, false) => ("https://github.com/".to_owned(), path),
        (false, _) => (format!("{scheme}{user}{host}"), path),
    })
}

/// `git@` and what follows: letters, digits and dashes, a letter first.
fn user_and_rest(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(text.len());
    let is_user = text[end..].starts_with('@') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    text.split_at(if is_user { end + 1 } else { 0 })
}

/// Where the repository ends: at `_git/NAME`, at `//`, at `.git`, or after two parts.
fn repository_and_folder(path: &str, takes_all: bool) -> Option<(&str, &str)> {
    if let Some(at) = path.find("_git/") {
        let begin = at + "_git/".len();
        let end = path[begin..].find('/').map_or(path.len(), |end| begin + end);
        return Some((&path[..end], path.get(end + 1..).unwrap_or_default()));
    }
    if let Some(parts) = path.split_once("//") {
        return Some(parts);
    }
    if let Some(at) = path.find(".git") {
        return Some(path.split_at(at + ".git".len()));
    }
    if takes_all {
        return Some((path, ""));
    }
    let (owner, rest) = path.split_once('/')?;
    let end = rest.find('/').map_or(path.len(), |end| owner.len() + 1 + end);
    Some((&path[..end], path.get(end + 1..).unwrap_or_default()))
}

struct Query {
    revision: String,
    submodules: bool,
    timeout: Duration,
}

impl Query {
    fn parse(text: &str) -> Self {
        let mut read = Self { revision: String::new(), submodules: true, timeout: TIMEOUT };
        let mut version = String::new();
        // The first of each counts.
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (key, value) in url::form_urlencoded::parse(text.as_bytes()).into_owned() {
            if !pairs.iter().any(|(known, _)| *known == key) {
                pairs.push((key, value));
            }
        }
        for (key, value) in pairs {
            match key.as_str() {
                "ref" => read.revision = value,
                "version" => version = value,
                "timeout" => read.timeout = duration(&value).unwrap_or(TIMEOUT),
                "submodules" => {
                    read.submodules = !["0", "f", "F", "false", "FALSE", "False"].contains(&value.as_str());
                }
                _ => {}
            }
        }
        if read.revision.is_empty() {
            read.revision = version;
        }
        read
    }
}

/// A number of seconds, or a duration.
fn duration(text: &str) -> Option<Duration> {
    let found = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => text.parse::<GoDuration>().ok()?.0,
    };
    (!found.is_zero()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_kustomize_reads_them() {
        for (text, url, folder, revision) in [
            ("github.com/org/repo", "https://github.com/org/repo", "", ""),
            ("github.com/org/repo/deep/er?ref=v1", "https://github.com/org/repo", "deep/er", "v1"),
            ("https://github.com/org/repo//a/b?ref=main", "https://github.com/org/repo", "a/b", "main"),
            ("git@github.com:org/repo.git//a", "git@github.com:org/repo.git", "a", ""),
            ("ssh://git@github.com/org/repo", "git@github.com:org/repo", "", ""),
            ("ssh://git@host:2222/org/repo.git/a", "ssh://git@host:2222/org/repo.git", "a", ""),
            ("git::https://host/a/b/c?version=2", "https://host/a/b", "c", "2"),
            ("HTTPS://host:8443/group/sub/repo.git//x", "https://host:8443/group/sub/repo.git", "x", ""),
            ("https://me@dev.azure.com/o/p/_git/r/x/y", "https://me@dev.azure.com/o/p/_git/r", "x/y", ""),
            ("file:///srv/repo.git//a", "file:///srv/repo.git", "a", ""),
            ("user@host:org/repo", "user@host:org/repo", "", ""),
        ] {
            let read = Address::parse(text).unwrap_or_else(|| panic!("{text} is a path"));
            let found = (read.repository.url.as_str(), read.folder.as_str());
            assert_eq!(found, (url, folder), "{text}");
            assert_eq!(read.repository.revision.unwrap_or_default(), revision, "{text}");
        }
        for path in [
            "../base",
            "./a.yaml",
            "base",
            "/abs/olute",
            "https://host/one",
            "github.com/org",
            "github.com/o/r//../x",
        ] {
            assert_eq!(Address::parse(path), None, "{path}");
        }
        let read = Address::parse("github.com/o/r?timeout=90&submodules=false").unwrap().repository;
        assert_eq!((read.timeout, read.has_submodules), (Duration::from_secs(90), false));
        let read = Address::parse("github.com/o/r?timeout=2m&ref=a%2Fb").unwrap().repository;
        assert_eq!((read.timeout, read.revision.as_deref()), (Duration::from_secs(120), Some("a/b")));
    }
}
