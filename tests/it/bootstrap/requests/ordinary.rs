//! The ordinary way, and what people do with a request meanwhile.

use super::stage::ASK;
use super::stage::FORGES;
use super::stage::HEAD;
use super::stage::is_finished;
use super::stage::is_proposed;
use super::stage::merge;
use super::stage::name;
use super::stage::only;
use super::stage::protected;
use super::stage::requests;
use crate::bootstrap::world::World;
use testbed::forge::Merge;
use testbed::forge::Progress;

#[test]
fn a_protected_branch_leads_to_a_request_and_the_run_after_its_merge_finishes() {
    for at in FORGES {
        let world = protected(at);
        world.bootstrap(&[]).failed_with(&["main", "declined", "--pull-request"]);
        assert!(world.api.get("Namespace", "", "flux-system").is_none(), "{at}: the cluster was touched");

        let plan = world.bootstrap(&["--pull-request", "--dry-run"]);
        let out = &plan.succeeded().out;
        assert!(out.contains(&format!("push it to \"{HEAD}\"\n")), "{at}: {out}");
        assert!(out.contains(&format!("\" from \"{HEAD}\" into \"main\"")), "{at}: {out}");
        assert!(requests(&world).is_empty(), "{at}");
        assert!(world.forge.requests().iter().all(|request| request.method != "PUT"), "{at}");

        let first = world.bootstrap(ASK);
        is_proposed(&world, &first, at);
        let opened = format!("✔ opened {}: https://{}/", name(at), world.forge.host());
        assert!(first.err.contains(&opened), "{at}: {}", first.err);
        let request = only(&world);
        let version = request.title.strip_prefix("Flux v2.").unwrap();
        assert!(version.ends_with(" for ./clusters/one"), "{at}: {}", request.title);
        for file in ["components.yaml", "sync.yaml"] {
            let line = format!("\n- `clusters/one/flux-system/gotk-{file}`\n");
            assert!(request.body.contains(&line), "{at}: {}", request.body);
        }

        let tip = world.forge.git(&world.repository(), &["rev-parse", HEAD]).unwrap();
        let again = world.bootstrap(ASK);
        is_proposed(&world, &again, at);
        assert!(
            again.err.contains(&format!("✔ {} is up to date: https://", name(at))),
            "{at}: {}",
            again.err
        );
        assert_eq!(world.forge.git(&world.repository(), &["rev-parse", HEAD]).unwrap(), tip, "{at}");

        merge(&world, 1, Merge::Commit);
        let last = world.bootstrap(ASK);
        is_finished(&world, &last, at);
        assert!(last.err.contains("✔ component manifests are up to date\n"), "{at}: {}", last.err);
        let plan = world.bootstrap(&["--pull-request", "--dry-run"]);
        assert!(plan.succeeded().out.starts_with("nothing to do"), "{at}: {}", plan.out);
    }
}

#[test]
fn a_merge_that_leaves_other_commits_is_a_merge_and_its_branch_is_used_again() {
    for (at, how) in [
        ("github", Merge::Squash),
        ("gitlab", Merge::Rebase),
        ("gitea", Merge::Rebase),
        ("bitbucket-server", Merge::Squash),
    ] {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        // Others continue meanwhile, so that no commit stays as it was.
        world.forge.git(&world.repository(), &["config", "core.hooksPath", "/dev/null"]).unwrap();
        world.forge.commit(&world.repository(), "main", &[("README.md", Some("y"))], "second").unwrap();
        world.forge.git(&world.repository(), &["config", "--unset", "core.hooksPath"]).unwrap();
        merge(&world, 1, how);
        is_finished(&world, &world.bootstrap(ASK), at);

        // The branch is still there, and is of no use for the next change as it is.
        let next = world.bootstrap(&["--pull-request", "--network-policy=false"]);
        next.succeeded();
        let all = requests(&world);
        assert_eq!(all.len(), 2, "{at}: {all:?}");
        assert_eq!((all[0].number, &all[0].progress), (2, &Progress::Open), "{at}");
        let commits = world.forge.git(&world.repository(), &["log", "--format=%s", &format!("main..{HEAD}")]);
        assert_eq!(commits.unwrap().lines().count(), 1, "{at}");
        merge(&world, 2, how);
        is_finished(&world, &world.bootstrap(&["--pull-request", "--network-policy=false"]), at);
        assert_eq!(requests(&world).len(), 2, "{at}");
    }
}

