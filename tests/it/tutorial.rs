//! The tutorial of the README on embedded parts, every promise of it checked.

use std::path::Path;
use testbed::Parts;
use testbed::tutorial;
use testbed::tutorial::Line;
use testbed::tutorial::Play;

/// Plays the whole tutorial; its transcript, without what differs from run to run.
pub(crate) fn played(parts: Parts) -> String {
    let folder = tempfile::tempdir().unwrap();
    let fluxr = Path::new(env!("CARGO_BIN_EXE_fluxr"));
    let mut told = Vec::new();
    let play = Play { parts, colour: false };
    let outcome = tutorial::run(fluxr, folder.path(), play, &mut |line| told.push(line));
    let transcript = tutorial::comparable(&told, &folder.path().canonicalize().unwrap()).unwrap().join("\n");
    assert!(outcome.is_ok(), "{:#}\n{transcript}", outcome.unwrap_err());
    let chapters = told.iter().filter(|line| matches!(line, Line::Took(..))).count();
    assert_eq!(chapters, tutorial::LENGTH, "not every chapter was played to its end");
    transcript
}

#[test]
fn the_tutorial_keeps_every_promise_on_embedded_parts() {
    played(Parts::Embedded);
}
