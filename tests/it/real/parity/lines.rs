//! The table of command lines, made from `surface.json`: every command that exists here, and each of its flags with its default, with another,
//! a bad, a missing and a repeated value; no arguments, and too many.

use super::objects;
use super::signing::signing_lines;
use serde_json::Value;

/// What a command needs to do its work; longer paths come first.
const GOOD: &[(&str, &str)] = &[
    ("build artifact", "--path=text --output=built.tgz"),
    ("bootstrap bitbucket-server", "--owner=ada --repository=fleet --hostname=127.0.0.1:9"),
    ("bootstrap gitea", "--owner=ada --repository=fleet --hostname=127.0.0.1:9"),
    ("bootstrap git", "--url=ssh://git@127.0.0.1:9/ada/fleet"),
    ("bootstrap github", "--owner=ada --repository=fleet"),
    ("bootstrap gitlab", "--owner=ada --repository=fleet"),
    ("build kustomization", "apps --path=folder --kustomization-file=apps.yaml --dry-run"),
    ("check", "--pre"),
    ("envsubst", ""),
    ("create source git", "app --url=https://git.example.com/app --branch=main --export"),
    ("create kustomization", "app --source=GitRepository/app --path=./deploy --prune --export"),
    (
        "create secret git",
        "app --url=https://git.example.com/app --username=ada --password=hunter22 --export",
    ),
    (
        "create secret githubapp",
        "app --app-id=1 --app-installation-id=2 --app-private-key=text --label=team=ops --export",
    ),
    ("create secret helm", "app --username=ada --password=hunter22 --export"),
    (
        "create secret notation",
        "app --trust-policy-file=policy.json --ca-cert-file=pair.crt,./pair.crt --label=team=ops --export",
    ),
    ("create secret oci", "app --url=ghcr.io/acme/app --username=ada --password=hunter22 --export"),
    ("create secret proxy", "app --address=https://proxy.example.com:8080 --export"),
    ("create secret receiver", "app --type=github --hostname=flux.example.com --token=hunter22 --export"),
    ("create secret tls", "app --tls-crt-file=pair.crt --tls-key-file=pair.key --export"),
    ("debug", "app --show-status"),
    ("delete", "none --silent"),
    ("diff artifact", "oci://127.0.0.1:9/org/app:v1 --path=text"),
    ("export", "app"),
    ("get", ""),
    ("install", "--export"),
    ("list artifacts", "oci://127.0.0.1:9/org/app"),
    ("pull artifact", "oci://127.0.0.1:9/org/app:v1 --output=."),
    ("push artifact", "oci://127.0.0.1:9/org/app:v1 --path=text --source=git --revision=main"),
    ("migrate", "-f manifests --dry-run"),
    ("plugin uninstall", "none"),
    ("reconcile", "none"),
    ("resume", "none"),
    ("suspend", "none"),
    ("tag artifact", "oci://127.0.0.1:9/org/app:v1 --tag=v2"),
    ("trace", "deployment app"),
    ("tree artifact generator", "app"),
    ("tree kustomization", "app"),
    // Refused before anything is sent.
    ("trigger receiver", "app --type=generic-oidc --oidc-audience=team"),
    ("uninstall", "--dry-run"),
    ("version", "--client"),
];

