//! Reading and writing lines of `known_hosts` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Certificate authorities are not supported: a
//! host known only through one counts as unknown.

use hmac::KeyInit;
use hmac::Mac;
use regex::RegexBuilder;
use russh::keys::PublicKey;
use russh::keys::ssh_key::known_hosts::HostPatterns;
use russh::keys::ssh_key::known_hosts::KnownHosts;
use russh::keys::ssh_key::known_hosts::Marker;

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
                    Some(pattern) if is_like(pattern, name) => return false,
                    Some(_) => {}
                    None => found |= is_like(pattern, name),
                }
            }
            found
        }
    }
}

/// Shell-like matching with `*` and `?`, without regard to case, in time that is linear in both.
fn is_like(pattern: &str, name: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern.eq_ignore_ascii_case(name);
    }
    let pattern = regex::escape(pattern).replace("\\*", ".*").replace("\\?", ".");
    let pattern = RegexBuilder::new(&format!("^{pattern}$")).case_insensitive(true).build();
    pattern.is_ok_and(|pattern| pattern.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::is_like;
    use std::time::Duration;
    use std::time::Instant;

    #[test]
    fn patterns_match_as_a_shell_matches_in_linear_time() {
        for (pattern, name) in [
            ("*.example.com", "git.EXAMPLE.com"),
            ("git?.example.com", "git1.example.com"),
            ("[10.0.0.?]:22*", "[10.0.0.7]:2222"),
            ("*", "anything"),
            ("git.example.com", "GIT.example.com"),
        ] {
            assert!(is_like(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.example.com", "example.com"), ("git?", "git"), ("a.b", "axb"), ("", "a")]
        {
            assert!(!is_like(pattern, name), "{pattern} {name}");
        }
        let begun = Instant::now();
        assert!(!is_like(&format!("{}b", "*a".repeat(60)), &"a".repeat(200)));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}
