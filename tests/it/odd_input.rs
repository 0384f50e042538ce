//! No input ends in a panic.

use crate::kubeconfigs::config;
use crate::scenarios::cluster;
use crate::support::Cli;
use crate::support::Output;
use crate::yaml::odd::Dice;
use fluxr::testing::git::ssh::KeyAlgorithm;
use fluxr::testing::git::ssh::KeyPair;
use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use fluxr::testing::text::Secret;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// Texts that have broken programs.
const ODD: [&str; 22] = [
    "",
    " ",
    "\n",
    "a\nb",
    "\u{7}",
    "\0",
    "\u{1b}[2J",
    "ü",
    "\u{feff}x",
    "é\u{301}",
    "𝕏",
    "..",
    "/",
    "//",
    "://",
    "http://",
    "https://[::1",
    "http://a b",
    "%zz",
    "{}",
    "-",
    "999999999999999999999",
];

fn side_by_side(texts: &[&str], check: impl Fn(&str) + Sync) {
    let check = &check;
    std::thread::scope(|scope| {
        for part in texts.chunks(texts.len().div_ceil(4)) {
            scope.spawn(move || part.iter().for_each(|text| check(text)));
        }
    });
}

fn is_calm(seen: &Output) -> bool {
    ![101, 134, -1].contains(&seen.code) && !seen.err.contains("panicked") && !seen.out.contains("panicked")
}

#[test]
fn no_text_in_a_kubeconfig_makes_the_program_panic() {
    kubeconfigs(Path::new(env!("CARGO_BIN_EXE_fluxr")));
}

#[test]
fn no_text_in_a_flag_makes_the_program_panic() {
    flags(Path::new(env!("CARGO_BIN_EXE_fluxr")));
}

/// Odd texts in every field of a kubeconfig.
pub fn kubeconfigs(program: &Path) {
    let server = cluster();
    let near = server.url();
    let far = "https://127.0.0.1:9";
    let user = [
        "token",
        "tokenFile",
        "username",
        "password",
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "as",
        "as-uid",
    ];
    let of_cluster =
        ["server", "certificate-authority", "certificate-authority-data", "proxy-url", "tls-server-name"];
    let run = |kubeconfig: &Value| {
        Cli::new().of(program).with_kubeconfig(&kubeconfig.to_string()).run(&["get", "ks", "--timeout=2s"])
    };
    side_by_side(&ODD, |odd| {
        for field in user {
            let seen = run(&config(far, json!({field: odd}), json!({})));
            assert!(is_calm(&seen), "{field}: {odd:?}: {seen:?}");
        }
        for field in of_cluster {
            let seen = run(&config(&near, json!({}), json!({field: odd})));
            assert!(is_calm(&seen), "{field}: {odd:?}: {seen:?}");
        }
        for exec in [
            json!({"command": odd}),
            json!({"command": "true", "args": [odd]}),
            json!({"command": "true", "env": [{"name": odd, "value": odd}]}),
        ] {
            let mut exec = exec;
            json_patch::merge(&mut exec, &json!({"apiVersion": "client.authentication.k8s.io/v1beta1"}));
            let seen = run(&config(far, json!({"exec": exec}), json!({})));
            assert!(is_calm(&seen), "{exec}: {seen:?}");
        }
        for field in of_cluster {
            let seen = run(&config(far, json!({}), json!({field: odd})));
            assert!(is_calm(&seen), "{field} over TLS: {odd:?}: {seen:?}");
        }
    });
    for text in [
        "",
        "null",
        "[]",
        "1",
        "users",
        "a: [",
        "users: {}",
        "users: [1]",
        "clusters: [{}]",
        "contexts: [{name: null}]",
        "\u{0}",
        "- - -",
        "&a [*a]",
        "{users: [{name: a, user: b}]}",
    ] {
        let seen = Cli::new().of(program).with_kubeconfig(text).run(&["get", "ks"]);
        assert!(is_calm(&seen), "{text:?}: {seen:?}");
    }
    let long = format!("http://127.0.0.1:9/{}", "a".repeat(70_000));
    assert!(is_calm(&run(&config(&long, json!({}), json!({})))));
}