/// Another value for a flag; `None` where any other value needs a network, or is never the same twice.
fn other_value(path: &str, name: &str, kind: &str) -> Option<&'static str> {
    if let Some(other) = objects::other_value(path, name) {
        return Some(other);
    }
    Some(match (path, name) {
        ("install", "version" | "manifests") => return None,
        (path, _) if path.starts_with("bootstrap ") => return None,
        ("create secret git", "ssh-key-algorithm" | "ssh-ecdsa-curve" | "ssh-rsa-bits" | "url") => {
            return None;
        }
        // A cloud is judged by its registry before that is asked.
        (
            "diff artifact" | "list artifacts" | "pull artifact" | "push artifact" | "tag artifact",
            "provider",
        ) => {
            return None;
        }
        (_, "branch") => "other",
        (_, "local-sources") => "GitRepository/flux-system/app=folder",
        ("create secret tls" | "create secret helm", "tls-crt-file" | "tls-key-file") => "./nowhere.pem",
        (_, "app-private-key" | "trust-policy-file") => "./nowhere.pem",
        (_, "ca-cert-file") => "./nowhere.pem,none.txt",
        (_, "type") if path == "create secret receiver" => "gcr",
        ("migrate", "path") => "other",
        (_, "ca-file" | "ca-crt-file" | "private-key-file" | "kubeconfig") => "./nowhere.pem",
        (_, "cluster-domain") => "cluster.example",
        (_, "components") => "source-controller,kustomize-controller",
        (_, "components-extra") => "image-reflector-controller,source-watcher",
        (_, "crds") => "CreateReplace",
        (_, "decryption-provider") => "sops",
        (_, "depends-on") => "infra,team/base",
        (_, "health-check") => "Deployment/web.default,StatefulSet/db.default",
        (_, "label") => "team=ops,tier=web",
        (_, "label-selector") => "team=ops",
        (_, "log-level") => "debug",
        (_, "output") => "json",
        (_, "path") => "./other/place",
        (_, "provider") => "azure",
        (_, "proxy-secret-ref" | "secret-ref") => "login",
        (_, "registry") => "registry.example.com/flux",
        (_, "registry-creds") => "ada:secret",
        (_, "server") => "https://127.0.0.1:9",
        (_, "source") => "OCIRepository/app.team",
        (_, "ssh-ecdsa-curve") => "p521",
        (_, "ssh-key-algorithm") => "ed25519",
        (_, "ssh-rsa-bits") => "3072",
        (_, "status-selector") => "ready=false",
        (_, "tag-semver") => ">=1.0.0 <2.0.0",
        ("logs", "level") => "error",
        ("logs", "since-time") => "2026-01-02T03:04:05Z",
        ("logs", "follow") => return None,
        ("trace", "api-version") => "apps/v1",
        (_, "for") => "Kustomization/app",
        (_, "types") => "warning,Normal",
        (_, "toleration-keys") => "node.example.com/flux,gpu",
        (_, "url") => "https://git.example.com/other.git",
        (_, "validation") => "client",
        (_, "namespace") => "other",
        (_, "interval" | "retry-interval" | "health-check-timeout" | "poll-interval") => "90s",
        _ => match kind {
            "bool" => "true",
            "duration" => "1m30s",
            "int" | "int64" | "float32" => "3",
            _ => "other",
        },
    })
}

