//! What people do with the requests of changes meanwhile, and what they may write into them.

use super::world::FORGES;
use super::world::TOKEN;
use super::world::World;
use std::sync::Arc;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Merge;
use testbed::forge::Progress;

const LINE: &str = "suspend ks shop --pull-request";
const HEAD: &str = "fluxr/suspend-kustomization-flux-system-shop-7844153a";
const NOTHING: &str = "✔ nothing to do: the repository is up to date\n";

#[test]
fn a_request_that_was_merged_in_any_way_is_done() {
    for at in FORGES {
        for how in [Merge::Commit, Merge::Squash, Merge::Rebase] {
            for is_deleted in [false, true] {
                let world = World::at(at, &[]);
                world.ask(LINE).succeeded();
                world.forge.merge_request(world.repository, 1, how).unwrap();
                if is_deleted {
                    world.forge.delete_branch(world.repository, HEAD).unwrap();
                }
                let said = world.ask(LINE);
                assert_eq!(said.succeeded(), "");
                assert!(said.err.ends_with(NOTHING), "{at} {how:?}: {}", said.err);
                assert!(matches!(world.request().progress, Progress::Merged(_)));
            }
        }
    }
}

#[test]
fn a_request_that_was_closed_or_lost_its_branch_is_opened_again() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.ask(LINE).succeeded();
        world.forge.close_request(world.repository, 1).unwrap();
        let said = world.ask(LINE);
        assert_eq!(said.succeeded(), "");
        assert!(
            said.err.contains("was closed without being merged, opening another one"),
            "{at}: {}",
            said.err
        );
        assert_eq!(world.requests()[0].progress, Progress::Open, "{at}");

        let world = World::at(at, &[]);
        world.ask(LINE).succeeded();
        world.forge.delete_branch(world.repository, HEAD).unwrap();
        world.ask(LINE).succeeded();
        assert!(world.git(&["show", &format!("{HEAD}:clusters/one/shop.yaml")]).contains("suspend: true"));
        let open = world.requests().iter().filter(|one| one.progress == Progress::Open).count();
        assert_eq!(open, 1, "{at}");
    }
}

/// What the forge calls a request.
fn name(at: &str, number: u64) -> String {
    if at == "gitlab" { format!("merge request !{number}") } else { format!("pull request #{number}") }
}

#[test]
fn of_several_requests_that_are_not_open_the_newest_is_named() {
    for at in FORGES {
        let twice = || {
            let world = World::at(at, &[]);
            world.ask(LINE).succeeded();
            world.forge.close_request(world.repository, 1).unwrap();
            world.ask(LINE).succeeded();
            // Of others, more than a page has.
            for number in 3..=60 {
                world.forge.propose_from_fork(world.repository, "theirs", "main");
                world.forge.close_request(world.repository, number).unwrap();
            }
            world
        };
        // One was closed by people, the other lost its branch.
        let world = twice();
        world.forge.delete_branch(world.repository, HEAD).unwrap();
        world.forge.close_request(world.repository, 2).unwrap();
        let said = world.ask(LINE);
        assert_eq!(said.succeeded(), "");
        let told = format!("◎ {} was closed without being merged, opening another one\n", name(at, 2));
        assert!(said.err.contains(&told), "{at}: {}", said.err);
        assert!(said.err.contains(&format!("✔ opened {}: https://", name(at, 61))), "{at}: {}", said.err);

        let world = twice();
        world.forge.merge_request(world.repository, 2, Merge::Squash).unwrap();
        let said = world.ask(LINE);
        let told = format!("✔ {} was merged into \"main\": https://", name(at, 2));
        assert!(said.err.contains(&told), "{at}: {}", said.err);
    }
}

#[test]
fn a_base_that_was_renamed_is_named_with_the_branches_that_are_there() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.ask(LINE).succeeded();
        world.forge.rename_branch(world.repository, "main", "trunk").unwrap();
        let said = world.ask(LINE);
        for words in ["branch \"main\" not found", "trunk", "--fleet-branch"] {
            assert!(said.failed().contains(words), "{at}: no {words}: {}", said.err);
        }
        let said = world.ask(&format!("{LINE} --fleet-branch=trunk"));
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        assert_eq!(world.request().base, "trunk", "{at}");
    }
}

