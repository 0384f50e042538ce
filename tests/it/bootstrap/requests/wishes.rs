//! How a request is asked for: titles, descriptions, drafts, labels, reviewers, and merging by itself.

use super::stage::ASK;
use super::stage::FORGES;
use super::stage::HEAD;
use super::stage::inject;
use super::stage::is_finished;
use super::stage::is_proposed;
use super::stage::merge;
use super::stage::name;
use super::stage::only;
use super::stage::protected;
use super::stage::requests;
use crate::bootstrap::world::TOKEN;
use crate::bootstrap::world::World;
use crate::bootstrap::world::said;
use std::sync::Arc;
use std::time::Duration;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;
use testbed::forge::Progress;

#[test]
fn a_request_has_the_title_the_description_the_labels_and_the_reviewers_that_were_asked_for() {
    for at in FORGES {
        let world = protected(at);
        world.forge.add_user("grace", "of-grace", "repo");
        world.forge.add_user("linus", "of-linus", "repo");
        for label in ["gitops", "flux"] {
            world.forge.add_label(&world.repository(), label);
        }
        let mut flags = vec![
            "--pull-request",
            "--pr-title=Our  title\nof two lines",
            "--pr-body=Please *look*",
            "--pr-draft",
        ];
        if at != "bitbucket-server" {
            flags.push("--pr-label=flux,gitops");
        }
        flags.push("--pr-reviewer=grace");
        is_proposed(&world, &world.bootstrap(&flags), at);
        let request = only(&world);
        let title = match at {
            "gitlab" => "Draft: Our title of two lines",
            "gitea" => "WIP: Our title of two lines",
            _ => "Our title of two lines",
        };
        assert_eq!((&*request.title, &*request.body), (title, "Please *look*"), "{at}");
        assert_eq!(request.draft, matches!(at, "github" | "bitbucket-server"), "{at}");
        let labels: &[&str] = if at == "bitbucket-server" { &[] } else { &["flux", "gitops"] };
        assert_eq!(request.labels, labels, "{at}");
        assert_eq!(request.reviewers, ["grace"], "{at}");

        // What is there is not asked for again, what is new is added, and a draft stays one.
        let before = world.forge.requests().len();
        is_proposed(&world, &world.bootstrap(&flags), at);
        let asked = world.forge.requests().split_off(before);
        let writes = asked.iter().filter(|one| one.method != "GET" && !one.path.contains("git-upload-pack"));
        assert_eq!(writes.count(), 0, "{at}: {asked:?}");
        let further = ["--pull-request", "--pr-title=Another", "--pr-reviewer=grace,linus"];
        let said = world.bootstrap(&further);
        is_proposed(&world, &said, at);
        assert!(said.err.contains(&format!("✔ updated {}", name(at))), "{at}: {}", said.err);
        let changed = only(&world);
        assert_eq!(changed.title, title.replace("Our title of two lines", "Another"), "{at}");
        assert_eq!(changed.reviewers, ["grace", "linus"], "{at}");
        assert_eq!(changed.labels, labels, "{at}");
        assert_eq!(changed.draft, request.draft, "{at}");
    }
}

#[test]
fn what_a_forge_does_not_have_is_refused_before_anything_is_done() {
    let world = protected("bitbucket-server");
    let refused = |flags: &[&str], words: &[&str]| {
        world.bootstrap(&[&["--pull-request"], flags].concat()).failed_with(words);
        assert!(requests(&world).is_empty());
        assert!(world.forge.commits(&world.repository(), HEAD).is_err(), "{flags:?}: the branch was pushed");
    };
    refused(&["--pr-label=flux"], &["no labels", "leave out --pr-label"]);
    world.forge.be_bitbucket("8.14.3");
    refused(&["--pr-draft"], &["8.14.3", "no drafts", "8.18", "leave out --pr-draft"]);
    refused(&["--pr-auto-merge"], &["8.14.3", "automatic merging", "leave out --pr-auto-merge"]);
    world.forge.be_bitbucket("8.15.0");
    refused(&["--pr-draft"], &["8.15.0", "no drafts"]);
    is_proposed(&world, &world.bootstrap(ASK), "without these flags");
    // Gitea knows labels by numbers.
    let world = protected("gitea");
    world.bootstrap(&["--pull-request", "--pr-label=flux"]).failed_with(&["no label \"flux\"", "--pr-label"]);
    assert!(requests(&world).is_empty());
    world.forge.add_label(&world.repository(), "flux");
    is_proposed(&world, &world.bootstrap(&["--pull-request", "--pr-label=flux"]), "gitea");
    assert_eq!(only(&world).labels, ["flux"]);
}

