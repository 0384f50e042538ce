//! No secret anywhere: each flag that takes one gets a marked value, and the server repeats whatever it is sent.

use crate::exit_codes::put_files;
use crate::support::Asked;
use crate::support::Cli;
use crate::support::Output;
use crate::support::Web;
use crate::support::command_of;
use crate::support::command_tree;
use crate::support::kubeconfig_of;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fluxr::testing::commands::command;
use fluxr::testing::text::Secret;
use serde_json::Value;
use serde_json::json;
use std::any::TypeId;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

const MARK: &str = "S3cr3t/0f+Ada";

/// A line for each flag that takes a secret, and whether the server gets to see it. `SERVER` is replaced by the address of the server.
static LINES: &[(&str, bool)] = &[
    // As `kubectl` does, no token is sent over plain HTTP.
    ("get ks --token=MARK", false),
    (
        "create source git new --url=https://git.example.com/new --branch=main --username=ada --password=MARK",
        true,
    ),
    ("create source helm new --url=https://charts.example.com --username=ada --password=MARK", true),
    (
        "create source bucket new --bucket-name=b --endpoint=s3.example.com --access-key=MARK --secret-key=x",
        true,
    ),
    (
        "create source bucket new --bucket-name=b --endpoint=s3.example.com --access-key=x --secret-key=MARK",
        true,
    ),
    ("create secret git new --url=https://git.example.com/new --username=ada --password=MARK", true),
    ("create secret git new --url=https://git.example.com/new --bearer-token=MARK", true),
    ("create secret helm new --username=ada --password=MARK", true),
    // It is in there, in a document within a document.
    ("create secret oci new --url=ghcr.io/acme --username=ada --password=MARK", false),
    ("create secret proxy new --address=https://proxy.example.com --username=ada --password=MARK", true),
    ("create secret receiver new --type=github --hostname=flux.example.com --token=MARK", true),
    // Secrets in files are as secret.
    ("create secret githubapp new --app-id=1 --app-installation-owner=acme --app-private-key=marked", true),
    // A slash had to be encoded.
    ("create secret proxy new --address=https://ada:MARK@proxy.example.com", false),
    ("install --image-pull-secret=pull --registry-creds=robot:MARK", false),
    (
        "bootstrap git --url=http://SERVER/fleet --allow-insecure-http --token-auth --silent --password=MARK",
        true,
    ),
    (
        "bootstrap git --url=http://SERVER/fleet --allow-insecure-http --token-auth --silent --password=x \
         --image-pull-secret=pull --registry-creds=robot:MARK",
        false,
    ),
    (
        "bootstrap git --url=http://SERVER/fleet --allow-insecure-http --token-auth --silent --password=x \
         --gpg-key-ring=marked --gpg-passphrase=MARK",
        false,
    ),
    (
        "bootstrap git --url=http://SERVER/fleet --allow-insecure-http --token-auth --silent --password=x \
         --ssh-signing-key-file=marked --ssh-signing-password=MARK",
        false,
    ),
    (
        "bootstrap git --url=http://SERVER/fleet --allow-insecure-http --token-auth --silent --password=x \
         --ssh-signing-key-file=marked --ssh-signing-passphrase=MARK",
        false,
    ),
    (
        "push artifact oci://SERVER/org/app:v1 --path=folder --source=a --revision=b --debug --timeout=2s --creds=ada:MARK",
        true,
    ),
    ("pull artifact oci://SERVER/org/app:v1 --output=folder --creds=ada:MARK", true),
    ("list artifacts oci://SERVER/org/app --creds=ada:MARK", true),
    ("tag artifact oci://SERVER/org/app:v1 --tag=v2 --creds=ada:MARK", true),
    ("diff artifact oci://SERVER/org/app:v1 --path=folder --creds=ada:MARK", true),
    ("trigger receiver app --url=http://SERVER --retries=1 --retry-delay=1ms --token=MARK", false),
    ("trigger receiver app --url=http://SERVER --type=generic-oidc --oidc-token=MARK", true),
    ("trigger receiver app --url=http://ada:MARK@SERVER --token=token", false),
];

/// The secret as it is, and as it travels.
fn forms() -> Vec<String> {
    let encoded = MARK.replace('/', "%2F").replace('+', "%2B");
    let pairs = ["ada", "git", "robot"].map(|user| STANDARD.encode(format!("{user}:{MARK}")));
    [MARK.to_owned(), encoded, STANDARD.encode(MARK), STANDARD.encode(format!("{MARK}\n"))]
        .into_iter()
        .chain(pairs)
        .collect()
}

fn is_in(text: &str) -> bool {
    forms().iter().any(|form| text.contains(form))
}

