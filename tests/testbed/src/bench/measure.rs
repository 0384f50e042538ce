//! One command line, measured with both programs by hyperfine; memory by one more run of each.

use crate::Cluster;
use anyhow::Context;
use base64::Engine;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

pub(super) struct Programs {
    pub(super) flux: PathBuf,
    pub(super) fluxr: PathBuf,
}

/// A line, as each program takes it.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    pub(super) title: &'a str,
    /// Of both programs.
    pub(super) words: &'a str,
    /// Those that make `kubectl` do the same, where it can.
    pub(super) kubectl: Option<&'a str>,
}

/// Milliseconds and mebibytes of one line.
pub(super) struct Row {
    title: String,
    flux: Cell,
    fluxr: Cell,
    kubectl: Option<Cell>,
    /// Milliseconds of the bare requests.
    bare: Option<f64>,
}

/// What one run took.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    milliseconds: f64,
    mebibytes: f64,
}

impl Cell {
    pub(super) fn new(milliseconds: f64, mebibytes: f64) -> Self {
        Self { milliseconds, mebibytes }
    }

    pub(super) fn milliseconds(&self) -> f64 {
        self.milliseconds
    }

    /// The run whose time is in the middle.
    pub(super) fn middle(mut runs: Vec<Self>) -> Self {
        runs.sort_by(|a, b| a.milliseconds.total_cmp(&b.milliseconds));
        runs[runs.len() / 2]
    }
}

impl Programs {
    /// Measures a line; `bare` is a command that makes the same request and nothing else.
    pub(super) fn compare(
        &self,
        line: Line<'_>,
        environment: &[(&str, &str)],
        bare: Option<String>,
    ) -> anyhow::Result<Row> {
        crate::say::tell(line.title);
        let mut commands =
            vec![format!("{} {}", self.flux.display(), line.words), self.fluxr_line(line.words)];
        commands.extend(line.kubectl.map(|words| format!("kubectl {words}")));
        let memory: Vec<f64> =
            commands.iter().map(|command| mebibytes(command, environment)).collect::<Result<_, _>>()?;
        commands.extend(bare.clone());
        let times = hyperfine(&commands, environment, Runs::Many)?;
        let cell = |place: usize| Cell { milliseconds: times[place], mebibytes: memory[place] };
        let row = Row {
            title: line.title.to_owned(),
            flux: cell(0),
            fluxr: cell(1),
            kubectl: line.kubectl.map(|_| cell(2)),
            bare: bare.and_then(|_| times.last().copied()),
        };
        Ok(row.told())
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
    /// The row as Markdown.
    fn line(&self) -> String {
        let ratio = self.fluxr.milliseconds / self.flux.milliseconds;
        let of_memory = self.fluxr.mebibytes / self.flux.mebibytes;
        let kubectl = self.kubectl.as_ref().map(shown).unwrap_or_default();
        let bare = self.bare.map(time).unwrap_or_default();
        let (title, flux, fluxr) = (&self.title, shown(&self.flux), shown(&self.fluxr));
        format!("| {title} | {flux} | {fluxr} | {ratio:.2}, {of_memory:.2} | {kubectl} | {bare} |\n")
    }

    /// The row, which is told at once: a bench that is interrupted has not measured in vain.
    fn told(self) -> Self {
        crate::say::tell(self.line().trim_end());
        self
    }

    /// The run of each program whose time is in the middle.
    pub(super) fn of_runs(title: &str, runs: [Vec<Cell>; 2]) -> Self {
        let [flux, fluxr] = runs.map(Cell::middle);
        Self { title: title.to_owned(), flux, fluxr, kubectl: None, bare: None }.told()
    }
}

/// How often each command is run.
#[derive(Clone, Copy)]
pub(super) enum Runs {
    /// At least ten times, and for three seconds.
    Many,
    /// Twenty times, for one of many commands.
    Few,
}

/// Mean milliseconds of each command.
pub(super) fn hyperfine(
    commands: &[String],
    environment: &[(&str, &str)],
    runs: Runs,
) -> anyhow::Result<Vec<f64>> {
    let file = tempfile::NamedTempFile::new()?;
    let runs = match runs {
        Runs::Many => "--min-runs=10",
        Runs::Few => "--runs=20",
    };
    let output = Command::new("hyperfine")
        .args(["--shell=none", "--warmup=3", runs, "--style=none", "--export-json"])
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
pub(super) fn mebibytes(command: &str, environment: &[(&str, &str)]) -> anyhow::Result<f64> {
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

/// What a program takes for a line that can be run only once.
pub(super) fn once(
    program: &Path,
    line: &str,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<Cell> {
    let environment: Vec<(&str, &str)> =
        environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let words: Vec<&str> = line.split_whitespace().collect();
    let begun = Instant::now();
    let mebibytes = mebibytes(&format!("{} {}", program.display(), words.join(" ")), &environment)?;
    Ok(Cell { milliseconds: begun.elapsed().as_secs_f64() * 1000.0, mebibytes })
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

    /// A command that requests the paths, compressed, all at once.
    pub(super) fn command(&self, paths: &[String]) -> String {
        let urls: Vec<String> =
            paths.iter().map(|path| format!("--output /dev/null {}{path}", self.server)).collect();
        let file = |name: &str| self.folder.join(name).display().to_string();
        format!(
            "curl --silent --fail --parallel --compressed --cacert {} --cert {} --key {} {}",
            file("ca.crt"),
            file("tls.crt"),
            file("tls.key"),
            urls.join(" ")
        )
    }
}

impl Bare {
    /// A command that asks what an apply of each of these ConfigMaps would do, so many at once.
    pub(super) fn dry_runs(&self, maps: &[Value], at_once: usize) -> anyhow::Result<String> {
        let file = |name: &str| self.folder.join(name).display().to_string();
        let mut config = Vec::new();
        for (number, map) in maps.iter().enumerate() {
            let (namespace, name) = (&map["metadata"]["namespace"], &map["metadata"]["name"]);
            let at = [namespace, name].map(|text| text.as_str().unwrap_or_default());
            let body = file(&format!("map-{number}.json"));
            std::fs::write(&body, map.to_string())?;
            config.push(format!(
                "url = \"{}/api/v1/namespaces/{}/configmaps/{}?dryRun=All&force=true&fieldManager=kustomize-controller\"\n\
                 request = PATCH\nheader = \"Content-Type: application/apply-patch+yaml\"\ndata = \"@{body}\"\n\
                 output = /dev/null\ncacert = {}\ncert = {}\nkey = {}\nsilent\nfail\ncompressed\n",
                self.server, at[0], at[1], file("ca.crt"), file("tls.crt"), file("tls.key")
            ));
        }
        let place = file("dry-runs.curl");
        std::fs::write(&place, config.join("next\n"))?;
        Ok(format!("curl --parallel --parallel-max {at_once} --config {place}"))
    }
}

/// Rows as Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let release = fluxr::testing::distribution::current_version().trim_start_matches('v');
    let mut text = format!(
        "| what | the Flux CLI {release} | fluxr | ratios | `kubectl` | bare requests |\n|---|---|---|---|---|---|\n"
    );
    rows.iter().for_each(|row| text.push_str(&row.line()));
    text
}

/// Time and memory of a run.
pub(super) fn shown(cell: &Cell) -> String {
    format!("{}, {:.1} MiB", time(cell.milliseconds), cell.mebibytes)
}

pub(super) fn time(milliseconds: f64) -> String {
    if milliseconds < 1000.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}
