//! Which fields of a Secret anybody may see. The content of all others is not shown, whatever they are called.

use crate::forge::App;
use crate::text::GoUrl;

/// The fields that hold nothing secret.
const PUBLIC: [&str; 11] = [
    App::API,
    App::ID,
    App::INSTALLATION,
    App::OWNER,
    "audience",
    "caFile",
    "email",
    "identity.pub",
    "known_hosts",
    "trustpolicy.json",
    "username",
];

/// Whether the content of a field may be shown.
pub fn is_public(key: &str, content: &str) -> bool {
    let is_certificate = key.ends_with(".crt") || key.ends_with(".pem");
    match key {
        // It may have credentials in it.
        "address" => GoUrl::parse(content).is_ok_and(|address| !address.has_user),
        _ if is_certificate => !content.contains("PRIVATE KEY"),
        _ => PUBLIC.contains(&key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_public_is_shown() {
        for (key, content, wanted) in [
            ("username", "ada", true),
            ("ca.crt", "-----BEGIN CERTIFICATE-----", true),
            ("authority.pem", "-----BEGIN CERTIFICATE-----", true),
            ("authority.pem", "-----BEGIN RSA PRIVATE KEY-----", false),
            ("address", "http://proxy.example.com:3128", true),
            ("address", "http://ada:hunter22@proxy.example.com", false),
            ("address", "http://ada:hunter 22@proxy.example.com:x", false),
            ("password", "hunter22", false),
            ("tls.key", "-----BEGIN PRIVATE KEY-----", false),
            (App::ID, "1", true),
            (App::KEY, "-----BEGIN RSA PRIVATE KEY-----", false),
            ("a field of tomorrow", "hunter22", false),
        ] {
            assert_eq!(is_public(key, content), wanted, "{key}: {content}");
        }
    }
}
