//! One command line, measured with both programs by hyperfine; memory by one more run of each.

use crate::Cluster;
use anyhow::Context;
use base64::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

pub(super) struct Programs {
    pub(super) flux: PathBuf,
    pub(super) fluxr: PathBuf,
}

/// Milliseconds and mebibytes of one line.
pub(super) struct Row {
    title: String,
    flux: Cell,
    fluxr: Cell,
    /// Milliseconds of the bare request.
    bare: Option<f64>,
}

struct Cell {
    milliseconds: f64,
    mebibytes: Option<f64>,
}

impl Programs {
    /// Measures a line; `bare` is a command that makes the same request and nothing else.
    pub(super) fn compare(
        &self,
        title: &str,
        line: &str,
        environment: &[(&str, &str)],
        bare: Option<String>,
    ) -> anyhow::Result<Row> {
        crate::say::tell(title);
        let mut commands = vec![format!("{} {line}", self.flux.display()), self.fluxr_line(line)];
        let memory: Vec<f64> =
            commands.iter().map(|command| mebibytes(command, environment)).collect::<Result<_, _>>()?;
        commands.extend(bare.clone());
        let times = hyperfine(&commands, environment)?;
        Ok(Row {
            title: title.to_owned(),
            flux: Cell { milliseconds: times[0], mebibytes: Some(memory[0]) },
            fluxr: Cell { milliseconds: times[1], mebibytes: Some(memory[1]) },
            bare: bare.map(|_| times[2]),
        })
    }

    /// Completion is asked for in each program's own way.
    fn fluxr_line(&self, line: &str) -> String {
        let program = self.fluxr.display();
        match line.strip_prefix("__complete ") {
            Some(words) => {
                let count = words.split(' ').count();
                format!(
                    "env COMPLETE=bash _CLAP_COMPLETE_INDEX={count} _CLAP_COMPLETE_COMP_TYPE=9 _CLAP_COMPLETE_SPACE=false {program} -- fluxr {words}"
                )
            }
            None => format!("{program} {line}"),
        }
    }
}

impl Row {
    pub(super) fn of_times(title: &str, flux: Duration, fluxr: Duration) -> Self {
        let cell = |time: Duration| Cell { milliseconds: time.as_secs_f64() * 1000.0, mebibytes: None };
        Self { title: title.to_owned(), flux: cell(flux), fluxr: cell(fluxr), bare: None }
    }
}

/// Mean milliseconds of each command.
fn hyperfine(commands: &[String], environment: &[(&str, &str)]) -> anyhow::Result<Vec<f64>> {
    let file = tempfile::NamedTempFile::new()?;
    let output = Command::new("hyperfine")
        .args(["--shell=none", "--warmup=3", "--min-runs=10", "--style=none", "--export-json"])
        .arg(file.path())
        .args(commands)
        .envs(environment.iter().copied())
        .output()
        .context("running hyperfine")?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let measured: Value = serde_json::from_slice(&std::fs::read(file.path())?)?;
    let results = measured["results"].as_array().context("hyperfine gave no results")?;
    Ok(results.iter().filter_map(|result| result["mean"].as_f64()).map(|seconds| seconds * 1000.0).collect())
}

/// The greatest resident size of one run.
fn mebibytes(command: &str, environment: &[(&str, &str)]) -> anyhow::Result<f64> {
    let output = Command::new("time")
        .args(["--format=%M"])
        .args(command.split(' '))
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .output()
        .context("running time")?;
    let said = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{command}: {said}");
    let kibibytes: f64 = said.lines().last().unwrap_or_default().trim().parse()?;
    Ok(kibibytes / 1024.0)
}

/// How long a program takes for a line that can be run only once.
pub(super) fn once(
    program: &Path,
    line: &str,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let output = Command::new(program).args(line.split_whitespace()).envs(environment).output()?;
    let took = begun.elapsed();
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(took)
}

/// Requests by curl, as an administrator.
pub(super) struct Bare {
    server: String,
    folder: PathBuf,
}

impl Bare {
    pub(super) fn new(cluster: &Cluster, folder: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(cluster.kubeconfig())?;
        let config: Value = serde_saphyr::from_str(&text).context("reading the kubeconfig")?;
        let server = config["clusters"][0]["cluster"]["server"].as_str().context("a server")?.to_owned();
        for (name, pointer) in [
            ("ca.crt", "/clusters/0/cluster/certificate-authority-data"),
            ("tls.crt", "/users/0/user/client-certificate-data"),
            ("tls.key", "/users/0/user/client-key-data"),
        ] {
            let encoded = config.pointer(pointer).and_then(Value::as_str).context(pointer)?;
            let bytes = base64::engine::general_purpose::STANDARD.decode(encoded)?;
            std::fs::write(folder.join(name), bytes)?;
        }
        Ok(Self { server, folder: folder.to_owned() })
    }

    /// A command that requests the path, compressed.
    pub(super) fn command(&self, path: &str) -> String {
        let file = |name: &str| self.folder.join(name).display().to_string();
        format!(
            "curl --silent --fail --output /dev/null --compressed --cacert {} --cert {} --key {} {}{path}",
            file("ca.crt"),
            file("tls.crt"),
            file("tls.key"),
            self.server
        )
    }
}

/// Rows as Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text =
        "| what | the Flux CLI 2.9.4 | fluxr | ratio | bare request |\n|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let show = |cell: &Cell| match cell.mebibytes {
            Some(memory) => format!("{}, {memory:.1} MiB", time(cell.milliseconds)),
            None => time(cell.milliseconds),
        };
        let ratio = row.fluxr.milliseconds / row.flux.milliseconds;
        let bare = row.bare.map(time).unwrap_or_default();
        let (flux, fluxr) = (show(&row.flux), show(&row.fluxr));
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| {} | {flux} | {fluxr} | {ratio:.2} | {bare} |", row.title);
    }
    text
}

fn time(milliseconds: f64) -> String {
    if milliseconds < 1000.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}