#[test]
fn what_others_push_to_the_branch_of_the_request_stays() {
    for at in FORGES {
        let world = Arc::new(World::at(at, &[]));
        world.ask(LINE).succeeded();
        // Someone pushes between the look at the branch and the push to it.
        let theirs = Arc::clone(&world);
        let push = move || {
            theirs
                .forge
                .commit(theirs.repository, HEAD, &[("NOTES.md", Some("theirs\n"))], "review")
                .unwrap();
        };
        world.forge.inject(Fault {
            method: "GET",
            path: "info/refs?service=git-receive-pack",
            after: 0,
            times: 1,
            action: Action::Call(Arc::new(push)),
        });
        let text =
            world.file("clusters/one/shop.yaml").unwrap().replace("prune: true # since March", "prune: true");
        world
            .forge
            .commit(world.repository, "main", &[("clusters/one/shop.yaml", Some(&text))], "base")
            .unwrap();
        world
            .forge
            .commit(world.repository, HEAD, &[("clusters/one/shop.yaml", Some(&text))], "undone")
            .unwrap();
        let said = world.ask(LINE);
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        let commits = world.forge.commits(world.repository, HEAD).unwrap();
        assert_eq!(commits[..2], ["Suspend Kustomization/flux-system/shop", "review"], "{at}");
        world.forge.heal();
        assert_eq!(world.requests().len(), 1, "{at}");
    }
}

#[test]
fn a_request_of_a_fork_is_not_ours() {
    for at in FORGES {
        let world = World::at(at, &[]);
        world.forge.propose_from_fork(world.repository, HEAD, "main");
        let said = world.ask(LINE);
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        let [own, foreign] = &world.requests()[..] else { panic!("{at}: {:?}", world.requests()) };
        assert_eq!((own.is_of_fork, &*own.head), (false, HEAD), "{at}");
        assert_eq!((foreign.is_of_fork, &*foreign.title), (true, "From a fork"), "{at}: it was changed");
        let said = world.ask(LINE);
        assert!(said.err.contains("is up to date"), "{at}: {}", said.err);
        assert_eq!(world.requests().len(), 2, "{at}");
    }
}

#[test]
fn a_reviewer_who_is_done_is_not_asked_again() {
    for at in FORGES {
        let world = World::at(at, &[]);
        for login in ["grace", "linus"] {
            world.forge.add_user(login, &format!("of-{login}"), "repo");
        }
        let line = format!("{LINE} --pr-reviewer=grace,linus");
        world.ask(&line).succeeded();
        world.forge.review_request(world.repository, 1, "grace");
        let before = world.forge.requests().len();
        let said = world.ask(&line);
        assert!(said.err.contains("is up to date"), "{at}: {}", said.err);
        let writes = world.forge.requests().split_off(before);
        let writes: Vec<_> = writes
            .iter()
            .filter(|one| one.method != "GET" && !one.path.contains("git-upload-pack"))
            .collect();
        assert!(writes.is_empty(), "{at}: {writes:?}");
    }
}

#[test]
fn titles_descriptions_and_messages_tell_no_secrets_and_stay_what_they_are() {
    for at in FORGES {
        let world = World::at(at, &[]);
        let words = [
            "suspend",
            "ks",
            "shop",
            "--pull-request",
            &format!("--forge={at}"),
            &format!("--pr-title=a {TOKEN}\n# b"),
            &format!("--pr-body=*see* {TOKEN}"),
            &format!("--message=with {TOKEN}"),
        ];
        let mut command = world.cli.command(&words);
        let tokens =
            ["GITHUB", "GITLAB", "GITEA", "BITBUCKET"].map(|forge| (format!("{forge}_TOKEN"), TOKEN));
        let said = super::world::said(command.envs(tokens).output().unwrap());
        assert_eq!(said.code, 0, "{at}: {}", said.err);
        let request = world.request();
        assert_eq!((&*request.title, &*request.body), ("a [redacted] # b", "*see* [redacted]"), "{at}");
        assert!(!request.head.contains("t0ken"), "{at}: {}", request.head);
        let message = world.git(&["log", "-1", "--format=%B", &request.head]);
        assert_eq!(message, "with [redacted]", "{at}");
    }
}

