//! The one door to the terminal: lines for people on stderr, answers for programs on stdout.

use std::io::IsTerminal;
use std::io::Write;

/// Prints an answer that a program may read.
#[expect(clippy::print_stdout, reason = "this module is the testbed's door to the terminal")]
pub fn answer(text: &str) {
    println!("{text}");
}

/// Tells a person what is going on.
#[expect(clippy::print_stderr, reason = "this module is the testbed's door to the terminal")]
pub fn tell(text: &str) {
    eprintln!("{text}");
}

/// Rewrites the last line on a terminal; says nothing in a pipe.
pub fn refresh(text: &str) {
    let mut stderr = std::io::stderr();
    if stderr.is_terminal() {
        // A terminal that went away is no reason to stop a build.
        drop(write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush()));
    }
}
