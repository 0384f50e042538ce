//! References of sources that are given by their full name: `spec.ref.name`.

use super::promoting::add_context;
use super::promoting::world_with;
use crate::support::ApiServer;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::json;

const FILE: &str = "clusters/production/docs.yaml";

/// A source with this reference.
fn source(reference: &str) -> String {
    format!(
        "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: docs, namespace: flux-system}}
spec:
  url: https://git.example.com/docs
  ref: {reference} # as agreed
"
    )
}

/// What a reference becomes by a line.
#[track_caller]
fn becomes(before: &str, line: &str) -> String {
    let before = source(before);
    let world = world_with(&[(FILE, Some(&before)), ("clusters/one/docs.yaml", Some(&before))]);
    let file = if line.starts_with("set") { "clusters/one/docs.yaml" } else { FILE };
    let seen = world.run(line);
    seen.succeeded();
    let text = world.file(file).unwrap();
    let reference = text.split("  ref: ").nth(1).and_then(|rest| rest.split(" # as agreed").next());
    reference.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn a_version_stays_in_the_form_of_the_reference() {
    let commit = "ABCDEF0123".repeat(4);
    let lower = format!("{{commit: {}}}", commit.to_lowercase());
    let beside = lower.replace("commit", "branch: main, commit");
    for (before, argument, after) in [
        ("{name: refs/tags/v1.3.0}", "ref=v1.4.0", "{name: refs/tags/v1.4.0}"),
        ("{name: refs/heads/main}", "ref=next", "{name: refs/heads/next}"),
        ("{name: refs/heads/main}", "ref=v1.4.0", "{tag: v1.4.0}"),
        ("{name: refs/pull/4/head}", "v1.4.0", "{tag: v1.4.0}"),
        ("{branch: main}", "ref=refs/pull/4/head", "{name: refs/pull/4/head}"),
        ("{tag: v1.3.0}", "name=refs/tags/v1.4.0", "{name: refs/tags/v1.4.0}"),
        ("{name: refs/tags/v1.3.0}", &format!("ref={commit}"), &lower),
        ("{branch: main}", &format!("commit={commit}"), &beside),
    ] {
        assert_eq!(
            becomes(before, &format!("set version gitrepo/docs {argument} --push")),
            after,
            "{before} {argument}"
        );
    }
}

#[test]
fn a_name_that_is_not_a_full_reference_is_refused() {
    let file = source("{name: refs/tags/v1.3.0}");
    let world = world_with(&[("clusters/one/docs.yaml", Some(&file))]);
    world.refuses(
        "set version gitrepo/docs name=v1.4.0 --push",
        &["\"v1.4.0\" is not a full reference", "such as refs/tags/"],
    );
    world.refuses(
        "set version gitrepo/docs tag=refs/tags/v1 --push",
        &["\"refs/tags/v1\" is a full reference", "name="],
    );
    let older = "would go from refs/tags/v1.3.0 back to refs/tags/v1.2.0";
    world.refuses("set version gitrepo/docs ref=v1.2.0 --push", &[older, "--force"]);
}

#[test]
fn a_cluster_tells_the_name_that_it_fetched() {
    let promoted = |before: &str, name: &str, revision: &str| {
        let before = source(before);
        let world = world_with(&[(FILE, Some(&before))]);
        let staging = ApiServer::with_flux();
        let revision = format!("{revision}@sha1:{}", "a".repeat(40));
        let status = ready("True", "stored", json!({"artifact": {"revision": revision}}));
        let spec = json!({"interval": "1h", "url": "https://git.example.com/docs", "ref": {"name": name}});
        staging.put(flux_object("GitRepository", "docs", spec, status));
        add_context(&world, &staging, "staging");
        let seen = world.run("promote --from=staging --to=clusters/production --only=docs --push");
        seen.succeeded();
        let text = world.file(FILE).unwrap();
        (
            text.split("  ref: ").nth(1).and_then(|rest| rest.split(" # as").next()).unwrap().to_owned(),
            seen.err,
        )
    };
    let tag = "refs/tags/v1.3.0";
    for (before, after) in [
        ("{name: refs/tags/v1.3.0}", "{name: refs/tags/v1.3.0}"),
        ("{name: refs/tags/v1.2.0}", "{name: refs/tags/v1.3.0}"),
        ("{tag: v1.3.0}", "{tag: v1.3.0}"),
        ("{tag: v1.2.0}", "{tag: v1.3.0}"),
    ] {
        assert_eq!(promoted(before, tag, tag).0, after);
    }
    let (after, told) = promoted("{tag: v1.2.0}", "refs/heads/main", "refs/heads/main");
    assert_eq!(after, "{tag: v1.2.0}");
    assert!(told.contains("it follows the branch refs/heads/main there"), "{told}");
}

#[test]
fn a_name_that_moves_is_not_promoted() {
    for (there, here, words) in [
        ("refs/heads/next", "refs/heads/main", "it follows the branch refs/heads/next there"),
        ("refs/tags/v2.0.0", "refs/heads/main", "it follows the branch refs/heads/main here"),
        ("refs/pull/4/head", "refs/tags/v1.0.0", "it follows the reference refs/pull/4/head there"),
    ] {
        let [there, here] = [there, here].map(|name| source(&format!("{{name: {name}}}")));
        let world = world_with(&[("clusters/staging/docs.yaml", Some(&there)), (FILE, Some(&here))]);
        let seen =
            world.run("promote --from=./clusters/staging --to=./clusters/production --only=docs --push");
        seen.succeeded();
        assert!(seen.err.contains(words), "{words}: {}", seen.err);
        assert_eq!(world.file(FILE).unwrap(), here);
    }
}
