//! `history` against the stand-in for an API server and a real Git server.

use crate::git::server::Fault as GitFault;
use crate::git::server::READER;
use crate::git::server::Repositories;
use crate::git::server::git;
use crate::git::server::serve_http;
use crate::git::server::try_git;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::golden_part;
use crate::support::ready;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

/// A commit on top of the branch, without any file.
fn commit(bare: &Path, author: &str, message: &str) -> String {
    git(bare, &["hash-object", "-t", "tree", "-w", "/dev/null"]);
    let empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let (_, parent) = try_git(bare, &["rev-parse", "--verify", "--quiet", "main"], &[]);
    let mut words = vec!["commit-tree", empty, "-m", message];
    if !parent.is_empty() {
        words.extend(["-p", parent.as_str()]);
    }
    let date = "2026-01-02T03:04:05Z";
    let (_, id) = try_git(bare, &words, &[("GIT_AUTHOR_NAME", author), ("GIT_AUTHOR_DATE", date)]);
    git(bare, &["update-ref", "refs/heads/main", &id]);
    id
}

fn record(revision: &str, status: &str, first: &str, last: &str) -> Value {
    json!({"digest": format!("sha256:{}", "a".repeat(64)), "firstReconciled": first, "lastReconciled": last,
        "lastReconciledDuration": "1.5s", "lastReconciledStatus": status, "totalReconciliations": 3,
        "metadata": {"revision": revision}})
}

fn source(url: &str) -> Value {
    let spec =
        json!({"url": url, "interval": "1m", "ref": {"branch": "main"}, "secretRef": {"name": "login"}});
    flux_object("GitRepository", "fleet", spec, ready("True", "stored", json!({})))
}

fn login(password: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "flux-system"},
        "data": {"username": STANDARD.encode("git"), "password": STANDARD.encode(password)}})
}

