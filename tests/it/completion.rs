//! Completion: the scripts, and the candidates that the binary gives.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::golden;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

/// What is offered for the last of the words.
pub(crate) fn candidates(cli: Cli, words: &[&str]) -> Vec<String> {
    let last = words.len().to_string();
    let cli = cli.env("COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", &last).env("_CLAP_IFS", "\n");
    let line: Vec<&str> = ["--", "fluxr"].iter().chain(words).copied().collect();
    let seen = cli.run(&line);
    assert_eq!(seen.err, "", "{words:?}");
    seen.succeeded().lines().map(str::to_owned).collect()
}

fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    for name in ["apps", "infra"] {
        server.put(flux_object("Kustomization", name, json!({}), json!({})));
    }
    let mut elsewhere = flux_object("Kustomization", "web", json!({}), json!({}));
    elsewhere["metadata"]["namespace"] = json!("team");
    server.put(elsewhere);
    server
}

#[test]
fn the_scripts_in_completions_are_those_that_the_binary_prints() {
    for shell in ["bash", "fish", "powershell", "zsh"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(format!("fluxr.{shell}"));
        let seen = Cli::new().run(&["completion", shell]);
        let script = seen.succeeded();
        assert!(script.contains("fluxr"), "{shell}");
        golden(&path, script);
    }
}

#[test]
fn a_program_called_flux_completes_flux() {
    let seen = Cli::new().called("flux").run(&["completion", "bash"]);
    assert!(!seen.succeeded().contains("fluxr"), "{}", seen.out);
}

#[test]
fn the_option_about_colour_is_offered_its_words() {
    assert_eq!(candidates(Cli::new(), &["get", "ks", "--color", ""]), ["auto", "always", "never"]);
    assert_eq!(candidates(Cli::new(), &["get", "--col"]), ["--color"]);
}

#[test]
fn the_flag_of_the_forge_is_offered_its_words() {
    let given = |words: &[&str]| candidates(Cli::new(), words);
    let all = ["github", "gitlab", "gitea", "bitbucket-server"];
    assert_eq!(given(&["suspend", "ks", "app", "--forge", ""]), all);
    assert_eq!(
        given(&["set", "version", "ks/app", "--forge=git"]),
        ["--forge=github", "--forge=gitlab", "--forge=gitea"]
    );
}

#[test]
fn help_is_offered_commands() {
    assert_eq!(candidates(Cli::new(), &["help", "comp"]), ["completion"]);
    assert_eq!(candidates(Cli::new(), &["help", "get", "sources", "g"]), ["git"]);
}

#[test]
fn why_is_offered_kinds_and_then_names() {
    let server = cluster();
    let given = |words: &[&str]| candidates(Cli::against(&server), words);
    assert_eq!(given(&["why", "git"]), ["gitrepository/"]);
    assert_eq!(given(&["why", "ks/"]), ["ks/apps", "ks/infra"]);
    assert_eq!(given(&["-n", "team", "why", "kustomization/w"]), ["kustomization/web"]);
    assert_eq!(given(&["why", "pod/"]), Vec::<String>::new());
    assert_eq!(given(&["why", "ks"]), ["ks/"]);
    assert_eq!(given(&["why", "ks", "a"]), ["apps"]);
    assert_eq!(given(&["why", "-n", "team", "kustomization", "w"]), ["web"]);
    server.put(flux_object("GitRepository", "code", json!({}), json!({})));
    assert_eq!(given(&["why", "source", "git", "c"]), ["code"]);
}

#[test]
fn set_version_is_offered_objects_and_then_what_has_a_version() {
    let server = cluster();
    let given = |words: &[&str]| candidates(Cli::against(&server), words);
    assert_eq!(given(&["set", "version", "ks/"]), ["ks/apps", "ks/infra"]);
    assert_eq!(given(&["set", "version", "ks/apps", "r"]), ["ref="]);
    assert_eq!(given(&["set", "version", "hr", "podinfo", "c"]), ["chart="]);
    assert_eq!(given(&["set", "version", "gitrepo/app", "c"]), ["commit="]);
    assert_eq!(given(&["promote", "--from", ""]), ["test"]);
}

