//! Signals end every command, whatever it is waiting for or computing.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::kubeconfig_of;
use serde_json::json;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// Commands that read a pipe into which nothing is written; `PIPE` is replaced by its path.
const BLOCKED: [&str; 4] = [
    "create secret git token --url=https://git.example.com/r --username=a --password=b --ca-crt-file=PIPE --export",
    "create secret git token --url=ssh://git@git.example.com/r --private-key-file=PIPE --export",
    "get kustomizations --kubeconfig=PIPE",
    "bootstrap github --owner=ada --repository=fleet",
];

fn pipe(folder: &Path) -> String {
    let path = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path.to_str().unwrap().to_owned()
}

fn started(cli: &Cli, line: &str) -> Child {
    let words: Vec<&str> = line.split(' ').collect();
    let child = cli.command(&words).spawn().unwrap();
    while !catches_signals(&child) {
        std::thread::sleep(Duration::from_millis(5));
    }
    // Long enough to be where it is going to wait.
    std::thread::sleep(Duration::from_millis(300));
    child
}

/// Whether it has handlers for SIGINT and SIGTERM by now.
fn catches_signals(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
    let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
    [2, 15].iter().all(|number| caught & (1 << (number - 1)) != 0)
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("/bin/kill").args([format!("-{name}"), child.id().to_string()]).status();
    assert!(status.unwrap().success());
}

