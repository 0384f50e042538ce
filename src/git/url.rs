//! URLs of repositories: `https://`, `http://` and `ssh://`. The scp form (`git@host:path`) is refused, as Flux refuses it: its
//! GitRepository cannot hold one.

use std::fmt;
use std::str::FromStr;

use super::GitError;
use crate::text::GoUrl;
use crate::text::Secret;

/// Some forges take a token in the place of a user. None has shorter ones.
const SHORTEST_TOKEN: usize = 20;

/// How a repository is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
    Ssh,
}

/// The URL of a repository. Printing it never shows a password, nor, over HTTP, a user: some forges take a token there.
#[derive(Clone, PartialEq, Eq)]
pub struct GitUrl {
    scheme: Scheme,
    url: url::Url,
}

impl GitUrl {
    /// Reads the URL of a repository, or of the host that it is on.
    ///
    /// # Errors
    /// [`GitError::Url`] when Go reads no URL in it, when it has no host, or a scheme other than `https`, `http` and `ssh`.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let refuse = |url, reason| GitError::Url { url, reason };
        if let Some(hint) = Self::instead_of_scp_form(text) {
            return Err(refuse(without_userinfo(text), hint));
        }
        let read = GoUrl::parse(text).map_err(|error| refuse(error.url, error.reason))?;
        let refuse = |reason| refuse(without_userinfo(text), reason);
        let scheme = match read.scheme.as_str() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            "ssh" => Scheme::Ssh,
            "" => return Err(refuse("it has no scheme, use https, http or ssh".to_owned())),
            other => {
                return Err(refuse(format!("scheme \"{other}\" is not supported, use https, http or ssh")));
            }
        };
        if read.host.is_empty() {
            return Err(refuse("it names no host".to_owned()));
        }
        let url = url::Url::parse(text).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { scheme, url })
    }

    /// Reads the URL of a repository.
    ///
    /// # Errors
    /// As [`Self::parse`], and when it leads to a host only.
    pub fn of_repository(text: &str) -> Result<Self, GitError> {
        let url = Self::parse(text)?;
        if url.url.path().trim_matches('/').is_empty() {
            return Err(GitError::Url {
                url: without_userinfo(text),
                reason: "it names no repository".to_owned(),
            });
        }
        Ok(url)
    }

    /// What to write instead of `user@host:path`, the form of `scp` and `git clone`: a colon before the first slash.
    pub fn instead_of_scp_form(text: &str) -> Option<String> {
        let (host, path) =
            text.split_once(':').filter(|(host, _)| !host.is_empty() && !host.contains(['/', ' ']))?;
        if path.starts_with("//") || ["http", "https", "ssh"].contains(&host.to_ascii_lowercase().as_str()) {
            return None;
        }
        let write = |path: &str| format!("\"ssh://{}\"", [host, path].concat());
        let below = write(&format!("/{}", path.trim_start_matches('/')));
        let written = match path.split_once('/') {
            // Between host and path a number may be either.
            Some((port, _)) if port.parse::<u16>().is_ok() => {
                format!("{}, or {below} if {port} is a folder", write(&format!(":{path}")))
            }
            _ => below,
        };
        Some(format!("the scp form is not supported, write {written}"))
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host, without brackets around an IPv6 address.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    /// The port given, or that of the scheme.
    pub fn port(&self) -> u16 {
        let default = match self.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
            Scheme::Ssh => 22,
        };
        self.url.port().unwrap_or(default)
    }

    /// Host and port, with brackets around an IPv6 address.
    pub fn authority(&self) -> String {
        format!("{}:{}", self.url.host_str().unwrap_or_default(), self.port())
    }

    /// The user part, percent-decoded.
    pub fn user(&self) -> Option<String> {
        Some(decode(self.url.username())).filter(|user| !user.is_empty())
    }

    /// The password part, percent-decoded.
    pub fn password(&self) -> Option<Secret> {
        self.url.password().map(|password| Secret::new(decode(password)))
    }

    /// What must not be shown of it: the password, decoded and as it is written, and over HTTP a user that is as long as a token.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> + use<> {
        let token = self.user().filter(|user| self.scheme != Scheme::Ssh && user.len() >= SHORTEST_TOKEN);
        let written = self.url.password().map(Secret::new);
        [self.password(), written, token.map(Secret::new)].into_iter().flatten()
    }

    /// The path, percent-decoded, with its leading slash: the argument of `git-upload-pack` over SSH.
    pub fn path(&self) -> String {
        decode(self.url.path())
    }

    /// The path as it names the repository: in lower case, without slashes around it and without `.git`.
    pub fn repository(&self) -> String {
        self.path().trim_matches('/').trim_end_matches(".git").to_ascii_lowercase()
    }

    /// The URL as it is requested over HTTP: without user information, without a slash at the end.
    pub(super) fn base(&self) -> url::Url {
        let mut base = self.url.clone();
        // Both can only fail for URLs without a host, which `parse` refused.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        base
    }
}