/// Refuses everything and repeats it. Where `lets_read` is set, an API server first says that there is nothing yet.
fn repeating(lets_read: bool) -> Web {
    Web::start(move |asked| {
        let reads = ["GET", "HEAD"].contains(&asked.method.as_str());
        let is_cluster = asked.path.starts_with("/api");
        if reads && !is_cluster && !asked.headers.contains_key("authorization") {
            return Some((401, Vec::new()));
        }
        let is_found = !(reads && is_cluster && lets_read);
        let (code, reason) = if is_found { (403, "Forbidden") } else { (404, "NotFound") };
        let message = match is_found {
            // A long message would be cut off.
            true => {
                let from = asked.body.char_indices().rev().nth(319).map_or(0, |(at, _)| at);
                format!("{} {:?} {} {}", &asked.body[from..], asked.headers, asked.method, asked.path)
            }
            false => "things \"new\" not found".to_owned(),
        };
        let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code,
            "message": message, "errors": [{"code": "DENIED", "message": message}]});
        Some((code, status.to_string().into_bytes()))
    })
}

fn has_arrived(asked: &Asked) -> bool {
    let basic = asked.headers.get("authorization").map_or("", String::as_str);
    is_in(&asked.body.replace("\\/", "/")) || is_in(basic) || is_in(&asked.path)
}

