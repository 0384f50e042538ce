//! `build kustomization`: what is built from local files, with and without a cluster.

use crate::support::ApiServer;
use crate::support::Cli;
use serde_json::Value;
use serde_json::json;
use std::path::Path;

fn write(cli: &Cli, files: &[(&str, &str)]) {
    for (path, text) in files {
        let place = cli.home().join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
}

fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  a: \"{value}\"\n")
}

/// A Kustomization in the namespace `flux-system` with more lines in its `spec`.
fn kustomization(name: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\n\
         spec:\n  interval: 1h\n  prune: true\n  path: ./{name}\n  sourceRef:\n    kind: GitRepository\n    name: fleet\n{more}"
    )
}

fn labels() -> Value {
    json!({"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"})
}

fn built(text: &str) -> Vec<Value> {
    assert!(text.ends_with("---\n") || text.is_empty(), "{text}");
    fluxr::testing::text::yaml::documents(text, "the output")
        .unwrap()
        .into_iter()
        .filter(|one| !one.is_null())
        .collect()
}

const LINE: [&str; 6] =
    ["build", "kustomization", "apps", "--path=apps", "--kustomization-file=apps.yaml", "--dry-run"];

/// Everything below a folder, with its content.
fn listing(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(listing(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

#[test]
fn a_folder_is_built_from_a_file_without_a_cluster_and_nothing_is_written() {
    let cli = Cli::new();
    let more = "  targetNamespace: web\n  commonMetadata:\n    labels: {team: ops}\n  postBuild:\n    substitute: {x: one, count: 2}\n    \
                substituteFrom: [{kind: ConfigMap, name: none}]\n";
    write(
        &cli,
        &[
            ("apps.yaml", &kustomization("apps", more)),
            ("apps/b.yaml", &config_map("b", "${x} ${y:-two} ${count}x")),
            ("apps/a/kustomization.yaml", "resources: [a.yaml]\nnamePrefix: p-\n"),
            ("apps/a/a.yaml", &config_map("a", "1")),
        ],
    );
    let before = listing(cli.home());
    let run = cli.run(&LINE);
    let mut wanted = labels();
    wanted["team"] = json!("ops");
    let object = |name: &str, value: Value| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"a": value},
            "metadata": {"name": name, "namespace": "web", "labels": wanted},
        })
    };
    assert_eq!(built(run.succeeded()), [object("p-a", json!("1")), object("b", json!("one two 2x"))]);
    assert_eq!(listing(cli.home()), before);
}

#[test]
fn the_cluster_has_the_kustomization_and_the_variables() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    let more = "  postBuild:\n    substituteFrom:\n    - {kind: ConfigMap, name: vars}\n    - {kind: Secret, name: keys}\n    \
                - {kind: Secret, name: none, optional: true}\n";
    let live = fluxr::testing::text::yaml::document(&kustomization("apps", more), "x").unwrap();
    server.put(live);
    server.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "vars", "namespace": "flux-system"}, "data": {"x": "1\n2", "y": "map"}}));
    server.put(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "flux-system"}, "data": {"y": "c2VjcmV0"}}));
    write(&cli, &[("apps/a.yaml", &config_map("a", "x-${x} ${y}"))]);
    let run = cli.run(&["build", "ks", "apps", "--path=apps"]);
    assert_eq!(built(run.succeeded())[0]["data"]["a"], "x-12 secret");
    server.remove("Secret", "flux-system", "keys");
    let run = cli.run(&["build", "ks", "apps", "--path=apps"]);
    let wanted = "✗ var substitution failed for 'a': substitute from 'Secret/keys' error: secrets \"keys\" not found\n";
    assert_eq!(run.failed(), wanted);
    server.remove("Kustomization", "flux-system", "apps");
    let run = cli.run(&["build", "ks", "apps", "--path=apps"]);
    let wanted = "✗ failed to get kustomization object: kustomizations.kustomize.toolkit.fluxcd.io \"apps\" not found\n";
    assert!(run.failed().starts_with(wanted), "{}", run.err);
}

#[test]
fn kustomizations_in_the_result_are_built_from_their_local_sources() {
    let cli = Cli::new();
    write(
        &cli,
        &[
            ("apps.yaml", &kustomization("apps", "")),
            ("apps/web.yaml", &kustomization("web", "")),
            ("web/a.yaml", &config_map("a", "1")),
        ],
    );
    let source = "--local-sources=GitRepository/flux-system/fleet=.";
    let run = cli.run(&[&LINE[..], &["--recursive", source]].concat());
    let objects = built(run.succeeded());
    let names: Vec<&str> = objects.iter().filter_map(|one| one["metadata"]["name"].as_str()).collect();
    assert_eq!(names, ["web", "a"]);
    assert_eq!(objects[1]["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"], "web");
    let run = cli.run(&[&LINE[..], &["--recursive"]].concat());
    let wanted = "✗ cannot get local path for GitRepository/flux-system/fleet of kustomization web\n";
    assert_eq!(run.failed(), wanted);
}

