//! The tutorial of the README on embedded parts, every promise of it checked.

use std::path::Path;
use testbed::Parts;
use testbed::tutorial;
use testbed::tutorial::At;
use testbed::tutorial::Line;
use testbed::tutorial::Play;

/// Plays the whole tutorial, or all chapters; the transcript of the tutorial, without what differs from run to run.
pub(crate) fn played(parts: Parts, all: bool) -> String {
    played_at(At::StandIn, parts, all)
}

/// As [`played`], with the fleet repository at this forge.
pub(crate) fn played_at(at: At, parts: Parts, all: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let fluxr = Path::new(env!("CARGO_BIN_EXE_fluxr"));
    let mut told = Vec::new();
    let play = Play { parts, all, at, colour: false };
    let outcome = tutorial::run(fluxr, folder.path(), play, &mut |line| told.push(line));
    let place = folder.path().canonicalize().unwrap();
    let transcript = |lines: &[Line]| tutorial::comparable(lines, &place).unwrap().join("\n");
    assert!(outcome.is_ok(), "{:#}\n{}", outcome.unwrap_err(), transcript(&told));
    let ends: Vec<usize> = (0..told.len()).filter(|at| matches!(told[*at], Line::Took(..))).collect();
    assert_eq!(ends.len(), tutorial::length(play), "not every chapter was played to its end");
    transcript(&told[..ends[ends.len().min(tutorial::LENGTH) - 1]])
}

#[test]
fn the_tutorial_keeps_every_promise_on_embedded_parts() {
    played(Parts::Embedded, false);
}
