//! Standard streams of every command: readers that go away, full disks, a terminal at which someone presses Ctrl-C.

use crate::exit_codes::Row;
use crate::exit_codes::put_files;
use crate::exit_codes::rows;
use crate::logs::controller;
use crate::plugins::Shop;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Terminal;
use crate::support::command_of;
use crate::support::command_tree;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// Lines that write data in a way of their own: on and on, of several objects, as one document.
const WRITERS: [&str; 28] = [
    "--help",
    "bootstrap github --help",
    "version --client",
    "version --client -o json",
    "completion bash",
    "install --export",
    "get all",
    "get ks",
    "get sources git -A",
    "get ks --watch",
    "export ks app",
    "export source git --all",
    "logs",
    "logs --follow",
    "trace configmap app",
    "debug ks app --show-status",
    "create source git app --url=https://git.example.com/app --branch=main --export",
    "create kustomization app --source=app --path=. --prune --export",
    "create helmrelease app --source=HelmRepository/app --chart=app --export",
    "create tenant team --with-namespace=one,two --export",
    "plugin list",
    "plugin search",
    "history",
    "graph",
    "graph -o json",
    "drift --all -o json",
    "build kustomization app --path=folder",
    "diff kustomization app --path=folder",
];

fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s"});
    server.put(flux_object("GitRepository", "app", spec, ready("True", "stored", json!({}))));
    let spec = json!({"interval": "5m0s", "sourceRef": {"kind": "GitRepository", "name": "app"}});
    let past = json!({"history": [{
        "digest": "sha256:abc", "firstReconciled": "2026-01-02T03:04:05Z", "lastReconciled": "2026-01-02T03:04:05Z",
        "lastReconciledDuration": "1s", "lastReconciledStatus": "ReconciliationSucceeded", "totalReconciliations": 1,
        "metadata": {"revision": "main@sha1:abc"},
    }]});
    server.put(flux_object("Kustomization", "app", spec, ready("False", "not yet", past)));
    let by = "kustomize.toolkit.fluxcd.io";
    let labels = json!({format!("{by}/name"): "app", format!("{by}/namespace"): "flux-system"});
    let metadata = json!({"name": "app", "namespace": "flux-system", "labels": labels});
    server.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}));
    controller(&server, "source-controller", "source-0");
    let entry = br#"{"ts": "T", "level": "info", "msg": "fetched", "namespace": "flux-system"}"#;
    server.with_logs(|logs| logs.write("flux-system", "source-0", entry));
    server
}

/// The program in front of the cluster, with files, a catalog of plugins and a plugin.
fn with_all(server: &ApiServer) -> Cli {
    let cli = Shop::new().cli().with_kubeconfig(&server.kubeconfig());
    crate::plugins::put(&cli, "flux-own", 0o755);
    put_files(&cli);
    cli
}

#[test]
fn a_reader_that_goes_ends_every_command_quietly() {
    let server = cluster();
    let cli = with_all(&server);
    // This one writes files only.
    for line in WRITERS.into_iter().chain(["docgen --path=folder"]) {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let words: Vec<&str> = line.split(' ').collect();
        let ended = cli.command(&words).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!((ended.status.code(), &*said), (Some(0), ""), "{line}");
    }
}

#[test]
fn every_command_reports_a_full_disk() {
    let server = cluster();
    let cli = with_all(&server);
    for line in WRITERS {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let ended = cli.command(&words).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        let is_comparing = line.starts_with("drift") || line.starts_with("diff");
        assert_eq!(ended.status.code(), Some(if is_comparing { 2 } else { 1 }), "{line}: {said}");
        assert!(said.contains("writing to stdout: No space left on device"), "{line}: {said}");
    }
}

/// For each command the first row of docs/exit-codes.md that succeeds and writes data, with `--export` where only that does. That each command
/// has one that succeeds is a test there.
fn writing_rows() -> Vec<Row> {
    let root = command_tree();
    let can_export = |command: &str| {
        let at = command.split(' ').try_fold(&root, |at, word| at.find_subcommand(word));
        at.is_some_and(|at| at.get_arguments().any(|argument| argument.get_long() == Some("export")))
    };
    let mut found = BTreeMap::new();
    let mut silent = BTreeSet::new();
    for mut row in rows().into_iter().filter(|row| row.code == 0 && !row.line.contains("--help")) {
        let command = command_of(&root, &row.line);
        if found.contains_key(&command) {
            continue;
        }
        let mut writes = !row.surroundings().run(&row.line).out.is_empty();
        if !writes && can_export(&command) {
            row.line += " --export";
            writes = !row.surroundings().run(&row.line).out.is_empty();
        }
        if writes {
            silent.remove(&command);
            found.insert(command, row);
        } else {
            silent.insert(command);
        }
    }
    let missing: Vec<_> = silent.iter().filter(|command| can_export(command)).collect();
    assert!(missing.is_empty(), "no row that exports: {missing:?}");
    found.into_values().collect()
}