fn applied(name: &str, history: Value, further: Value) -> Value {
    let spec = json!({"interval": "5m", "prune": true, "path": "./", "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    let mut status = ready("True", "applied", json!({"history": history}));
    json_patch::merge(&mut status, &further);
    flux_object("Kustomization", name, spec, status)
}

fn release(name: &str) -> Value {
    let snapshot = |version: u32, chart: &str, status: &str, at: &str| {
        json!({"version": version, "chartName": "web", "chartVersion": chart, "appVersion": format!("v{chart}"), "status": status,
            "firstDeployed": at, "lastDeployed": at, "digest": "sha256:b", "configDigest": "sha256:c", "name": name, "namespace": "apps"})
    };
    let history = json!([
        snapshot(2, "1.1.0", "deployed", "2026-01-04T00:00:00Z"),
        snapshot(1, "1.0.0", "superseded", "2026-01-01T00:00:00Z"),
    ]);
    flux_object(
        "HelmRelease",
        name,
        json!({"interval": "5m"}),
        ready("True", "upgraded", json!({"history": history})),
    )
}

/// A table as a page shows it: with commits and ages that stay the same.
fn example(table: &str, second: &str, first: &str) -> String {
    let named = table.replace(&second[..8], "0f1e2d3c").replace(&first[..8], "c0ffee12");
    let mut lines: Vec<Vec<String>> =
        named.lines().map(|line| line.split('\t').map(|cell| cell.trim().to_owned()).collect()).collect();
    for (line, ages) in lines.iter_mut().skip(1).zip([["2d", "30m"], ["3d", "2d"]]) {
        ages.iter().enumerate().for_each(|(at, age)| line[at + 1] = (*age).to_owned());
    }
    let width =
        |at: usize| lines.iter().filter_map(|line| line.get(at)).map(String::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..lines[0].len()).map(width).collect();
    let padded = lines.iter().map(|line| {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    });
    padded.collect()
}

/// The rows of a table without its header, and without the columns of ages.
fn rows(table: &str) -> Vec<Vec<String>> {
    table
        .lines()
        .skip(1)
        .map(|line| line.trim_end().split('\t').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_are_joined_with_the_commits_of_their_source_and_no_file_is_sent() {
    let repositories = Repositories::new();
    let bare = repositories.create_with("fleet", &[("big", &"x".repeat(5000))]);
    let blob = git(&bare, &["rev-parse", "main:big"]);
    let first = commit(&bare, "Ada", "Bump web to 1.2 (#12)\n\nbecause\n");
    let second = commit(&bare, "Grace", "Merge pull request #34 from acme/fix\n\nFix the port\n");
    for (key, value) in [("uploadpack.allowFilter", "true"), ("uploadpack.allowReachableSHA1InWant", "true")]
    {
        git(&bare, &["config", key, value]);
    }
    // A server that had to read the files would fail.
    std::fs::remove_file(bare.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let url = format!("{}/fleet", serve_http(repositories.root(), None, GitFault::None).await);
    let server = ApiServer::with_flux();
    server.put(source(&url));
    server.put(login(READER));
    let history = json!([
        record(
            &format!("main@sha1:{second}"),
            "ReconciliationSucceeded",
            "2026-01-03T00:00:00Z",
            "2026-01-03T10:00:00Z"
        ),
        record(
            &format!("main@sha1:{first}"),
            "HealthCheckFailed",
            "2026-01-02T04:00:00Z",
            "2026-01-02T05:00:00Z"
        ),
    ]);
    server.put(applied("app", history, json!({})));
    let cli = Cli::against(&server);
    let seen = cli.run(&["history", "ks/app", "-o", "json"]);
    let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
    assert_eq!((document["complete"].clone(), seen.err.as_str()), (json!(true), ""));
    let wanted = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "name": "app", "namespace": "flux-system",
        "revision": format!("main@sha1:{second}"), "digest": format!("sha256:{}", "a".repeat(64)), "status": "ReconciliationSucceeded",
        "first": "2026-01-03T00:00:00Z", "last": "2026-01-03T10:00:00Z", "duration": "1.5s", "count": 3,
        "commit": {"id": second, "author": "Grace", "email": "other@example.com", "date": "2026-01-02T03:04:05Z",
            "subject": "Fix the port", "request": "#34"},
    });
    assert_eq!(document["entries"][0], wanted);
    assert_eq!(document["entries"][1]["commit"]["request"], "#12");
    let table = cli.run(&["history", "ks/app"]);
    let cells: Vec<Vec<String>> = rows(table.succeeded());
    assert_eq!(cells.len(), 2);
    let line = &cells[0];
    assert_eq!(line[0], format!("main@sha1:{}", &second[..8]));
    assert_eq!(line[3..], ["ReconciliationSucceeded", "1.5s", "#34", "Grace", "Fix the port"]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/history.md");
    golden_part(&page, "example", &format!("```\n{}```\n", example(&table.out, &second, &first)));
    assert_eq!(rows(cli.run(&["history", "ks/app", "--limit=1"]).succeeded()).len(), 1);
    assert_eq!(rows(cli.run(&["history", "ks/app", "--since=2026-01-03T00:00:00Z"]).succeeded()).len(), 1);
    let wide = cli.run(&["history", "-A", "-o", "wide"]);
    assert!(wide.succeeded().starts_with("NAMESPACE"), "{}", wide.out);
    assert!(wide.out.contains("Kustomization/app") && wide.out.contains("other@example.com"), "{}", wide.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_gives_no_commit_by_its_name_gives_its_branch() {
    let repositories = Repositories::new();
    let bare = repositories.create("fleet");
    let first = commit(&bare, "Ada", "one");
    let second = commit(&bare, "Ada", "two");
    commit(&bare, "Ada", "three");
    let url = format!("{}/fleet", serve_http(repositories.root(), None, GitFault::None).await);
    let server = ApiServer::with_flux();
    server.put(source(&url));
    server.put(login(READER));
    let gone = "f".repeat(40);
    let history: Value = [&first, &second, &gone]
        .iter()
        .map(|id| {
            record(
                &format!("main@sha1:{id}"),
                "ReconciliationSucceeded",
                "2026-01-03T00:00:00Z",
                "2026-01-03T10:00:00Z",
            )
        })
        .collect();
    server.put(applied("app", history, json!({})));
    let ask = || {
        let seen =
            Cli::against(&server).run(&["history", "ks/app", "-o", "jsonpath={.entries[*].commit.subject}"]);
        seen.succeeded().to_owned()
    };
    assert_eq!(ask(), "one two");
    // One commit is gone, so that the request for all of them by name is refused.
    git(&bare, &["config", "uploadpack.allowReachableSHA1InWant", "true"]);
    assert_eq!(ask(), "one two");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_commits_the_table_is_shown_and_a_warning_says_why() {
    let server = ApiServer::with_flux();
    let revision = format!("main@sha1:{}", "a".repeat(40));
    let history =
        json!([record(&revision, "ReconciliationSucceeded", "2026-01-03T00:00:00Z", "2026-01-03T10:00:00Z")]);
    server.put(applied("app", history, json!({})));
    let warned = |wanted: &[&str]| {
        let seen = Cli::against(&server).run(&["history", "ks/app"]);
        assert_eq!(rows(seen.succeeded()).len(), 1);
        assert!(
            seen.err.starts_with("⚠️ without the commits of GitRepository/flux-system/fleet: "),
            "{}",
            seen.err
        );
        assert!(wanted.iter().all(|words| seen.err.contains(words)), "{}", seen.err);
        assert!(!seen.err.contains("hunter22"), "{}", seen.err);
    };
    warned(&["not found"]);
    let repositories = Repositories::new();
    repositories.create("fleet");
    let url = format!("{}/fleet", serve_http(repositories.root(), None, GitFault::None).await);
    server.put(source(&url));
    warned(&["secrets \"login\" not found"]);
    server.put(login("hunter22"));
    warned(&["authentication failed"]);
    for (fault, words) in [
        (GitFault::Status(503), "503"),
        (GitFault::Page, "text/html"),
        (GitFault::Truncated, "ends too early"),
    ] {
        server.put(source(&format!("{}/fleet", serve_http(repositories.root(), None, fault).await)));
        warned(&[words]);
    }
    server.put(source("http://127.0.0.1:9/fleet"));
    warned(&["connection to"]);
    let mut other = source(&url);
    other["spec"]["provider"] = json!("azure");
    server.put(other);
    warned(&["logs in as \"azure\""]);
}

#[test]
fn releases_have_their_chart_and_what_was_tried_or_told_by_events_is_part_of_the_history() {
    let server = ApiServer::with_flux();
    server.put(release("web"));
    let failing = json!({"lastAttemptedRevision": "main@sha1:new", "conditions": [{"type": "Ready", "status": "False",
        "reason": "BuildFailed", "message": "no such file", "lastTransitionTime": "2026-01-05T00:00:00Z"}]});
    let history = json!([record(
        "main@sha1:old",
        "ReconciliationSucceeded",
        "2026-01-02T00:00:00Z",
        "2026-01-02T10:00:00Z"
    )]);
    server.put(applied("app", history, failing));
    for (name, revision, at) in
        [("a", "main@sha1:old", "2026-01-02T00:00:00Z"), ("b", "main@sha1:mid", "2026-01-03T00:00:00Z")]
    {
        let annotations = json!({"kustomize.toolkit.fluxcd.io/revision": revision});
        server.put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "flux-system", "annotations": annotations},
            "type": "Warning", "reason": "ArtifactFailed", "message": "gone", "firstTimestamp": at, "lastTimestamp": at,
            "involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "app"}}));
    }
    let cli = Cli::against(&server);
    let seen = cli.run(&["history", "-o", "json"]);
    let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
    let told: Vec<(&str, &str, &str)> = document["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["name"].as_str().unwrap(),
                entry["revision"].as_str().unwrap(),
                entry["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("app", "main@sha1:new", "BuildFailed"),
            ("web", "1.1.0", "deployed"),
            ("app", "main@sha1:mid", "ArtifactFailed"),
            ("app", "main@sha1:old", "ReconciliationSucceeded"),
            ("web", "1.0.0", "superseded"),
        ]
    );
    assert_eq!(
        (&document["entries"][1]["chart"], &document["entries"][1]["appVersion"]),
        (&json!("web"), &json!("v1.1.0"))
    );
    assert_eq!(document["entries"][0]["message"], "no such file");
    let yaml = cli.run(&["history", "hr", "web", "-o", "yaml"]);
    let document = fluxr::testing::text::yaml::documents(yaml.succeeded(), "the history").unwrap().remove(0);
    assert_eq!(document["entries"].as_array().unwrap().len(), 2);
}

#[test]
fn a_release_that_failed_with_other_values_of_the_same_chart_is_shown() {
    let server = ApiServer::with_flux();
    let mut web = release("web");
    let failing = json!({"status": {"lastAttemptedRevision": "1.1.0", "lastAttemptedConfigDigest": "sha256:other",
        "conditions": [{"type": "Ready", "status": "False", "reason": "UpgradeFailed", "message": "no such value",
            "lastTransitionTime": "2026-01-05T00:00:00Z"}]}});
    json_patch::merge(&mut web, &failing);
    server.put(web);
    let seen = Cli::against(&server).run(&["history", "hr/web", "-o", "jsonpath={.entries[*].status}"]);
    assert_eq!(seen.succeeded(), "UpgradeFailed deployed superseded");
}

#[test]
fn merged_events_count_from_their_last_time_and_what_continues_is_not_an_end() {
    let server = ApiServer::with_flux();
    let history = json!([record(
        "main@sha1:old",
        "ReconciliationSucceeded",
        "2026-01-02T00:00:00Z",
        "2026-01-02T10:00:00Z"
    )]);
    server.put(applied("app", history, json!({})));
    for (name, reason, last) in [
        ("a", "Progressing", "2026-01-04T00:00:00Z"),
        ("b", "ReconciliationSucceeded", "2026-01-03T00:00:00Z"),
    ] {
        let annotations = json!({"kustomize.toolkit.fluxcd.io/revision": "main@sha1:new"});
        server.put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "flux-system", "annotations": annotations},
            "type": "Normal", "reason": reason, "message": "done", "count": 7,
            "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": last,
            "involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "app"}}));
    }
    let cli = Cli::against(&server);
    let seen = cli.run(&[
        "history",
        "ks/app",
        "-o",
        "jsonpath={.entries[0].status} {.entries[0].first} {.entries[0].last}",
    ]);
    assert_eq!(seen.succeeded(), "ReconciliationSucceeded 2026-01-03T00:00:00Z 2026-01-03T00:00:00Z");
    let none = cli.run(&["history", "ks/app", "--since=2026-02-01T00:00:00Z"]);
    assert!(none.succeeded().is_empty());
    assert!(none.err.starts_with("⚠️ nothing ended since 2026-02-01T00:00:00Z\n"), "{}", none.err);
    server.put(release("web"));
    let several = cli.run(&["history", "ks/app", "hr/web", "-o", "jsonpath={.entries[*].name}"]);
    assert_eq!(several.succeeded(), "web app app web");
}

#[test]
fn what_is_not_there_or_may_not_be_read_is_reported() {
    let server = ApiServer::with_flux();
    server.put(release("web"));
    let cli = Cli::against(&server);
    assert!(cli.run(&["history", "ks/none"]).failed().contains("\"none\" not found"));
    assert!(
        cli.run(&["history", "gitrepo/fleet"])
            .failed()
            .contains("GitRepository keeps no history; HelmRelease and Kustomization do")
    );
    assert!(cli.run(&["history", "--since=yesterday"]).failed().contains("--since \"yesterday\" is neither"));
    assert!(
        cli.run(&["history", "--limit=-1"]).failed().contains(
            "--limit must not be negative: it takes the most entries for each object, or 0 for all\n"
        )
    );
    let empty = cli.run(&["history", "-n", "empty"]);
    assert_eq!((empty.succeeded(), empty.err.as_str()), ("", "⚠️ no history found\n"));
    server.fail("GET", "kustomizations", 1, Fault::Status(403));
    let seen = cli.run(&["history"]);
    assert_eq!((seen.code, rows(&seen.out).len()), (1, 2), "{seen:?}");
    assert!(seen.err.contains("✗ listing kustomizations: "), "{}", seen.err);
    server.fail("GET", "events", 1, Fault::Status(403));
    let seen = cli.run(&["history"]);
    assert_eq!(rows(seen.succeeded()).len(), 2);
    assert!(seen.err.starts_with("⚠️ without events: listing events"), "{}", seen.err);
}