#[test]
fn names_of_the_kind_are_offered_from_the_namespace_at_hand() {
    let server = cluster();
    let given = |words: &[&str]| candidates(Cli::against(&server), words);
    let only_names = |words: &[&str]| -> Vec<String> {
        given(words).into_iter().filter(|word| !word.starts_with('-')).collect()
    };
    assert_eq!(only_names(&["get", "kustomizations", ""]), ["apps", "infra"]);
    assert_eq!(only_names(&["suspend", "ks", "a"]), ["apps"]);
    assert_eq!(only_names(&["debug", "ks", "i"]), ["infra"]);
    assert_eq!(only_names(&["reconcile", "ks", "-n", "team", ""]), ["web"]);
    assert_eq!(only_names(&["export", "ks", "--namespace=team", ""]), ["web"]);
    assert_eq!(only_names(&["wait", "kust"]), ["kustomization/"]);
    assert_eq!(only_names(&["wait", "ks/app", "ks/"]), ["ks/apps", "ks/infra"]);
    assert_eq!(only_names(&["wait", "-n", "team", "kustomization/w"]), ["kustomization/web"]);
}

#[test]
fn the_flags_of_logs_and_events_know_their_values() {
    let server = cluster();
    server.put(flux_object("HelmRelease", "chart", json!({}), json!({})));
    let given = |words: &[&str]| candidates(Cli::against(&server), words);
    assert_eq!(given(&["logs", "--kind", "Helm"]), ["HelmRepository", "HelmChart", "HelmRelease"]);
    assert_eq!(given(&["logs", "--kind", "kust"]), ["kustomization"]);
    assert_eq!(given(&["logs", "--level", ""]), ["debug", "info", "error"]);
    assert_eq!(given(&["logs", "--name", ""]), ["apps", "chart", "infra"]);
    assert_eq!(given(&["logs", "--kind", "helmrelease", "--name", ""]), ["chart"]);
    assert_eq!(given(&["logs", "--kind=Kustomization", "-n", "team", "--name=w"]), ["--name=web"]);
    assert_eq!(given(&["events", "--for", "Git"]), Vec::<String>::new());
    assert_eq!(given(&["events", "--for", "git"]), ["gitrepository/"]);
    assert_eq!(given(&["events", "--for", "ext"]), Vec::<String>::new(), "no controller reports about those");
    assert_eq!(given(&["events", "--for", "Kustomization/a"]), ["Kustomization/apps"]);
    assert_eq!(given(&["events", "--for", "ks/"]), Vec::<String>::new(), "short names are not understood");
    assert_eq!(given(&["events", "--types", "w"]), ["warning"]);
    assert_eq!(given(&["wait", "ks/apps", "--for", "re"]), ["ready", "revision="]);
}

#[test]
fn trace_is_offered_any_kind_and_then_names() {
    let server = cluster();
    let deployment = |name: &str| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "team"}});
    server.put(deployment("front"));
    server.put(deployment("back"));
    let given = |words: &[&str]| candidates(Cli::against(&server), words);
    assert_eq!(given(&["trace", "kust"]), ["kustomization/"]);
    assert_eq!(given(&["trace", "cron"]), ["cronjob/"]);
    assert_eq!(given(&["trace", "deploy"]), ["deployment/", "deploy/"]);
    assert_eq!(given(&["trace", "ks", ""])[..2], ["apps", "infra"]);
    assert_eq!(given(&["trace", "ks", "apps", "i"]), ["infra"]);
    assert_eq!(given(&["trace", "-n", "team", "deploy", "f"]), ["front"]);
    assert_eq!(given(&["trace", "-n", "team", "deploy/"]), ["deploy/back", "deploy/front"]);
    assert_eq!(given(&["trace", "deployment/", "-n", "team"]).len(), 0, "what follows the cursor");
    assert_eq!(given(&["trace", "namespace/flux"]), ["namespace/flux-system"]);
    assert_eq!(given(&["trace", "nonsense/"]), Vec::<String>::new());
    assert_eq!(given(&["trace", "front", "--kind", "daemon"]), ["daemonset"]);
    assert_eq!(given(&["trace", "front", "--kind", "Deployment", "--api-version", ""]), ["apps/v1"]);
}

