//! What the help and the page say about versions: `UPDATE=1 cargo test --test it changes::version_page` writes `docs/promoting.md`.

use super::page;
use super::promoting::BASE;
use super::promoting::LINE;
use super::promoting::add_context;
use super::promoting::running;
use super::promoting::world_with;
use super::versions;
use crate::support::Output;
use crate::support::golden_part;
use std::path::Path;

/// The lines of shell among the examples of a command.
fn examples(path: &[&str]) -> Vec<String> {
    let root = fluxr::testing::commands::manual("fluxr");
    let command = path.iter().try_fold(&root, |at, word| at.find_subcommand(word)).unwrap();
    let text = command.get_after_help().unwrap().to_string().replace("\\\n", " ");
    let lines = text.lines().map(str::trim).filter_map(|line| line.strip_prefix("fluxr "));
    lines.map(|line| line.replace('\'', "")).collect()
}

#[test]
fn the_examples_of_the_help_work() {
    let app = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec: {path: ./apps/staging, sourceRef: {kind: GitRepository, name: flux-system}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: podinfo, namespace: flux-system}
spec: {chart: {spec: {chart: podinfo, version: 6.5.0, sourceRef: {kind: HelmRepository, name: podinfo}}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: app, namespace: flux-system}
spec: {url: \"https://git.example.com/app\", ref: {tag: v1.0.0}}
";
    let podinfo = app.split("---\n").nth(1).unwrap();
    let postgres = BASE.replace("nginx:1.25", "postgres:17");
    let world = world_with(&[
        ("clusters/one/app.yaml", Some(app)),
        ("clusters/production/podinfo.yaml", Some(podinfo)),
        ("apps/base/shop.yaml", Some(&postgres)),
    ]);
    let staging = running();
    add_context(&world, &staging, "staging");
    let lines = [examples(&["set", "version"]), examples(&["promote"])].concat();
    assert_eq!(lines.len(), 6, "{lines:?}");
    for line in lines {
        let seen = if line.contains("--pull-request") { world.ask(&line) } else { world.run(&line) };
        assert_eq!(seen.code, 0, "{line}: {}", seen.err);
    }
}

#[test]
fn the_page_about_promoting_shows_what_the_program_says() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/promoting.md");
    let set = versions::world();
    for (name, line) in [
        ("set", "set version kustomization/shop nginx=1.27 --push"),
        ("chart", "set version helmrelease/cart chart=6.7.1 -n web --dry-run"),
    ] {
        golden_part(&file, name, &page::transcript(&set, line));
    }
    let line = "set version kustomization/shop nginx=1.24 --push";
    golden_part(&file, "older", &page::shown(&set, line, &set.run(line)));
    let world = world_with(&[]);
    let line = format!("{LINE} --push");
    let seen = world.run(&line);
    // The table comes before the commit is made.
    let told = page::shown(&world, &line, &Output { out: String::new(), ..seen.clone() });
    golden_part(&file, "promote", &told.replacen("► edit", &format!("{}► edit", seen.succeeded()), 1));
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    golden_part(&file, "message", &format!("```\n{message}\n```\n"));
}
