//! The tutorial of the README, every promise of it checked on real parts.

use std::path::Path;
use testbed::tutorial::Line;

#[test]
#[ignore = "needs the testbed"]
fn the_tutorial_keeps_every_promise() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Vec::new();
    let outcome =
        testbed::tutorial::run(Path::new(env!("CARGO_BIN_EXE_fluxr")), folder.path(), &mut |line| {
            told.push(line)
        });
    let transcript: Vec<String> = told.iter().map(|line| format!("{line:?}")).collect();
    assert!(outcome.is_ok(), "{:#}\n{}", outcome.unwrap_err(), transcript.join("\n"));
    let chapters = told.iter().filter(|line| matches!(line, Line::Took(..))).count();
    assert_eq!(chapters, 11, "every chapter was played to its end");
}