#[test]
fn what_is_missing_or_wrong_is_reported_in_the_words_of_flux() {
    let cli = Cli::new();
    write(
        &cli,
        &[
            ("apps.yaml", &kustomization("apps", "")),
            ("typo.yaml", &kustomization("apps", "  wait: 5\n")),
            ("broken.yaml", "a: [\n"),
            ("number.yaml", &kustomization("apps", "").replace("interval: 1h", "interval: 5")),
            ("word.yaml", &kustomization("apps", "").replace("interval: 1h", "interval: x")),
            ("text.yaml", &format!("foo\n---\n{}", kustomization("apps", ""))),
            ("apps/a.yaml", &config_map("a", "1")),
        ],
    );
    let home = std::path::absolute(cli.home()).unwrap();
    for (line, wanted) in [
        ("", "kustomization name is required".to_owned()),
        ("apps", "invalid resource path \"\"".to_owned()),
        ("apps --path=none", format!("invalid resource path \"{}/none\"", home.display())),
        ("apps --path=apps --dry-run", "dry-run mode requires a kustomization file".to_owned()),
        ("apps --path=apps --kustomization-file=none", "invalid kustomization file \"none\"".to_owned()),
        (
            "other --path=apps --dry-run --kustomization-file=apps.yaml",
            "failed to get kustomization object: failed find kustomization with name 'other' and namespace 'flux-system' in file 'apps.yaml'".to_owned(),
        ),
        (
            "apps --path=apps --dry-run --kustomization-file=broken.yaml",
            "failed to get kustomization object: failed to unmarshall kustomization file broken.yaml: error converting YAML to JSON: \
             yaml: line 1: did not find expected node content".to_owned(),
        ),
        (
            "apps --path=apps --dry-run --kustomization-file=typo.yaml",
            "failed to get kustomization object: failed to unmarshall kustomization file typo.yaml: \
             spec.wait: expected a boolean, found an integer".to_owned(),
        ),
        (
            "apps --path=apps --dry-run --kustomization-file=number.yaml",
            "failed to get kustomization object: failed to unmarshall kustomization file number.yaml: \
             spec.interval: expected a string, found an integer".to_owned(),
        ),
        (
            "apps --path=apps --dry-run --kustomization-file=word.yaml",
            "failed to get kustomization object: failed to unmarshall kustomization file word.yaml: \
             spec.interval: time: invalid duration \"x\"".to_owned(),
        ),
        (
            "apps --path=apps --dry-run --kustomization-file=text.yaml",
            "failed to get kustomization object: failed to unmarshall kustomization file text.yaml: \
             the document: expected an object, found a string".to_owned(),
        ),
        (
            "apps --path=apps --local-sources=x",
            "invalid argument \"x\" for \"--local-sources\" flag: x must be formatted as key=value".to_owned(),
        ),
    ] {
        let words: Vec<&str> = ["build", "kustomization"].into_iter().chain(line.split_whitespace()).collect();
        assert_eq!(cli.run(&words).failed().lines().next(), Some(&*format!("✗ {wanted}")), "{line}");
    }
}

#[test]
fn what_follows_the_kustomization_in_its_file_does_not_count() {
    let cli = Cli::new();
    let (before, after) = ("# none\n---\n---\n", "---\nfoo\n");
    let text = format!("{before}{}{after}", kustomization("apps", ""));
    write(&cli, &[("apps.yaml", &text), ("apps/a.yaml", &config_map("a", "1"))]);
    assert_eq!(built(cli.run(&LINE).succeeded()).len(), 1);
}

#[test]
fn what_is_deprecated_is_told_once_also_before_a_failure() {
    let cli = Cli::new();
    let warning = |old: &str, new: &str| {
        format!(
            "# Warning: '{old}' is deprecated. Please use '{new}' instead. \
             Run 'kustomize edit fix' to update your Kustomization automatically.\n"
        )
    };
    let both = warning("bases", "resources") + &warning("commonLabels", "labels");
    write(
        &cli,
        &[
            ("apps.yaml", &kustomization("apps", "")),
            ("apps/kustomization.yaml", "bases: [base]\ncommonLabels: {a: b}\n"),
            ("apps/base/kustomization.yaml", "resources: [a.yaml]\n"),
            ("apps/base/a.yaml", &config_map("a", "1")),
        ],
    );
    let run = cli.run(&LINE);
    assert_eq!(built(run.succeeded()).len(), 1);
    assert_eq!(run.err, both);
    write(&cli, &[("apps/base/kustomization.yaml", "resources: [none.yaml]\n")]);
    let run = cli.run(&LINE);
    assert!(run.failed().starts_with(&format!("{both}✗ ")), "{}", run.err);
}

#[test]
fn a_kind_that_a_variable_makes_a_number_is_refused() {
    let cli = Cli::new();
    let spec = "  postBuild: {substitute: {x: \"7\"}}\n";
    let odd = "apiVersion: v1\nkind: ${x}\nmetadata: {name: a, namespace: web}\n";
    write(&cli, &[("apps.yaml", &kustomization("apps", spec)), ("apps/a.yaml", odd)]);
    let run = cli.run(&LINE);
    let told = run.failed();
    assert!(
        told.contains("kustomize build failed: the kind of ${x}/web/a became 7, which is not a text"),
        "{told}"
    );
    assert!(told.contains("comes from apps/a.yaml, line 1"), "{told}");
}

#[test]
fn an_in_memory_build_reads_nothing_outside_of_the_current_folder() {
    let cli = Cli::new();
    let elsewhere = tempfile::tempdir().unwrap();
    write(&cli, &[("apps.yaml", &kustomization("apps", "")), ("apps/a.yaml", &config_map("a", "1"))]);
    let run = cli.run(&[&LINE[..], &["--in-memory-build"]].concat());
    assert_eq!(built(run.succeeded()).len(), 1);
    let outside = format!("--path={}", elsewhere.path().display());
    let run = cli.run(&[&LINE[..], &["--in-memory-build", &outside]].concat());
    assert!(run.failed().contains("which an in-memory build is limited to"), "{}", run.err);
}
