//! A repository whose branch takes no pushes, at one of the forges.

use crate::bootstrap::world::Said;
use crate::bootstrap::world::World;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;
use testbed::forge::Progress;
use testbed::forge::Request;

pub(super) const FORGES: [&str; 4] = ["github", "gitlab", "gitea", "bitbucket-server"];
pub(super) const HEAD: &str = "fluxr/bootstrap-clusters-one";
pub(crate) const ASK: &[&str] = &["--pull-request"];

/// Ada's repository with a first commit in its protected branch.
pub(crate) fn protected(at: &'static str) -> World {
    let world = World::at(at);
    world.forge.create_repository(&world.repository()).unwrap();
    world.forge.commit(&world.repository(), "main", &[("README.md", Some("x"))], "first").unwrap();
    world.forge.protect_branch(&world.repository(), "main").unwrap();
    world
}

/// What the forge calls request number one.
pub(super) fn name(at: &str) -> &'static str {
    if at == "gitlab" { "merge request !1" } else { "pull request #1" }
}

pub(super) fn requests(world: &World) -> Vec<Request> {
    world.forge.pull_requests(&world.repository())
}

/// The only request that there is.
#[track_caller]
pub(super) fn only(world: &World) -> Request {
    let mut all = requests(world);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

pub(super) fn merge(world: &World, number: u64, how: Merge) {
    world.forge.merge_request(&world.repository(), number, how).unwrap();
}

/// The run proposed what the branch lacks: nothing else is there yet but the components in the cluster.
#[track_caller]
pub(super) fn is_proposed(world: &World, said: &Said, what: &str) {
    said.succeeded();
    let request = only(world);
    assert_eq!((&*request.head, &*request.base), (HEAD, "main"), "{what}");
    assert_eq!(request.progress, Progress::Open, "{what}");
    assert!(
        said.err.contains("run the same command again: it finishes the bootstrap\n"),
        "{what}: {}",
        said.err
    );
    assert_eq!(world.commits(), ["first"], "{what}");
    assert!(world.api.get("Deployment", "flux-system", "source-controller").is_some(), "{what}");
    assert!(world.api.get("Secret", "flux-system", "flux-system").is_none(), "{what}");
    assert!(world.api.get("GitRepository", "flux-system", "flux-system").is_none(), "{what}");
    let left = std::fs::read_dir(world.scratch()).unwrap().count();
    assert_eq!(left, 0, "{what}: temporary files were left behind");
}

/// The run finished the bootstrap.
#[track_caller]
pub(super) fn is_finished(world: &World, said: &Said, what: &str) {
    said.succeeded();
    assert!(said.err.ends_with("✔ all components are healthy\n"), "{what}: {}", said.err);
    let keys = world.forge.deploy_keys(&world.repository());
    assert_eq!(keys.len(), 1, "{what}: {keys:?}");
    for kind in ["GitRepository", "Kustomization"] {
        assert!(world.api.get(kind, "flux-system", "flux-system").is_some(), "{what}: no {kind}");
    }
    let files = world.forge.git(&world.repository(), &["ls-tree", "-r", "--name-only", "main"]).unwrap();
    let folder = "clusters/one/flux-system";
    let wanted = ["gotk-components.yaml", "gotk-sync.yaml", "kustomization.yaml"];
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        std::iter::once("README.md".to_owned())
            .chain(wanted.iter().map(|file| format!("{folder}/{file}")))
            .collect::<Vec<_>>(),
        "{what}"
    );
}

pub(super) fn inject(world: &World, method: &'static str, path: &'static str, times: usize, action: Action) {
    world.forge.inject(Fault { method, path, after: 0, times, action });
}
