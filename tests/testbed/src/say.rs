//! The one door to the terminal: lines for people on stderr, answers for programs on stdout.

use std::io::IsTerminal;
use std::io::Write;

/// Prints an answer that a program may read.
pub fn answer(text: &str) {
    // A reader that has seen enough is not a reason to fail.
    drop(writeln!(std::io::stdout(), "{text}"));
}

/// Tells a person what is going on.
pub fn tell(text: &str) {
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Rewrites the last line on a terminal, and tells whether there is one.
pub fn refresh(text: &str) -> bool {
    let mut stderr = std::io::stderr();
    let terminal = stderr.is_terminal();
    if terminal {
        drop(write!(stderr, "\r\x1b[2K{text}").and_then(|()| stderr.flush()));
    }
    terminal
}
