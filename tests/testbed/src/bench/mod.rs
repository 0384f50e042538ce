//! The bench: fluxr beside the Flux CLI and, where there is one, the bare request, in one run on one machine.

mod artifacts;
mod building;
mod crowd;
mod measure;
mod surface;
mod through_git;

use crate::Cluster;
use crate::Parts;
use crate::Testbed;
use crate::build;
use crate::places;
use crate::release;
use crate::release::Symbols;
use crate::say;
pub(crate) use crowd::fill;
use measure::Cell;
use measure::Line;
use measure::Programs;
use measure::Row;
use std::path::Path;

/// Objects of each of the two kinds in the crowded cluster.
const CROWD: usize = 1000;
/// The kinds of the default components, which the crowded cluster knows.
const KINDS: [&str; 11] = [
    "helm.toolkit.fluxcd.io/v2/helmreleases",
    "kustomize.toolkit.fluxcd.io/v1/kustomizations",
    "notification.toolkit.fluxcd.io/v1/receivers",
    "notification.toolkit.fluxcd.io/v1beta3/alerts",
    "notification.toolkit.fluxcd.io/v1beta3/providers",
    "source.toolkit.fluxcd.io/v1/buckets",
    "source.toolkit.fluxcd.io/v1/externalartifacts",
    "source.toolkit.fluxcd.io/v1/gitrepositories",
    "source.toolkit.fluxcd.io/v1/helmcharts",
    "source.toolkit.fluxcd.io/v1/helmrepositories",
    "source.toolkit.fluxcd.io/v1/ocirepositories",
];
/// How often a whole bootstrap is measured with each program.
const BOOTSTRAPS: usize = 3;
const TOKEN: &str = "ghp_testbed";

/// Measures everything with the release of the commit that is checked out, and gives a table in Markdown, with some sentences below it.
///
/// # Errors
/// A program that is missing or fails.
pub fn bench(objects: Option<usize>, through_git_alone: bool) -> anyhow::Result<String> {
    places::require(&[
        ("hyperfine", "measures"),
        ("time", "measures memory"),
        ("curl", "makes the bare requests"),
    ])?;
    match through_git_alone {
        true => build::build_for(Parts::Real, build::FOR_A_CLUSTER)?,
        false => build::build_all()?,
    }
    let fluxr = release::program(Symbols::Stripped)?;
    let folder = places::target().join("testbed/bench");
    if through_git_alone {
        return through_git::table(&fluxr, &folder, objects.unwrap_or(CROWD));
    }
    let programs = Programs { flux: build::binary("flux")?, fluxr };
    let mut rows = alone(&programs)?;
    rows.extend(crowded(&programs, &folder, objects.unwrap_or(CROWD))?);
    rows.extend(artifacts::rows(&programs, &folder)?);
    rows.extend(building::rows(&programs, &folder)?);
    rows.extend(alive(&programs, &folder)?);
    let (surface, building) =
        (surface::sentences(&programs, &folder)?, building::sentence(&programs, &folder)?);
    let through_git = through_git::table(&programs.fluxr, &folder, objects.unwrap_or(CROWD))?;
    Ok(format!("{}\n{through_git}\n{surface}\n{building}", measure::table(&rows)))
}

/// What needs no cluster.
fn alone(programs: &Programs) -> anyhow::Result<Vec<Row>> {
    let lines = [
        ("start", "version --client", Some("version --client")),
        ("`install --export`", "install --export", None),
        (
            "`create kustomization … --export`",
            "create kustomization app --source=GitRepository/app --path=./app --prune --export",
            None,
        ),
    ];
    let compare = |(title, words, kubectl)| programs.compare(Line { title, words, kubectl }, &[], None);
    lines.into_iter().map(compare).collect()
}

/// What asks a cluster with many objects.
fn crowded(programs: &Programs, folder: &Path, objects: usize) -> anyhow::Result<Vec<Row>> {
    say::tell(&format!("Filling a cluster with {objects} GitRepositories and {objects} Kustomizations"));
    let cluster = Cluster::start(&folder.join("crowd"))?;
    fill(&cluster.kubeconfig(), &programs.fluxr, objects)?;
    let kubeconfig = cluster.kubeconfig().display().to_string();
    let environment = [("KUBECONFIG", kubeconfig.as_str())];
    let bare = measure::Bare::new(&cluster, folder)?;
    let all = KINDS.map(|kind| format!("/apis/{kind}")).to_vec();
    let kustomizations = "/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations".to_owned();
    let of_namespace = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/team-0/kustomizations".to_owned();
    let lines = [
        ("`get kustomizations -A`", Some("get kustomizations -A"), vec![kustomizations]),
        ("`get all -A`", None, all.clone()),
        ("`stats -A`", None, all),
        (
            "`get kustomizations -n team-0 app-0`",
            Some("get kustomizations -n team-0 app-0"),
            vec![format!("{of_namespace}/app-0")],
        ),
        ("completion of a name", Some("__complete get kustomizations -n team-0 app"), vec![of_namespace]),
    ];
    let mut rows = Vec::new();
    for (title, kubectl, paths) in lines {
        let words = kubectl.unwrap_or_else(|| title.trim_matches('`'));
        let line = Line { title, words, kubectl };
        rows.push(programs.compare(line, &environment, Some(bare.command(&paths)))?);
    }
    Ok(rows)
}

/// What waits for controllers.
fn alive(programs: &Programs, folder: &Path) -> anyhow::Result<Vec<Row>> {
    let mut runs: [Vec<Cell>; 2] = Default::default();
    let mut reconcile = None;
    for round in 0..BOOTSTRAPS {
        for (which, program) in [&programs.flux, &programs.fluxr].into_iter().enumerate() {
            say::tell(&format!("bootstrap git, {} of {BOOTSTRAPS}, {}", round + 1, program.display()));
            let testbed = Testbed::start(Parts::Real, &folder.join("alive"))?;
            testbed.forge.create_repository("ada/fleet")?;
            let environment = testbed.environment();
            let line = format!(
                "bootstrap git --url=https://{}/ada/fleet.git --ca-file={} --username=ada --password={TOKEN} --token-auth \
                 --path=clusters/one --timeout=2m",
                testbed.forge.host(),
                testbed.forge.ca_file().display()
            );
            runs[which].push(measure::once(program, &line, &environment)?);
            if round == 0 && which == 1 {
                let kubeconfig = testbed.cluster.kubeconfig().display().to_string();
                let environment = [("KUBECONFIG", kubeconfig.as_str())];
                let words = "reconcile source git flux-system";
                let line = Line { title: "`reconcile source git`", words, kubectl: None };
                reconcile = Some(programs.compare(line, &environment, None)?);
            }
        }
    }
    let bootstrap = Row::of_runs("`bootstrap git` on an empty cluster", runs);
    Ok(reconcile.into_iter().chain([bootstrap]).collect())
}
