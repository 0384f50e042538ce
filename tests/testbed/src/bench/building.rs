//! Builds and comparisons of manifests: kustomize beside the native build, Kustomizations beside the Flux CLI.

use super::measure;
use super::measure::Cell;
use super::measure::Line;
use super::measure::Programs;
use super::measure::Row;
use crate::Cluster;
use crate::build;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

/// Objects of each folder, and how often it is built. kustomize takes minutes for the last one.
const SIZES: [(usize, usize); 3] = [(1, 9), (100, 9), (5000, 1)];
/// Folders that only fluxr builds.
const LARGE: [usize; 2] = [10_000, 20_000];
const COMPARED: usize = 200;
const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: bench, namespace: flux-system}
spec: {interval: 1h, prune: true, path: ./bench, sourceRef: {kind: GitRepository, name: bench}}
";

/// Builds and compares folders of many sizes.
pub(super) fn rows(programs: &Programs, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let folder = folder.join("building");
    let mut rows = Vec::new();
    for (objects, times) in SIZES {
        let built = layered(&folder, objects)?;
        let kustomize = build::binary("kustomize")?;
        let lines = [(&kustomize, format!("build {built}")), (&programs.fluxr, format!("kustomize {built}"))];
        let mut runs: [Vec<Cell>; 2] = Default::default();
        for _ in 0..times {
            for (runs, (program, line)) in runs.iter_mut().zip(&lines) {
                runs.push(measure::once(program, line, &BTreeMap::new())?);
            }
        }
        rows.push(Row::of_runs(&format!("`kustomize`, {objects} ConfigMaps, beside kustomize"), runs));
    }
    let file = folder.join("bench.yaml");
    fs::write(&file, KUSTOMIZATION)?;
    let one = plain(&folder, 1)?;
    let words =
        format!("build kustomization bench --path={one} --kustomization-file={} --dry-run", file.display());
    let line = Line { title: "`build kustomization --dry-run`, one ConfigMap", words: &words, kubectl: None };
    rows.push(programs.compare(line, &[], None)?);
    rows.push(compared(programs, &folder, &file)?);
    Ok(rows)
}

/// What fluxr alone takes for more than kustomize can build.
pub(super) fn sentence(programs: &Programs, folder: &Path) -> anyhow::Result<String> {
    let mut told = Vec::new();
    for objects in LARGE {
        let built = layered(&folder.join("building"), objects)?;
        let run = measure::once(&programs.fluxr, &format!("kustomize {built}"), &BTreeMap::new())?;
        told.push(format!("{objects} ConfigMaps {}", measure::shown(&run)));
    }
    Ok(format!("`kustomize` takes for {}.", told.join(", for ")))
}

/// A comparison without changes, of objects that are as a build makes them.
fn compared(programs: &Programs, folder: &Path, file: &Path) -> anyhow::Result<Row> {
    let cluster = Cluster::start(&folder.join("cluster"))?;
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let environment = [("KUBECONFIG", kubeconfig.as_str())];
    let run = |program: &Path, words: &[&str], input: Option<&[u8]>| -> anyhow::Result<Vec<u8>> {
        let mut command = Command::new(program);
        command.args(words).envs(environment).stdout(Stdio::piped()).stdin(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("running {}", program.display()))?;
        let mut stdin = child.stdin.take().context("stdin")?;
        std::io::Write::write_all(&mut stdin, input.unwrap_or_default())?;
        drop(stdin);
        let output = child.wait_with_output()?;
        anyhow::ensure!(output.status.success(), "{} {words:?} failed", program.display());
        Ok(output.stdout)
    };
    let definitions = run(&programs.fluxr, &["install", "--export"], None)?;
    let kubectl = PathBuf::from("kubectl");
    let apply = ["apply", "--server-side", "--field-manager=kustomize-controller", "-f", "-"];
    run(&kubectl, &apply, Some(&definitions))?;
    run(&kubectl, &["create", "namespace", "bench"], None)?;
    run(&kubectl, &apply, Some(KUSTOMIZATION.as_bytes()))?;
    let manifests = plain(folder, COMPARED)?;
    let (path, from) = (format!("--path={manifests}"), format!("--kustomization-file={}", file.display()));
    let built = run(&programs.fluxr, &["build", "kustomization", "bench", &path, &from, "--dry-run"], None)?;
    run(&kubectl, &apply, Some(&built))?;
    let words = format!("diff kustomization bench {path} --progress-bar=false");
    programs.compare(
        Line { title: "`diff kustomization`, 200 objects", words: &words, kubectl: None },
        &environment,
        None,
    )
}

pub(super) fn config_map(number: usize) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map-{number}, namespace: bench}}\ndata: {{number: \"{number}\"}}\n---\n"
    )
}

/// A folder with so many ConfigMaps in one file, and nothing else.
fn plain(folder: &Path, objects: usize) -> anyhow::Result<String> {
    let folder = folder.join(format!("plain-{objects}"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("maps.yaml"), (0..objects).map(config_map).collect::<String>())?;
    Ok(folder.display().to_string())
}

/// The same below a kustomization with a namespace, a prefix and a label.
fn layered(folder: &Path, objects: usize) -> anyhow::Result<String> {
    let folder = PathBuf::from(plain(&folder.join("layered"), objects)?);
    let mut text = String::from("resources: [maps.yaml]\n");
    writeln!(text, "namespace: bench\nnamePrefix: p-\nlabels: [{{pairs: {{team: bench}}}}]")?;
    fs::write(folder.join("kustomization.yaml"), text)?;
    Ok(folder.display().to_string())
}
