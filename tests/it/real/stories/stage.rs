//! What a story needs: a cluster, a forge, and both programs.

use crate::support::Cli;
use crate::support::Output;
use std::time::Duration;
use std::time::Instant;
use testbed::Cluster;
use testbed::Forge;

/// Nothing in a story may take longer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often is looked again.
const INTERVAL: Duration = Duration::from_millis(100);
/// How often both programs are asked before they count as different: an age in seconds may change between them.
const ROUNDS: usize = 4;
const TOKEN: &str = "ghp_stories0123456789";

pub(super) struct Stage {
    pub(super) cluster: Cluster,
    pub(super) forge: Forge,
    pub(super) folder: tempfile::TempDir,
    ours: Cli,
    theirs: Cli,
    begun: Instant,
}

impl Stage {
    pub(super) fn new() -> Self {
        let begun = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(&folder.path().join("cluster")).unwrap();
        let forge = Forge::start(&folder.path().join("forge")).unwrap();
        forge.add_user("ada", TOKEN, "repo");
        let kubeconfig = std::fs::read_to_string(cluster.kubeconfig()).unwrap();
        let cli = || Cli::new().env("GITHUB_TOKEN", TOKEN).with_kubeconfig(&kubeconfig).called("flux");
        let (ours, theirs) = (cli(), cli().of(&testbed::build::binary("flux").unwrap()));
        Self { cluster, forge, folder, ours, theirs, begun }
    }

    /// Tells what comes next, and when it began.
    #[expect(clippy::print_stdout, reason = "the gate shows it")]
    pub(super) fn chapter(&self, title: &str) {
        println!("{:>5.1} s  {title}", self.begun.elapsed().as_secs_f32());
    }

    /// Runs a line that has to succeed; everything that it said.
    #[track_caller]
    pub(super) fn fluxr(&self, line: &str) -> String {
        self.ends_with(0, line)
    }

    /// Runs a line that has to fail; everything that it said.
    #[track_caller]
    pub(super) fn fails(&self, line: &str) -> String {
        self.ends_with(1, line)
    }

    #[track_caller]
    fn ends_with(&self, code: i32, line: &str) -> String {
        let seen = self.ours.run(&words(line));
        assert_eq!(seen.code, code, "fluxr {line}\n{}{}", seen.out, seen.err);
        seen.out + &seen.err
    }

    /// Runs a line until it says this; everything that it said.
    #[track_caller]
    pub(super) fn until(&self, line: &str, wanted: &str) -> String {
        let begun = Instant::now();
        loop {
            let seen = self.ours.run(&words(line));
            let said = seen.out + &seen.err;
            if said.contains(wanted) {
                return said;
            }
            assert!(begun.elapsed() < PATIENCE, "fluxr {line} does not say \"{wanted}\":\n{said}");
            std::thread::sleep(INTERVAL);
        }
    }

    /// What `why` says once it names this cause.
    #[track_caller]
    pub(super) fn why(&self, object: &str, code: &str) -> String {
        let said = self.until(&format!("why {object}"), &format!("({code})\n"));
        self.fails(&format!("why {object}"));
        said
    }

    /// Both programs answer these lines alike.
    #[track_caller]
    pub(super) fn both_say(&self, lines: &[&str]) {
        let wrong: Vec<String> = lines.iter().filter_map(|line| self.difference(line)).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn difference(&self, line: &str) -> Option<String> {
        let mut seen = String::new();
        for _ in 0..ROUNDS {
            let [ours, theirs] = [&self.ours, &self.theirs].map(|cli| without_hints(cli.run(&words(line))));
            if ours == theirs {
                return None;
            }
            seen = format!("{line}\nfluxr: {ours:#?}\nthe Flux CLI: {theirs:#?}");
        }
        Some(seen)
    }

    /// A field of an object, as kubectl shows it.
    pub(super) fn field(&self, object: &str, path: &str) -> String {
        self.kubectl(&format!("get {object} -o jsonpath={{{path}}}"))
    }

    pub(super) fn kubectl(&self, line: &str) -> String {
        let output = self.ours.tool("kubectl").args(words(line)).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A file in the folder in which both programs run.
    pub(super) fn write(&self, name: &str, content: &str) {
        for cli in [&self.ours, &self.theirs] {
            let path = cli.home().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
    }
}

/// Waits until it is so.
#[track_caller]
pub(super) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(INTERVAL);
    }
}

/// A word with spaces is quoted as a whole.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .collect()
}

/// Only fluxr has hints, and tells what it waits for.
fn without_hints(mut said: Output) -> Output {
    let is_own = |line: &str| {
        line.starts_with("hint: ") || line.strip_prefix("◎ ").is_some_and(|rest| rest.split('/').count() == 3)
    };
    said.err = said.err.lines().filter(|line| !is_own(line)).map(|line| format!("{line}\n")).collect();
    said
}
