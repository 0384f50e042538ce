//! The table of command lines, made from `surface.json`: every command that exists here, and each of its flags with its default, with another,
//! a bad, a missing and a repeated value; no arguments, and too many.

use serde_json::Value;

/// What a command needs to do its work; longer paths come first.
const GOOD: &[(&str, &str)] = &[
    ("bootstrap git", "--url=ssh://git@127.0.0.1:9/ada/fleet"),
    ("bootstrap github", "--owner=ada --repository=fleet"),
    ("check", "--pre"),
    ("create source git", "app --url=https://git.example.com/app --branch=main --export"),
    ("create kustomization", "app --source=GitRepository/app --path=./deploy --prune --export"),
    (
        "create secret git",
        "app --url=https://git.example.com/app --username=ada --password=hunter22 --export",
    ),
    ("debug", "app --show-status"),
    ("delete", "none --silent"),
    ("export", "app"),
    ("get", ""),
    ("install", "--export"),
    ("reconcile", "none"),
    ("resume", "none"),
    ("suspend", "none"),
    ("trace", "deployment app"),
    ("tree artifact generator", "app"),
    ("tree kustomization", "app"),
    ("uninstall", "--dry-run"),
    ("version", "--client"),
];

/// Another value for a flag; `None` where any other value needs a network, or is never the same twice.
fn other_value(path: &str, name: &str, kind: &str) -> Option<&'static str> {
    Some(match (path, name) {
        ("install", "version" | "manifests") | ("bootstrap git" | "bootstrap github", _) => return None,
        ("create secret git", "ssh-key-algorithm" | "ssh-ecdsa-curve" | "ssh-rsa-bits" | "url") => {
            return None;
        }
        (_, "branch") => "other",
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

fn bad_value(kind: &str) -> Option<&'static str> {
    match kind {
        "bool" => Some("perhaps"),
        "duration" => Some("ten"),
        "int" | "int64" | "float32" | "rsaKeyBits" => Some("many"),
        "enum" | "sourceRef" => Some("no-such-thing"),
        "stringToString" => Some("pair"),
        "stringSlice" => Some("'a,\"b'"),
        "safeRelativePath" => Some("../../out"),
        _ => None,
    }
}

/// All lines for the commands of which `exists` is true.
pub(super) fn lines(exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let surface: Vec<Value> = serde_json::from_str(include_str!("../../data/surface.json")).unwrap();
    let mut lines = Vec::new();
    for command in &surface {
        let path = command["path"].as_str().unwrap();
        // What completion scripts say is each program's own.
        if path.is_empty() || path.starts_with("completion") || !exists(path) {
            continue;
        }
        if command["runnable"] == false {
            lines.extend(["--no-such-flag", "no-such-word"].map(|word| format!("{path} {word}")));
            continue;
        }
        let good = GOOD.iter().find(|(of, _)| path.starts_with(of)).map_or("", |(_, words)| *words);
        let with = |more: &str| format!("{path} {good} {more}").trim_end().to_owned();
        lines.extend([with(""), path.to_owned(), with("second third"), with("--no-such-flag"), with("-Z")]);
        lines.push(format!("{path} --no-such-flag=x"));
        for flag in inherited(&surface, path).chain(command["flags"].as_array().unwrap()) {
            lines.extend(lines_of_flag(path, flag).iter().map(|more| with(more)));
        }
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
    lines.sort();
    lines.dedup();
    lines
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
    // Help is written by each program in its own words, and a watch does not end.
    if matches!(name, "help" | "watch" | "cache-dir" | "version") && !(name == "version" && path == "install")
    {
        return Vec::new();
    }
    let mut lines = Vec::new();
    if kind != "bool" {
        lines.push(format!("--{name}"));
    }
    lines.extend(bad_value(kind).map(|bad| format!("--{name}={bad}")));
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