/// Values that a flag of this type, or with this name, refuses, in every way there is to be wrong.
fn bad_values(name: &str, kind: &str) -> &'static [&'static str] {
    if let Some(values) = objects::bad_values(name) {
        return values;
    }
    match (name, kind) {
        (_, "bool") => &["perhaps", "", "yes", "2", "tRUE"],
        (_, "duration") => {
            &["ten", "", "5", "1.5", "5x", "1h 5m", " 5m", "h", "1.2.3s", ".s", "9999999h", "1d", "\"5m\""]
        }
        (_, "int" | "int64") => {
            &["many", "", "1.5", "08", "1_", "0x", " 1", "1e3", "99999999999999999999", "--1"]
        }
        (_, "float32") => &["many", "", "1,5", " 1"],
        (_, "rsaKeyBits") => &["many", "1000", "1023", "2049", "-8", "0", "2048.0", " 2048"],
        (_, "enum") => &["no-such-thing", "", " ", "SOPS", "Generic", "P384", "RSA", "Info", "\""],
        (_, "sourceRef") => &[
            "",
            " ",
            "no/such/thing",
            "Secret/app",
            "GitRepository",
            "GitRepository/",
            "/app",
            "Bucket/",
            "ocirepository",
            "app.",
            ".app",
            "Kind/a.b",
        ],
        (_, "stringToString") => &["pair", "=", "a=b,c"],
        (_, "safeRelativePath") => &["../../out"],
        ("label", _) => &[
            "a", "a=b=c", "a b=c", "=x", "a=b c", "-a=b", "a=-", "A.b/c=d", "a/b/c=d", "/a=b", "a/=b",
            "a=b,c", "a=b,,c=d", "\"a=b", "é=b",
        ],
        ("components" | "components-extra", _) => {
            &["nothing", "source-controller,", ",", "Source-Controller", " source-controller", "\"a", "a\"b"]
        }
        ("registry-creds", _) => &["a", ":", "a:b", "a:b:c"],
        ("label-selector", _) => &[
            "team in", "a b", "a,,b", ",", "!a=b", "a=b*", "-a", "a in (b", "a in (=)", "a=(b", "a notin",
            "a==", "é",
        ],
        ("status-selector", _) => &["x", "=", "ready=="],
        // Others are looked up in the network.
        ("version", _) => &["2.9.0", "x"],
        ("for", _) => &["none", "Kind/", "/", "a/b/c", "pod/x"],
        ("types", _) => &["x", "Normal,x", ","],
        ("since-time", _) => &["x", "2026-01-02", "2026-01-02 03:04:05Z", "2026-13-02T03:04:05Z"],
        ("api-version", _) => &["a/b/c", "/"],
        ("namespace", _) => &["Team", "a.b", "-a", "", " "],
        ("context" | "cluster" | "user", _) => &["nope"],
        ("kubeconfig", _) => &["./nowhere", ".", "./text"],
        ("url", _) => &[
            "x",
            "://x",
            "ftp://h/r",
            "git@h:o/r.git",
            "https://h/%zz",
            "https://h:port/r",
            "http://",
            "ssh://",
            " https://h/r",
            "https://h h/r",
            "file:///tmp/r",
        ],
        ("depends-on", _) => &["a/b/c", "\"a"],
        ("health-check", _) => {
            &["a", "Deployment/web", "Deployment/web.a.b", "Pod/x.y", "/a.b", "Deployment/.b"]
        }
        ("gpg-key-ring" | "ssh-signing-key-file", _) => &["none", "text", "empty", ".", "small", "encrypted"],
        ("private-key-file" | "ca-file" | "ca-crt-file", _) => &["none", "text", "empty", "."],
        ("team" | "group", _) => &["a:b", "a:b:c"],
        ("tls-crt-file" | "tls-key-file", _) => {
            &["none", "text", "empty", ".", "pair.key", "pair.crt", "other.key", "encrypted"]
        }
        ("app-private-key" | "trust-policy-file", _) => &["none", "empty", "."],
        ("ca-cert-file", _) => &["none.crt", "text", "text,none.pem", "\"a"],
        ("address", _) => &["://x", "http://h h", "http://h:x", "https://h/%zz", "h:80", "/x"],
        (_, "stringSlice") => &["a,\"b", "\"a\"b", "\""],
        _ => &[],
    }
}

/// Flags whose wrong values are found in the order of the checks, not of the line.
const JUDGED_LATER: [&str; 9] = [
    "label",
    "components",
    "registry-creds",
    "label-selector",
    "status-selector",
    "for",
    "types",
    "url",
    "depends-on",
];

/// Two wrong values on one line: the first of the line when the flags refuse them, else the first that is judged.
fn pairs_of(path: &str, flags: &[&Value]) -> Vec<String> {
    let wrong: Vec<(&str, String)> = flags
        .iter()
        .filter_map(|flag| {
            let (name, kind) = (flag["name"].as_str()?, flag["type"].as_str()?);
            let value = bad_values(name, kind).first()?;
            // A kubeconfig is judged with the cluster, here after all else.
            let is_of_cluster = matches!(name, "context" | "cluster" | "user" | "kubeconfig");
            (!skips(path, name) && !is_of_cluster).then(|| (name, format!("--{name}='{value}'")))
        })
        .collect();
    let mut lines = Vec::new();
    for (at, (name, first)) in wrong.iter().enumerate() {
        let next = wrong.iter().cycle().skip(at + 1).take(1);
        let later = wrong.iter().filter(|(other, _)| other != name && JUDGED_LATER.contains(other));
        lines.extend(next.chain(later).map(|(_, second)| format!("{first} {second}")));
    }
    lines
}