#[test]
fn another_change_goes_into_the_open_request_on_top_of_what_reviewers_added() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        let file = "clusters/one/flux-system/kustomization.yaml";
        let theirs = "# theirs\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - gotk-components.yaml\n  - gotk-sync.yaml\n";
        world.forge.commit(&world.repository(), HEAD, &[(file, Some(theirs))], "review").unwrap();
        let said = world.bootstrap(&["--pull-request", "--network-policy=false"]);
        is_proposed(&world, &said, at);
        assert!(said.err.contains(&format!("✔ updated {}: https://", name(at))), "{at}: {}", said.err);
        let commits = world.forge.commits(&world.repository(), HEAD).unwrap();
        assert_eq!((commits.len(), &*commits[1]), (4, "review"), "{at}: {commits:?}");
        merge(&world, 1, Merge::Commit);
        is_finished(&world, &world.bootstrap(&["--pull-request", "--network-policy=false"]), at);
        let kept = world.forge.git(&world.repository(), &["show", &format!("main:{file}")]).unwrap();
        assert!(kept.starts_with("# theirs\n"), "{at}: {kept}");
    }
}

#[test]
fn a_request_that_was_closed_is_followed_by_another() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        world.forge.close_request(&world.repository(), 1).unwrap();
        let said = world.bootstrap(ASK);
        said.succeeded();
        let told = format!("◎ {} was closed without being merged, opening another one\n", name(at));
        assert!(said.err.contains(&told), "{at}: {}", said.err);
        let all = requests(&world);
        assert_eq!(all.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 1], "{at}");
        // Of two of one branch the open one counts, whichever the forge shows first.
        world.bootstrap(ASK).succeeded();
        assert_eq!(requests(&world).len(), 2, "{at}");
        merge(&world, 2, Merge::Commit);
        is_finished(&world, &world.bootstrap(ASK), at);
    }
}

#[test]
fn a_branch_that_was_deleted_is_made_again() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        world.forge.delete_branch(&world.repository(), HEAD).unwrap();
        world.bootstrap(ASK).succeeded();
        let open: Vec<_> =
            requests(&world).into_iter().filter(|one| one.progress == Progress::Open).collect();
        assert_eq!(open.len(), 1, "{at}: {open:?}");
        merge(&world, open[0].number, Merge::Squash);
        // Deleted after the merge, as most forges offer to.
        world.forge.delete_branch(&world.repository(), HEAD).unwrap();
        is_finished(&world, &world.bootstrap(ASK), at);
    }
}

#[test]
fn a_base_that_was_renamed_is_named_with_those_that_are_there() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        world.forge.rename_branch(&world.repository(), "main", "trunk").unwrap();
        world.bootstrap(ASK).failed_with(&["\"main\" not found", "\"trunk\"", "--branch"]);
        assert_eq!(only(&world).base, "trunk", "{at}");
    }
}

#[test]
fn a_request_that_conflicts_says_so() {
    for at in FORGES {
        let world = protected(at);
        is_proposed(&world, &world.bootstrap(ASK), at);
        let file = "clusters/one/flux-system/gotk-sync.yaml";
        world.forge.git(&world.repository(), &["config", "core.hooksPath", "/dev/null"]).unwrap();
        world.forge.commit(&world.repository(), "main", &[(file, Some("other: 1\n"))], "second").unwrap();
        let said = world.bootstrap(ASK);
        let told = format!("{} cannot be merged: it conflicts with \"main\"\n", name(at));
        assert!(said.succeeded().err.contains(&told), "{at}: {}", said.err);
    }
}

#[test]
fn two_runs_at_once_open_one_request() {
    for at in FORGES {
        let world = protected(at);
        let start = || world.command(&world.arguments(ASK)).spawn().unwrap();
        let (one, other) = (start(), start());
        let other = std::thread::spawn(move || crate::bootstrap::world::said(other));
        crate::bootstrap::world::said(one).succeeded();
        other.join().unwrap().succeeded();
        assert_eq!(only(&world).progress, Progress::Open, "{at}");
        merge(&world, 1, Merge::Commit);
        is_finished(&world, &world.bootstrap(ASK), at);
    }
}

#[test]
fn a_repository_without_a_branch_is_refused_before_anything_is_done() {
    for at in FORGES {
        let world = World::at(at);
        for flags in [ASK, &["--pull-request", "--dry-run"]] {
            world.bootstrap(flags).failed_with(&[
                "no branch \"main\"",
                "merged into",
                "leave out --pull-request",
            ]);
        }
        assert_eq!(world.forge.visibility(&world.repository()), None, "{at}: the repository was created");
        world.forge.create_repository(&world.repository()).unwrap();
        world.bootstrap(ASK).failed_with(&["no branch \"main\"", "first commit"]);
        assert!(world.api.get("Namespace", "", "flux-system").is_none(), "{at}: the cluster was touched");
    }
}