#[test]
fn every_command_that_writes_data_ends_quietly_without_a_reader_and_reports_a_full_disk() {
    let rows = writing_rows();
    assert!(rows.len() > 60, "only {} commands write data", rows.len());
    for row in rows {
        let line = &row.line;
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = row.surroundings().command(line).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code() == Some(0) && !said.contains('✗'), "{line}: {said}");
        let full = File::options().write(true).open("/dev/full").unwrap();
        let ended = row.surroundings().command(line).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        let is_comparing = line.starts_with("drift") || line.starts_with("diff kustomization");
        assert_eq!(ended.status.code(), Some(if is_comparing { 2 } else { 1 }), "{line}: {said}");
        assert!(said.contains("writing to stdout: No space left on device"), "{line}: {said}");
    }
}

#[test]
fn work_continues_when_no_one_reads_the_messages() {
    let server = cluster();
    let cli = Cli::against(&server);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ended = cli.command(&["suspend", "ks", "app"]).stderr(writer).status().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_eq!(server.get("Kustomization", "flux-system", "app").unwrap()["spec"]["suspend"], json!(true));
}

#[test]
fn an_interrupted_wait_reports_it_and_exits_with_130() {
    let server = cluster();
    let cli = Cli::against(&server);
    let lasts = |request: &&String| request.starts_with("WATCH") || request.contains("follow=true");
    for (line, sign) in [
        ("reconcile ks app", "waiting for Kustomization reconciliation"),
        ("resume ks app --wait", "waiting for Kustomization reconciliation"),
        ("get ks --watch", "not yet"),
        ("wait ks/app", ""),
        ("logs --follow", "fetched"),
    ] {
        let watches = || server.requests().iter().filter(lasts).count();
        let before = watches();
        let mut terminal = Terminal::run(
            &cli,
            &format!("trap : INT; stty -g > before; $FLUXR {line}; code=$?; stty -g > after; exit $code"),
        );
        terminal.shows(sign);
        while watches() == before {
            assert!(terminal.is_running(), "{line}: {:?}", terminal.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
        // Long enough for a spinner to turn.
        std::thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        terminal.press("\u{3}");
        assert_eq!(terminal.ends(), 130, "{line}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{line}: {:?}", begun.elapsed());
        terminal.shows("interrupted\r\n");
        assert_eq!(terminal.last_lines(2), ["✗ interrupted", ""], "{line}: {:?}", terminal.screen());
        assert_left_as_found(&cli, &terminal);
    }
}

/// The terminal's settings are those from before, and its cursor is not left hidden.
#[track_caller]
fn assert_left_as_found(cli: &Cli, terminal: &Terminal) {
    let read = |name: &str| std::fs::read_to_string(cli.home.path().join(name)).unwrap();
    assert_eq!(read("before"), read("after"));
    let screen = terminal.screen();
    let (hidden, shown) = (screen.rfind("\u{1b}[?25l"), screen.rfind("\u{1b}[?25h"));
    assert!(hidden.is_none() || hidden < shown, "the cursor is hidden: {screen:?}");
}

#[test]
fn a_question_at_a_terminal_takes_yes_no_and_ctrl_c() {
    let line = "stty -g > before; $FLUXR delete ks app; code=$?; stty -g > after; exit $code";
    for (key, code, stays) in [("y", 0, false), ("n", 1, true), ("\r", 1, true), ("\u{3}", 130, true)] {
        let server = cluster();
        let cli = Cli::against(&server);
        let mut terminal = Terminal::run(&cli, line);
        terminal.shows("Are you sure you want to delete this kustomization");
        terminal.press(key);
        assert_eq!(terminal.ends(), code, "{key:?}: {}", terminal.screen());
        assert_eq!(server.get("Kustomization", "flux-system", "app").is_some(), stays, "{key:?}");
        if code == 130 {
            let lines = terminal.last_lines(3);
            assert!(lines[0].starts_with("Are you sure"), "{lines:?}");
            assert_eq!(lines[1..], ["✗ interrupted", ""]);
        }
        assert_left_as_found(&cli, &terminal);
    }
}

#[test]
fn a_password_is_not_echoed_and_ctrl_c_leaves_the_terminal_as_it_was() {
    let server = ApiServer::empty();
    let cli = Cli::against(&server);
    let line = "stty -g > before; $FLUXR bootstrap github --owner=ada --repository=fleet --hostname=127.0.0.1:9 --timeout=3s; \
                code=$?; stty -g > after; exit $code";
    let mut terminal = Terminal::run(&cli, line);
    terminal.shows("Please enter your GitHub personal access token (PAT)");
    // What is typed before the echo is off is thrown away.
    std::thread::sleep(Duration::from_millis(300));
    terminal.press("ghp_typed\r");
    assert_eq!(terminal.ends(), 1);
    assert!(!terminal.screen().contains("ghp_typed"), "{:?}", terminal.screen());
    assert_left_as_found(&cli, &terminal);

    let mut terminal = Terminal::run(&cli, line);
    terminal.shows("Please enter your GitHub personal access token (PAT)");
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130, "{:?}", terminal.screen());
    assert_eq!(terminal.last_lines(2), ["✗ interrupted", ""], "{:?}", terminal.screen());
    assert_left_as_found(&cli, &terminal);
}

#[test]
fn a_stream_that_is_closed_altogether_does_not_stop_the_program() {
    let server = cluster();
    let cli = Cli::against(&server);
    let seen = cli
        .tool("sh")
        .args(["-c", &format!("{} suspend ks app <&- >&- 2>&-", env!("CARGO_BIN_EXE_fluxr"))])
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert_eq!(seen.code(), Some(0));
}
