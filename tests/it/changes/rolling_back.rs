//! `rollback`: the folder of a Kustomization becomes what it was.

use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::TOKEN;
use super::world::World;
use crate::support::flux_object;
use crate::support::ready;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use serde_json::json;

const NOTHING: &str = "✔ nothing to do: the repository is up to date\n";

/// A shop that worked, and was broken by the second of three commits.
pub(super) struct Broken {
    pub(super) world: World,
    pub(super) first: String,
    pub(super) second: String,
}

/// An entry of `status.history` whose content came with this commit.
pub(super) fn record(commit: &str, status: &str, at: &str) -> Value {
    json!({"digest": format!("sha256:{commit}"), "firstReconciled": at, "lastReconciled": at, "lastReconciledDuration": "1s",
        "lastReconciledStatus": status, "totalReconciliations": 1, "metadata": {"revision": format!("main@sha1:{commit}")}})
}

impl Broken {
    pub(super) fn new() -> Self {
        Self::at("github")
    }

    /// The same at another forge.
    pub(super) fn at(at: &'static str) -> Self {
        let world = World::at(at, &[("apps/shop/notes.txt", Some("one\n"))]);
        let first = world.git(&["rev-parse", "main"]);
        let broken = RELEASE.replace("interval: 1h", "interval: 1s");
        world
            .forge
            .commit(
                world.repository,
                "main",
                &[
                    ("apps/shop/release.yaml", Some(&broken)),
                    ("apps/shop/more.yaml", Some("kind: ConfigMap\n")),
                    ("apps/shop/notes.txt", None),
                ],
                "Hurry up (#7)",
            )
            .unwrap();
        let second = world.git(&["rev-parse", "main"]);
        world
            .forge
            .commit(world.repository, "main", &[("clusters/two/x.txt", Some("x"))], "Elsewhere")
            .unwrap();
        let broken = Self { world, first, second };
        broken.tell(&[
            record(&broken.second, "HealthCheckFailed", "2026-01-02T00:00:00Z"),
            record(&broken.first, "ReconciliationSucceeded", "2026-01-01T00:00:00Z"),
        ]);
        broken
    }

    /// What the cluster remembers of the shop.
    pub(super) fn tell(&self, history: &[Value]) {
        let Self { world, .. } = self;
        let ca = std::fs::read(world.forge.ca_file()).unwrap();
        let data = json!({
            "username": STANDARD.encode("ada"), "password": STANDARD.encode(TOKEN), "ca.crt": STANDARD.encode(ca),
        });
        world.api.put(json!({"apiVersion": "v1", "kind": "Secret", "data": data,
            "metadata": {"name": "flux-system", "namespace": "flux-system"}}));
        let url = world.url();
        let source = json!({"url": url, "interval": "1m0s", "ref": {"branch": "main"}, "secretRef": {"name": "flux-system"}});
        world.api.put(flux_object(
            "GitRepository",
            "flux-system",
            source,
            ready("True", "stored", json!({})),
        ));
        let spec = json!({"path": "./apps/shop", "interval": "10m0s", "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"}});
        let status = ready("False", "not healthy", json!({"history": history}));
        world.api.put(flux_object("Kustomization", "shop", spec, status));
    }
}

#[test]
fn a_kustomization_goes_back_to_what_worked_and_other_folders_stay() {
    let Broken { world, first, second } = &Broken::new();
    let shown = world.run("rollback ks/shop --dry-run");
    for words in ["-  interval: 1s\n+  interval: 1h\n", "-kind: ConfigMap\n", "+one\n"] {
        assert!(shown.succeeded().contains(words), "{words}: {}", shown.out);
    }
    assert_eq!(world.commits().len(), 3);

    let seen = world.run("rollback ks/shop --push");
    assert_eq!(seen.succeeded(), "");
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE);
    assert_eq!(world.file("apps/shop/notes.txt").unwrap(), "one\n");
    assert_eq!(world.file("apps/shop/more.yaml"), None);
    assert_eq!(world.file("clusters/two/x.txt").unwrap(), "x", "what came later elsewhere stays");
    let author = world.git(&["log", "-1", "--format=%an", second]);
    assert_eq!(
        world.git(&["log", "-1", "--format=%B", "main"]),
        format!(
            "Roll back Kustomization/flux-system/shop to main@sha1:{}\n\nReverts:\n- {} Hurry up (#7) ({author})",
            &first[..8],
            &second[..8]
        )
    );
    let again = world.run("rollback ks/shop --push");
    assert_eq!((again.succeeded(), again.err.ends_with(NOTHING)), ("", true), "{}", again.err);
    assert_eq!(world.commits().len(), 4);
    world.left_the_cluster_alone();
}