#[test]
fn a_real_bash_is_given_the_same() {
    let server = cluster();
    let cli = Cli::against(&server);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions/fluxr.bash");
    let folder = Path::new(env!("CARGO_BIN_EXE_fluxr")).parent().unwrap();
    let given = |words: &str| {
        let asks = format!(
            "PATH={}:$PATH; source {}; COMP_WORDS=(fluxr {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _clap_complete_fluxr fluxr \"${{COMP_WORDS[COMP_CWORD]}}\"; printf '%s ' \"${{COMPREPLY[@]}}\"",
            folder.display(),
            script.display()
        );
        let answered = cli.tool("bash").args(["-c", &asks]).output().unwrap();
        assert!(answered.status.success(), "{}", String::from_utf8_lossy(&answered.stderr));
        String::from_utf8(answered.stdout).unwrap()
    };
    assert_eq!(given("why ks a"), "apps ");
    assert_eq!(given("why ks/i"), "ks/infra ");
    assert_eq!(given("trace ks a"), "apps ");
    assert_eq!(given("trace ns/flux"), "ns/flux-system ");
    assert_eq!(given("tree ks a"), "apps ");
    assert_eq!(given("debug ks i"), "infra ");
    assert_eq!(given("wait ks/apps ks/i"), "ks/infra ");
    assert_eq!(given("events --for kustomization/a"), "kustomization/apps ");
    assert_eq!(given("logs --kind Kustomization --name i"), "infra ");
    assert_eq!(given("logs --level d"), "debug ");
    // Bash itself takes words apart at `=`.
    assert_eq!(given("logs --level = d"), "debug ");
    assert_eq!(given("logs --level ''"), "debug info error ");
    assert_eq!(given("events --for = kustomization/a"), "kustomization/apps ");
    assert_eq!(given("get ks --namespace = team w"), "web ");
    assert_eq!(given("--namespace = team wait ks/w"), "ks/web ");
}

#[test]
fn files_are_offered_where_a_file_is_meant() {
    let cli = Cli::new();
    std::fs::create_dir(cli.home().join("parts")).unwrap();
    std::fs::write(cli.home().join("part.pem"), "").unwrap();
    let given = |words: &[&str]| {
        let before = words.len().to_string();
        let asked = [&["--", "fluxr"], words].concat();
        let mut asks = cli.tool(env!("CARGO_BIN_EXE_fluxr"));
        asks.args(asked).current_dir(cli.home());
        asks.env("COMPLETE", "bash").env("_CLAP_IFS", " ").env("_CLAP_COMPLETE_INDEX", before);
        let answered = asks.output().unwrap();
        let mut offered: Vec<String> =
            String::from_utf8(answered.stdout).unwrap().split(' ').map(str::to_owned).collect();
        offered.sort();
        offered.join(" ")
    };
    assert_eq!(given(&["build", "artifact", "--path", "pa"]), "part.pem parts/");
    assert_eq!(given(&["create", "secret", "git", "app", "--private-key-file", "pa"]), "part.pem parts/");
    assert_eq!(given(&["migrate", "-f", "pa"]), "part.pem parts/");
    assert_eq!(given(&["kustomize", "pa"]), "parts/");
}

#[test]
fn every_flag_that_names_a_file_or_a_folder_is_completed_with_them() {
    fn lost(command: &clap::Command, path: &str) -> Vec<String> {
        let names_file = |arg: &&clap::Arg| {
            let long = arg.get_long().unwrap_or_default();
            let is_file = long == "path" || long.ends_with("-file") || long.ends_with("-path");
            is_file && arg.get_value_hint() == clap::ValueHint::Unknown && arg.get_action().takes_values()
        };
        let own = command.get_arguments().filter(names_file);
        let own = own.map(|arg| format!("{path} --{}", arg.get_long().unwrap_or_default()));
        let below =
            command.get_subcommands().flat_map(|one| lost(one, &format!("{path} {}", one.get_name())));
        own.chain(below).collect()
    }
    let root = fluxr::testing::commands::command("fluxr");
    // A path within a webhook's address.
    assert_eq!(
        lost(&root, "").into_iter().filter(|flag| !flag.contains("receiver")).collect::<Vec<_>>(),
        [""; 0]
    );
}

#[test]
fn contexts_and_namespaces_are_offered() {
    let server = cluster();
    assert_eq!(candidates(Cli::against(&server), &["get", "ks", "--context", ""]), ["test"]);
    assert!(
        candidates(Cli::against(&server), &["get", "ks", "-n", "flux"]).contains(&"flux-system".to_owned())
    );
}

#[test]
fn a_slow_or_absent_cluster_gives_no_names_and_no_noise() {
    let server = cluster();
    server.fail("GET", "kustomizations", 1, Fault::Slow(Duration::from_secs(20)));
    let started = std::time::Instant::now();
    let offered = candidates(Cli::against(&server), &["get", "ks", "a"]);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!(offered, Vec::<String>::new());
    assert_eq!(candidates(Cli::new(), &["get", "ks", "a"]), Vec::<String>::new());
}