#[test]
fn a_reviewer_who_does_not_exist_is_named_and_the_next_run_continues() {
    for at in FORGES {
        let world = protected(at);
        let flags = ["--pull-request", "--pr-reviewer=nobody"];
        world.bootstrap(&flags).failed_with(&["nobody", "check --pr-reviewer"]);
        assert!(requests(&world).is_empty(), "{at}");
        assert!(world.forge.commits(&world.repository(), HEAD).is_err(), "{at}: the branch was pushed");
        world.forge.add_user("nobody", "of-nobody", "repo");
        is_proposed(&world, &world.bootstrap(&flags), at);
        assert_eq!(only(&world).reviewers, ["nobody"], "{at}");
    }
}

#[test]
fn a_run_that_waits_finishes_when_the_request_is_merged() {
    for at in FORGES {
        let world = protected(at);
        let (forge, repository) = (Arc::clone(&world.forge), world.repository());
        let person = std::thread::spawn(move || {
            while forge.pull_requests(&repository).is_empty() {
                std::thread::sleep(Duration::from_millis(20));
            }
            std::thread::sleep(Duration::from_secs(1));
            forge.merge_request(&repository, 1, Merge::Squash).unwrap();
        });
        let said = world.bootstrap(&["--pull-request", "--pr-wait"]);
        person.join().unwrap();
        is_finished(&world, &said, at);
        let waited = format!("◎ waiting for {} to be merged into \"main\"\n", name(at));
        let merged = format!("✔ {} was merged into \"main\" (\"", name(at));
        assert!(said.err.contains(&waited) && said.err.contains(&merged), "{at}: {}", said.err);
    }
}

#[test]
fn a_run_that_waits_ends_when_the_request_is_closed_or_the_time_is_over() {
    for at in FORGES {
        let world = protected(at);
        let late = world.bootstrap(&["--pull-request", "--pr-wait", "--timeout=8s"]);
        late.failed_with(&["was not merged in time: https://", "run the command again when it is merged"]);
        let (forge, repository) = (Arc::clone(&world.forge), world.repository());
        let path = if at == "gitlab" { "/merge_requests/1" } else { "/1" };
        let close = move || forge.close_request(&repository, 1).unwrap();
        let action = Action::Call(Arc::new(close));
        // The first look is that of the run itself, before it waits.
        world.forge.inject(Fault { method: "GET", path, after: 2, times: 1, action });
        let closed = world.bootstrap(&["--pull-request", "--pr-wait"]);
        closed.failed_with(&["was closed without being merged: https://", "open another one"]);
    }
}

#[test]
fn a_request_merges_by_itself_when_its_checks_have_passed() {
    for at in FORGES {
        let flags = ["--pull-request", "--pr-auto-merge", "--pr-wait"];
        let world = protected(at);
        world.forge.require_checks(&world.repository());
        is_proposed(&world, &world.bootstrap(&flags[..2]), at);
        assert!(only(&world).auto_merge, "{at}");
        is_proposed(&world, &world.bootstrap(&flags[..2]), at);
        let (forge, repository) = (Arc::clone(&world.forge), world.repository());
        let checks = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(2));
            forge.finish_checks(&repository).unwrap();
        });
        let said = world.bootstrap(&flags);
        checks.join().unwrap();
        is_finished(&world, &said, at);
        // Where there is nothing to wait for, it is merged at once.
        let world = protected(at);
        is_finished(&world, &world.bootstrap(&flags), at);
        assert!(matches!(only(&world).progress, Progress::Merged(_)), "{at}");
    }
}

#[test]
fn a_repository_that_does_not_merge_by_itself_says_so() {
    for at in ["github", "gitlab", "bitbucket-server"] {
        let world = protected(at);
        world.forge.require_checks(&world.repository());
        world.forge.refuse_auto_merge(&world.repository());
        world
            .bootstrap(&["--pull-request", "--pr-auto-merge"])
            .failed_with(&["ada/fleet", "--pr-auto-merge"]);
        assert_eq!(only(&world).progress, Progress::Open, "{at}");
    }
    let world = protected("gitea");
    let said = world.bootstrap(&["--pull-request", "--pr-draft"]);
    is_proposed(&world, &said, "a draft");
    world
        .bootstrap(&["--pull-request", "--pr-auto-merge"])
        .failed_with(&["Work in progress", "--pr-auto-merge"]);
}

#[test]
fn another_base_is_merged_on_by_people() {
    for at in FORGES {
        let world = protected(at);
        world.forge.git(&world.repository(), &["branch", "develop", "main"]).unwrap();
        let flags = ["--pull-request", "--pr-base=develop"];
        world.bootstrap(&flags).succeeded();
        let request = only(&world);
        assert_eq!(request.base, "develop", "{at}");
        merge(&world, 1, Merge::Commit);
        let said = world.bootstrap(&flags);
        let told = "◎ when \"main\" has what is in \"develop\", run the same command again: it finishes the bootstrap\n";
        assert!(said.succeeded().err.ends_with(told), "{at}: {}", said.err);
        assert_eq!(requests(&world).len(), 1, "{at}");
        world.forge.git(&world.repository(), &["update-ref", "refs/heads/main", "develop"]).unwrap();
        is_finished(&world, &world.bootstrap(&flags), at);
    }
}

