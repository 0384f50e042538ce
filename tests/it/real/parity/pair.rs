//! The Flux CLI and fluxr side by side: the same words, the same surroundings, and what differs in what they say.

use std::fmt::Write as _;
use std::io::Read;
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// Nothing in the table takes longer, in either program.
const LIMIT: Duration = Duration::from_secs(60);

/// Both programs in the same surroundings.
pub(in crate::real) struct Pair {
    flux: PathBuf,
    fluxr: PathBuf,
    home: PathBuf,
    environment: Vec<(String, String)>,
}

/// What one program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::real) struct Said {
    pub(in crate::real) code: Option<i32>,
    pub(in crate::real) out: String,
    pub(in crate::real) err: String,
}

/// One command line, answered by both.
#[derive(Debug, Clone)]
pub(in crate::real) struct Answers {
    pub(in crate::real) line: String,
    pub(in crate::real) flux: Said,
    pub(in crate::real) fluxr: Said,
}

/// In what two answers may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::real) enum Part {
    Stdout,
    Stderr,
    Code,
}

impl Pair {
    /// Both are called `flux`; files named on a command line are looked for in `home`.
    pub(in crate::real) fn new(home: &Path, kubeconfig: Option<&Path>) -> Self {
        let mut environment = vec![("NO_COLOR".to_owned(), "1".to_owned())];
        if let Some(path) = kubeconfig {
            environment.push(("KUBECONFIG".to_owned(), path.display().to_string()));
        }
        Self {
            flux: testbed::build::binary("flux").unwrap(),
            fluxr: PathBuf::from(env!("CARGO_BIN_EXE_fluxr")),
            home: home.to_owned(),
            environment,
        }
    }

    /// With a variable in the environment.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the line with one and then with the other.
    pub(in crate::real) fn ask(&self, line: &str) -> Answers {
        Answers { line: line.to_owned(), flux: self.flux(line), fluxr: self.fluxr(line) }
    }

    /// Runs two lines that do not get in each other's way at once: one with the Flux CLI, the other with fluxr.
    pub(super) fn ask_apart(&self, line: &str, elsewhere: &str) -> (Said, Said) {
        std::thread::scope(|scope| {
            let flux = scope.spawn(|| self.flux(line));
            let fluxr = self.fluxr(elsewhere);
            (flux.join().unwrap(), fluxr)
        })
    }

    /// Answers to lines that do not get in each other's way, in the order of the lines.
    pub(super) fn ask_all(&self, lines: &[String]) -> Vec<Answers> {
        let half = lines.len().div_ceil(2).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = lines
                .chunks(half)
                .map(|part| scope.spawn(|| part.iter().map(|line| self.ask(line)).collect::<Vec<_>>()))
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        })
    }

    /// A question is drawn on stdout with the control characters of a terminal, also in a pipe; that is left out.
    pub(in crate::real) fn flux(&self, line: &str) -> Said {
        let mut said = self.run(&self.flux, line);
        said.out = without_descriptions(&said.out);
        said.out = kept(&said.out, |line| !line.contains('\u{1b}'));
        said
    }

    /// Hints are left out: they are on lines of their own after the error, which is compared. So are questions.
    pub(in crate::real) fn fluxr(&self, line: &str) -> Said {
        let mut said = self.run(&self.fluxr, line);
        said.out = without_descriptions(&said.out);
        let is_own =
            |line: &str| line.starts_with("hint: ") || line.ends_with("? [y/N]") || is_reason_of_a_wait(line);
        said.err = kept(&said.err, |line| !is_own(line));
        said
    }

    /// Runs a line, which may begin with `echo <answer> | ` for what stdin has.
    fn run(&self, program: &Path, line: &str) -> Said {
        let piped = line.strip_prefix("echo ").and_then(|rest| rest.split_once(" | "));
        let (answer, line) = piped.map_or((None, line), |(answer, line)| (Some(answer), line));
        let mut child = Command::new(program)
            .arg0("flux")
            .args(words(line))
            .env_clear()
            .env("HOME", &self.home)
            .env("PATH", "/usr/bin:/bin")
            .env("TZ", "UTC")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.home)
            .stdin(if answer.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if let Some(answer) = answer {
            // A program that asks nothing may have ended already.
            let _ = child.stdin.take().unwrap().write_all(format!("{answer}\n").as_bytes());
        }
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let out = std::thread::spawn(move || text(&mut out));
        let err = std::thread::spawn(move || text(&mut err));
        let begun = Instant::now();
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if begun.elapsed() > LIMIT {
                child.kill().unwrap();
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        Said { code, out: out.join().unwrap(), err: err.join().unwrap() }
    }
}