/// All lines for the commands of which `exists` is true.
pub(super) fn lines(exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let surface: Vec<Value> = serde_json::from_str(include_str!("../../data/surface.json")).unwrap();
    let mut lines = Vec::new();
    for command in &surface {
        let path = command["path"].as_str().unwrap();
        // What completion scripts and pages say is each program's own, and a catalog is in the network.
        let is_own = ["completion", "docgen", "plugin install", "plugin search"];
        if path.is_empty() || is_own.iter().any(|own| path.starts_with(own)) || !exists(path) {
            continue;
        }
        if command["runnable"] == false {
            lines.extend(["--no-such-flag", "no-such-word"].map(|word| format!("{path} {word}")));
            continue;
        }
        let good = GOOD
            .iter()
            .chain(objects::GOOD)
            .find(|(of, _)| path.starts_with(of))
            .map_or("", |(_, words)| *words);
        let with = |more: &str| format!("{path} {good} {more}").trim_end().to_owned();
        lines.extend([with(""), path.to_owned(), with("second third"), with("--no-such-flag"), with("-Z")]);
        lines.push(format!("{path} --no-such-flag=x"));
        let flags: Vec<&Value> =
            inherited(&surface, path).chain(command["flags"].as_array().unwrap()).collect();
        for flag in &flags {
            lines.extend(lines_of_flag(path, flag).iter().map(|more| with(more)));
        }
        lines.extend(pairs_of(path, &flags).iter().map(|more| with(more)));
    }
    // The flags of every command, with one that asks the cluster and one that does not.
    for flag in surface[0]["flags"].as_array().unwrap() {
        for command in [
            "get kustomizations",
            "create source git app --url=https://git.example.com/app --branch=main --export",
        ] {
            lines.extend(lines_of_flag("", flag).iter().map(|more| format!("{command} {more}")));
        }
    }
    lines.extend(signing_lines());
    lines.extend(objects::lines());
    lines.extend(["help none", "help none more"].map(str::to_owned));
    // Help is written by each program in its own words.
    lines.retain(|line| line != "help");
    lines.sort();
    lines.dedup();
    lines
}

/// Help is written by each program in its own words, a watch does not end, and some values need a network.
fn skips(path: &str, name: &str) -> bool {
    matches!(name, "help" | "watch" | "cache-dir" | "version") && !(name == "version" && path == "install")
}

/// The persistent flags of the groups above a command, but not those of the program.
fn inherited<'a>(surface: &'a [Value], path: &'a str) -> impl Iterator<Item = &'a Value> {
    surface
        .iter()
        .filter(move |group| {
            let of = group["path"].as_str().unwrap();
            !of.is_empty() && path.strip_prefix(of).is_some_and(|rest| rest.starts_with(' '))
        })
        .flat_map(|group| group["flags"].as_array().unwrap())
        .filter(|flag| flag["persistent"] == true)
}

fn lines_of_flag(path: &str, flag: &Value) -> Vec<String> {
    let (name, kind) = (flag["name"].as_str().unwrap(), flag["type"].as_str().unwrap());
    if skips(path, name) {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if kind != "bool" {
        lines.push(format!("--{name}"));
    }
    let bad = bad_values(name, kind);
    lines.extend(bad.iter().map(|bad| format!("--{name}='{bad}'")));
    // Scripts pass variables that are empty. An empty token of a receiver is made up.
    let is_made_up = (path, name) == ("create secret receiver", "token");
    if kind == "string" && !bad.contains(&"") && !is_made_up {
        lines.push(format!("--{name}="));
    }
    if let Some(default) = default_of(flag) {
        lines.push(format!("--{name}={default}"));
    }
    if let Some(other) = other_value(path, name, kind) {
        lines.push(format!("--{name}='{other}'"));
        lines.push(format!(
            "--{name}='{other}' --{name}={}",
            default_of(flag).unwrap_or_else(|| "x".to_owned())
        ));
        if let Some(short) = flag["short"].as_str() {
            lines.push(if kind == "bool" { format!("-{short}") } else { format!("-{short} '{other}'") });
        }
    }
    lines
}

fn default_of(flag: &Value) -> Option<String> {
    match &flag["default"] {
        Value::String(text) if !text.is_empty() && !text.contains(' ') => Some(text.clone()),
        Value::Bool(set) => Some(set.to_string()),
        Value::Number(number) => Some(number.as_f64()?.to_string()),
        Value::Array(items) if !items.is_empty() => {
            Some(items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        }
        _ => None,
    }
}
