//! People who review a request, and its labels: whether the forge knows them, and what they commit to its branch.

use super::world::FORGES;
use super::world::SHOP;
use super::world::World;
use std::time::Duration;
use std::time::Instant;
use testbed::forge::Action;
use testbed::forge::Fault;

const LINE: &str = "suspend ks shop --pull-request";
const HEAD: &str = "fluxr/suspend-kustomization-flux-system-shop-7844153a";
const FILE: &str = "clusters/one/shop.yaml";
const KEEPING: &str =
    "◎ keeping what was committed to \"fluxr/suspend-kustomization-flux-system-shop-7844153a\" meanwhile\n";

/// A line is refused in these words, and nothing is pushed.
#[track_caller]
fn refused_before_anything(world: &World, line: &str, words: &[&str]) {
    let said = world.ask(line);
    for word in words {
        assert!(said.failed().contains(word), "{}: no \"{word}\" in {}", world.at, said.err);
    }
    assert!(world.requests().is_empty(), "{}: {:?}", world.at, world.requests());
    assert_eq!(world.git(&["for-each-ref", "refs/heads/fluxr"]), "", "{}: a branch was pushed", world.at);
    world.left_the_cluster_alone();
}

fn number(at: &str, number: u64) -> String {
    if at == "gitlab" { format!("merge request !{number}") } else { format!("pull request #{number}") }
}

#[test]
fn a_misspelt_reviewer_leaves_nothing_half_done() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.forge.add_user("grace", "of-grace", "repo");
        let words = [
            "\"grcae\" cannot review: there is no such user; \"nobody\" cannot review: there is no such user\n",
            "\nhint: check --pr-reviewer",
        ];
        refused_before_anything(&world, &format!("{LINE} --pr-reviewer=grcae,grace,nobody"), &words);
        world.ask(&format!("{LINE} --pr-reviewer=grace")).succeeded();
        assert_eq!(world.request().reviewers, ["grace"], "{at}");
    }
}

#[test]
fn a_label_is_looked_for_where_it_has_to_exist_and_else_created() {
    let world = World::at("gitea", &[]);
    world.forge.add_label(world.repository, "ops");
    let words = ["there is no label \"opps\"; there is no label \"shop\"", "leave it out of --pr-label"];
    refused_before_anything(&world, &format!("{LINE} --pr-label=opps,ops,shop"), &words);
    for at in ["github", "gitlab"] {
        let world = World::at(at, &[]);
        world.ask(&format!("{LINE} --pr-label=ops")).succeeded();
        assert_eq!(world.request().labels, ["ops"], "{at}");
    }
}

#[test]
fn someone_without_access_is_refused_before_the_push_or_with_the_address_of_the_request() {
    for at in ["github", "gitea", "bitbucket-server"] {
        let world = World::at(at, &[]);
        world.forge.add_user("mallory", "of-mallory", "repo");
        world.forge.shut_out("mallory");
        let line = format!("{LINE} --pr-reviewer=mallory");
        if at == "github" {
            let words = ["\"mallory\" cannot review: this user has no access to the repository"];
            refused_before_anything(&world, &line, &words);
            continue;
        }
        // These forges tell only when they are asked.
        for _ in 0..2 {
            let said = world.ask(&line);
            let told = "✗ pull request #1 is there, but not everything that was asked for: https://";
            for word in [told, "mallory", "\nhint: check --pr-reviewer"] {
                assert!(said.failed().contains(word), "{at}: no \"{word}\" in {}", said.err);
            }
            world.request();
        }
    }
}