/// The lines that are to be compared.
fn kept(text: &str, is_compared: impl Fn(&str) -> bool) -> String {
    text.split_inclusive('\n').filter(|line| is_compared(line.trim_end_matches('\n'))).collect()
}

/// Definitions without the words that each program has of its own: descriptions, and the mark of their generator.
fn without_descriptions(text: &str) -> String {
    if !text.contains("kind: CustomResourceDefinition") {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut below: Option<usize> = None;
    for line in text.lines() {
        let depth = line.len() - line.trim_start().len();
        if below.is_some_and(|depth_of_key| line.is_empty() || depth > depth_of_key) {
            continue;
        }
        let key = line.trim_start_matches([' ', '-']);
        below = key.starts_with("description: ").then(|| line.len() - key.len());
        if key.starts_with("controller-gen.kubebuilder.io/version: ") {
            continue;
        }
        // The item of a list may begin with its description.
        let shown = if below.is_some() { line.trim_end_matches(key) } else { line };
        if below.is_none() || !shown.trim().is_empty() {
            kept.push_str(shown);
            kept.push('\n');
        }
    }
    kept
}

/// Words are divided by blanks; single quotes hold one together.
pub(in crate::real) fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    for letter in line.chars() {
        match letter {
            '\'' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if begun {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            other => {
                word.push(other);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

fn text(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Answers {
    /// The parts in which the answers differ.
    pub(in crate::real) fn differ_in(&self) -> Vec<Part> {
        let Self { flux, fluxr, .. } = self;
        let parts = [
            (Part::Stdout, flux.out != fluxr.out),
            (Part::Stderr, flux.err != fluxr.err),
            (Part::Code, flux.code != fluxr.code),
        ];
        parts.into_iter().filter(|(_, differs)| *differs).map(|(part, _)| part).collect()
    }

    /// The differences as a person reads them.
    pub(in crate::real) fn report(&self) -> String {
        let mut report = format!("flux {}\n", self.line);
        let Self { flux, fluxr, .. } = self;
        if flux.code != fluxr.code {
            let _ = writeln!(report, "  code: {:?}, here {:?}", flux.code, fluxr.code);
        }
        for (stream, theirs, ours) in [("stdout", &flux.out, &fluxr.out), ("stderr", &flux.err, &fluxr.err)] {
            let only = |one: &str, other: &str| -> Vec<String> {
                let others: Vec<&str> = other.lines().collect();
                one.lines().filter(|line| !others.contains(line)).take(12).map(str::to_owned).collect()
            };
            if theirs == ours {
                continue;
            }
            let (gone, new) = (only(theirs, ours), only(ours, theirs));
            if gone.is_empty() && new.is_empty() {
                let _ = writeln!(report, "  {stream}: the same lines in another order or number");
                let _ = writeln!(report, "{theirs}here:\n{ours}");
            }
            gone.iter().for_each(|line| _ = writeln!(report, "  {stream} - {line}"));
            new.iter().for_each(|line| _ = writeln!(report, "  {stream} + {line}"));
        }
        report
    }
}

/// A line about an object that is waited for, `◎ Kind/namespace/name: …`: only fluxr writes such lines.
fn is_reason_of_a_wait(line: &str) -> bool {
    let object = line.strip_prefix("◎ ").and_then(|rest| rest.split_once(": ")).map(|(object, _)| object);
    object.is_some_and(|object| object.split('/').count() == 3 && !object.contains(' '))
}
