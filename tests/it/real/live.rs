//! One cluster with running controllers: the stage of a story that is told through fluxr, with the Flux CLI beside it.

use super::parity::pair::Pair;
use super::parity::pair::words;
use crate::support::Cli;
use crate::support::Output;
use regex::Regex;
use serde_json::Value;
use std::time::Duration;
use std::time::Instant;
use testbed::Cluster;

/// Until a controller has done its work.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Live {
    pub(super) cli: Cli,
    pair: Pair,
    cluster: Cluster,
    _folder: tempfile::TempDir,
}

/// Part of what `why` must answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cause {
    pub(super) code: &'static str,
    /// The beginning of `Kind/namespace/name`.
    pub(super) at: &'static str,
    pub(super) says: &'static str,
}

impl Live {
    /// A cluster with these components, and a program that reaches it.
    pub(super) fn start(components: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start(folder.path()).unwrap();
        let cli = Cli::new().with_kubeconfig(&std::fs::read_to_string(cluster.kubeconfig()).unwrap());
        let pair = Pair::new(cli.home(), Some(&cluster.kubeconfig()));
        let live = Self { cli, pair, cluster, _folder: folder };
        live.does(&format!("install --components={components}"));
        live
    }

    /// A file in the folder where the program runs.
    pub(super) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.cli.home().join(name), text).unwrap();
    }

    fn run(&self, line: &str) -> Output {
        let words = words(line);
        self.cli.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A line that succeeds; what it wrote, stdout first.
    #[track_caller]
    pub(super) fn does(&self, line: &str) -> String {
        let seen = self.run(line);
        assert_eq!(seen.code, 0, "{line}\n{}{}", seen.out, seen.err);
        seen.out + &seen.err
    }

    /// A line that fails; its stderr.
    #[track_caller]
    pub(super) fn fails(&self, line: &str) -> String {
        let seen = self.run(line);
        assert_eq!(seen.code, 1, "{line}\n{}{}", seen.out, seen.err);
        seen.err
    }

    /// A line that both programs answer alike, but for ages; the answer on stdout. The cluster changes meanwhile, so it is asked again.
    #[track_caller]
    pub(super) fn alike(&self, line: &str) -> String {
        let ages = Regex::new(r"(?m)^\S*\d[smh]( \(x\d+ over \S+\))? *").unwrap();
        let mut report = String::new();
        for _ in 0..4 {
            let mut answers = self.pair.ask(line);
            for said in [&mut answers.flux, &mut answers.fluxr] {
                said.out = ages.replace_all(&said.out, "<age> ").into_owned();
            }
            if answers.differ_in().is_empty() {
                return answers.fluxr.out;
            }
            report = answers.report();
        }
        panic!("{report}");
    }

    /// Asks until the answer contains a text; the whole answer.
    #[track_caller]
    pub(super) fn sees(&self, line: &str, wanted: &str) -> String {
        let begun = Instant::now();
        loop {
            let seen = self.run(line);
            if seen.out.contains(wanted) {
                return seen.out;
            }
            assert!(begun.elapsed() < PATIENCE, "{line}: no {wanted:?} in\n{}{}", seen.out, seen.err);
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// Asks until nothing is wrong with an object; returns what it depends on.
    #[track_caller]
    pub(super) fn is_well(&self, object: &str) -> String {
        self.sees(&format!("why {object}"), "✔ nothing is wrong\n")
    }

    /// Asks until `why` gives the cause; its message and next command.
    #[track_caller]
    pub(super) fn is_because(&self, object: &str, wanted: Cause) -> (String, String) {
        let begun = Instant::now();
        loop {
            let seen = self.run(&format!("why {object} -o json"));
            let answer: Value = serde_json::from_str(&seen.out).unwrap_or_default();
            let text = |key: &str| answer["cause"][key].as_str().unwrap_or_default().to_owned();
            let at = format!("{}/{}/{}", text("kind"), text("namespace"), text("name"));
            let fits = text("code") == wanted.code && at.starts_with(wanted.at);
            if seen.code == 1 && fits && text("message").contains(wanted.says) {
                return (text("message"), text("next"));
            }
            assert!(begun.elapsed() < PATIENCE, "{object}: {wanted:?}\n{answer:#}{}", seen.err);
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    /// What kubectl answers.
    #[track_caller]
    pub(super) fn kubectl(&self, line: &str) -> String {
        let mut kubectl = self.cli.tool("kubectl");
        kubectl.args(words(line)).env("KUBECONFIG", self.cluster.kubeconfig());
        let output = kubectl.output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