#[test]
fn a_reviewer_whom_gitlab_leaves_out_is_named() {
    let world = World::at("gitlab", &[]);
    for name in ["grace", "mallory"] {
        world.forge.add_user(name, &format!("of-{name}"), "repo");
    }
    world.forge.shut_out("mallory");
    let line = format!("{LINE} --pr-reviewer=grace,mallory");
    let warning = "⚠️ merge request !1 has no reviewer \"mallory\": the forge has left them out without a refusal; give them access to the project, and run the command again";
    for told in ["✔ opened merge request !1: ", "✔ merge request !1 is up to date: "] {
        let said = world.ask(&line);
        said.succeeded();
        assert!(said.err.contains(told), "no \"{told}\" in {}", said.err);
        assert_eq!(said.err.lines().filter(|line| line.starts_with(warning)).count(), 1, "{}", said.err);
        assert_eq!(world.request().reviewers, ["grace"]);
    }
    world.forge.let_in("mallory");
    let said = world.ask(&line);
    said.succeeded();
    assert!(said.err.contains("✔ updated merge request !1: ") && !said.err.contains("⚠️"), "{}", said.err);
    assert_eq!(world.request().reviewers, ["grace", "mallory"]);
}

#[test]
fn the_author_is_refused_as_a_reviewer_before_anything_is_pushed() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.forge.add_user("grace", "of-grace", "repo");
        let line = format!("{LINE} --pr-reviewer=grace,ada");
        if at == "gitlab" {
            // Authors may review there.
            world.ask(&line).succeeded();
            assert_eq!(world.request().reviewers, ["grace", "ada"]);
            continue;
        }
        let words = [
            "\"ada\" cannot review: this is the author of the pull request, whom the forge",
            "\nhint: leave",
        ];
        refused_before_anything(&world, &line, &words);
        // Of a request that is open, its own author counts.
        world.ask(LINE).succeeded();
        world.forge.hand_over(world.repository, 1, "grace");
        let said = world.ask(&line);
        assert!(said.failed().contains("\"grace\" cannot review: "), "{at}: {}", said.err);
        world.ask(&format!("{LINE} --pr-reviewer=ada")).succeeded();
        assert_eq!(world.request().reviewers, ["ada"], "{at}");
    }
}

#[test]
fn a_token_that_does_not_say_whose_it_is_asks_for_reviews_too() {
    // An app of GitHub, for example, is not a user.
    for (at, path) in [("github", "/user"), ("gitea", "/user"), ("bitbucket-server", "/projects?limit=1")] {
        let world = World::at(at, &[]);
        world.forge.add_user("grace", "of-grace", "repo");
        let body = r#"{"message":"Resource not accessible by integration"}"#;
        let action = Action::Answer(403, vec![("content-type", "application/json")], body);
        world.forge.inject(Fault { method: "GET", path, after: 0, times: 2, action });
        let said = world.ask(&format!("{LINE} --pr-reviewer=grace"));
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        assert_eq!(world.request().reviewers, ["grace"], "{at}");
    }
}

#[test]
fn a_reviewer_who_is_hidden_or_may_not_be_looked_at_is_asked() {
    let world = World::at("gitea", &[]);
    world.forge.add_user("grace", "of-grace", "repo");
    world.forge.hide_user("grace");
    world.ask(&format!("{LINE} --pr-reviewer=grace")).succeeded();
    assert_eq!(world.request().reviewers, ["grace"]);
    for (at, path) in [
        ("github", "/collaborators/"),
        ("gitlab", "/users?"),
        ("gitea", "/users/"),
        ("bitbucket-server", "/users?"),
    ] {
        let world = World::at(at, &[]);
        world.forge.add_user("grace", "of-grace", "repo");
        let body = r#"{"message":"the token may not"}"#;
        let action = Action::Answer(403, vec![("content-type", "application/json")], body);
        world.forge.inject(Fault { method: "GET", path, after: 0, times: 1, action });
        let said = world.ask(&format!("{LINE} --pr-reviewer=grace"));
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        assert_eq!(world.request().reviewers, ["grace"], "{at}");
    }
}