/// Commands that take an odd text at their end.
const COMMANDS: [&str; 27] = [
    "get ks",
    "export ks",
    "reconcile ks --timeout=1s",
    "trace",
    "tree ks",
    "why",
    "wait --timeout=1s",
    "events --for",
    "create source git app --branch=main --export --url",
    "create secret git app --export --username=a --password=b --url",
    "create kustomization app --export --source",
    "create source helm app --export --url",
    "create source chart app --export --chart=a --source",
    "create source oci app --export --url=oci://h/r --tag=a --layer-selector",
    "create helmrelease app --export --chart=a --source",
    "create helmrelease app --export --chart-ref",
    "create helmrelease app --export --chart=a --values",
    "create helmrelease app --export --chart=a --values-from",
    "create alert app --export --provider-ref=a --event-source",
    "create receiver app --export --type=github --secret-ref=a --resource",
    "create image repository app --export --image",
    "create image policy app --export --image-ref=a --select-alpha=asc --filter-regex",
    "create image policy app --export --image-ref=a --select-alpha=asc --filter-regex=a --filter-extract",
    "create tenant team --export --with-namespace",
    "bootstrap git --dry-run --silent --timeout=1s --url",
    "logs --since",
    "kustomize",
];

/// Odd texts in flags and arguments of every kind.
pub fn flags(program: &Path) {
    let server = cluster();
    let cli = Cli::against(&server).of(program);
    let flags = [
        "--namespace",
        "--context",
        "--cluster",
        "--user",
        "--server",
        "--token",
        "--as",
        "--as-group",
        "--as-uid",
        "--as-user-extra",
        "--certificate-authority",
        "--client-certificate",
        "--client-key",
        "--tls-server-name",
        "--kubeconfig",
        "--timeout",
        "--label-selector",
        "--status-selector",
        "--output",
        "--sort-by",
    ];
    let texts: Vec<&str> = ODD.into_iter().filter(|odd| !odd.contains('\0')).collect();
    side_by_side(&texts, |odd| {
        for flag in flags {
            let seen = cli.run(&["get", "ks", &format!("{flag}={odd}")]);
            assert!(is_calm(&seen), "{flag}={odd:?}: {seen:?}");
        }
        for command in COMMANDS {
            let line: Vec<&str> = command.split(' ').chain([odd]).collect();
            let seen = cli.run(&line);
            assert!(is_calm(&seen), "{line:?}: {seen:?}");
        }
    });
}

/// Pieces that mean something to one of the readers.
const PIECES: [&[u8]; 30] = [
    b"\0",
    b"\xff",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\n",
    b"\r",
    b"\t",
    b": ",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: *a",
    b"{",
    b"[",
    b"\"",
    b"|",
    b"---\n",
    b"%YAML 1.1\n",
    b"!!binary ",
    b"99999999999999999999",
    b"1e400",
    b"null",
    b"../",
    b"$patch: replace\n",
    b"[name=x]",
    b"~1",
    b"/-",
    b"(",
    b"*",
    b"-----END ",
];

/// The bytes with some slips of the hand.
fn spoilt(dice: &mut Dice, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let from = dice.below(bytes.len() + 1);
        let to = bytes.len().min(from + dice.below(12));
        match dice.below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = PIECES[dice.below(PIECES.len())];
                bytes.splice(from..from, piece.iter().copied());
            }
            2 => {
                let again = bytes[from..to].to_vec();
                bytes.splice(from..from, again);
            }
            _ => bytes[from..to].iter_mut().take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
        }
    }
    bytes
}

#[test]
fn no_spoilt_file_makes_a_build_panic() {
    let cases: Vec<_> = crate::kustomize::cases().iter().map(crate::kustomize::Case::files).collect();
    for seed in 0..4000 {
        let mut dice = Dice::new(seed);
        let (folder, mut files) = cases[dice.below(cases.len())].clone();
        files.retain(|path, _| !path.contains("expected"));
        let at = dice.below(files.len());
        if let Some(bytes) = files.values_mut().nth(at) {
            *bytes = spoilt(&mut dice, bytes);
        }
        if let Ok(objects) = kustomize::build(&Memory(files), &folder, Options::default()) {
            kustomize::render(&objects);
        }
    }
}

#[test]
fn no_spoilt_key_makes_its_reader_panic() {
    let generated = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let rsa = KeyPair::generate(KeyAlgorithm::Rsa(1024)).unwrap();
    let keys = [generated.identity.reveal(), rsa.identity.reveal(), include_str!("data/ssh/short-scalar")];
    for seed in 0..3000 {
        let mut dice = Dice::new(seed);
        let key = keys[dice.below(keys.len())];
        let text = spoilt(&mut dice, key.as_bytes());
        let passphrase = dice.one_in(2).then(|| Secret::new("x"));
        let _ = KeyPair::load(&String::from_utf8_lossy(&text), passphrase.as_ref(), "k");
    }
}
