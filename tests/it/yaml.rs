//! How YAML is read and written, beside what Go's libraries said of the same texts: `tests/it/data/yaml.json`, which the real tier keeps true.

mod edits;
pub mod odd;
mod pieces;

use crate::support::Cli;
use fluxr::testing::text::json;
use fluxr::testing::text::yaml;
use serde_json::Value;
use std::path::Path;
use std::path::PathBuf;

pub fn records_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/yaml.json")
}

/// Texts with `json` and `yaml`, or with why they are `refused`.
pub fn records() -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(records_file()).unwrap()).unwrap()
}

#[test]
fn recorded_documents_are_read_refused_and_written_as_go_does_it() {
    let mut wrong = Vec::new();
    for record in records() {
        let text = record["text"].as_str().unwrap();
        match yaml::document(text, "") {
            Ok(value) => {
                let (read, written) = (json::compact(&value), yaml::to_string(&value));
                if record["json"] != read || record["yaml"] != written {
                    wrong.push(format!("{record}\n  read {read}\n  written {written:?}"));
                }
            }
            // Go prints keys in a notation of its own.
            Err(error) => {
                let wanted = record["refused"].as_str().unwrap_or_default();
                if wanted != error.reason && !(wanted.contains("map key") && error.reason.contains("map key"))
                {
                    wrong.push(format!("{record}\n  refused {}", error.reason));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are read otherwise:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_odd_document_makes_the_program_panic() {
    for seed in 0..3000 {
        let text = odd::document(seed);
        if let Ok(value) = yaml::document(&text, "") {
            let _ = yaml::document(&yaml::to_string(&value), "");
        }
        let _ = yaml::documents(&text, "");
        let _ =
            yaml::nodes(&odd::object(seed), "").map(|nodes| nodes.iter().map(yaml::Node::to_value).count());
    }
}

#[test]
fn deep_and_self_multiplying_documents_are_refused_without_harm() {
    for text in
        ["[".repeat(100_000), "{a: ".repeat(20_000), "- ".repeat(50_000), format!("{}x", "? ".repeat(20_000))]
    {
        assert!(yaml::document(&text, "").is_err());
    }
    // As deep as may be, on the small stack of a thread.
    let deep = format!("{}x{}", "[".repeat(499), "]".repeat(499));
    let value = yaml::document(&deep, "").unwrap();
    assert_eq!(yaml::document(&yaml::to_string(&value), "").unwrap(), value);
    assert_eq!(yaml::nodes(&deep, "").unwrap().len(), 1);
    let mut text = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (previous, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let items = vec![format!("*{previous}"); 9].join(", ");
        text.push_str(&format!("{name}: &{name} [{items}]\n"));
    }
    let error = yaml::document(&text, "laughs.yaml").unwrap_err();
    assert_eq!(
        error.to_string(),
        "laughs.yaml: not valid YAML: line 4, column 20: document contains excessive aliasing"
    );
}

#[test]
fn line_ends_of_secrets_are_kept_as_escapes() {
    let cli = Cli::new();
    let file = cli.home.path().join("ca.crt");
    std::fs::write(&file, "-----BEGIN\r\nEND-----\r\n").unwrap();
    let output = cli.run(&[
        "create",
        "secret",
        "git",
        "podinfo",
        "--url=https://git.example.com/podinfo",
        "--username=git",
        "--password=pass\rword",
        "--ca-crt-file",
        file.to_str().unwrap(),
        "--export",
    ]);
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(output.out.contains("  ca.crt: \"-----BEGIN\\r\\nEND-----\\r\\n\"\n"), "{}", output.out);
    assert!(output.out.contains("  password: \"pass\\rword\"\n"), "{}", output.out);
}
