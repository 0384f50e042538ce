//! The referee: command lines answered by the Flux CLI and by fluxr must be the same to the byte.

mod lines;
mod pair;
mod wanted;

use pair::Answers;
use pair::Pair;
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
