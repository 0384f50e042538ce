//! Odd values for every flag of `create`, each in a line of its own, and private keys of every sort. No cluster is needed: the lines export,
//! or fail before anything is asked.

use std::path::Path;
use std::process::Command;

/// Values that someone types, or a script leaves behind. None has a single quote, which the lines are quoted with.
const TEXTS: &[&str] = &[
    "a\u{7f}b",
    "a\u{80}b",
    "a\u{fffe}b",
    "",
    " ",
    "a",
    "a.b",
    ".a",
    "a.",
    "a/b",
    "/a",
    "a/",
    "a/b/c",
    "a,b",
    ",",
    "a,,b",
    "\"a,b\",c",
    "\"a",
    "a\"b",
    "\"\"",
    "a b",
    "é",
    "a=b",
    "a=",
    "=b",
    "a=b=c",
    "ns/db@ready == true",
    "a@",
    "@b",
    "0",
    "true",
    "null",
    "~",
    "-1",
    "1.0",
    "# a",
    "a: b",
    "*",
    "../a",
    "./a/../b",
];

const URLS: &[&str] = &[
    "https://h",
    "https://h/",
    "http://h/r",
    "HTTPS://H/R",
    "https://h/r?a=b#c",
    "https://h:8443",
    "https://h:/r",
    "https://h:x/r",
    "https://ada:hunter22@h:x/r",
    "https://a:b:1/r",
    "https://[::1]:8443/r",
    "https://[::1/r",
    "https://[1.2.3.4]/r",
    "https://h/%zz",
    "https://h/%20",
    "https://h%20/r",
    "https://h/a b",
    "https://h r/x",
    " https://h/r",
    "https://h/r ",
    "https://é/r",
    "https:h/r",
    "https:///r",
    "https:",
    "://h",
    ":h",
    "h/r",
    "h:r",
    "git@h:o/r.git",
    "git@h:7999/p/r.git",
    "ftp://h/r",
    "file:///tmp/r",
    "oci://h/r",
    "*",
];

const KINDS: &[&str] = &[
    "Bucket/a",
    "bucket/a.ns",
    "Bucket",
    "bucket",
    "Bucket/",
    "Pod/a",
    "OCIRepository/a.b.ns",
    "GitRepository/a.",
    "ExternalArtifact/a",
];

const CHECKS: &[&str] = &[
    "Deployment/a.b",
    "Deployment/a.b.c",
    "Deployment/a",
    "deployment/a.b",
    "Pod/a.b",
    "HelmRelease/a.b,StatefulSet/c.d",
    "Deployment/a.",
];

const DURATIONS: &[&str] =
    &["", "1", "1s", "1h", "90s", "1.5h", "0", "0s", "1d", "1ms", "1us", " 1s", "99999999h"];

/// A flag, and the lists of its values: those that all have, and its own.
type Flag = (&'static str, &'static [&'static [&'static str]]);

/// The commands with what they need, and their flags.
const COMMANDS: &[(&str, &[Flag])] = &[
    (
        "create source git app --branch=main --url=https://git.example.com/app --export",
        &[
            ("url", &[TEXTS, URLS]),
            ("branch", &[TEXTS]),
            ("tag", &[TEXTS]),
            ("tag-semver", &[TEXTS]),
            ("ref-name", &[TEXTS]),
            ("commit", &[TEXTS]),
            ("secret-ref", &[TEXTS]),
            ("proxy-secret-ref", &[TEXTS]),
            ("provider", &[TEXTS, &["generic", "github", "aws", "azure", "gcp", "AWS"]]),
            ("ignore-paths", &[TEXTS]),
            ("sparse-checkout-paths", &[TEXTS]),
            ("label", &[TEXTS, &["a.b/c=d", "A/b=c", "a/b/c=d", "-a=b", "a=b,c=d", "a=b c"]]),
            ("interval", &[DURATIONS]),
            ("fetch-timeout", &[DURATIONS]),
            ("ssh-key-algorithm", &[TEXTS]),
            ("ssh-rsa-bits", &[TEXTS, &["1024", "1025", "1000", "512", "99999999999999999999"]]),
            ("ssh-ecdsa-curve", &[TEXTS]),
        ],
    ),
    (
        "create kustomization app --source=app --path=./deploy --prune --export",
        &[
            ("source", &[TEXTS, KINDS]),
            ("path", &[TEXTS]),
            ("depends-on", &[TEXTS]),
            ("health-check", &[TEXTS, CHECKS]),
            ("service-account", &[TEXTS]),
            ("decryption-provider", &[TEXTS, &["sops", "SOPS"]]),
            ("target-namespace", &[TEXTS]),
            ("kubeconfig-secret-ref", &[TEXTS]),
            ("retry-interval", &[DURATIONS]),
            ("wait --health-check-timeout", &[DURATIONS]),
            ("decryption-provider=sops --decryption-secret", &[TEXTS]),
        ],
    ),
    (
        "create secret git app --url=https://git.example.com/app --username=ada --password=hunter22 --export",
        &[
            ("url", &[TEXTS, URLS]),
            ("username", &[TEXTS]),
            ("password", &[TEXTS]),
            ("bearer-token", &[TEXTS]),
            ("username= --bearer-token", &[TEXTS]),
            ("label", &[TEXTS]),
        ],
    ),
];