#[test]
fn a_revision_can_be_named() {
    let broken = Broken::new();
    let Broken { world, first, second } = &broken;
    // It works now, and is the latest: a rollback means to the one before.
    let works = |commit: &str, at: &str| record(commit, "ReconciliationSucceeded", at);
    broken.tell(&[works(second, "2026-01-02T00:00:00Z"), works(first, "2026-01-01T00:00:00Z")]);
    world.run(&format!("rollback ks/shop --to={} --push", &first[..10])).succeeded();
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE);
    world.run(&format!("rollback ks/shop --to={second} --push")).succeeded();
    assert!(world.file("apps/shop/release.yaml").unwrap().contains("interval: 1s"));
    let unknown = world.run("rollback ks/shop --to=abcdef --push");
    assert!(unknown.failed().contains("unknown revision \"abcdef\""), "{}", unknown.err);
    let unknown = world.run(&format!("rollback ks/shop --to={} --push", "a".repeat(40)));
    let words = format!("commit {} is not in \"{}\"", "a".repeat(12), world.url());
    assert!(unknown.failed().contains(&words), "{}", unknown.err);
    assert_eq!(world.commits().len(), 5);
}

/// A record whose content was applied again with a later commit: the controller keeps one for each content.
fn again(record: Value, commit: &str) -> Value {
    let mut record = record;
    record["metadata"]["revision"] = json!(format!("main@sha1:{commit}"));
    record["totalReconciliations"] = json!(2);
    record
}

#[test]
fn commits_of_other_folders_do_not_hide_what_worked() {
    let broken = Broken::new();
    let Broken { world, first, second } = &broken;
    let works = |commit: &str, day: u8| {
        record(commit, "ReconciliationSucceeded", &format!("2026-01-0{day}T00:00:00Z"))
    };
    // The bad one is applied fine, and stays what is applied with a commit elsewhere. Events name each of the commits.
    let elsewhere = world.git(&["rev-parse", "main"]);
    broken.tell(&[again(works(second, 2), &elsewhere), works(first, 1)]);
    for (name, commit) in [("one", second), ("two", &elsewhere)] {
        let annotations = json!({"kustomize.toolkit.fluxcd.io/revision": format!("main@sha1:{commit}")});
        world.api.put(json!({"apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": "ReconciliationSucceeded",
            "metadata": {"name": name, "namespace": "flux-system", "annotations": annotations},
            "message": "applied", "firstTimestamp": "2026-01-03T00:00:00Z", "lastTimestamp": "2026-01-03T00:00:00Z",
            "involvedObject": {"kind": "Kustomization", "namespace": "flux-system", "name": "shop"}}));
    }
    let seen = world.run("rollback ks/shop --push");
    seen.succeeded();
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE);
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    assert!(
        message
            .starts_with(&format!("Roll back Kustomization/flux-system/shop to main@sha1:{}\n", &first[..8])),
        "{message}"
    );
    let taken: Vec<&str> = message.lines().filter(|line| line.starts_with("- ")).collect();
    assert!(
        matches!(taken[..], [one] if one.starts_with(&format!("- {} Hurry up (#7)", &second[..8]))),
        "{message}"
    );
}

#[test]
fn a_rollback_that_is_applied_does_not_go_further_back() {
    let broken = Broken::new();
    let Broken { world, first, second } = &broken;
    let oldest = "0".repeat(40);
    let works = |commit: &str, day: u8| {
        record(commit, "ReconciliationSucceeded", &format!("2026-01-0{day}T00:00:00Z"))
    };
    broken.tell(&[
        record(second, "HealthCheckFailed", "2026-01-03T00:00:00Z"),
        works(first, 2),
        works(&oldest, 1),
    ]);
    world.run("rollback ks/shop --push").succeeded();
    // No event is left, and what could not be built is in no history.
    let back = world.git(&["rev-parse", "main"]);
    broken.tell(&[again(works(first, 2), &back), works(&oldest, 1)]);
    let seen = world.run("rollback ks/shop --push");
    assert_eq!(seen.succeeded(), "");
    let words = format!(
        "nothing to do: Kustomization/flux-system/shop is already rolled back to main@sha1:{}",
        &back[..8]
    );
    assert!(seen.err.contains(&words), "{}", seen.err);
    assert_eq!(world.git(&["rev-parse", "main"]), back);
}

