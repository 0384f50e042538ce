//! URLs as Go's `net/url` reads and refuses them: what the Flux CLI accepts after `--url` is what this accepts.

use super::quoted;
use std::net::Ipv6Addr;

/// The parts of a URL that say where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoUrl {
    /// In lower case; empty for a relative reference.
    pub scheme: String,
    /// With its port, percent-decoded; empty where there is none.
    pub host: String,
    /// Whether a user, who may have a password, precedes the host.
    pub has_user: bool,
}

/// Why a text is not a URL, in Go's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("parse {}: {reason}", quoted(.url))]
pub struct BadUrl {
    /// The text without its credentials.
    pub url: String,
    pub reason: String,
}

impl GoUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// What Go does not read.
    pub fn parse(text: &str) -> Result<Self, BadUrl> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let refuse = |text: &str, reason: String| {
            // What Go takes for a port is the beginning of a password.
            let is_password =
                text.split_once("//").is_some_and(|(scheme, rest)| has_raw_password(scheme, rest));
            let reason = if is_password { "invalid port after host".to_owned() } else { reason };
            BadUrl { url: without_credentials(text), reason }
        };
        let url = read(address).map_err(|reason| refuse(address, reason))?;
        check_escapes(fragment, UrlPart::Text).map_err(|reason| refuse(text, reason))?;
        Ok(url)
    }
}

/// A URL as it may be shown: without a password, and without a user, who may be a token, unless the scheme is `ssh`.
pub fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("//") else { return text.to_owned() };
    let user_end = if has_raw_password(scheme, rest) { rest.rfind('@').unwrap_or_default() } else { 0 };
    let end = rest[user_end..].find('/').map_or(rest.len(), |end| user_end + end);
    let (authority, path) = rest.split_at(end);
    let Some((user, host)) = authority.rsplit_once('@').filter(|(user, _)| !user.is_empty()) else {
        return text.to_owned();
    };
    let user = user.split(':').next().filter(|_| scheme.eq_ignore_ascii_case("ssh:"));
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    format!("{scheme}//{user}{host}{path}")
}

/// Whether a password with a slash precedes the host, which had to be encoded: the authority ends at the slash, within something that is not a port.
fn has_raw_password(scheme: &str, rest: &str) -> bool {
    let Some((authority, path)) = rest.split_once('/') else { return false };
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let ends_oddly = authority.split_once(':').is_some_and(|(_, port)| !is_port(port));
    let scheme = scheme.to_ascii_lowercase();
    let is_http = scheme.ends_with("http:") || scheme.ends_with("https:");
    is_http && ends_oddly && !authority.contains(['@', '[']) && path.contains('@')
}

fn read(text: &str) -> Result<GoUrl, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (scheme, rest) = split_scheme(text)?;
    let path = rest.split('?').next().unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if !path.starts_with('/') {
        // With a scheme this is an opaque URL, which nothing more is known about.
        let first = path.split('/').next().unwrap_or_default();
        if scheme.is_empty() && first.contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
        if scheme.is_empty() {
            check_escapes(path, UrlPart::Text)?;
        }
        return Ok(GoUrl { scheme, host: String::new(), has_user: false });
    }
    let is_authority = path.starts_with("//") && !(scheme.is_empty() && path.starts_with("///"));
    let ((host, has_user), path) = match path.strip_prefix("//").filter(|_| is_authority) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (read_authority(&scheme, authority)?, path)
        }
        None => ((String::new(), false), path),
    };
    check_escapes(path, UrlPart::Text)?;
    Ok(GoUrl { scheme, host, has_user })
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    match text.split_once(':') {
        Some(("", _)) => Err("missing protocol scheme".to_owned()),
        Some((scheme, rest))
            if scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.bytes().all(is_inner) =>
        {
            Ok((scheme, rest))
        }
        _ => Ok(("", text)),
    }
}

/// The host of `user:password@host:port`, and whether there is a user.
fn read_authority(scheme: &str, authority: &str) -> Result<(String, bool), String> {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (user, host),
        None => ("", authority),
    };
    let host = read_host(scheme, host)?;
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(letter);
    if !user.chars().all(is_allowed) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let has_user = !user.is_empty();
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    check_escapes(user, UrlPart::Text)?;
    check_escapes(password, UrlPart::Text)?;
    Ok((host, has_user))
}

fn read_host(scheme: &str, host: &str) -> Result<String, String> {
    match host.rfind('[') {
        None => {
            // Only HTTP has one colon at most; other schemes are given lists of hosts.
            let is_http = matches!(scheme, "http" | "https");
            if let Some(colon) = if is_http { host.find(':') } else { host.rfind(':') } {
                check_port(&host[colon..])?;
            }
            check_escapes(host, UrlPart::Host)?;
            Ok(decode(host))
        }
        Some(0) => {
            let end = host.rfind(']').ok_or("missing ']' in host")?;
            let (address, port) = (&host[1..end], &host[end + 1..]);
            check_port(port)?;
            let (bare, zone) = address.split_at(address.find("%25").unwrap_or(address.len()));
            check_escapes(bare, UrlPart::Host)?;
            check_escapes(zone, UrlPart::Zone)?;
            let (bare, zone) = (decode(bare), decode(zone));
            if bare.parse::<std::net::Ipv4Addr>().is_ok() {
                return Err("invalid IP-literal".to_owned());
            }
            bare.parse::<Ipv6Addr>()
                .map_err(|_| format!("invalid host: ParseAddr({}): unable to parse IP", quoted(&bare)))?;
            Ok(format!("[{bare}{zone}]{port}"))
        }
        Some(_) => Err("invalid IP-literal".to_owned()),
    }
}

