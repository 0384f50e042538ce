//! The bench: fluxr beside the Flux CLI and, where there is one, the bare request, in one run on one machine.

mod crowd;
mod measure;

use crate::Cluster;
use crate::Testbed;
use crate::build;
use crate::places;
use crate::say;
use anyhow::Context;
pub(crate) use crowd::fill;
use measure::Programs;
use measure::Row;
use std::path::Path;
use std::time::Duration;

/// Objects of each of the two kinds in the crowded cluster.
const CROWD: usize = 1000;
/// How often a whole bootstrap is measured with each program.
const BOOTSTRAPS: usize = 3;
const TOKEN: &str = "ghp_testbed";

/// Measures everything with a release build of fluxr, and gives a table in Markdown.
///
/// # Errors
/// A program that is missing or fails.
pub fn bench(objects: Option<usize>) -> anyhow::Result<String> {
    places::require(&[
        ("hyperfine", "measures"),
        ("time", "measures memory"),
        ("curl", "makes the bare requests"),
    ])?;
    build::build_all()?;
    let arguments = ["build", "--quiet", "--release", "--package", "fluxr", "--bin", "fluxr"];
    let built = places::cargo().args(arguments).status().context("running cargo")?;
    anyhow::ensure!(built.success(), "fluxr does not build");
    let programs = Programs { flux: build::binary("flux")?, fluxr: places::target().join("release/fluxr") };
    let folder = places::target().join("testbed/bench");
    let mut rows = alone(&programs)?;
    rows.extend(crowded(&programs, &folder, objects.unwrap_or(CROWD))?);
    rows.extend(alive(&programs, &folder)?);
    Ok(measure::table(&rows))
}

/// What needs no cluster.
fn alone(programs: &Programs) -> anyhow::Result<Vec<Row>> {
    let lines = [
        ("start", "version --client"),
        ("`install --export`", "install --export"),
        (
            "`create kustomization … --export`",
            "create kustomization app --source=GitRepository/app --path=./app --prune --export",
        ),
    ];
    lines.iter().map(|(title, line)| programs.compare(title, line, &[], None)).collect()
}

/// What asks a cluster with many objects.
fn crowded(programs: &Programs, folder: &Path, objects: usize) -> anyhow::Result<Vec<Row>> {
    say::tell(&format!("Filling a cluster with {objects} GitRepositories and {objects} Kustomizations"));
    let cluster = Cluster::start(&folder.join("crowd"))?;
    fill(&cluster.kubeconfig(), &programs.fluxr, objects)?;
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let environment = [("KUBECONFIG", kubeconfig.as_str())];
    let bare = measure::Bare::new(&cluster, folder)?;
    let kustomizations = "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations";
    let mut rows = Vec::new();
    for (title, line, path) in [
        ("`get kustomizations -A`", "get kustomizations -A", Some(kustomizations)),
        ("`get all -A`", "get all -A", None),
        ("`stats -A`", "stats -A", None),
        ("`get kustomizations -n team-0 app-0`", "get kustomizations -n team-0 app-0", None),
        ("completion of a name", "__complete get kustomizations -n team-0 app", None),
    ] {
        let floor = path.map(|path| bare.command(path));
        rows.push(programs.compare(title, line, &environment, floor)?);
    }
    Ok(rows)
}

/// What waits for controllers.
fn alive(programs: &Programs, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let mut times: [Vec<Duration>; 2] = Default::default();
    let mut reconcile = None;
    for round in 0..BOOTSTRAPS {
        for (which, program) in [&programs.flux, &programs.fluxr].into_iter().enumerate() {
            say::tell(&format!("bootstrap git, {} of {BOOTSTRAPS}, {}", round + 1, program.display()));
            let testbed = Testbed::start(&folder.join("alive"))?;
            testbed.forge.create_repository("ada/fleet")?;
            let environment = testbed.environment();
            let line = format!(
                "bootstrap git --url=https://{}/ada/fleet.git --ca-file={} --username=ada --password={TOKEN} --token-auth \
                 --path=clusters/one --timeout=2m",
                testbed.forge.host(),
                testbed.forge.ca_file().display()
            );
            times[which].push(measure::once(program, &line, &environment)?);
            if round == 0 && which == 1 {
                let kubeconfig = testbed.cluster.kubeconfig().display().to_string();
                let environment = [("KUBECONFIG", kubeconfig.as_str())];
                let title = "`reconcile source git`";
                reconcile =
                    Some(programs.compare(title, "reconcile source git flux-system", &environment, None)?);
            }
        }
    }
    let [flux, fluxr] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    let bootstrap = Row::of_times("`bootstrap git` on an empty cluster", flux, fluxr);
    Ok(reconcile.into_iter().chain([bootstrap]).collect())
}