#[test]
fn a_fork_is_not_what_the_cluster_follows() {
    let broken = Broken::new();
    let world = &broken.world;
    world.with_controllers(None);
    world.forge.create_repository("ada/fork").unwrap();
    let fork = world.forge.git("ada/fork", &["rev-parse", "--absolute-git-dir"]).unwrap();
    world.git(&["-c", "safe.directory=*", "push", "--quiet", fork.trim(), "main:main"]);
    let line =
        format!("rollback ks/shop --push --wait --fleet-url=https://{}/ada/fork.git", world.forge.host());
    let seen = world.run(&line);
    seen.succeeded();
    assert!(seen.err.contains("whether it is applied is not known"), "{}", seen.err);
    assert!(!seen.err.contains("applied revision"), "{}", seen.err);
}

#[test]
fn what_cannot_be_rolled_back_is_refused_before_anything_is_written() {
    let broken = Broken::new();
    let world = &broken.world;
    for (line, words) in [
        ("rollback ks/shop", "hint: add --push or --pull-request, or --dry-run to see it"),
        ("rollback ks/shop --wait --dry-run", "hint: add --push, or --pull-request with --pr-wait"),
        ("rollback ocirepository/web --push", "objects of the kind OCIRepository are not rolled back"),
        ("rollback ks/shop --hold --push", "hint: add --pull-request; `fluxr suspend --reason`"),
        ("rollback ks/nothing --push", "\"nothing\" not found"),
        ("rollback --push", "<kind>/<name> is required"),
    ] {
        let seen = world.run(line);
        assert!(seen.failed().contains(words), "{line}: {}", seen.err);
    }
    broken.tell(&[record(&broken.second, "HealthCheckFailed", "2026-01-02T00:00:00Z")]);
    let seen = world.run("rollback ks/shop --push");
    assert!(seen.failed().contains("has no earlier revision that worked"), "{}", seen.err);

    // A link that was not there.
    world.link(&[("apps/shop/link.yaml", "release.yaml")]);
    let seen = world.run(&format!("rollback ks/shop --to={} --push", broken.first));
    assert!(seen.failed().contains("apps/shop/link.yaml"), "{}", seen.err);
    assert_eq!(world.commits().len(), 4);
    world.left_the_cluster_alone();
}

#[test]
fn files_and_folders_that_took_each_others_place_go_back() {
    let broken = Broken::new();
    let world = &broken.world;
    let text = |text: &'static str| Some(text);
    let commit = |files: &[(&str, Option<&str>)], message: &str| {
        world.forge.commit(REPOSITORY, "main", files, message).unwrap();
        world.git(&["rev-parse", "main"])
    };
    let then = commit(
        &[
            ("apps/shop/notes", text("one\n")),
            ("apps/shop/notes-old", text("old\n")),
            ("apps/shop/more/a/deep.txt", text("deep\n")),
            ("apps/shop/more/b.txt", text("b\n")),
        ],
        "Then",
    );
    let now = [
        ("apps/shop/notes", None),
        ("apps/shop/notes/x.txt", text("x\n")),
        ("apps/shop/notes/y/z.txt", text("z\n")),
        ("apps/shop/more/a/deep.txt", None),
        ("apps/shop/more/b.txt", None),
        ("apps/shop/more", text("a file\n")),
    ];
    commit(&now, "Now");
    let dry = world.run(&format!("rollback ks/shop --to={then} --dry-run"));
    assert!(dry.succeeded().contains("+one\n"), "{}{}", dry.out, dry.err);
    let seen = world.run(&format!("rollback ks/shop --to={then} --push"));
    assert_eq!(seen.succeeded(), "", "{}", seen.err);
    assert_eq!(
        world.git(&["rev-parse", "main:apps/shop"]),
        world.git(&["rev-parse", &format!("{then}:apps/shop")])
    );
    // The folder itself has become a file.
    let tree = world.git(&["ls-tree", "-r", "--name-only", "main", "apps/shop"]);
    let mut gone: Vec<(&str, Option<&str>)> = tree.lines().map(|file| (file, None)).collect();
    gone.push(("apps/shop", text("moved\n")));
    commit(&gone, "Moved");
    world.run(&format!("rollback ks/shop --to={then} --push")).succeeded();
    assert_eq!(
        world.git(&["rev-parse", "main:apps/shop"]),
        world.git(&["rev-parse", &format!("{then}:apps/shop")])
    );
}