#[test]
fn reviewers_are_looked_for_at_once_and_with_the_request() {
    let world = World::new();
    let names = ["ada", "grace", "linus", "margaret"];
    let delay = Duration::from_secs(2);
    for name in &names[1..] {
        world.forge.add_user(name, &format!("of-{name}"), "repo");
    }
    for (path, times) in [("/collaborators/", 3), ("/pulls?state=all", 1)] {
        world.forge.inject(Fault { method: "GET", path, after: 0, times, action: Action::Delay(delay) });
    }
    let begun = Instant::now();
    world.ask(&format!("{LINE} --pr-reviewer={}", names[1..].join(","))).succeeded();
    assert!(begun.elapsed() < 3 * delay, "{:?}", begun.elapsed());
}

/// A request that others have worked on is left as it is, and called up to date.
#[track_caller]
fn is_kept(world: &World, what: &str) {
    let before = world.git(&["rev-parse", HEAD]);
    let said = world.ask(LINE);
    assert_eq!(said.succeeded(), "");
    let told = format!("✔ {} is up to date: https://", number(world.at, 1));
    for word in [KEEPING, &format!("✔ the change is up to date in \"{HEAD}\"\n"), &told] {
        assert!(said.err.contains(word), "{} {what}: no \"{word}\" in {}", world.at, said.err);
    }
    assert!(!said.err.contains("has moved"), "{} {what}: {}", world.at, said.err);
    assert_eq!(world.git(&["rev-parse", HEAD]), before, "{} {what}", world.at);
    assert_eq!(world.requests().len(), 1, "{} {what}", world.at);
}

#[test]
fn what_reviewers_committed_stays_and_that_is_reported() {
    for at in FORGES {
        let begun = || {
            let world = World::at(at, &[]);
            world.ask(LINE).succeeded();
            world
        };
        let world = begun();
        world.forge.commit(world.repository, HEAD, &[("NOTES.md", Some("theirs"))], "review").unwrap();
        is_kept(&world, "beside the change");
        world.forge.commit(world.repository, "main", &[("README.md", Some("new"))], "other").unwrap();
        is_kept(&world, "while the base moves elsewhere");
        let world = begun();
        let proposed = world.git(&["show", &format!("{HEAD}:{FILE}")]) + "\n";
        let review = proposed.replace("# since March", "# since April");
        world.forge.commit(world.repository, HEAD, &[(FILE, Some(&review))], "review").unwrap();
        is_kept(&world, "in a file of the change");
    }
}

#[test]
fn a_base_that_moves_under_commits_of_reviewers_is_told() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.ask(LINE).succeeded();
        let commit = |branch: &str, file: &str, text: &str| {
            world.forge.commit(world.repository, branch, &[(file, Some(text))], "theirs").unwrap();
        };
        commit(HEAD, "NOTES.md", "theirs");
        commit("main", FILE, &SHOP.replace("interval: 10m", "interval: 5m"));
        let before = world.git(&["rev-parse", HEAD]);
        let said = world.ask(LINE);
        assert_eq!(said.succeeded(), "");
        let moved = "\"main\" has moved, and the change is not worked out again, because those commits would be lost: merge \"main\" into";
        for word in [KEEPING, moved, &format!("✔ {} is left as it is: https://", number(at, 1))] {
            assert!(said.err.contains(word), "{at}: no \"{word}\" in {}", said.err);
        }
        assert!(!said.err.contains("up to date"), "{at}: {}", said.err);
        assert_eq!(world.git(&["rev-parse", HEAD]), before, "{at}");
        // As the button of every forge does.
        let tree = world.git(&["merge-tree", "--write-tree", HEAD, "main"]);
        let merged = world.git(&["commit-tree", &tree, "-p", HEAD, "-p", "main", "-m", "Merge main"]);
        world.git(&["update-ref", &format!("refs/heads/{HEAD}"), &merged]);
        let said = world.ask(LINE);
        assert!(
            said.err.contains(KEEPING) && said.err.contains("is up to date: https"),
            "{at}: {}",
            said.err
        );
        assert!(!said.err.contains("has moved"), "{at}: {}", said.err);
        assert_eq!(world.git(&["rev-parse", HEAD]), merged, "{at}");
        assert_eq!(world.requests().len(), 1, "{at}");
    }
}