/// The exit code and what was written to stderr; within a few seconds.
#[track_caller]
fn ended(mut child: Child) -> (Option<i32>, String) {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(8) {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_command_that_waits_for_a_pipe_is_ended_by_either_signal() {
    for line in BLOCKED {
        for (name, code, said) in [("INT", 130, "✗ interrupted\n"), ("TERM", 143, "✗ terminated\n")] {
            let cli = Cli::new();
            let line = line.replace("PIPE", &pipe(cli.home.path()));
            let child = started(&cli, &line);
            signal(&child, name);
            assert_eq!(ended(child), (Some(code), said.to_owned()), "{line}");
        }
    }
}

#[test]
fn a_second_signal_ends_a_command_at_once() {
    let cli = Cli::new();
    let line = BLOCKED[0].replace("PIPE", &pipe(cli.home.path()));
    let child = started(&cli, &line);
    signal(&child, "INT");
    std::thread::sleep(Duration::from_millis(50));
    signal(&child, "TERM");
    // Nothing more is printed.
    assert_eq!(ended(child), (Some(130), String::new()));
}

#[test]
fn a_long_build_is_ended_by_a_signal() {
    let cli = Cli::new();
    let folder = cli.home.path();
    let one = |number: usize| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m{number}\n---\n");
    std::fs::write(folder.join("all.yaml"), (0..20_000).map(one).collect::<String>()).unwrap();
    std::fs::write(folder.join("kustomization.yaml"), "namePrefix: a-\nresources: [all.yaml]\n").unwrap();
    for line in ["kustomize .", "install --export --manifests=."] {
        let child = started(&cli, line);
        signal(&child, "TERM");
        assert_eq!(ended(child), (Some(143), "✗ terminated\n".to_owned()), "{line}");
    }
}

/// Where a build may be when it is interrupted. `SILENT` is replaced by the address of a server that takes connections and says nothing.
const PHASES: [(&str, &str); 6] = [
    ("reading stdin", "envsubst"),
    ("fetching a repository", "kustomize http://SILENT/repository//app"),
    ("asking the cluster", "build kustomization app --path=small"),
    (
        "fetching for a Kustomization",
        "build kustomization app --path=far --kustomization-file=ks.yaml --dry-run",
    ),
    (
        "building for a Kustomization",
        "build kustomization app --path=large --kustomization-file=ks.yaml --dry-run",
    ),
    ("building", "kustomize large"),
];

#[test]
fn a_build_is_interrupted_in_every_phase_and_leaves_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let cli = Cli::new().with_kubeconfig(&kubeconfig_of(&address)).env("TMPDIR", "tmp");
    let one = |number: usize| format!("kind: Thing\nmetadata:\n  name: m{number}\n---\n");
    for (path, text) in [
        ("small/a.yaml", one(1)),
        ("far/kustomization.yaml", format!("resources: ['http://{address}/a.yaml']\n")),
        ("large/kustomization.yaml", "namePrefix: a-\nresources: [a.yaml]\n".to_owned()),
        ("large/a.yaml", (0..50_000).map(one).collect()),
        (
            "ks.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: app, namespace: flux-system}\n\
             spec: {interval: 1h, prune: true, path: ./, sourceRef: {kind: GitRepository, name: app}}\n"
                .to_owned(),
        ),
    ] {
        let path = cli.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(cli.home().join("tmp")).unwrap();
    let before = crate::kustomize::files_below(cli.home());
    for (phase, line) in PHASES {
        let child = started(&cli, &line.replace("SILENT", &address));
        signal(&child, "INT");
        assert_eq!(ended(child), (Some(130), "✗ interrupted\n".to_owned()), "{phase}");
        assert!(crate::kustomize::files_below(cli.home()) == before, "{phase} left something");
    }
}

/// A phase, the request that waits there, if one does, and the folder.
type Phase = (&'static str, Option<(&'static str, &'static str)>, &'static str);

/// Where a `diff kustomization` is interrupted.
const DIFF_PHASES: [Phase; 5] = [
    ("asking for the Kustomization", Some(("GET", "/kustomizations/app")), "small"),
    ("building", None, "large"),
    ("asking for variables", Some(("GET", "/configmaps/variables")), "small"),
    ("looking at an object", Some(("GET", "/configmaps/m")), "small"),
    ("trying to apply", Some(("PATCH", "/configmaps/m")), "small"),
];

#[test]
fn a_diff_is_interrupted_in_every_phase_and_leaves_nothing() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server).env("TMPDIR", "tmp");
    server.put(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}));
    let variables = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"},
        "metadata": {"name": "variables", "namespace": "flux-system"}});
    server.put(variables);
    let spec = json!({"interval": "1h", "prune": true, "path": "./", "sourceRef": {"kind": "GitRepository", "name": "app"},
        "postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": "variables"}]}});
    server.put(flux_object("Kustomization", "app", spec, json!({})));
    let one = |number: usize| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m{number}\n  namespace: web\n---\n")
    };
    for (path, text) in [("small/a.yaml", one(1)), ("large/a.yaml", (0..50_000).map(one).collect())] {
        let path = cli.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    std::fs::create_dir(cli.home().join("tmp")).unwrap();
    let before = crate::kustomize::files_below(cli.home());
    let objects = server.objects().len();
    for (phase, waiting, folder) in DIFF_PHASES {
        if let Some((method, path)) = waiting {
            server.fail(method, path, 1, Fault::Slow(Duration::from_secs(60)));
        }
        let child = started(&cli, &format!("diff kustomization app --path={folder} --progress-bar=false"));
        signal(&child, "INT");
        assert_eq!(ended(child), (Some(130), "✗ interrupted\n".to_owned()), "{phase}");
        if let Some((method, path)) = waiting {
            let asked = server.requests().iter().any(|line| line.starts_with(method) && line.contains(path));
            assert!(asked, "{phase} was not reached");
        }
        server.forgive();
        assert!(crate::kustomize::files_below(cli.home()) == before, "{phase} left something");
    }
    assert_eq!(server.objects().len(), objects);
}

/// Commands that wait for a server; `SILENT` is replaced by its address.
const ASKING: [&str; 8] = [
    "push artifact oci://SILENT/org/app:v1 --path=folder --source=a --revision=b",
    "pull artifact oci://SILENT/org/app:v1 --output=folder",
    "list artifacts oci://SILENT/org/app",
    "tag artifact oci://SILENT/org/app:v1 --tag=v2",
    "diff artifact oci://SILENT/org/app:v1 --path=folder",
    "plugin search",
    "trigger receiver app --url=http://SILENT --token=token",
    "migrate",
];

