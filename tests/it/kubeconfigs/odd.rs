//! No text in a kubeconfig or a flag ends in a panic.

use super::config;
use crate::scenarios::cluster;
use crate::support::Cli;
use crate::support::Output;
use serde_json::Value;
use serde_json::json;

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
        Cli::new().with_kubeconfig(&kubeconfig.to_string()).run(&["get", "ks", "--timeout=2s"])
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
        let seen = Cli::new().with_kubeconfig(text).run(&["get", "ks"]);
        assert!(is_calm(&seen), "{text:?}: {seen:?}");
    }
    let long = format!("http://127.0.0.1:9/{}", "a".repeat(70_000));
    assert!(is_calm(&run(&config(&long, json!({}), json!({})))));
}

#[test]
fn no_text_in_a_flag_makes_the_program_panic() {
    let server = cluster();
    let cli = Cli::against(&server);
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
        for line in [
            &["get", "ks", odd][..],
            &["export", "ks", odd],
            &["reconcile", "ks", odd, "--timeout=1s"],
            &["trace", odd],
            &["tree", "ks", odd],
            &["why", odd],
            &["wait", odd, "--timeout=1s"],
            &["events", "--for", odd],
            &["create", "source", "git", "app", "--branch=main", "--export", "--url", odd],
            &["create", "secret", "git", "app", "--export", "--username=a", "--password=b", "--url", odd],
            &["create", "kustomization", "app", "--export", "--source", odd],
            &["bootstrap", "git", "--dry-run", "--silent", "--timeout=1s", "--url", odd],
            &["logs", "--since", odd],
            &["kustomize", odd],
        ] {
            let seen = cli.run(line);
            assert!(is_calm(&seen), "{line:?}: {seen:?}");
        }
    });
}
