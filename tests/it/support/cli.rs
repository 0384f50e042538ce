//! The built binary, run with a clean environment and an empty home.

use super::ApiServer;
use std::ffi::OsStr;
use std::io::BufRead;
use std::io::Read;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

/// How the program is called: its file, its home, its environment, its name.
pub struct Cli {
    program: PathBuf,
    pub home: tempfile::TempDir,
    environment: Vec<(String, String)>,
    name: Option<String>,
    limit: Duration,
}

/// What a finished run said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A run that is still going on; it ends when this is dropped.
pub struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Cli {
    /// Without a cluster.
    pub fn new() -> Self {
        Self {
            program: PathBuf::from(env!("CARGO_BIN_EXE_fluxr")),
            home: tempfile::tempdir().unwrap(),
            environment: Vec::new(),
            name: None,
            limit: Duration::from_secs(60),
        }
    }

    /// With the kubeconfig of this server, in the default place.
    pub fn against(server: &ApiServer) -> Self {
        Self::new().with_kubeconfig(&server.kubeconfig())
    }

    /// With this kubeconfig.
    pub fn with_kubeconfig(self, text: &str) -> Self {
        let folder = self.home.path().join(".kube");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config"), text).unwrap();
        self
    }

    /// Another build of the program.
    pub fn of(mut self, program: &Path) -> Self {
        self.program = program.to_owned();
        self
    }

    /// With this variable in the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Called by this name instead of its own.
    pub fn called(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// The home folder, in which the program runs.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program with these arguments, its three streams piped.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.tool(&self.program);
        if let Some(name) = &self.name {
            command.arg0(name);
        }
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Another program in the same surroundings.
    pub fn tool(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.home.path());
        command
    }

    /// Runs to the end; a run that takes longer than a minute fails the test.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.answer(arguments, "")
    }

    /// As [`Cli::run`], with this text in a pipe as stdin.
    pub fn answer(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = self.command(arguments).spawn().unwrap();
        // A program that does not read its input has closed it already.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let out = std::thread::spawn(move || read_all(&mut out));
        let err = std::thread::spawn(move || read_all(&mut err));
        let started = Instant::now();
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code().unwrap_or(-1);
            }
            if started.elapsed() > self.limit {
                child.kill().unwrap();
                panic!("{arguments:?} took longer than {:?}", self.limit);
            }
            std::thread::sleep(Duration::from_millis(3));
        };
        Output { code, out: out.join().unwrap(), err: err.join().unwrap() }
    }

    /// Starts and leaves running; stdout is read line by line.
    pub fn spawn(&self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).stderr(Stdio::null()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in std::io::BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Running { child, lines }
    }
}

fn read_all(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

impl Output {
    /// The run succeeded; its stdout.
    pub fn succeeded(&self) -> &str {
        assert_eq!(self.code, 0, "{self:#?}");
        &self.out
    }

    /// The run failed with code 1; its stderr.
    pub fn failed(&self) -> &str {
        assert_eq!(self.code, 1, "{self:#?}");
        &self.err
    }
}

impl Running {
    /// The next line of stdout, without its end.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).expect("a further line")
    }

    /// Nothing more is printed for this long.
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        self.lines.recv_timeout(time).is_err()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends an interrupt, as Ctrl-C does; the exit code.
    pub fn interrupt(&mut self) -> i32 {
        self.signal("INT")
    }

    /// Sends a signal; the exit code.
    pub fn signal(&mut self, signal: &str) -> i32 {
        let pid = self.child.id().to_string();
        Command::new("/bin/kill").args([format!("-{signal}"), pid]).status().unwrap();
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(started.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