/// Nothing, or a colon and digits.
fn check_port(text: &str) -> Result<(), String> {
    let digits = text.strip_prefix(':').unwrap_or_default();
    if text.is_empty() || (text.starts_with(':') && digits.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(());
    }
    Err(format!("invalid port {} after host", quoted(text)))
}

/// Where percent signs are: that decides what they may hide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UrlPart {
    Host,
    Zone,
    /// Paths, fragments, users and passwords.
    Text,
}

fn check_escapes(text: &str, part: UrlPart) -> Result<(), String> {
    let is_allowed =
        |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!\"$&'()*+,:;<=>[]".contains(&byte);
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if letter != '%' {
            if part != UrlPart::Text && letter.is_ascii() && !is_allowed(letter as u8) {
                return Err(format!("invalid character {} in host name", quoted(&letter.to_string())));
            }
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let end = (0..=rest.len().min(3)).rev().find(|end| rest.is_char_boundary(*end));
        let escape = &rest[..end.unwrap_or_default()];
        let digits = escape.get(1..3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let is_good = byte.is_some_and(|byte| {
            escape == "%25"
                || match part {
                    UrlPart::Host => byte >= 0x80,
                    UrlPart::Zone => byte == b' ' || is_allowed(byte),
                    UrlPart::Text => true,
                }
        });
        if !is_good {
            return Err(format!("invalid URL escape {}", quoted(escape)));
        }
        rest = &rest[3..];
    }
    Ok(())
}

/// The text without its percent signs, which were found to be good.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_host_are_told_apart_as_go_does() {
        for (text, scheme, host) in [
            ("https://example.com", "https", "example.com"),
            ("HTTPS://Example.com:8443/a b?c d#e", "https", "Example.com:8443"),
            ("ssh://git@[fe80::1%25eth0]:22/r", "ssh", "[fe80::1%eth0]:22"),
            ("ssh://a:b:1/r", "ssh", "a:b:1"),
            ("ssh://git@h:/r", "ssh", "h:"),
            ("https:example.com", "https", ""),
            ("/a/b", "", ""),
            ("//h/p", "", "h"),
            ("", "", ""),
            ("https://h%C3%A9/", "https", "h\u{e9}"),
        ] {
            let url = GoUrl::parse(text).unwrap();
            assert_eq!((url.scheme.as_str(), url.host.as_str()), (scheme, host), "{text}");
        }
    }

    #[test]
    fn what_go_refuses_is_refused_in_its_words() {
        for (text, said) in [
            (" https://h/r", "parse \" https://h/r\": first path segment in URL cannot contain colon"),
            ("git@h:o/r.git", "parse \"git@h:o/r.git\": first path segment in URL cannot contain colon"),
            (":8080", "parse \":8080\": missing protocol scheme"),
            ("https://h/%zz", "parse \"https://h/%zz\": invalid URL escape \"%zz\""),
            ("https://h/r#%2", "parse \"https://h/r#%2\": invalid URL escape \"%2\""),
            ("https://h r/x#y", "parse \"https://h r/x\": invalid character \" \" in host name"),
            ("https://h/a\tb", "parse \"https://h/a\\tb\": net/url: invalid control character in URL"),
            ("https://h:port/r", "parse \"https://h:port/r\": invalid port \":port\" after host"),
            ("https://a:b:1/r", "parse \"https://a:b:1/r\": invalid port \":b:1\" after host"),
            ("https://[::1/r", "parse \"https://[::1/r\": missing ']' in host"),
            ("https://a[::1]/r", "parse \"https://a[::1]/r\": invalid IP-literal"),
            ("https://[1.2.3.4]/r", "parse \"https://[1.2.3.4]/r\": invalid IP-literal"),
            ("https://h%20x/r", "parse \"https://h%20x/r\": invalid URL escape \"%20\""),
            ("ssh://a b@h/r", "parse \"ssh://a b@h/r\": net/url: invalid userinfo"),
        ] {
            assert_eq!(GoUrl::parse(text).unwrap_err().to_string(), said, "{text}");
        }
    }

    #[test]
    fn no_credentials_are_shown() {
        for (text, shown) in [
            ("https://tok3n:x@h:p/r", "https://h:p/r"),
            ("https://tok3n@h:p/r@1", "https://h:p/r@1"),
            ("ssh://git:x@y@h:p/r", "ssh://git@h:p/r"),
            ("https://ada:tok/3n@h/r", "https://h/r"),
            ("https://ada:tok/@3n/@h", "https://h"),
        ] {
            assert_eq!(GoUrl::parse(text).unwrap_err().url, shown);
        }
        let said = GoUrl::parse("https://ada:tok/3n@h/r").unwrap_err().to_string();
        assert_eq!(said, "parse \"https://h/r\": invalid port after host");
    }
}