#[test]
fn kinds_are_offered_after_a_verb() {
    let offered = candidates(Cli::new(), &["suspend", "k"]);
    assert_eq!(offered, ["kustomization"]);
}

#[test]
fn formats_and_columns_are_offered() {
    let given = |words: &[&str]| candidates(Cli::new(), words);
    for command in [&["get", "ks"][..], &["get", "all"], &["events"], &["stats"], &["check"], &["trace", "x"]]
    {
        assert_eq!(
            given(&[command, &["-o", "j"]].concat()),
            ["json", "jsonpath=", "jsonpath-as-json=", "jsonpath-file="],
            "{command:?}"
        );
        assert_eq!(
            given(&[command, &["--output", "c"]].concat()),
            ["custom-columns=", "custom-columns-file="],
            "{command:?}"
        );
        assert!(!given(&[command, &["--sort-by", ""]].concat()).is_empty(), "{command:?}");
    }
    assert_eq!(given(&["get", "ks", "--sort-by", "las"]), ["last-scan", "last-run", "last-reconciled"]);
    assert_eq!(given(&["events", "--sort-by", "las"]), ["last-seen"]);
    assert_eq!(given(&["stats", "--sort-by", "s"]), ["suspended", "storage"]);
    assert_eq!(given(&["check", "--sort-by", "a"]), ["area"]);
    assert_eq!(given(&["trace", "deploy/web", "--sort-by", "last-"]), ["last-change"]);
}

#[test]
fn shells_with_the_script_of_flux_get_the_same_candidates() {
    let server = cluster();
    let asked = |words: &[&str]| {
        let seen = Cli::against(&server).called("flux").run(words);
        assert!(seen.err.starts_with("Completion ended with directive: ShellCompDirective"), "{seen:?}");
        seen.succeeded().to_owned()
    };
    for (words, wanted) in [
        (&["get", "kustomizations", ""][..], "apps\ninfra\n:4\n"),
        (&["-n", "team", "suspend", "kustomization", ""], "web\n:4\n"),
        (&["get", "kust"], "kustomizations\n:4\n"),
        (&["why", "ks/a"], "ks/apps\n:4\n"),
        (&["why", "git"], "gitrepository/\n:6\n"),
        (&["get", "ks", "--col"], "--color\n:4\n"),
        (&["plug"], "plugin\n:4\n"),
        // Files may follow.
        (&["build", "artifact", "--path", ""], ":0\n"),
        (&["create", "secret", "git", "--private-key-file=x"], ":0\n"),
        (&["-n", "team", "create", "source", "git", "app", "--url", ""], ":0\n"),
        (&["get", "ks", "none"], ":4\n"),
    ] {
        assert_eq!(asked(&[&["__completeNoDesc"], words].concat()), wanted, "{words:?}");
    }
    let described = asked(&["__complete", "create", "secret", "t"]);
    assert_eq!(described, "tls\tCreate or update a Kubernetes secret with TLS certificates\n:4\n");
    assert_eq!(Cli::new().run(&["__complete"]).code, 1);
}

#[test]
fn a_plugin_completes_its_own_words() {
    use std::os::unix::fs::PermissionsExt;
    let cli = Cli::new();
    let folder = cli.home().join(".fluxcd/plugins");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("flux-tool");
    std::fs::write(&path, "#!/bin/sh\nprintf '%s\\n' \"$@\" ':0'\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(cli.run(&["__complete", "tool", "a", ""]).succeeded(), "__complete\na\n:0\n");
    assert_eq!(
        cli.run(&["__complete", "-n", "a", "tool", "b", ""]).succeeded(),
        "__complete\n-n\na\nb\n:0\n"
    );
    assert_eq!(cli.run(&["__complete", "too"]).succeeded(), "tool\tRuns the tool plugin\n:4\n");
    assert_eq!(cli.run(&["__complete", "help", "to"]).succeeded(), "tool\n:4\n");
    std::fs::write(&path, "#!/bin/sh\nprintf 'one\\tFirst\\n:4\\n'\n").unwrap();
    assert_eq!(cli.run(&["__complete", "tool", ""]).succeeded(), "one\tFirst\n:4\n");
    assert_eq!(cli.run(&["__completeNoDesc", "tool", ""]).succeeded(), "one\n:4\n");
    let help = cli.run(&["help", "tool"]);
    assert_eq!(help.succeeded(), "Runs the tool plugin. Its help: fluxr tool --help\n");
}