#[test]
fn what_a_server_repeats_is_not_shown_and_nothing_is_left_in_a_file() {
    let mut wrong = Vec::new();
    for (line, is_sent) in LINES {
        let mut has_been_sent = false;
        for lets_read in [true, false] {
            let web = repeating(lets_read);
            let address = web.url.trim_start_matches("http://");
            let cli = Cli::new().with_kubeconfig(&kubeconfig_of(address)).env("TMPDIR", "tmp");
            put_files(&cli);
            std::fs::create_dir(cli.home().join("tmp")).unwrap();
            std::fs::write(cli.home().join("marked"), format!("{MARK}\n")).unwrap();
            let before = crate::kustomize::files_below(cli.home());
            let line = format!("{line} --verbose").replace("MARK", MARK).replace("SERVER", address);
            let seen = cli.run(&line.split(' ').collect::<Vec<_>>());
            if seen.code == 0 || is_in(&seen.out) || is_in(&seen.err) {
                wrong.push(format!("{line}: {seen:#?}"));
            }
            if crate::kustomize::files_below(cli.home()) != before {
                wrong.push(format!("{line} left a file"));
            }
            has_been_sent |= web.seen().iter().any(has_arrived);
        }
        if has_been_sent != *is_sent {
            wrong.push(format!("{line}: sent {has_been_sent}, wanted {is_sent}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commands that log in to a registry. `SERVER` is replaced by its address.
const ARTIFACT_LINES: &[&str] = &[
    "push artifact oci://SERVER/org/app:v1 --path=folder --source=a --revision=b --debug --timeout=2s",
    "pull artifact oci://SERVER/org/app:v1 --output=folder",
    "list artifacts oci://SERVER/org/app",
    "tag artifact oci://SERVER/org/app:v1 --tag=v2",
    "diff artifact oci://SERVER/org/app:v1 --path=folder",
];

/// A registry that asks for a login, and repeats whatever it is sent in its refusal.
fn repeating_registry(challenge: &str) -> Web {
    Web::start_with(challenge, |asked| {
        if asked.path.starts_with("/token") && asked.method == "GET" {
            return Some((200, json!({"token": MARK}).to_string().into_bytes()));
        }
        let Some(header) =
            asked.headers.get("authorization").or(Some(&asked.body)).filter(|text| !text.is_empty())
        else {
            return Some((401, Vec::new()));
        };
        // Its answer would have no body.
        if asked.method == "HEAD" && asked.path.contains("/blobs/") {
            return Some((404, Vec::new()));
        }
        let error = json!({"errors": [{"code": "DENIED", "message": format!("bad header {header}")}]});
        Some((403, error.to_string().into_bytes()))
    })
}

/// Where Docker's configuration has the login: the file, the variable, and what the helper answers. `HOST` is replaced by that of the registry.
fn logins_of_docker() -> Vec<(&'static str, String, String, String)> {
    let auth = STANDARD.encode(format!("ada:{MARK}"));
    let of_host = |login: Value| json!({"auths": {"HOST": login}}).to_string();
    let none = String::new;
    vec![
        ("auth", of_host(json!({"auth": auth})), none(), none()),
        ("password", of_host(json!({"username": "ada", "password": MARK})), none(), none()),
        ("registry token", of_host(json!({"registrytoken": MARK})), none(), none()),
        ("variable", "{}".to_owned(), of_host(json!({"auth": auth})), none()),
        ("variable alone", none(), of_host(json!({"auth": auth})), none()),
        (
            "helper",
            json!({"credHelpers": {"HOST": "vault"}}).to_string(),
            none(),
            json!({"Username": "ada", "Secret": MARK}).to_string(),
        ),
        (
            "store",
            json!({"credsStore": "vault"}).to_string(),
            none(),
            json!({"Username": "ada", "Secret": MARK}).to_string(),
        ),
    ]
}

/// Runs a command that finds its login in Docker's configuration.
fn run_with_login(web: &Web, line: &str, (file, variable, helper): (&str, &str, &str)) -> Output {
    let address = web.url.trim_start_matches("http://");
    let cli = Cli::new();
    put_files(&cli);
    let bin = cli.home().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(cli.home().join(".docker")).unwrap();
    if !file.is_empty() {
        std::fs::write(cli.home().join(".docker/config.json"), file.replace("HOST", address)).unwrap();
    }
    let program = bin.join("docker-credential-vault");
    std::fs::write(&program, format!("#!/bin/sh\ncat > /dev/null\necho '{helper}'\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let cli = cli
        .env("PATH", &format!("{}:/usr/bin:/bin", bin.display()))
        .env("DOCKER_AUTH_CONFIG", &variable.replace("HOST", address));
    let line = line.replace("SERVER", address);
    cli.run(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn a_login_of_docker_that_a_registry_repeats_is_not_shown() {
    let mut wrong = Vec::new();
    for line in ARTIFACT_LINES {
        for (name, file, variable, helper) in logins_of_docker() {
            let web = repeating_registry("Basic realm=\"here\"");
            let seen = run_with_login(&web, line, (&file, &variable, &helper));
            let is_sent = web.seen().iter().any(has_arrived);
            if seen.code == 0 || !seen.err.contains("bad header") || is_in(&seen.err) || !is_sent {
                wrong.push(format!("{name}: {line}: {is_sent} {seen:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tokens_of_a_token_server_that_a_registry_repeats_are_not_shown() {
    let mut wrong = Vec::new();
    let other = STANDARD.encode("ada:0ther-p4ss");
    for line in ARTIFACT_LINES {
        for login in [
            json!({}),
            json!({"auth": other}),
            // It is sent in a form, which is repeated as well.
            json!({"identitytoken": MARK}),
        ] {
            let web = repeating_registry("Bearer realm=\"URL/token\",service=\"here\"");
            let file = json!({"auths": {"HOST": login}}).to_string();
            let seen = run_with_login(&web, line, (&file, "", ""));
            let is_sent = web.seen().iter().any(has_arrived);
            let is_shown = is_in(&seen.err) || seen.err.contains(&other);
            if seen.code == 0 || !seen.err.contains("bad header") || is_shown || !is_sent {
                wrong.push(format!("{login}: {line}: {is_sent} {seen:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_private_key_that_a_server_repeats_is_not_shown() {
    let web = repeating(true);
    let cli = Cli::new().with_kubeconfig(&kubeconfig_of(web.url.trim_start_matches("http://")));
    let made = cli
        .tool("openssl")
        .args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-subj", "/CN=a", "-days", "2"])
        .args(["-keyout", "tls.key", "-out", "tls.crt"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let key = std::fs::read_to_string(cli.home().join("tls.key")).unwrap();
    let body = key.lines().nth(1).unwrap();
    for what in ["tls", "helm"] {
        let line = ["create", "secret", what, "new", "--tls-crt-file=tls.crt", "--tls-key-file=tls.key"];
        let seen = cli.run(&line);
        let encoded = STANDARD.encode(&key);
        assert!(web.seen().iter().any(|asked| asked.body.contains(&encoded)), "{what}");
        let shown = [body, &encoded, &encoded[..40]].iter().any(|text| seen.failed().contains(text));
        assert!(!shown && seen.out.is_empty(), "{what}: {seen:?}");
    }
}

#[test]
fn every_flag_that_takes_a_secret_has_a_line() {
    let root = command_tree();
    let mut without = BTreeSet::new();
    let mut count = 0;
    let mut open = vec![(String::new(), command("fluxr"))];
    while let Some((path, command)) = open.pop() {
        let is_secret = |arg: &&clap::Arg| arg.get_value_parser().type_id() == TypeId::of::<Secret>();
        for flag in command.get_arguments().filter(is_secret).filter_map(clap::Arg::get_long) {
            count += 1;
            let is_its_own = |line: &str| {
                let of = command_of(&root, line);
                (path.is_empty() || of == path || of.starts_with(&format!("{path} ")))
                    && line.split(' ').any(|word| {
                        word.strip_prefix("--")
                            .and_then(|word| word.strip_prefix(flag))
                            .is_some_and(|rest| rest.starts_with('=') && rest.contains("MARK"))
                    })
            };
            if !LINES.iter().any(|(line, _)| is_its_own(line)) {
                without.insert(format!("{path} --{flag}"));
            }
        }
        for below in command.get_subcommands() {
            open.push((format!("{path} {}", below.get_name()).trim_start().to_owned(), below.clone()));
        }
    }
    assert!(count > 20, "{count}");
    assert_eq!(without, BTreeSet::new(), "flags without a line");
}
