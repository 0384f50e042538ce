//! Reading and writing lines of `known_hosts` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Certificate authorities are not supported: a
//! host known only through one counts as unknown.

use hmac::KeyInit;
use hmac::Mac;
use russh::keys::PublicKey;
use russh::keys::ssh_key::known_hosts::HostPatterns;
use russh::keys::ssh_key::known_hosts::KnownHosts;
use russh::keys::ssh_key::known_hosts::Marker;
use std::path::PathBuf;

/// The text of several files. One that cannot be read has no hosts, so that the host is refused by name.
pub fn read(files: &[PathBuf]) -> String {
    let texts: Vec<String> = files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    texts.join("\n")
}

/// What a `known_hosts` text says about a key that a host showed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Known,
    /// The host is not in it.
    Unknown,
    /// The host is in it, with other keys.
    Different,
    Revoked,
}

/// The keys a text holds for one host.
#[derive(Default)]
pub(super) struct HostKeys {
    known: Vec<PublicKey>,
    revoked: Vec<PublicKey>,
}

impl HostKeys {
    /// Picks the lines about a host. Lines that cannot be read are passed over, as OpenSSH does.
    pub(super) fn find(text: &str, host: &str, port: u16) -> Self {
        // OpenSSH writes an IPv6 address on port 22 bare, Go in brackets.
        let mut names = vec![normalize(host, port)];
        if port == 22 {
            names.push(host.to_owned());
        }
        let mut found = Self::default();
        for entry in KnownHosts::new(text).flatten() {
            if !names.iter().any(|name| matches(entry.host_patterns(), name)) {
                continue;
            }
            match entry.marker() {
                None => found.known.push(entry.public_key().clone()),
                Some(Marker::Revoked) => found.revoked.push(entry.public_key().clone()),
                Some(Marker::CertAuthority) => {}
            }
        }
        found
    }

    pub(super) fn judge(&self, key: &PublicKey) -> Verdict {
        let holds = |keys: &[PublicKey]| keys.iter().any(|known| known.key_data() == key.key_data());
        match () {
            () if holds(&self.revoked) => Verdict::Revoked,
            () if holds(&self.known) => Verdict::Known,
            () if self.known.is_empty() => Verdict::Unknown,
            () => Verdict::Different,
        }
    }

    /// Whether the text holds a key for this host that this algorithm can prove.
    pub(super) fn has_kind(&self, algorithm: &russh::keys::Algorithm) -> bool {
        use russh::keys::Algorithm;
        self.known.iter().any(|known| match (known.algorithm(), algorithm) {
            (Algorithm::Rsa { .. }, Algorithm::Rsa { .. }) => true,
            (known, wanted) => known == *wanted,
        })
    }
}

/// A host as `known_hosts` names it: `host`, or `[host]:port` when the port is not 22; IPv6 addresses always in brackets.
pub(super) fn normalize(host: &str, port: u16) -> String {
    match port {
        22 if host.contains(':') => format!("[{host}]"),
        22 => host.to_owned(),
        _ => format!("[{host}]:{port}"),
    }
}

fn matches(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::HashedName { salt, hash } => {
            let Ok(mut mac) = hmac::Hmac::<sha1::Sha1>::new_from_slice(salt) else { return false };
            mac.update(name.as_bytes());
            mac.verify_slice(hash).is_ok()
        }
        HostPatterns::Patterns(patterns) => {
            let mut found = false;
            for pattern in patterns {
                match pattern.strip_prefix('!') {
                    Some(pattern) if is_like(pattern.as_bytes(), name.as_bytes()) => return false,
                    Some(_) => {}
                    None => found |= is_like(pattern.as_bytes(), name.as_bytes()),
                }
            }
            found
        }
    }
}

/// Shell-like matching with `*` and `?`, without regard to case.
fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut next) = (0, 0);
    // The last `*`, and the end of what it matches: only that one is ever tried again.
    let mut star: Option<(usize, usize)> = None;
    while next < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, next));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted.eq_ignore_ascii_case(&name[next]) => {
                at += 1;
                next += 1;
            }
            _ => {
                let Some((place, end)) = star else { return false };
                star = Some((place, end + 1));
                (at, next) = (place + 1, end + 1);
            }
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell_however_many_stars_they_have() {
        for (pattern, name, wanted) in [
            ("*", "", true),
            ("", "a", false),
            ("*.Example.com", "git.example.COM", true),
            ("*.example.com", "example.com", false),
            ("g?t*", "git", true),
            ("g?t*", "gt", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "abab", true),
            ("*a*b", "aba", false),
            ("**", "x", true),
        ] {
            assert_eq!(is_like(pattern.as_bytes(), name.as_bytes()), wanted, "{pattern} {name}");
        }
        let (pattern, name) = ("*a".repeat(2000) + "b", "a".repeat(2000));
        assert!(!is_like(pattern.as_bytes(), name.as_bytes()));
    }

    #[test]
    fn lines_that_cannot_be_read_are_passed_over_and_nothing_panics() {
        let line =
            "[h]:22 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1WH7Sb1Wq5kvk8VYvvXqH7yqk1b0sT3yX2Zq1vHnQb x\n";
        let odd = [
            "", "\0", "\r", "|1|", "|1||", "@", "@revoked", "!", "*", "\u{feff}", " ", "\t", "=", "ü",
            "AAAA", "#", ",",
        ];
        for at in (0..=line.len()).filter(|at| line.is_char_boundary(*at)) {
            for piece in odd {
                let text = format!("{}{piece}{}", &line[..at], &line[at..]);
                HostKeys::find(&text, "h", 22);
                HostKeys::find(&format!("{}{piece}", &line[..at]), "h", 2222);
            }
        }
    }
}
