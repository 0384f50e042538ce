//! Our reader of YAML beside Go's libraries, over documents that no one would write on purpose.

use super::line_referee::LineReferee;
use super::line_referee::seeds;
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

/// The program that answers as Go's libraries do.
pub struct Referee(LineReferee);

impl Referee {
    pub fn start() -> Self {
        Self(LineReferee::start("yaml-referee"))
    }

    /// What it makes of a text, or why it refuses it.
    pub fn ask(&mut self, mode: &str, text: &str) -> Result<String, String> {
        // kustomize follows a node that contains itself until its stack ends.
        let answer = self.0.ask(&format!("{mode} {}", STANDARD.encode(text))).ok_or("the program crashed")?;
        let (word, packed) = answer.split_once(' ').unwrap();
        let answer = String::from_utf8(STANDARD.decode(packed).unwrap()).unwrap();
        if word == "ok" { Ok(answer) } else { Err(answer) }
    }
}

fn compare(
    of: impl Fn(u64) -> String,
    theirs: impl Fn(&mut Referee, &str) -> Result<String, String>,
    ours: impl Fn(&str) -> Result<String, String>,
) {
    let mut referee = Referee::start();
    let mut wrong = Vec::new();
    let (mut read, mut refused) = (0, 0);
    for seed in seeds("YAML_DOCUMENTS", "YAML_FIRST", 600) {
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