pub(super) fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for (command, flags) in COMMANDS {
        for (flag, values) in *flags {
            lines.extend(
                values.iter().copied().flatten().map(|value| format!("{command} --{flag}='{value}'")),
            );
        }
        for name in TEXTS {
            lines.push(command.replacen(" app ", &format!(" '{name}' "), 1));
        }
    }
    lines.sort();
    lines.dedup();
    lines
}

/// How each key is made; `FILE` is its file.
const KEYS: &[(&str, &str)] = &[
    ("ed25519", "ssh-keygen -q -t ed25519 -N '' -f FILE"),
    ("ed25519-locked", "ssh-keygen -q -t ed25519 -N right -f FILE"),
    ("rsa-pem", "ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f FILE"),
    ("rsa-pem-locked", "ssh-keygen -q -t rsa -b 2048 -m PEM -N right -f FILE"),
    ("ecdsa-pkcs8-locked", "ssh-keygen -q -t ecdsa -m PKCS8 -N right -f FILE"),
    ("aes128", "ssh-keygen -q -t ed25519 -Z aes128-ctr -N right -f FILE"),
    ("dsa", "ssh-keygen -q -t dsa -N '' -f FILE"),
    ("parameters", "openssl ecparam -genkey -name prime256v1 -out FILE"),
    ("explicit", "openssl ecparam -genkey -noout -name prime256v1 -param_enc explicit -out FILE"),
    ("p224", "openssl ecparam -genkey -noout -name secp224r1 -out FILE"),
    ("k1", "openssl ecparam -genkey -noout -name secp256k1 | openssl pkcs8 -topk8 -nocrypt -out FILE"),
    ("x25519", "openssl genpkey -algorithm x25519 -out FILE"),
    ("ed448", "openssl genpkey -algorithm ed448 -out FILE"),
    ("camellia", "openssl genrsa -traditional -camellia256 -passout pass:right -out FILE 2048"),
    ("public", "ssh-keygen -q -t ed25519 -N '' -f FILE.key && mv FILE.key.pub FILE"),
    ("empty", ": > FILE"),
    ("certificate", "openssl req -x509 -newkey rsa:2048 -nodes -keyout FILE.key -subj /CN=x -out FILE"),
];

/// Lines about keys; with those that can be read, a host that is not there is asked for its own.
pub(super) fn key_lines(home: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, line) in KEYS {
        let file = home.join(name);
        let line = line.replace("FILE", &file.display().to_string());
        let made = Command::new("sh").args(["-c", &line]).output();
        // An OpenSSL or OpenSSH that does not make such keys any more.
        if !made.is_ok_and(|made| made.status.success()) || !file.exists() {
            continue;
        }
        lines.extend(["", "right", "wrong"].map(|password| {
            format!(
                "create secret git app --url=ssh://git@127.0.0.1:1/r --export --private-key-file=./{name} --password='{password}'"
            )
        }));
    }
    lines
}
