//! The referee: command lines answered by the Flux CLI and by fluxr must be the same to the byte.

mod lines;
mod pair;
mod stage;
mod wanted;

use pair::Answers;
use pair::Pair;
use stage::Stage;
use wanted::Wanted;

/// Whether a command of the Flux CLI exists here.
fn exists(path: &str) -> bool {
    let mut root = fluxr::commands::command("flux");
    root.build();
    path.split_whitespace().try_fold(&root, |at, word| at.find_subcommand(word)).is_some()
}

/// Fails with every difference that nobody wants.
#[track_caller]
fn judge(answers: &[Answers]) {
    let mut wanted = Wanted::read();
    let faults: Vec<String> = answers
        .iter()
        .filter(|one| !one.differ_in().is_empty() && !wanted.allows(one))
        .map(Answers::report)
        .collect();
    let lines: Vec<String> = answers.iter().map(|one| one.line.clone()).collect();
    let stale = wanted.faults(&lines);
    assert!(
        faults.is_empty() && stale.is_empty(),
        "{} of {} lines differ\n{}\n{}",
        faults.len(),
        answers.len(),
        faults.join("\n"),
        stale.join("\n")
    );
}

#[test]
#[ignore = "needs the testbed"]
fn command_lines_without_a_cluster_are_answered_alike() {
    let home = tempfile::tempdir().unwrap();
    let pair = Pair::new(home.path(), None);
    judge(&pair.ask_all(&lines::lines(&exists)));
}

/// The words that `get` and `export` know a kind by.
fn paths(group: &str) -> Vec<String> {
    let surface: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../data/surface.json")).unwrap();
    let runnable = surface.iter().filter(|command| command["runnable"] == true);
    let paths = runnable.map(|command| command["path"].as_str().unwrap().to_owned());
    paths
        .filter(|path| path.strip_prefix(group).is_some_and(|rest| rest.starts_with(' ')) && exists(path))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn what_is_read_from_a_cluster_is_shown_alike() {
    let stage = Stage::new().await;
    stage.fill("flux-system").await;
    stage.fill("other").await;
    let pair = Pair::new(stage.folder.path(), Some(&stage.cluster.kubeconfig()));
    let mut lines = Vec::new();
    for path in paths("get") {
        for more in [
            "",
            "app",
            "none",
            "-A",
            "-n other",
            "-n empty",
            "-A -n other",
            "app -n other",
            "--no-header",
            "-A --no-header",
            "-l team=ops",
            "-l team!=ops -A",
            "-l 'team in (ops,dev)'",
            "-l team=none",
            "-l 'team in'",
            "--status-selector ready=true",
            "--status-selector Ready=False -A",
            "--status-selector ready!=true",
            "--status-selector stalled=true",
            "--status-selector ready",
            "app broken",
            "-A app",
        ] {
            lines.push(format!("{path} {more}"));
        }
    }
    for kind in ["kustomizations", "helmreleases"] {
        lines.extend(
            ["", "-A", "app", "-A --no-header"].map(|more| format!("get {kind} --show-source {more}")),
        );
    }
    for path in paths("export") {
        for more in [
            "app",
            "full-0",
            "full-1",
            "none",
            "--all",
            "--all -n other",
            "--all -n empty",
            "app other",
            "-A --all",
        ] {
            lines.push(format!("{path} {more}"));
        }
        if path.starts_with("export source") {
            lines.extend(["app", "--all"].map(|more| format!("{path} --with-credentials {more}")));
        }
    }
    lines.extend(
        [
            "check",
            "check -n other",
            "check --components=source-controller",
            "check --pre",
            "version",
            "version -o json",
            "version -o yaml",
            "uninstall --dry-run",
            "uninstall --dry-run -n other",
            "uninstall --dry-run --keep-namespace",
            "install --dry-run",
            "create source git new --url=https://git.example.com/a --branch=main --timeout=2s",
            "create kustomization new --source=app --path=./a --timeout=2s",
        ]
        .map(str::to_owned),
    );
    judge(&pair.ask_all(&lines));
}
