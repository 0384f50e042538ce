//! What a person sees at a terminal: colours, tables that fit, a watch that repaints, spinners that leave nothing behind.

use crate::bootstrap::world::TOKEN;
use crate::bootstrap::world::World;
use crate::bootstrap::world::reconciled;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Terminal;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;
use std::time::Duration;
use std::time::Instant;

const SPINNING: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const LONG: &str = "kustomize build failed: accumulating resources from a file that is not there";

fn put(server: &ApiServer, name: &str, status: &str, message: &str) {
    let spec = json!({"interval": "5m0s", "sourceRef": {"kind": "GitRepository", "name": "app"}});
    server.put(flux_object("Kustomization", name, spec, ready(status, message, json!({}))));
}

fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    put(&server, "app", "False", LONG);
    server
}

/// Waits until the lines on the screen are as wanted.
#[track_caller]
fn see(terminal: &Terminal, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let lines = terminal.lines();
        if wanted(&lines) {
            return lines;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{lines:#?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn colours_are_for_terminals_and_for_those_who_ask() {
    let server = cluster();
    let cli = Cli::against(&server);
    let red = "\u{1b}[31mFalse\u{1b}[0m";
    let on_terminal = |line: &str| {
        let mut terminal = Terminal::run(&cli, line);
        assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
        terminal.shows("app");
        terminal.screen()
    };
    assert!(on_terminal("$FLUXR get ks").contains(red));
    assert!(on_terminal("$FLUXR get ks").contains("\u{1b}[1mapp\u{1b}[0m"));
    for line in ["NO_COLOR=1 $FLUXR get ks", "TERM=dumb $FLUXR get ks", "$FLUXR get ks --color=never"] {
        assert!(!on_terminal(line).contains("\u{1b}["), "{line}");
    }
    assert!(on_terminal("NO_COLOR=1 $FLUXR get ks --color always").contains(red));
    assert!(on_terminal("$FLUXR suspend ks app").contains("\u{1b}[32m✔\u{1b}[0m kustomization suspended"));

    assert!(!cli.run(&["get", "ks"]).succeeded().contains('\u{1b}'));
    assert!(cli.run(&["get", "ks", "--color=always"]).succeeded().contains(red));
    let help = cli.run(&["get", "--color=always", "-h"]);
    assert!(help.succeeded().contains("\u{1b}[1mExamples:"), "{}", help.out);
    let forced = Cli::against(&server).env("CLICOLOR_FORCE", "1");
    assert!(forced.run(&["get", "ks"]).succeeded().contains(red));
    assert!(forced.run(&["get", "ks", "-o", "json"]).succeeded().starts_with('{'));
    let wrong = cli.run(&["get", "ks", "--color=pink"]);
    let said = "✗ invalid argument \"pink\" for \"--color\" flag: unsupported value 'pink', must be one of: auto, always, never\n";
    assert_eq!(wrong.failed(), said);
}

#[test]
fn what_comes_from_the_cluster_adds_no_sequence_to_a_coloured_table() {
    let server = ApiServer::with_flux();
    put(&server, "app", "False", "\u{1b}[2J\u{1b}]0;mine\u{7}gone\u{9b}31m");
    let cli = Cli::against(&server);
    let mut terminal = Terminal::run(&cli, "$FLUXR get ks; $FLUXR why ks/app");
    terminal.ends();
    terminal.shows("^[[2J^[]0;mine^Ggone");
    let screen = terminal.screen();
    assert!(
        !screen.contains("\u{1b}[2J") && !screen.contains("\u{1b}]") && !screen.contains('\u{9b}'),
        "{screen:?}"
    );
}

#[test]
fn a_table_fits_its_terminal_and_is_whole_in_a_pipe() {
    let server = cluster();
    put(&server, "wide", "False", &"漢".repeat(60));
    let cli = Cli::against(&server);
    let mut terminal = Terminal::run(&cli, "stty rows 24 cols 70; $FLUXR get ks");
    assert_eq!(terminal.ends(), 0);
    let lines = see(&terminal, |lines| lines.len() >= 3);
    assert!(lines[1].contains("kustomize bui") && lines[1].ends_with('…'), "{lines:?}");
    assert!(lines[2].ends_with("漢…"), "{lines:?}");
    for line in &lines {
        assert!(console::measure_text_width(line) <= 70, "{line}");
    }
    let narrow: Vec<String> = lines.iter().map(|line| line.chars().take(20).collect()).collect();
    assert!(narrow[1].starts_with("app"), "{lines:?}");
    let piped = cli.run(&["get", "ks"]);
    assert!(piped.succeeded().contains(LONG) && !piped.out.contains('…'), "{}", piped.out);
}

#[test]
fn a_watch_on_a_terminal_repaints_its_table_in_place() {
    let server = cluster();
    let cli = Cli::against(&server);
    let mut terminal = Terminal::run(&cli, "trap : INT; stty rows 24 cols 100; $FLUXR get ks -w");
    see(&terminal, |lines| lines.len() == 3 && lines[1].starts_with("app"));
    put(&server, "app", "True", "Applied revision: main@sha1:0f1e2d3c");
    let lines = see(&terminal, |lines| lines.get(1).is_some_and(|row| row.contains("Applied")));
    assert_eq!(lines.len(), 3, "{lines:#?}");
    put(&server, "a-much-longer-name", "Unknown", "working");
    let lines = see(&terminal, |lines| lines.len() == 4);
    let column = |line: &str, word: &str| line.find(word).unwrap_or_else(|| panic!("{word} in {line}"));
    let at = column(&lines[0], "READY");
    assert_eq!((column(&lines[1], "Unknown"), column(&lines[2], "True")), (at, at), "{lines:#?}");
    server.remove("Kustomization", "flux-system", "a-much-longer-name");
    see(&terminal, |lines| lines.len() == 3 && lines[1].starts_with("app "));
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130);
    let lines = see(&terminal, |lines| lines.iter().any(|line| line == "✗ interrupted"));
    assert_eq!(lines.iter().filter(|line| line.starts_with("NAME")).count(), 1, "{lines:#?}");
}

#[test]
fn a_table_higher_than_its_terminal_is_written_once_and_then_what_changes() {
    let server = cluster();
    for name in ["b", "c", "d", "e", "f"] {
        put(&server, name, "True", "fine");
    }
    let cli = Cli::against(&server);
    let terminal = Terminal::run(&cli, "stty rows 5 cols 100; $FLUXR get ks -w");
    see(&terminal, |lines| lines.len() == 8);
    put(&server, "c", "False", "broken");
    let lines = see(&terminal, |lines| lines.len() == 9);
    assert!(lines[7].starts_with("c ") && lines[7].ends_with("broken"), "{lines:#?}");
    assert_eq!(lines[0].find("READY"), lines[7].rfind("False"), "{lines:#?}");
}

#[test]
fn events_that_come_later_are_below_the_first_ones() {
    let event = |name: &str, age: &str, reason: &str| {
        json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "flux-system"},
            "type": "Normal", "reason": reason, "message": LONG, "firstTimestamp": age, "lastTimestamp": age,
            "involvedObject": {"kind": "Kustomization", "name": "app", "namespace": "flux-system",
                "apiVersion": "kustomize.toolkit.fluxcd.io/v1"}})
    };
    let server = cluster();
    server.put(event("first", "2026-01-02T03:04:05Z", "ReconciliationSucceeded"));
    server.put(event("second", "2026-01-02T03:04:05Z", "Progressing"));
    let cli = Cli::against(&server);
    let terminal = Terminal::run(&cli, "stty rows 24 cols 90; $FLUXR events --watch");
    see(&terminal, |lines| lines.len() == 4);
    server.put(event("third", "2026-01-02T03:04:05Z", "Done"));
    let lines = see(&terminal, |lines| lines.len() == 5);
    for (column, cell) in [("TYPE", "Normal"), ("OBJECT", "Kustomization/app"), ("MESSAGE", "kustomize bui")]
    {
        let at = lines[0].find(column);
        let places: Vec<_> = lines[1..4].iter().map(|line| line.find(cell)).collect();
        assert_eq!(places, [at; 3], "{column}: {lines:#?}");
    }
    for line in &lines {
        assert!(console::measure_text_width(line) <= 90, "{line}");
    }
}

