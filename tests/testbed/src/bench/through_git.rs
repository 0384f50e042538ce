//! What works through Git, beside the bare requests that it takes: looking back, drawing, drift, and a pushed change.

use super::KINDS;
use super::TOKEN;
use super::building;
use super::crowd;
use super::measure;
use super::measure::Bare;
use super::measure::Cell;
use super::measure::Runs;
use crate::Cluster;
use crate::Forge;
use crate::forge::clean_git;
use anyhow::Context;
use kube::Client;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

/// What each Kustomization remembers.
const REMEMBERED: usize = 5;
/// Dry runs under way at once.
const AT_ONCE: usize = 16;
const FILES: usize = 10_000;
const COMMITS: usize = 50_000;
/// How often a change is pushed.
const PUSHES: usize = 7;

/// A line of fluxr beside the bare requests.
struct Row {
    title: &'static str,
    fluxr: Cell,
    bare: f64,
    /// How that was made.
    with: &'static str,
}

/// Everything in a table of Markdown.
///
/// # Errors
/// A program that is missing or fails.
pub(super) fn table(fluxr: &Path, folder: &Path, objects: usize) -> anyhow::Result<String> {
    crate::say::tell(&format!("{objects} Kustomizations with a past, and a repository of {FILES} files"));
    let folder = folder.join("through-git");
    let forge = Forge::start(&folder.join("forge"))?;
    forge.add_user("ada", TOKEN, "repo");
    let cluster = Cluster::start(&folder.join("cluster"))?;
    let mut rows = past(fluxr, &cluster, &forge, &folder, objects)?;
    rows.push(drift(fluxr, &cluster, &forge, &folder, objects)?);
    rows.push(pushed(fluxr, &forge, &folder)?);
    let mut text =
        String::from("| what | fluxr | bare | more, ratio | the bare requests |\n|---|---|---|---|---|\n");
    for Row { title, fluxr, bare, with } in rows {
        let (took, ratio) = (fluxr.milliseconds(), fluxr.milliseconds() / bare);
        let more = measure::time((took - bare).max(0.0));
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| {title} | {} | {} | {more}, {ratio:.2} | {with} |",
            measure::shown(&fluxr),
            measure::time(bare)
        );
    }
    Ok(text)
}

/// `history` and `graph`, beside the lists that they ask for.
fn past(
    fluxr: &Path,
    cluster: &Cluster,
    forge: &Forge,
    folder: &Path,
    objects: usize,
) -> anyhow::Result<Vec<Row>> {
    forge.create_public_repository("ada/fleet")?;
    let commits = (0..REMEMBERED)
        .map(|number| {
            let text = number.to_string();
            forge.commit(
                "ada/fleet",
                "main",
                &[("number", Some(&text))],
                &format!("Change {number} (#{number})"),
            )?;
            forge.git("ada/fleet", &["rev-parse", "main"])
        })
        .collect::<anyhow::Result<Vec<String>>>()?;
    let (kubeconfig, url) = (cluster.kubeconfig(), forge.public_url("ada/fleet"));
    crowd::fill_with(&kubeconfig, fluxr, async |client: &Client| {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}});
        crowd::put(client, namespace).await?;
        crowd::put(client, source(&url)).await?;
        let all = (0..objects).map(|number| remembering(number, &commits));
        crowd::put_all(client, all).await
    })?;
    let kubeconfig = kubeconfig.display().to_string();
    let environment = [("KUBECONFIG", kubeconfig.as_str())];
    let bare = Bare::new(cluster, folder)?;
    let kind =
        |name: &str| KINDS.iter().find(|kind| kind.ends_with(name)).map(|kind| format!("/apis/{kind}"));
    let remembering = ["/kustomizations", "/helmreleases"].into_iter().filter_map(kind);
    let events = ["/api/v1/events".to_owned()];
    let lines = [
        ("`history -A`", "history -A", remembering.chain(events).collect::<Vec<_>>()),
        ("`graph -A`", "graph -A", KINDS.map(|kind| format!("/apis/{kind}")).to_vec()),
    ];
    let mut rows = Vec::new();
    for (title, words, paths) in lines {
        let ours = format!("{} {words}", fluxr.display());
        let mebibytes = measure::mebibytes(&ours, &environment)?;
        let times = measure::hyperfine(&[ours, bare.command(&paths)], &environment, Runs::Many)?;
        let fluxr = Cell::new(times[0], mebibytes);
        rows.push(Row { title, fluxr, bare: times[1], with: "the lists, all at once, with `curl`" });
    }
    Ok(rows)
}

fn source(url: &str) -> Value {
    let mut source = crowd::source(0);
    source["metadata"] = json!({"name": "fleet", "namespace": "flux-system"});
    source["spec"]["url"] = json!(url);
    source
}

/// A Kustomization that remembers commits.
fn remembering(number: usize, commits: &[String]) -> Value {
    let mut kustomization = crowd::kustomization(number);
    kustomization["spec"]["sourceRef"] =
        json!({"kind": "GitRepository", "name": "fleet", "namespace": "flux-system"});
    let snapshot = |(at, commit): (usize, &String)| {
        json!({
            "digest": format!("sha256:{:064x}", number * REMEMBERED + at), "totalReconciliations": 3,
            "firstReconciled": format!("2026-01-{:02}T03:04:05Z", 9 - at),
            "lastReconciled": format!("2026-01-{:02}T04:04:05Z", 9 - at),
            "lastReconciledDuration": "1.2s", "lastReconciledStatus": "ReconciliationSucceeded",
            "metadata": {"revision": format!("main@sha1:{commit}")},
        })
    };
    let history: Vec<Value> = commits.iter().rev().enumerate().map(snapshot).collect();
    kustomization["status"]["history"] = json!(history);
    kustomization
}

