//! Help: its groups and headings, what fits on one screen, and the examples of every command, each of which is run.

use crate::bootstrap::world::TOKEN;
use crate::bootstrap::world::World;
use crate::create_secret::POLICY;
use crate::logs::controller;
use crate::plugins::Shop;
use crate::support::ApiServer;
use crate::support::Asked;
use crate::support::Cli;
use crate::support::Web;
use crate::support::flux_object;
use crate::support::ready;
use clap::Command;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use testbed::Forge;
use testbed::registry::RegistryStandIn;

/// Every command that people see, with the words that name it.
fn all(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    found.push((path.to_owned(), command.clone()));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        all(below, format!("{path} {}", below.get_name()).trim(), found);
    }
}

fn commands() -> Vec<(String, Command)> {
    let mut found = Vec::new();
    all(&fluxr::testing::commands::manual("fluxr"), "", &mut found);
    found
}

/// The lines of shell among the examples, those that are continued in the next line joined to it.
fn examples(command: &Command) -> Vec<String> {
    let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = text.lines().skip(1).map(str::trim).filter(|line| !line.starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    joined.lines().map(str::to_owned).collect()
}

#[test]
fn every_command_has_an_example_of_itself() {
    let mut wrong = Vec::new();
    for (path, command) in commands() {
        let lines = examples(&command);
        let begins = format!("fluxr {path}");
        if !lines.iter().any(|line| line.contains(begins.trim_end())) {
            wrong.push(format!("{path}: {lines:?}"));
        }
        let shown = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        wrong.extend(shown.lines().filter(|line| line.chars().count() > 80).map(str::to_owned));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_root_shows_its_commands_in_groups_and_misses_none() {
    let seen = Cli::new().run(&["--help"]);
    let text = seen.succeeded();
    let (commands, options) = text.split_once("\nGlobal options:").expect("options below the commands");
    for title in ["Start:", "Look:", "Steer:", "Write:", "Build:"] {
        assert!(commands.contains(&format!("\n{title}\n")), "{title} in {commands}");
    }
    for command in
        fluxr::testing::commands::manual("fluxr").get_subcommands().filter(|one| !one.is_hide_set())
    {
        let begins = format!("\n  {} ", command.get_name());
        assert_eq!(commands.matches(&begins).count(), 1, "{begins:?} in {commands}");
    }
    assert!(options.contains("\nConnection to the cluster:\n"), "{options}");
    assert!(options.contains("\nExamples:\n"), "{options}");
}

#[test]
fn short_help_is_one_screen_and_long_help_has_every_option() {
    let cli = Cli::new();
    let mut long = Vec::new();
    for (path, command) in commands().into_iter().filter(|(path, _)| !path.is_empty()) {
        // One of the many alike is enough.
        let is_of_kinds = ["delete", "export", "reconcile", "resume", "suspend"];
        if is_of_kinds.iter().any(|verb| path.starts_with(verb) && path.contains(' '))
            && !path.ends_with("kustomization")
        {
            continue;
        }
        let words = |flag: &'static str| path.split(' ').chain([flag]).collect::<Vec<_>>();
        let short = cli.run(&words("-h"));
        if short.succeeded().lines().count() > 44 {
            long.push(format!("{path}: {} lines", short.out.lines().count()));
        }
        assert!(short.out.contains("\nExamples:\n"), "{path}: {}", short.out);
        assert!(!short.out.contains("--tls-server-name"), "{path}: {}", short.out);
        let whole = cli.run(&words("--help"));
        for flag in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let Some(name) = flag.get_long() else { continue };
            assert!(whole.succeeded().contains(&format!("--{name}")), "{path} --{name}: {}", whole.out);
        }
        let connection = whole.out.find("\nConnection to the cluster:\n").expect("the heading");
        assert!(whole.out.find("\nGlobal options:\n").expect("the heading") < connection, "{path}");
    }
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn help_is_that_of_the_command_that_was_named() {
    let seen = |words: &[&str]| Cli::new().run(words).succeeded().to_owned();
    let usage = |words: &[&str]| {
        let text = seen(words);
        text.lines().find(|line| line.starts_with("Usage: ")).unwrap_or_default().to_owned()
    };
    assert_eq!(usage(&["get", "-n", "kustomizations", "-h"]), "Usage: fluxr get [OPTIONS] <COMMAND>");
    assert_eq!(
        usage(&["--namespace=x", "get", "ks", "-h"]),
        "Usage: fluxr get kustomizations [OPTIONS] [NAME]..."
    );
    assert_eq!(usage(&["--help", "get", "ks"]), "Usage: fluxr get kustomizations [OPTIONS] [NAME]...");
    assert_eq!(usage(&["create", "source"]), "Usage: fluxr create source [OPTIONS] <COMMAND>");
    let flux = Cli::new().called("flux").run(&["get", "ks", "-h"]);
    assert!(flux.succeeded().contains("\n  flux get kustomizations -A\n"), "{}", flux.out);
}

/// A cluster with an object of every kind, called `app`, and what is around them.
fn cluster(is_installed: bool) -> ApiServer {
    if is_installed {
        let server = ApiServer::empty();
        Cli::against(&server).run(&["install"]).succeeded();
        return server;
    }
    let server = ApiServer::with_flux();
    server.with_controllers(Duration::from_millis(5));
    let reference = json!({"kind": "GitRepository", "name": "app"});
    let spec = json!({
        "interval": "5m0s", "url": "https://github.com/acme/app", "prune": true, "path": "./deploy", "sourceRef": reference,
        "chart": {"spec": {"chart": "app", "sourceRef": reference}}, "postBuild": {"substitute": {"cluster": "one"}},
    });
    let revision = "main@sha1:0f1e2d3c4b5a69788796a5b4c3d2e1f001122334";
    let done = json!({"artifact": {"revision": revision}, "lastAppliedRevision": revision});
    for kind in fluxr::testing::kind::KINDS {
        let mut object = flux_object(kind.kind, "app", spec.clone(), ready("True", "done", done.clone()));
        object["metadata"]["labels"] = json!({"team": "web"});
        server.put(object);
    }
    server.put(flux_object("Kustomization", "apps", spec, ready("True", "done", done)));
    let by = "kustomize.toolkit.fluxcd.io";
    let labels = json!({format!("{by}/name"): "app", format!("{by}/namespace"): "flux-system"});
    for (version, kind, name) in [("apps/v1", "Deployment", "web"), ("v1", "ConfigMap", "settings")] {
        let metadata = json!({"name": name, "namespace": "default", "labels": labels});
        server.put(json!({"apiVersion": version, "kind": kind, "metadata": metadata}));
    }
    controller(&server, "kustomize-controller", "kustomize-0");
    let entry =
        br#"{"ts": "T", "level": "info", "msg": "applied", "name": "app", "namespace": "flux-system"}"#;
    server.with_logs(|logs| logs.write("flux-system", "kustomize-0", entry));
    server
}

/// The program as a shell finds it: with the flags that lead it to this test's forge, and interrupted when it would never end.
fn install_program(folder: &Path, further: &str) {
    let program = env!("CARGO_BIN_EXE_fluxr");
    let script = format!(
        "#!/bin/bash\ncase \" $* \" in *' --watch '*|*' --follow '*)\n\
         timeout --preserve-status --signal=INT 1 '{program}' \"$@\"; code=$?; [ $code = 130 ] && exit 0; exit $code;;\nesac\n\
         exec timeout 60 '{program}' \"$@\" {further}\n"
    );
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("fluxr"), script).unwrap();
    std::fs::set_permissions(folder.join("fluxr"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A registry with what the examples look for, and the folder that it comes from as a working copy of Git.
fn registry(cli: &Cli) -> RegistryStandIn {
    let registry = RegistryStandIn::start().unwrap();
    let line = "git init -qb main && git remote add origin https://github.com/acme/app && git add deploy \
        && git -c user.name=ada -c user.email=ada@example.com commit -qm one";
    assert!(cli.tool("sh").args(["-c", line]).status().unwrap().success());
    for tag in ["latest", "6d8f2c1", "1.0.0"] {
        let url = format!("oci://{}/acme/app:{tag}", registry.host());
        cli.run(&["push", "artifact", &url, "--path=deploy", "--source=git", "--revision=main"]).succeeded();
    }
    registry
}

/// The files that the examples about secrets and values name.
fn write_secrets(home: &Path) {
    let made = rcgen::generate_simple_self_signed(vec!["app".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    for (name, text) in [
        ("client.crt", certificate.as_str()),
        ("client.key", &key),
        ("ca.crt", &certificate),
        ("acme.crt", &certificate),
        ("app.pem", &key),
        ("password", "hunter22\n"),
        ("token", "hunter22\n"),
        ("trustpolicy.json", POLICY),
        ("values.yaml", "replicas: 2\n"),
    ] {
        std::fs::write(home.join(name), text).unwrap();
    }
}

/// The repository that the Kustomizations of a cluster have applied, for as long as this lives.
fn applied_repository(server: &ApiServer) -> (tempfile::TempDir, Forge) {
    let folder = tempfile::tempdir().unwrap();
    let forge = Forge::start(folder.path()).unwrap();
    forge.create_public_repository("acme/app").unwrap();
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: default}\n";
    let commit =
        forge.commit("acme/app", "main", &[("deploy/settings.yaml", Some(manifest))], "one").unwrap();
    let spec = json!({"url": forge.public_url("acme/app"), "interval": "1m0s"});
    server.put(flux_object("GitRepository", "app", spec, ready("True", "done", json!({}))));
    for name in ["app", "apps"] {
        let spec = json!({"interval": "5m0s", "path": "./deploy", "sourceRef": {"kind": "GitRepository", "name": "app"}});
        let status = json!({"lastAppliedRevision": format!("main@sha1:{commit}")});
        server.put(flux_object("Kustomization", name, spec, ready("True", "done", status)));
    }
    (folder, forge)
}

/// The forge and the cluster for the examples of a command that needs both.
fn world_of(path: &str) -> Option<World> {
    path.starts_with("bootstrap ").then(|| {
        let world = match path {
            "bootstrap git" => World::new(),
            "bootstrap gitlab" => World::of_group("gitlab"),
            "bootstrap gitea" => World::of_group("gitea"),
            "bootstrap bitbucket-server" => World::of_group("bitbucket-server"),
            _ => World::of_organization(),
        };
        if path.ends_with("git") {
            world.forge.create_repository("ada/fleet").unwrap();
        }
        world
    })
}

/// The flags that say where the forge is.
fn place_of(path: &str, world: &World) -> String {
    let (host, ca) = (world.forge.host(), world.forge.ca_file().display().to_string());
    if path != "bootstrap git" {
        format!("--hostname={host} --ssh-hostname={} --ca-file={ca} --timeout=30s", world.forge.ssh_host())
    } else {
        format!("--url=https://{host}/ada/fleet.git --ca-file={ca} --timeout=30s")
    }
}

/// The files that examples name, and the folders that they write to.
fn write_files(home: &Path) {
    write_secrets(home);
    for folder in [
        ".config/fish/completions",
        ".local/share/bash-completion/completions",
        ".zfunc",
        "clusters",
        "deploy",
    ] {
        std::fs::create_dir_all(home.join(folder)).unwrap();
    }
    std::fs::write(home.join("deploy/kustomization.yaml"), "resources: [settings.yaml]\n").unwrap();
    let settings = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: flux-system\n";
    std::fs::write(home.join("deploy/settings.yaml"), settings).unwrap();
    let apps = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n";
    std::fs::write(home.join("apps.yaml"), apps).unwrap();
    std::fs::write(home.join("a.yaml"), apps.replace("apps", "app")).unwrap();
}

/// Runs the examples of a command, one after the other, in a home of their own.
fn run(path: &str, lines: &[String]) -> Vec<String> {
    let world = world_of(path);
    let further = world.as_ref().map_or_else(String::new, |world| place_of(path, world));
    let is_installed = ["check", "version", "uninstall"].contains(&path);
    let server = world.is_none().then(|| cluster(is_installed));
    let kubeconfig = match (&server, &world) {
        (Some(server), _) => server.kubeconfig(),
        (None, Some(world)) => world.api.kubeconfig(),
        (None, None) => String::new(),
    };
    let repository = server.as_ref().filter(|_| path == "drift").map(applied_repository);
    let shop = Shop::new();
    let issued = |asked: &Asked| {
        let is_issuer = asked.path.starts_with("/issue");
        Some((200, if is_issuer { b"{\"value\": \"issued\"}".to_vec() } else { Vec::new() }))
    };
    let web = Web::start(issued);
    let further = if path == "trigger receiver" { format!("--url={}", web.url) } else { further };
    let cli = Cli::new()
        .with_kubeconfig(&kubeconfig)
        .env("FLUXCD_PLUGIN_CATALOG", &format!("{}/", shop.url()))
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", &format!("{}/issue", web.url))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", TOKEN);
    let home = cli.home.path();
    shop.offer_example();
    if path.starts_with("plugin u") {
        cli.run(&["plugin", "install", "operator"]).succeeded();
    }
    write_files(home);
    install_program(&home.join("bin"), &further);
    let registry = ["push artifact", "pull artifact", "tag artifact", "diff artifact", "list artifacts"]
        .contains(&path)
        .then(|| registry(&cli));
    let mut failed = Vec::new();
    for line in lines {
        let there = registry.as_ref().map_or("ghcr.io", |registry| registry.host());
        let here = line.replace("ghcr.io", there);
        let ended = cli
            .tool("bash")
            .args(["-c", &here])
            .env("PATH", format!("{}:/usr/bin:/bin", home.join("bin").display()))
            .env("PROFILE", home.join("profile.ps1"))
            .envs(["GITHUB", "GITLAB", "GITEA", "BITBUCKET"].map(|forge| (format!("{forge}_TOKEN"), TOKEN)))
            .env("GIT_PASSWORD", TOKEN)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        // `why` ends with 1 when it has found a cause.
        let has_cause = line.starts_with("fluxr why ") && out.contains("next");
        let tells_changes = ["fluxr diff k", "fluxr drift "].iter().any(|begin| line.starts_with(begin));
        let has_changes = tells_changes && ended.status.code() == Some(1);
        if ended.status.code() != Some(0) && !has_cause && !has_changes {
            failed.push(format!("{line}: {:?}\n{out}{err}", ended.status.code()));
        }
    }
    drop(repository);
    failed
}

#[test]
fn every_example_works() {
    let mut seen = std::collections::BTreeSet::new();
    let mut failed = Vec::new();
    let mut all = commands();
    // A group without examples of its own shows those of its commands, which come first.
    all.sort_by_key(|(_, command)| command.has_subcommands());
    // What goes through Git needs a repository that the cluster follows: the tests of `changes` have one, and run such lines.
    let through_git = ["promote", "rollback", "set", "set version"];
    for (path, command) in all.into_iter().filter(|(path, _)| !through_git.contains(&path.as_str())) {
        let lines: Vec<String> =
            examples(&command).into_iter().filter(|line| seen.insert(line.clone())).collect();
        if !lines.is_empty() {
            failed.extend(run(&path, &lines));
        }
    }
    assert!(seen.len() > 90, "only {} examples were found", seen.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