#[test]
fn a_bootstrap_leaves_its_lines_on_the_screen_and_nothing_of_its_spinners() {
    let world = World::without_controllers();
    let bare = world.forge.repository_path(&world.repository());
    world.api.react(move |object| {
        let kind = object["kind"].as_str()?;
        let next =
            ["GitRepository", "Kustomization"].contains(&kind).then(|| reconciled(&bare, object))??;
        (next["status"] != object["status"]).then_some((Duration::from_millis(900), next))
    });
    let cli = Cli::new().with_kubeconfig(&world.api.kubeconfig()).env("GITHUB_TOKEN", TOKEN);
    let line = format!("stty rows 50 cols 90; $FLUXR {}", world.arguments(&[]).join(" "));
    let mut terminal = Terminal::run(&cli, &line);
    assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
    let lines = see(&terminal, |lines| lines.iter().any(|line| line == "✔ all components are healthy"));
    assert!(terminal.screen().contains(SPINNING), "no spinner was seen: {:?}", terminal.screen());
    for line in lines.iter().filter(|line| !line.is_empty()) {
        assert!(
            ["► ", "✔ ", "◎ ", "✚ ", "⚠️ "].iter().any(|glyph| line.starts_with(glyph)),
            "{line}: {lines:#?}"
        );
        assert!(!line.contains(SPINNING), "{line}: {lines:#?}");
    }
    assert!(lines.iter().filter(|line| line.is_empty()).count() <= 1, "{lines:#?}");
}

#[test]
fn ctrl_c_below_a_spinner_leaves_a_clean_line() {
    let server = cluster();
    let cli = Cli::against(&server);
    let mut terminal = Terminal::run(&cli, "trap : INT; stty rows 24 cols 80; $FLUXR reconcile ks app");
    let begun = Instant::now();
    while !terminal.screen().contains(SPINNING) && begun.elapsed() < Duration::from_secs(3) {
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal.press("\u{3}");
    assert_eq!(terminal.ends(), 130);
    let lines = see(&terminal, |lines| lines.iter().any(|line| line == "✗ interrupted"));
    assert!(lines.iter().all(|line| !line.contains(SPINNING)), "{lines:#?}");
}