#[test]
fn flags_of_a_request_need_a_request() {
    let world = World::new();
    for flag in [
        "--pr-title=x",
        "--pr-body=x",
        "--pr-base=x",
        "--pr-draft",
        "--pr-label=x",
        "--pr-reviewer=x",
        "--pr-auto-merge",
        "--pr-wait",
    ] {
        let name = flag.split('=').next().unwrap();
        world.bootstrap(&[flag]).failed_with(&[&format!("✗ {name} requires --pull-request\n")]);
    }
    let both = ["--pull-request", "--pr-draft", "--pr-auto-merge"];
    world.bootstrap(&both).failed_with(&["--pr-draft and --pr-auto-merge exclude each other"]);
    assert!(world.forge.requests().is_empty());
}

#[test]
fn no_secret_and_no_mark_of_a_name_gets_into_a_request() {
    for at in FORGES {
        let world = protected(at);
        let mut arguments = world.arguments(ASK);
        arguments.retain(|argument| !argument.starts_with("--path"));
        arguments.push("--path=clusters/`@ada` [x](y)".to_owned());
        world.run(&arguments).succeeded();
        let request = only(&world);
        assert!(
            request.head.starts_with("fluxr/bootstrap-clusters---ada---x--y--"),
            "{at}: {}",
            request.head
        );
        let folder = "`` ./clusters/`@ada` [x](y) ``";
        assert!(request.body.contains(folder), "{at}: {}", request.body);
        let outside = request.body.replace(folder, "").replace("`` clusters/`@ada` [x](y)/flux-system/", "");
        assert!(!outside.contains("@ada") && !outside.contains("[x]"), "{at}: {}", request.body);

        let world = protected(at);
        let title = format!("--pr-title=with {TOKEN}");
        let body = format!("--pr-body=and {TOKEN}\nagain");
        let said = world.bootstrap(&["--pull-request", "--verbose", &title, &body]);
        is_proposed(&world, &said, at);
        let request = only(&world);
        assert_eq!((&*request.title, &*request.body), ("with [redacted]", "and [redacted]\nagain"), "{at}");
        assert!(!said.err.contains(TOKEN) && !said.out.contains(TOKEN), "{at}: {}", said.err);
    }
}

#[test]
fn where_only_git_is_known_the_branch_is_pushed_and_named() {
    let world = protected("github");
    let arguments: Vec<String> = [
        "bootstrap".to_owned(),
        "git".to_owned(),
        format!("--url=https://{}/ada/fleet.git", world.forge.host()),
        format!("--ca-file={}", world.forge.ca_file().display()),
        "--token-auth".to_owned(),
        "--username=ada".to_owned(),
        "--path=clusters/one".to_owned(),
        "--timeout=30s".to_owned(),
        "--pull-request".to_owned(),
    ]
    .to_vec();
    for _ in 0..2 {
        let said = world.run(&arguments);
        said.failed_with(&["the forge is unknown", "open one by hand", HEAD, "\"main\"", "/ada/fleet.git"]);
        assert!(requests(&world).is_empty());
        assert_eq!(world.forge.commits(&world.repository(), HEAD).unwrap().len(), 2);
    }
    world.forge.git(&world.repository(), &["update-ref", "refs/heads/main", HEAD]).unwrap();
    let last = world.run(&arguments);
    assert!(last.succeeded().err.ends_with("✔ all components are healthy\n"), "{}", last.err);
}

#[test]
fn the_organization_of_a_repository_makes_no_difference() {
    for at in FORGES {
        let world = World::of_group(at);
        world.forge.create_repository(&world.repository()).unwrap();
        world.forge.commit(&world.repository(), "main", &[("README.md", Some("x"))], "first").unwrap();
        world.forge.protect_branch(&world.repository(), "main").unwrap();
        is_proposed(&world, &world.bootstrap(ASK), at);
        merge(&world, 1, Merge::Commit);
        is_finished(&world, &world.bootstrap(ASK), at);
    }
}

#[test]
fn a_push_that_is_refused_to_the_own_branch_too_is_explained() {
    let world = protected("github");
    world.forge.protect_branch(&world.repository(), HEAD).unwrap();
    world.bootstrap(ASK).failed_with(&[HEAD, "declined"]);
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
    // An answer to the push that is lost is not a push that failed.
    let world = protected("github");
    inject(&world, "POST", "git-receive-pack", 1, Action::Silence);
    let child = world.command(&world.arguments(ASK)).spawn().unwrap();
    is_proposed(&world, &said(child), "a lost answer");
    assert_eq!(world.forge.commits(&world.repository(), HEAD).unwrap().len(), 2);
}
