//! `rollback hr/…` and `history hr/…`: a release and the commits of its manifest.

use super::rolling_back::Broken;
use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::World;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use testbed::forge::Logged;

/// Its values are commented, and another object is in the file.
const STORE: &str = "\
# The store.
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: store
spec:
  interval: 1h
  chart:
    spec:
      chart: web
      version: 1.0.0 # tried on Monday
      sourceRef: {kind: HelmRepository, name: charts}
  values:
    replicas: 2 # enough
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: beside
data: {a: \"1\"}
";

struct Store {
    world: World,
    first: String,
    second: String,
}

impl Store {
    /// Version 1.0.0, then 1.1.0 with other values, then a change of the other object of the file.
    fn new() -> Self {
        let listed = "namespace: web\nresources:\n- release.yaml\n- store.yaml\n";
        let world = Broken::new().world;
        let commit = |files: &[(&str, Option<&str>)], message: &str| {
            world.forge.commit(REPOSITORY, "main", files, message).unwrap();
            let id = world.git(&["rev-parse", "main"]);
            // Commits are told apart by seconds.
            std::thread::sleep(Duration::from_millis(2100));
            id
        };
        let files = [
            ("apps/shop/more.yaml", None),
            ("apps/shop/kustomization.yaml", Some(listed)),
            ("apps/shop/store.yaml", Some(STORE)),
        ];
        let first = commit(&files, "Open a store (#8)");
        let newer = STORE.replace("1.0.0 # tried on Monday", "1.1.0").replace("2 # enough", "9");
        let second = commit(
            &[("apps/shop/store.yaml", Some(&newer))],
            "Merge pull request #9 from ada/newer\n\nRun 1.1.0\n",
        );
        let beside = newer.replace("a: \"1\"", "a: \"2\"");
        commit(&[("apps/shop/store.yaml", Some(&beside))], "Beside (#10)");
        let store = Self { world, first, second };
        store.tell("failed");
        store
    }

    /// A moment after a commit, before the next one.
    fn after(&self, commit: &str) -> String {
        let seconds: i64 = self.world.git(&["log", "-1", "--format=%ct", commit]).parse().unwrap();
        jiff::Timestamp::from_second(seconds + 1).unwrap().to_string()
    }

    /// What the cluster knows of the release, whose second version ended so.
    fn tell(&self, second: &str) {
        let snapshot = |number: u8, version: &str, config: &str, status: &str, commit: &str| {
            json!({"version": number, "chartName": "web", "chartVersion": version, "appVersion": "7", "status": status,
                "configDigest": config, "digest": "sha256:d", "name": "store", "namespace": "web",
                "firstDeployed": self.after(&self.first), "lastDeployed": self.after(commit)})
        };
        let history = json!([
            snapshot(2, "1.1.0", "b", second, &self.second),
            snapshot(1, "1.0.0", "a", "superseded", &self.first)
        ]);
        self.put(history, "1.1.0", "b");
        let mut shop = self.world.api.get("Kustomization", "flux-system", "shop").unwrap();
        let head = self.world.git(&["rev-parse", "main"]);
        json_patch::merge(
            &mut shop,
            &json!({"status": {"lastAppliedRevision": format!("main@sha1:{head}")}}),
        );
        self.world.api.put(shop);
    }

    fn put(&self, history: Value, version: &str, config: &str) {
        let status = json!({"history": history, "lastAttemptedRevision": version, "lastAttemptedConfigDigest": config});
        let mut release = flux_object(
            "HelmRelease",
            "store",
            json!({"interval": "1h"}),
            ready("False", "not healthy", status),
        );
        release["metadata"]["namespace"] = json!("web");
        release["metadata"]["labels"] = json!({"kustomize.toolkit.fluxcd.io/name": "shop",
            "kustomize.toolkit.fluxcd.io/namespace": "flux-system"});
        self.world.api.put(release);
    }
}

#[test]
fn the_manifest_of_a_release_goes_back_and_nothing_else_does() {
    let store = Store::new();
    let world = &store.world;
    let before = world.commits().len();
    let seen = world.run("rollback hr/store -n web --push");
    assert_eq!(seen.succeeded(), "");
    assert_eq!(world.file("apps/shop/store.yaml").unwrap(), STORE.replace("a: \"1\"", "a: \"2\""));
    assert_eq!(world.touched(), ["M apps/shop/store.yaml"]);
    assert_ne!(world.file("apps/shop/release.yaml").unwrap(), RELEASE, "what is beside it stays");
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    let title = format!("Roll back HelmRelease/web/store to web@1.0.0 ({})\n\nReverts:\n", &store.first[..8]);
    assert!(message.starts_with(&title), "{message}");
    assert!(message.contains(&format!("- {} Run 1.1.0 (", &store.second[..8])), "{message}");
    assert!(!message.contains("Beside"), "{message}");
    let again = world.run("rollback hr/store -n web --push");
    assert!(again.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", again.err);
    assert_eq!(world.commits().len(), before + 1);
    world.left_the_cluster_alone();
}

#[test]
fn a_release_goes_back_to_a_version_or_to_a_commit() {
    let store = Store::new();
    let world = &store.world;
    store.tell("deployed");
    world.run(&format!("rollback hr/store -n web --to={} --push", store.first)).succeeded();
    assert!(world.file("apps/shop/store.yaml").unwrap().contains("version: 1.0.0 # tried on Monday"));
    let unknown = world.run("rollback hr/store -n web --to=3.0.0 --push");
    let words = "HelmRelease/web/store has no record of version \"3.0.0\"";
    assert!(unknown.failed().contains(words), "{}", unknown.err);
    assert!(
        unknown.err.contains("hint: choose one of 1.1.0, 1.0.0, or give a full commit ID"),
        "{}",
        unknown.err
    );
}

#[test]
fn a_release_whose_manifest_did_not_change_is_refused() {
    let store = Store::new();
    let world = &store.world;
    // The chart moved within its range after the last commit.
    let head = world.git(&["rev-parse", "main"]);
    let snapshot = |version: &str, status: &str| json!({"chartName": "web", "chartVersion": version, "status": status, "configDigest": "b", "lastDeployed": store.after(&head)});
    store.put(json!([snapshot("1.2.0", "failed"), snapshot("1.1.0", "superseded")]), "1.2.0", "b");
    let before = world.commits().len();
    let seen = world.run("rollback hr/store -n web --push");
    let words = "apps/shop/store.yaml has not changed since web@1.1.0 was deployed";
    assert!(seen.failed().contains(words), "{}", seen.err);
    assert_eq!(world.commits().len(), before);

    let mut alone = world.api.get("HelmRelease", "web", "store").unwrap();
    alone["metadata"]["labels"] = json!({});
    world.api.put(alone);
    let seen = world.run("rollback hr/store -n web --push");
    assert!(
        seen.failed().contains("HelmRelease/web/store is not applied by a Kustomization"),
        "{}",
        seen.err
    );
    world.left_the_cluster_alone();
}

#[test]
fn changes_of_other_objects_in_the_file_are_none_of_the_release() {
    let store = Store::new();
    let world = &store.world;
    let snapshot = |version: &str, config: &str, status: &str, at: &str| json!({"chartName": "web", "chartVersion": version, "status": status, "configDigest": config, "lastDeployed": at});
    // The chart moved within its range, and since then only what is beside it has changed.
    let second = store.after(&store.second);
    store.put(
        json!([snapshot("1.2.0", "b", "failed", &second), snapshot("1.1.0", "b", "superseded", &second)]),
        "1.2.0",
        "b",
    );
    let before = world.commits().len();
    let seen = world.run("rollback hr/store -n web --push");
    let words = "apps/shop/store.yaml has not changed since web@1.1.0 was deployed";
    assert!(seen.failed().contains(words), "{}", seen.err);
    assert_eq!(world.commits().len(), before);
    // Someone has rolled it back by hand.
    let back = STORE.replace("a: \"1\"", "a: \"2\"");
    world.forge.commit(REPOSITORY, "main", &[("apps/shop/store.yaml", Some(&back))], "Back").unwrap();
    let third = store.after(&world.git(&["rev-parse", "main"]));
    store.put(
        json!([
            snapshot("1.0.0", "a", "deployed", &third),
            snapshot("1.1.0", "b", "superseded", &second),
            snapshot("1.0.0", "a", "superseded", &store.after(&store.first))
        ]),
        "1.0.0",
        "a",
    );
    let seen = world.run("rollback hr/store -n web --push");
    seen.succeeded();
    assert!(seen.err.contains("HelmRelease/web/store is already rolled back to web@1.0.0"), "{}", seen.err);
    assert_eq!(world.commits().len(), before + 1);
}

#[test]
fn the_history_of_a_release_names_the_commits_of_its_manifest() {
    let store = Store::new();
    let seen = store.world.run("history hr/store -n web -o json");
    let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
    assert_eq!(seen.err, "");
    let told = |at: usize| {
        let entry = &document["entries"][at];
        [&entry["revision"], &entry["appVersion"], &entry["commit"]["id"], &entry["commit"]["request"]]
            .map(|value| value.as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(told(0), ["1.1.0", "7", store.second.as_str(), "#9"]);
    assert_eq!(told(1), ["1.0.0", "7", store.first.as_str(), "#8"]);
    // All objects at once, and several that are named, with one request to the Git server.
    for line in ["history -A -o json", "history hr/store hr/other -n web -o json"] {
        let mut other = store.world.api.get("HelmRelease", "web", "store").unwrap();
        other["metadata"]["name"] = json!("other");
        store.world.api.put(other);
        let before = store.world.forge.requests().len();
        let seen = store.world.run(line);
        let asked = store.world.forge.requests().split_off(before);
        let is_fetch = |one: &&Logged| one.method == "POST" && one.path.ends_with("git-upload-pack");
        assert_eq!(asked.iter().filter(is_fetch).count(), 1, "{asked:?}");
        let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
        let entries = document["entries"].as_array().unwrap().iter();
        let of_store = entries.filter(|entry| entry["name"] == "store");
        let commits: Vec<&str> = of_store.filter_map(|entry| entry["commit"]["id"].as_str()).collect();
        assert_eq!(commits, [store.second.as_str(), store.first.as_str()], "{line}: {}", seen.err);
        let words = "without the commits of what declares HelmRelease/web/other: no file of \"./apps/shop\"";
        assert!(seen.err.contains(words), "{}", seen.err);
    }
    // Where the commits cannot be had, the releases are shown without them.
    store.world.api.remove("Secret", "flux-system", "flux-system");
    let without = store.world.run("history hr/store -n web");
    assert_eq!(without.code, 0, "{}", without.err);
    assert!(
        without.err.contains("without the commits of what declares HelmRelease/web/store"),
        "{}",
        without.err
    );
    assert!(without.out.contains("1.1.0"), "{}", without.out);
}

#[test]
fn the_history_of_a_release_leaves_out_what_its_source_leaves_out() {
    let store = Store::new();
    let world = &store.world;
    // Found by its place, the draft would come first.
    let files = [("apps/shop/kustomization.yaml", None), ("apps/shop/draft.yaml", Some(STORE))];
    world.forge.commit(REPOSITORY, "main", &files, "Draft another store (#11)").unwrap();
    store.tell("failed");
    let mut source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
    source["spec"]["ignore"] = json!("/apps/shop/draft.yaml\n");
    world.api.put(source);
    let seen = world.run("history hr/store -n web -o jsonpath={.entries[*].commit.request}");
    assert_eq!((seen.succeeded(), seen.err.as_str()), ("#9 #8", ""));
}