#[test]
fn a_command_that_waits_for_a_server_is_interrupted_and_leaves_nothing() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let cli = Cli::new()
        .with_kubeconfig(&kubeconfig_of(&address))
        .env("TMPDIR", "tmp")
        .env("FLUXCD_PLUGIN_CATALOG", &format!("http://{address}/"));
    std::fs::create_dir(cli.home().join("tmp")).unwrap();
    crate::exit_codes::put_files(&cli);
    let before = crate::kustomize::files_below(cli.home());
    for line in ASKING {
        let child = started(&cli, &line.replace("SILENT", &address));
        signal(&child, "INT");
        let (code, said) = ended(child);
        assert_eq!(code, Some(130), "{line}: {said}");
        assert!(said.ends_with("✗ interrupted\n"), "{line}: {said}");
        assert!(crate::kustomize::files_below(cli.home()) == before, "{line} left something");
    }
}

#[test]
fn a_build_that_no_one_reads_is_ended_while_it_writes() {
    let cli = Cli::new();
    let text = format!("kind: Thing\nmetadata:\n  name: a\ndata: {}\n", "x".repeat(1 << 20));
    std::fs::write(cli.home().join("a.yaml"), text).unwrap();
    std::fs::write(cli.home().join("kustomization.yaml"), "resources: [a.yaml]\n").unwrap();
    let child = started(&cli, "kustomize .");
    // The pipe is full by now.
    std::thread::sleep(Duration::from_secs(1));
    signal(&child, "INT");
    assert_eq!(ended(child), (Some(130), "✗ interrupted\n".to_owned()));
}

#[test]
fn a_pipe_that_is_written_to_is_read_where_a_flag_names_it() {
    let cli = Cli::new();
    let path = pipe(cli.home.path());
    let line = BLOCKED[0].replace("PIPE", &path);
    let writer = std::thread::spawn(move || std::fs::write(path, "a certificate\n").unwrap());
    let words: Vec<&str> = line.split(' ').collect();
    let output = cli.run(&words);
    writer.join().unwrap();
    assert!(output.succeeded().contains("a certificate"), "{output:?}");
}

#[test]
fn a_build_refuses_what_is_not_a_file_by_name() {
    let cli = Cli::new();
    let folder = cli.home.path().canonicalize().unwrap();
    pipe(&folder);
    let _socket = UnixListener::bind(folder.join("socket")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.join("device")).unwrap();
    for (name, path, kind) in [
        ("pipe", folder.join("pipe"), "a named pipe"),
        ("socket", folder.join("socket"), "a socket"),
        ("device", "/dev/zero".into(), "a device"),
    ] {
        for text in [
            format!("resources: [{name}]\n"),
            format!("components: [{name}]\n"),
            format!("configurations: [{name}]\n"),
            format!("configMapGenerator: [{{name: a, files: [x={name}]}}]\n"),
            format!("secretGenerator: [{{name: a, envs: [{name}]}}]\n"),
            format!("configMapGenerator: [{{name: a}}]\npatches: [{{path: {name}}}]\n"),
            format!("configMapGenerator: [{{name: a}}]\npatchesStrategicMerge: [{name}]\n"),
            format!("configMapGenerator: [{{name: a}}]\nreplacements: [{{path: {name}}}]\n"),
        ] {
            std::fs::write(folder.join("kustomization.yaml"), &text).unwrap();
            let output = cli.run(&["kustomize", ".", "--load-restrictor=LoadRestrictionsNone"]);
            let wanted = format!("\"{}\" is {kind}, not a file", path.display());
            assert!(output.failed().contains(&wanted), "{text}: {}", output.err);
        }
    }
    std::fs::remove_file(folder.join("kustomization.yaml")).unwrap();
    std::fs::rename(folder.join("pipe"), folder.join("kustomization.yaml")).unwrap();
    let output = cli.run(&["kustomize", "."]);
    assert!(output.failed().contains("kustomization.yaml\" is a named pipe, not a file"), "{}", output.err);
}