#[test]
fn passwords_of_addresses_and_helpers_are_not_committed() {
    use super::world::said;
    let world = World::new();
    let host = world.forge.host();
    let (url, bare_url) = (format!("https://ada:{TOKEN}@{host}/ada/fleet.git"), world.url());
    let flags = |url: &str| format!("--fleet-url={url} --fleet-branch=main --fleet-path=clusters/one");
    let cli = crate::support::Cli::new()
        .env("GIT_SSL_CAINFO", world.forge.ca_file().to_str().unwrap())
        .env("USER", "ada");
    let folder = cli.home().join("fleet");
    std::fs::create_dir_all(&folder).unwrap();
    let git = |arguments: &[&str]| crate::bootstrap::world::git(&folder, arguments).unwrap();
    git(&["clone", "--quiet", world.forge.repository_path(world.repository).to_str().unwrap(), "."]);
    git(&["remote", "set-url", "origin", &url]);
    let stored = format!("https://ada:{TOKEN}@{}\n", host.replace(':', "%3a"));
    std::fs::write(cli.home().join(".git-credentials"), stored).unwrap();
    let (shown, reason) = (format!("--message=with {TOKEN}"), format!("--reason=since {TOKEN}"));
    let run = |verb: &str, flags: &str, at: &std::path::Path| {
        let mut words = vec![verb, "ks", "shop", "--push", &shown];
        words.extend(flags.split_whitespace());
        if verb == "suspend" {
            words.push(&reason);
        }
        let done = said(cli.command(&words).current_dir(at).output().unwrap());
        assert_eq!(done.code, 0, "{flags}: {}", done.err);
        assert!(!format!("{done:?}").contains(TOKEN), "{flags}: {done:?}");
    };
    for (flags, at, helper) in [
        (flags(&url), cli.home(), ""),
        (String::new(), folder.join("clusters/one").as_path(), ""),
        (flags(&bare_url), cli.home(), "[credential]\n\thelper = store\n"),
    ] {
        std::fs::write(cli.home().join(".gitconfig"), helper).unwrap();
        run("suspend", &flags, at);
        assert_eq!(world.git(&["log", "-1", "--format=%B", "main"]), "with [redacted]", "{flags}");
        let text = world.file("clusters/one/shop.yaml").unwrap();
        assert!(text.contains("since [redacted]") && !text.contains(TOKEN), "{flags}: {text}");
        run("resume", &flags, at);
    }
}

#[test]
fn names_of_files_do_not_break_out_of_the_description() {
    let world = World::new();
    let words = [
        "create",
        "kustomization",
        "blog",
        "--source=GitRepository/flux-system",
        "--path=./apps/blog",
        "--manifest-file=clusters/one/a`<b> @ada.yaml",
        "--pull-request",
        "--forge=github",
    ];
    let output = world.cli.command(&words).env("GITHUB_TOKEN", TOKEN).output().unwrap();
    let said = super::world::said(output);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(world.request().body.trim(), "- add `` clusters/one/a`<b> @ada.yaml ``");
}

#[test]
fn a_request_is_worked_out_again_from_a_base_that_has_moved() {
    let world = World::at("gitea", &[]);
    world.ask(LINE).succeeded();
    let text = world.file("clusters/one/shop.yaml").unwrap().replace("prune: true", "prune: false");
    world.forge.commit(world.repository, "main", &[("clusters/one/shop.yaml", Some(&text))], "base").unwrap();
    world.ask(LINE).succeeded();
    let proposed = world.git(&["show", &format!("{HEAD}:clusters/one/shop.yaml")]);
    assert!(proposed.contains("suspend: true") && proposed.contains("prune: false"), "{proposed}");
    assert_eq!(world.forge.commits(world.repository, HEAD).unwrap()[1], "base", "it is one commit again");
    let again = world.ask(LINE);
    assert!(again.err.contains("is up to date"), "{}", again.err);
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn what_is_no_longer_wanted_leaves_the_request() {
    let folder = |tag: &str| format!("images:\n- name: web\n  newTag: {tag}\n- name: db\n  newTag: {tag}\n");
    let (old, new) = (folder("'1.0'"), folder("'2.0'"));
    let world = World::with(&[
        ("apps/staging/kustomization.yaml", Some(&new)),
        ("clusters/one/kustomization.yaml", Some(&format!("resources: [flux-system, shop.yaml]\n{old}"))),
    ]);
    let line = "promote --from=apps/staging --to=clusters/one --pull-request";
    world.ask(line).succeeded();
    let said = world.ask(&format!("{line} --only=web"));
    said.succeeded();
    let request = world.request();
    let proposed = world.git(&["show", &format!("{}:clusters/one/kustomization.yaml", request.head)]);
    assert!(proposed.contains("name: web\n  newTag: '2.0'"), "{proposed}");
    assert!(proposed.contains("name: db\n  newTag: '1.0'"), "{proposed}");
    assert_eq!(said.out.matches("2.0").count(), 1, "{}", said.out);
}
