//! The built binary at a terminal: a pty between the test and a shell, made by `script`.

use super::Cli;
use std::io::Read;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// A session at a terminal; it ends when this is dropped.
pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Runs a line of shell at a terminal; `$FLUXR` is the program.
    pub fn run(cli: &Cli, line: &str) -> Self {
        let mut child = cli
            .tool("script")
            .args(["--quiet", "--return", "--flush", "--command", line, "/dev/null"])
            .env("FLUXR", env!("CARGO_BIN_EXE_fluxr"))
            .env("TERM", "xterm-256color")
            .env("SHELL", "/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let keys = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let screen = Arc::new(Mutex::new(Vec::new()));
        let seen = screen.clone();
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut piece) {
                seen.lock().unwrap().extend_from_slice(&piece[..count]);
            }
        });
        Self { child, keys, screen }
    }

    /// All that was written so far, with its control sequences.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().unwrap()).into_owned()
    }

    /// The last lines of the screen as a person sees them: without colours, and without what was wiped away.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let screen = self.screen();
        let lines: Vec<String> = screen.split('\n').map(visible).collect();
        lines[lines.len().saturating_sub(count)..].to_vec()
    }

    /// Whether the session goes on.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        let begun = Instant::now();
        while !self.screen().contains(text) {
            assert!(begun.elapsed() < Duration::from_secs(20), "{text:?} is not in {:?}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Presses these keys; `\u{3}` is Ctrl-C.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The exit code of the shell's line.
    #[track_caller]
    pub fn ends(&mut self) -> i32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it goes on: {:?}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What is left of a line: `\r` goes back to its beginning, where text is written over it; a control sequence that ends in `K` wipes
/// what stands there, and others show nothing.
fn visible(line: &str) -> String {
    let (mut seen, mut at) = (Vec::new(), 0);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\r' => at = 0,
            '\u{1b}' => {
                let end = letters.by_ref().skip(1).find(char::is_ascii_alphabetic);
                if end == Some('K') {
                    // `2K` wipes the line, `K` what is right of the cursor; both are used at its beginning only.
                    seen.clear();
                }
            }
            letter => {
                seen.resize(seen.len().max(at + 1), ' ');
                seen[at] = letter;
                at += 1;
            }
        }
    }
    seen.into_iter().collect()
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
