//! Two versions of an object, and how their differences are shown.

use fluxr::testing::render::report;
use fluxr::testing::render::report::Paint;
use serde_json::Value;
use serde_json::json;
use std::path::Path;
use std::path::PathBuf;

/// A question to a reporter of differences.
pub struct Case {
    pub about: String,
    pub from: Value,
    pub to: Value,
    /// The columns of the terminal.
    pub width: usize,
    /// None, 16, or 24 for those of 24 bits.
    pub colours: u64,
    /// What the Flux CLI says.
    pub text: String,
}

impl Case {
    /// What this program says.
    pub fn report(&self) -> String {
        let paint = match self.colours {
            0 => Paint::Plain,
            16 => Paint::Sixteen,
            _ => Paint::True,
        };
        report::human(&report::compare(&self.from, &self.to), self.width, paint)
    }
}

pub fn cases_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/data/report.json")
}

/// The cases of the file. Only what is being compared has to be there; the rest is written by the real tier.
pub fn cases() -> Vec<Case> {
    let records: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(cases_file()).unwrap()).unwrap();
    let case = |record: Value| Case {
        about: record["about"].as_str().unwrap().to_owned(),
        from: record["from"].clone(),
        to: record["to"].clone(),
        width: record["width"].as_u64().map_or(report::WIDTH, |width| width.try_into().unwrap()),
        colours: record["colours"].as_u64().unwrap_or_default(),
        text: record["text"].as_str().unwrap_or_default().to_owned(),
    };
    records.into_iter().map(case).collect()
}

/// The file with these cases, one a line.
pub fn written(cases: &[Case]) -> String {
    let record = |case: &Case| {
        let mut record = json!({"about": case.about, "from": case.from, "to": case.to});
        if case.width != report::WIDTH {
            record["width"] = json!(case.width);
        }
        if case.colours != 0 {
            record["colours"] = json!(case.colours);
        }
        record["text"] = json!(case.text);
        format!("  {record}")
    };
    format!("[\n{}\n]\n", cases.iter().map(record).collect::<Vec<_>>().join(",\n"))
}