impl FromStr for GitUrl {
    type Err = GitError;
    fn from_str(text: &str) -> Result<Self, GitError> {
        Self::parse(text)
    }
}

impl fmt::Display for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.url.clone();
        let _ = shown.set_password(None);
        if self.scheme != Scheme::Ssh {
            let _ = shown.set_username("");
        }
        shown.set_query(self.url.query().map(|_| "redacted"));
        f.write_str(shown.as_str())
    }
}

impl fmt::Debug for GitUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GitUrl({self})")
    }
}

fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                decoded.push(byte);
                at += 3;
            }
            _ => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// For messages about texts that could not be read as a URL: what precedes the last `@` of the authority may be a credential.
fn without_userinfo(text: &str) -> String {
    let (scheme, rest) = text.split_once("://").map_or(("", text), |(scheme, rest)| (scheme, rest));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if scheme.is_empty() { format!("{authority}{path}") } else { format!("{scheme}://{authority}{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_url_are_told_apart() {
        let url = GitUrl::parse("ssh://git@example.com:2222/org/my%20repo.git").unwrap();
        assert_eq!((url.scheme(), url.host(), url.port()), (Scheme::Ssh, "example.com", 2222));
        assert_eq!((url.user().as_deref(), url.path().as_str()), (Some("git"), "/org/my repo.git"));
        let six = GitUrl::parse("ssh://git@[::1]/r").unwrap();
        assert_eq!((six.host(), six.port()), ("::1", 22));
        assert_eq!(GitUrl::parse("https://h/r/").unwrap().base().as_str(), "https://h/r");
        assert_eq!(GitUrl::parse("https://h/r").unwrap().port(), 443);
    }

    #[test]
    fn no_message_shows_what_is_before_the_at_sign() {
        let url = GitUrl::parse("https://tok3n:s3cret@example.com/org/repo?t=tok3n").unwrap();
        for text in [url.to_string(), format!("{url:?}")] {
            assert!(!text.contains("tok3n") && !text.contains("s3cret"), "{text}");
            assert!(text.contains("https://example.com/org/repo"), "{text}");
        }
        assert_eq!(url.password().unwrap().reveal(), "s3cret");
        let secrets = |url: &str| {
            GitUrl::parse(url).unwrap().secrets().map(|one| one.reveal().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(secrets("https://ada:a%62c@h/r"), ["abc", "a%62c"]);
        assert_eq!(secrets("https://0123456789abcdef0123@h/r"), ["0123456789abcdef0123"]);
        assert!(secrets("https://ada@h/r").is_empty());
        assert_eq!(GitUrl::parse("ssh://git:s3cret@h/r").unwrap().to_string(), "ssh://git@h/r");
        for broken in ["https://tok3n@", "https://tok3n:x@h:port/r", "ftp://tok3n@h/r"] {
            let text = GitUrl::parse(broken).unwrap_err().to_string();
            assert!(!text.contains("tok3n"), "{text}");
        }
    }

    #[test]
    fn the_scp_form_is_refused_with_the_form_to_write() {
        let text = GitUrl::parse("git@github.com:org/repo.git").unwrap_err().to_string();
        assert!(text.contains("write \"ssh://git@github.com/org/repo.git\""), "{text}");
        let text = GitUrl::parse("github.com:org/repo.git").unwrap_err().to_string();
        assert!(text.contains("ssh://github.com/org/repo.git"), "{text}");
        let text = GitUrl::parse("git@h:7999/p/r.git").unwrap_err().to_string();
        let either =
            "write \"ssh://git@h:7999/p/r.git\", or \"ssh://git@h/7999/p/r.git\" if 7999 is a folder";
        assert!(text.contains(either), "{text}");
    }

    #[test]
    fn a_host_is_a_url_too() {
        let url = GitUrl::parse("ssh://git@example.com:2222").unwrap();
        assert_eq!((url.host(), url.port()), ("example.com", 2222));
        assert_eq!(GitUrl::parse("https://example.com").unwrap().host(), "example.com");
    }

    #[test]
    fn other_schemes_and_urls_without_a_host_or_a_repository_are_refused() {
        for (text, part) in [
            ("ftp://h/r", "scheme \"ftp\" is not supported"),
            ("file:///tmp/r", "scheme \"file\" is not supported"),
            ("https://h/", "names no repository"),
            ("repo", "no scheme"),
            ("", "no scheme"),
            ("https:h/r", "names no host"),
            ("ssh:///r", "names no host"),
            ("https://h/%zz", "invalid URL escape \"%zz\""),
            ("https://a b/r", "invalid character \" \" in host name"),
        ] {
            let message = GitUrl::of_repository(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
