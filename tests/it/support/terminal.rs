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

    /// The lines as a person sees them at the end, from the first one that was written.
    pub fn lines(&self) -> Vec<String> {
        let mut terminal = vt100::Parser::new(400.try_into().unwrap(), 1000.try_into().unwrap(), 0);
        terminal.process(&self.screen.lock().unwrap());
        let (row, _) = terminal.screen().cursor_position();
        terminal
            .screen()
            .rows(0, 1000)
            .take(usize::from(row) + 1)
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    /// The last of the lines.
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let lines = self.lines();
        lines[lines.len().saturating_sub(count)..].to_vec()
    }

    /// Whether the session has not ended.
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
            assert!(begun.elapsed() < Duration::from_secs(20), "it has not ended: {:?}", self.screen());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
