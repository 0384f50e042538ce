//! Our reader of YAML beside Go's libraries, over documents that no one would write on purpose.

use crate::support::golden;
use crate::yaml::odd;
use crate::yaml::records;
use crate::yaml::records_file;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fluxr::testing::render::Memory;
use fluxr::testing::render::kustomize;
use fluxr::testing::render::kustomize::Options;
use fluxr::testing::text::json;
use fluxr::testing::text::yaml;
use serde_json::json;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::process::Child;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

/// The program that answers as Go's libraries do.
pub struct Referee {
    program: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Referee {
    pub fn start() -> Self {
        let program = std::env::var_os("YAML_REFEREE").map(Into::into);
        let program = program.unwrap_or_else(|| testbed::build::binary("yaml-referee").unwrap());
        let mut program = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let questions = program.stdin.take().unwrap();
        let answers = BufReader::new(program.stdout.take().unwrap());
        Self { program, questions, answers }
    }

    /// What it makes of a text, or why it refuses it.
    pub fn ask(&mut self, mode: &str, text: &str) -> Result<String, String> {
        writeln!(self.questions, "{mode} {}", STANDARD.encode(text)).unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        if line.is_empty() {
            // kustomize follows a node that contains itself until its stack ends.
            *self = Self::start();
            return Err("the program crashed".to_owned());
        }
        let (word, packed) = line.trim_end_matches('\n').split_once(' ').unwrap();
        let answer = String::from_utf8(STANDARD.decode(packed).unwrap()).unwrap();
        if word == "ok" { Ok(answer) } else { Err(answer) }
    }
}

impl Drop for Referee {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// How many documents are tried: some hundreds, or what `YAML_DOCUMENTS` says, after as many as `YAML_FIRST` says.
fn seeds() -> std::ops::Range<u64> {
    let number = |name: &str, otherwise| {
        std::env::var(name).map_or(otherwise, |text| text.parse::<u64>().expect("a number"))
    };
    let first = number("YAML_FIRST", 0);
    first..first + number("YAML_DOCUMENTS", 600)
}

fn compare(
    of: impl Fn(u64) -> String,
    theirs: impl Fn(&mut Referee, &str) -> Result<String, String>,
    ours: impl Fn(&str) -> Result<String, String>,
) {
    let mut referee = Referee::start();
    let mut wrong = Vec::new();
    let (mut read, mut refused) = (0, 0);
    for seed in seeds() {
        let text = of(seed);
        match (theirs(&mut referee, &text), ours(&text)) {
            (Ok(wanted), Ok(found)) if wanted == found => read += 1,
            (Err(_), Err(_)) => refused += 1,
            (wanted, found) => {
                wrong.push(format!("{seed}: {text:?}\n  Go:   {wanted:?}\n  ours: {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(read > 0 && refused > 0, "{read} read and {refused} refused: the generator has lost one sort");
}

#[test]
#[ignore = "needs the testbed"]
fn odd_documents_are_read_as_kubernetes_tools_read_them() {
    compare(
        odd::document,
        |referee, text| referee.ask("json", text),
        |text| match yaml::document(text, "") {
            Ok(value) => Ok(json::compact(&value)),
            Err(error) => Err(error.reason),
        },
    );
}

#[test]
#[ignore = "needs the testbed"]
fn odd_documents_are_written_again_as_kubernetes_tools_write_them() {
    compare(
        odd::document,
        |referee, text| {
            let json = referee.ask("json", text)?;
            referee.ask("write", &json)
        },
        |text| match yaml::document(text, "") {
            Ok(value) => Ok(yaml::to_string(&value)),
            Err(error) => Err(error.reason),
        },
    );
}

#[test]
#[ignore = "needs the testbed"]
fn odd_objects_are_built_as_kustomize_builds_them() {
    compare(
        odd::object,
        |referee, text| referee.ask("kustomize", text),
        |text| {
            let files = [("kustomization.yaml", "resources: [all.yaml]\n"), ("all.yaml", text)];
            let files = files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
            let built = kustomize::build(&Memory(files.into()), "", Options::default());
            built.map(|objects| kustomize::render(&objects)).map_err(|error| format!("{error:#}"))
        },
    );
}

#[test]
#[ignore = "needs the testbed"]
fn the_recorded_answers_are_those_of_go() {
    let mut referee = Referee::start();
    let mut records = records();
    let before = records.clone();
    for record in &mut records {
        let text = record["text"].as_str().unwrap().to_owned();
        let (about, answer) = (record["about"].take(), referee.ask("json", &text));
        *record = match answer {
            Ok(json) => {
                let yaml = referee.ask("write", &json).unwrap();
                json!({"about": about, "text": text, "json": json, "yaml": yaml})
            }
            Err(reason) => {
                let reason = reason.strip_prefix("yaml: ").unwrap_or(&reason);
                json!({"about": about, "text": text, "refused": reason})
            }
        };
    }
    if records == before {
        return;
    }
    let lines: Vec<String> = records.iter().map(|record| format!("  {record}")).collect();
    golden(&records_file(), &format!("[\n{}\n]\n", lines.join(",\n")));
}