/// `drift` of one Kustomization without drift, beside the dry runs of its objects.
fn drift(
    fluxr: &Path,
    cluster: &Cluster,
    forge: &Forge,
    folder: &Path,
    objects: usize,
) -> anyhow::Result<Row> {
    forge.create_public_repository("ada/drift")?;
    let manifests: String = (0..objects).map(building::config_map).collect();
    forge.commit("ada/drift", "main", &[("bench/maps.yaml", Some(&manifests))], "All")?;
    let commit = forge.git("ada/drift", &["rev-parse", "main"])?;
    let revision = format!("main@sha1:{commit}");
    let mut source = crowd::source(0);
    source["metadata"] = json!({"name": "bench", "namespace": "bench"});
    source["spec"]["url"] = json!(forge.public_url("ada/drift"));
    let mut kustomization = crowd::kustomization(0);
    kustomization["metadata"] = json!({"name": "bench", "namespace": "bench"});
    kustomization["spec"]["sourceRef"] = json!({"kind": "GitRepository", "name": "bench"});
    kustomization["spec"]["path"] = json!("./bench");
    kustomization["status"]["inventory"] = json!({"entries": []});
    for field in ["lastAppliedRevision", "lastAttemptedRevision"] {
        kustomization["status"][field] = json!(revision);
    }
    let label = |name: &str| format!("kustomize.toolkit.fluxcd.io/{name}");
    let maps: Vec<Value> = (0..objects)
        .map(|number| {
            json!({
                "apiVersion": "v1", "kind": "ConfigMap", "data": {"number": number.to_string()},
                "metadata": {
                    "name": format!("map-{number}"), "namespace": "bench",
                    "labels": {label("name"): "bench", label("namespace"): "bench"},
                },
            })
        })
        .collect();
    let kubeconfig = cluster.kubeconfig();
    crowd::fill_with(&kubeconfig, fluxr, async |client: &Client| {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "bench"}});
        crowd::put(client, namespace).await?;
        crowd::put(client, source.clone()).await?;
        crowd::put(client, kustomization.clone()).await?;
        crowd::put_all_as(client, maps.iter().cloned(), "kustomize-controller").await
    })?;
    let kubeconfig = kubeconfig.display().to_string();
    let environment = [("KUBECONFIG", kubeconfig.as_str())];
    let ours = format!("{} drift --all -n bench", fluxr.display());
    let mebibytes = measure::mebibytes(&ours, &environment)?;
    let bare = Bare::new(cluster, folder)?.dry_runs(&maps, AT_ONCE)?;
    let times = measure::hyperfine(&[ours, bare], &environment, Runs::Many)?;
    Ok(Row {
        title: "`drift --all` of 1,000 ConfigMaps",
        fluxr: Cell::new(times[0], mebibytes),
        bare: times[1],
        with: "the dry runs, sixteen at once, with `curl`",
    })
}

/// A change that is pushed into a large repository, beside `git push` of the same commit.
fn pushed(fluxr: &Path, forge: &Forge, folder: &Path) -> anyhow::Result<Row> {
    let repository = "ada/large";
    forge.create_repository(repository)?;
    let kustomizations = "clusters/one/apps.yaml";
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: flux-system}\n";
    forge.commit(repository, "main", &[(kustomizations, Some(text))], "first")?;
    forge.grow(repository, FILES, COMMITS)?;
    let address = format!("https://{}/{repository}.git", forge.host());
    let ca = forge.ca_file().display().to_string();
    let environment: BTreeMap<String, String> = [("GIT_SSL_CAINFO", ca.as_str()), ("GIT_PASSWORD", TOKEN)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let work = folder.join("work");
    if work.exists() {
        std::fs::remove_dir_all(&work)?;
    }
    let git = |arguments: &[&str]| -> anyhow::Result<()> {
        let status = clean_git().args(arguments).stdout(Stdio::null()).status().context("running git")?;
        anyhow::ensure!(status.success(), "git {arguments:?} failed");
        Ok(())
    };
    let (bare, here) = (forge.repository_path(repository).display().to_string(), work.display().to_string());
    git(&["clone", "--quiet", "--branch=main", &bare, &here])?;
    let with_token = address.replace("https://", &format!("https://ada:{TOKEN}@"));
    let create = |number: usize| {
        format!(
            "create kustomization app-{number} --source=GitRepository/flux-system --path=./apps --prune=true"
        )
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..PUSHES {
        let line = format!(
            "{} --push --fleet-url={address} --fleet-branch=main --fleet-path=clusters/one",
            create(2 * number)
        );
        ours.push(measure::once(fluxr, &line, &environment)?);
        git(&["-C", &here, "pull", "--quiet", &bare, "main"])?;
        let mut export = Command::new(fluxr);
        export.args(create(2 * number + 1).split(' ')).arg("--export");
        let manifest = export.output()?.stdout;
        std::fs::write(work.join(format!("clusters/one/app-{}.yaml", 2 * number + 1)), manifest)?;
        git(&["-C", &here, "add", "--all"])?;
        git(&["-C", &here, "commit", "--quiet", "--message=Add an app"])?;
        let line = format!("-C {here} push --quiet {with_token} HEAD:main");
        theirs.push(measure::once(Path::new("git"), &line, &environment)?);
    }
    let bare = Cell::middle(theirs).milliseconds();
    let title = "`create … --push` into 10,000 files and 50,000 commits";
    Ok(Row { title, fluxr: Cell::middle(ours), bare, with: "`git push` of such a commit from a clone" })
}
