//! `bootstrap gitlab|gitea|bitbucket-server`: what holds at GitHub holds there too.

use super::recovery;
use super::world::TOKEN;
use super::world::World;
use super::world::commit_in_between;
use super::world::said;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use testbed::forge::Action;
use testbed::forge::Fault;

const FORGES: [&str; 3] = ["gitlab", "gitea", "bitbucket-server"];

fn inject(world: &World, method: &'static str, path: &'static str, times: usize, action: Action) {
    world.forge.inject(Fault { method, path, after: 0, times, action });
}

/// Nothing is in the repository or in the cluster.
#[track_caller]
fn is_untouched(world: &World, what: &str) {
    assert_eq!(world.commits(), Vec::<String>::new(), "{what}");
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "{what}: the cluster was touched");
}

#[test]
fn a_repository_is_created_filled_and_followed_and_a_second_run_changes_nothing() {
    for at in FORGES {
        for world in [World::at(at), World::of_group(at)] {
            let plan = world.bootstrap(&["--dry-run"]);
            assert!(plan.succeeded().out.contains("create the private repository"), "{at}: {}", plan.out);
            assert!(world.forge.requests().iter().all(|request| request.method == "GET"), "{at}");
            let first = world.bootstrap(&[]);
            first.succeeded();
            let place = if at == "gitlab" { "https://127.0.0.1" } else { "127.0.0.1" };
            assert!(first.err.starts_with(&format!("► connecting to {place}:")), "{at}: {}", first.err);
            let created =
                format!("✔ repository \"https://{}/{}/fleet\" created\n", world.forge.host(), world.owner);
            assert!(first.err.contains(&created), "{at}: {}", first.err);
            world.is_complete(at);
            assert_eq!(world.forge.visibility(&world.repository()).as_deref(), Some("private"), "{at}");
            let (commits, key) = (world.commits(), world.secret("identity.pub"));
            let again = world.bootstrap(&[]);
            for line in [
                "component manifests are up to date",
                "source secret up to date",
                "sync manifests are up to date",
            ] {
                assert!(again.succeeded().err.contains(&format!("✔ {line}\n")), "{at}: {}", again.err);
            }
            assert_eq!((world.commits(), world.secret("identity.pub")), (commits, key), "{at}");
            let plan = world.bootstrap(&["--dry-run"]);
            assert!(plan.succeeded().out.starts_with("nothing to do"), "{at}: {}", plan.out);
        }
    }
}

#[test]
fn the_cluster_finds_the_repository_where_it_is() {
    for (at, path) in [
        ("gitlab", "/acme/platform/fleet.git"),
        ("gitea", "/acme/fleet.git"),
        ("bitbucket-server", "/scm/ACME/fleet.git"),
    ] {
        let world = World::of_group(at);
        world.bootstrap(&["--token-auth"]).succeeded();
        let source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
        assert_eq!(source["spec"]["url"], format!("https://{}{path}", world.forge.host()), "{at}");
        assert_eq!(world.secret("username").as_deref(), Some("git"), "{at}");
        assert_eq!(world.secret("password").as_deref(), Some(TOKEN), "{at}");
        // Bitbucket Server would call it `master` if it were not asked for another.
        let branch = world.forge.git(&world.repository(), &["symbolic-ref", "HEAD"]).unwrap();
        assert_eq!(branch, "refs/heads/main", "{at}");
    }
    let world = World::of_group("bitbucket-server");
    world.bootstrap(&["--token-auth", "--username=grace"]).succeeded();
    assert_eq!(world.secret("username").as_deref(), Some("grace"));
    let world = World::at("bitbucket-server");
    world.bootstrap(&["--token-auth", "--username=grace"]).succeeded();
    assert_eq!(world.secret("username").as_deref(), Some("ada"), "a personal repository is its owner's");
}

#[test]
fn a_key_that_vanished_and_a_recreated_repository_are_mended() {
    for at in FORGES {
        let world = World::at(at);
        world.bootstrap(&["--read-write-key"]).succeeded();
        assert!(!world.forge.deploy_keys(&world.repository())[0].2, "{at}");
        world.bootstrap(&[]).succeeded();
        world.is_complete(&format!("{at}: read-only again"));
        world.forge.remove_deploy_keys(&world.repository());
        world.bootstrap(&[]).succeeded();
        world.is_complete(&format!("{at}: the key was removed"));
        world.forge.delete_repository(&world.repository()).unwrap();
        world.bootstrap(&[]).succeeded();
        world.is_complete(&format!("{at}: the repository was deleted"));
    }
}

#[test]
fn a_run_with_teams_killed_after_any_request_to_gitlab_is_finished_by_the_next() {
    recovery::killed_after_any_request_with_teams("gitlab");
}

#[test]
fn a_run_with_teams_killed_after_any_request_to_gitea_is_finished_by_the_next() {
    recovery::killed_after_any_request_with_teams("gitea");
}

#[test]
fn a_run_with_teams_killed_after_any_request_to_bitbucket_is_finished_by_the_next() {
    recovery::killed_after_any_request_with_teams("bitbucket-server");
}

#[test]
fn a_run_killed_after_any_request_to_gitlab_is_finished_by_the_next() {
    recovery::killed_after_any_request("gitlab");
}

#[test]
fn a_run_killed_after_any_request_to_gitea_is_finished_by_the_next() {
    recovery::killed_after_any_request("gitea");
}

#[test]
fn a_run_killed_after_any_request_to_bitbucket_is_finished_by_the_next() {
    recovery::killed_after_any_request("bitbucket-server");
}

#[test]
fn answers_that_break_off_or_never_come_do_no_harm() {
    for (at, create, key) in [
        ("gitlab", "/projects", "/deploy_keys"),
        ("gitea", "/user/repos", "/keys"),
        ("bitbucket-server", "/repos", "/ssh"),
    ] {
        for action in [Action::CutOff, Action::Silence] {
            let world = World::at(at);
            inject(&world, "POST", create, 1, action.clone());
            inject(&world, "POST", key, 1, action);
            world.bootstrap(&[]).succeeded();
            world.is_complete(at);
        }
    }
}

#[test]
fn two_runs_at_once_and_a_push_in_between_are_survived() {
    for at in FORGES {
        let world = World::at(at);
        let start = || world.command(&world.arguments(&[])).spawn().unwrap();
        let (one, other) = (start(), start());
        let other = std::thread::spawn(move || said(other));
        said(one).succeeded();
        other.join().unwrap().succeeded();
        world.is_complete(&format!("{at}: two runs"));
        let bare = world.forge.repository_path(&world.repository());
        let push = Action::Call(Arc::new(move || commit_in_between(&bare, "README.md")));
        inject(&world, "GET", "info/refs?service=git-receive-pack", 1, push);
        let run = world.bootstrap(&["--interval=5m"]);
        assert!(run.succeeded().err.contains("◎ git conflict detected"), "{at}: {}", run.err);
    }
}

#[test]
fn every_refusal_names_its_cause_and_the_next_step() {
    let json = || vec![("content-type", "application/json")];
    let page = || Action::Answer(200, vec![("content-type", "text/html")], "<!doctype html><p>Welcome</p>");
    for (at, token, read, create, key) in [
        ("gitlab", "GITLAB_TOKEN", "/projects/", "/projects", "/deploy_keys"),
        ("gitea", "GITEA_TOKEN", "/repos/", "/user/repos", "/keys"),
        ("bitbucket-server", "BITBUCKET_TOKEN", "/repos/", "/repos", "/ssh"),
    ] {
        let failed = |method: &'static str, path: &'static str, action: Action, words: &[&str]| {
            let world = World::at(at);
            inject(&world, method, path, 1000, action);
            world.bootstrap(&["--timeout=25s"]).failed_with(words);
            if path != key {
                is_untouched(&world, at);
            }
        };
        let export = format!("export it as {token}");
        let expired = Action::Answer(401, json(), r#"{"message":"the token has expired"}"#);
        failed("GET", read, expired, &["ada/fleet", "was not accepted", "the token has expired", &export]);
        let denied = Action::Answer(403, json(), r#"{"message":"you may not"}"#);
        failed("POST", create, denied, &["creating the repository", "ada/fleet", "not allowed: you may not"]);
        let missing = Action::Answer(404, json(), r#"{"message":"404 Not Found"}"#);
        failed(
            "POST",
            key,
            missing,
            &["flux-system-main-flux-system-./clusters/one", "not found", "admin rights"],
        );
        failed("GET", read, page(), &["ada/fleet", "a web page instead of an answer", "--hostname"]);
        failed("POST", create, page(), &["creating the repository", "a web page", "--hostname"]);
        failed("POST", key, page(), &["clusters/one", "a web page", "--hostname"]);
        let broken = Action::Answer(502, vec![("content-type", "text/html")], "<html>");
        failed("GET", read, broken, &["ada/fleet", "502", "status page"]);
        let begun = Instant::now();
        let limited = Action::Answer(429, vec![("retry-after", "1800")], "Retry later");
        failed("GET", read, limited, &["ada/fleet", "rate limit", "again in 30m"]);
        assert!(begun.elapsed() < Duration::from_secs(10), "{at}");
        let world = World::at(at);
        inject(&world, "POST", create, 1, Action::Answer(429, vec![("retry-after", "1")], "Retry later"));
        let begun = Instant::now();
        world.bootstrap(&[]).succeeded();
        assert!(begun.elapsed() >= Duration::from_secs(1), "{at}: Retry-After was not honoured");
    }
}

#[test]
fn a_token_that_is_revoked_or_may_only_read_touches_nothing() {
    for at in FORGES {
        let world = World::at(at);
        world.forge.add_user("ada", "another", "repo");
        world.bootstrap(&[]).failed_with(&["was not accepted", "export it as"]);
        is_untouched(&world, at);
        world.forge.add_user("ada", TOKEN, "");
        world.bootstrap(&[]).failed_with(&["creating the repository", "ada/fleet", "not allowed"]);
        is_untouched(&world, at);
        let repository = world.repository();
        world.forge.create_repository(&repository).unwrap();
        world.forge.commit(&repository, "main", &[("README.md", Some("x"))], "first").unwrap();
        world.bootstrap(&["--token-auth"]).failed_with(&["denied", "write access"]);
        assert_eq!(world.commits(), ["first"], "{at}");
    }
}

#[test]
fn a_group_that_does_not_exist_is_named() {
    for (at, words) in [
        ("gitlab", &["group \"missing/at-all\"", "not found", "--personal"]),
        ("gitea", &["missing/at-all", "the organization does not exist", "--personal"]),
        ("bitbucket-server", &["project \"missing/at-all\"", "not found", "--personal"]),
    ] {
        let world = World::of_group(at);
        let mut arguments = world.arguments(&[]);
        arguments.retain(|argument| !argument.starts_with("--owner"));
        arguments.push("--owner=missing/at-all".to_owned());
        world.run(&arguments).failed_with(words);
        is_untouched(&world, at);
    }
}

#[test]
fn a_token_of_someone_else_cannot_create_a_personal_repository() {
    for at in FORGES {
        let world = World::at(at);
        world.forge.add_user("grace", "of-grace", "repo");
        let mut arguments = world.arguments(&[]);
        arguments.retain(|argument| !argument.starts_with("--owner"));
        arguments.push("--owner=grace".to_owned());
        world.run(&arguments).failed_with(&["belongs to \"ada\"", "--owner=ada"]);
    }
}

#[test]
fn teams_get_their_permission_and_another_one_when_asked() {
    for (at, flags, further, given) in [
        (
            "gitlab",
            "--team=ops:admin,acme/dev",
            "--team=acme/dev:pull",
            [("acme/dev", "40", "10"), ("ops", "50", "50")],
        ),
        (
            "gitea",
            "--team=ops:admin,dev",
            "--team=dev:pull",
            [("dev", "member", "member"), ("ops", "member", "member")],
        ),
        (
            "bitbucket-server",
            "--group=ops:admin,dev",
            "--group=dev:pull",
            [("dev", "REPO_WRITE", "REPO_READ"), ("ops", "REPO_ADMIN", "REPO_ADMIN")],
        ),
    ] {
        let world = World::of_group(at);
        // The answer to the first request is lost: the second must not fail for it.
        inject(
            &world,
            if at == "gitlab" { "POST" } else { "PUT" },
            if at == "gitlab" { "/share" } else { "ops" },
            1,
            Action::Silence,
        );
        let said = world.bootstrap(&["--token-auth", flags]);
        assert!(
            said.succeeded().err.contains("✔ granted \"admin\" permissions to \"ops\"\n"),
            "{at}: {}",
            said.err
        );
        let wanted: Vec<(String, String)> =
            given.iter().map(|(team, first, _)| ((*team).to_owned(), (*first).to_owned())).collect();
        assert_eq!(world.forge.team_permissions(&world.repository()), wanted, "{at}");
        // What is there is kept, unless --reconcile asks for it.
        world.bootstrap(&["--token-auth", further]).succeeded();
        assert_eq!(world.forge.team_permissions(&world.repository()), wanted, "{at}");
        world.bootstrap(&["--token-auth", further, "--reconcile"]).succeeded();
        let wanted: Vec<(String, String)> =
            given.iter().map(|(team, _, then)| ((*team).to_owned(), (*then).to_owned())).collect();
        assert_eq!(world.forge.team_permissions(&world.repository()), wanted, "{at}");
        let flag = further.split('=').next().unwrap();
        let unknown = world.bootstrap(&["--token-auth", &format!("{flag}=nobody:push")]);
        let failed = "✗ failed to grant \"push\" permissions to \"nobody\": ";
        assert!(unknown.succeeded().err.contains(failed), "{at}: {}", unknown.err);
        let wrong = world.bootstrap(&[&format!("{flag}=dev:own")]);
        assert_eq!(wrong.code, 1, "{at}");
        assert!(wrong.err.contains("invalid permission \"own\""), "{at}: {}", wrong.err);
    }
}

#[test]
fn visibility_is_as_asked_and_changed_with_reconcile_only() {
    for (at, flag, word) in [
        ("gitlab", "--visibility=internal", "internal"),
        ("gitlab", "--private=false", "public"),
        ("gitea", "--private=false", "public"),
        ("bitbucket-server", "--private=false", "public"),
    ] {
        let world = World::at(at);
        let first = world.bootstrap(&["--token-auth", flag]);
        first.succeeded();
        let notice = "Flag --private has been deprecated, use --visibility instead\n";
        assert_eq!(first.err.contains(notice), at == "gitlab" && word == "public", "{}", first.err);
        assert_eq!(first.out, "", "{at}");
        let seen = || world.forge.visibility(&world.repository()).unwrap();
        assert_eq!(seen(), word, "{at}");
        world.bootstrap(&["--token-auth"]).succeeded();
        assert_eq!(seen(), word, "{at}");
        let plan = world.bootstrap(&["--token-auth", "--reconcile", "--dry-run"]);
        assert!(plan.succeeded().out.contains("/fleet private\n"), "{at}: {}", plan.out);
        world.bootstrap(&["--token-auth", "--reconcile"]).succeeded();
        assert_eq!(seen(), "private", "{at}");
    }
}

#[test]
fn flags_that_exclude_each_other_are_refused_before_anything_is_asked() {
    let world = World::at("gitlab");
    let refused = |arguments: &[String], words: &[&str]| {
        let said = world.run(arguments);
        assert_eq!(said.code, 1, "{said:?}");
        for word in words {
            assert!(said.err.contains(word), "{said:?}");
        }
        assert!(world.forge.requests().is_empty(), "{arguments:?}");
    };
    refused(
        &world.arguments(&["--token-auth", "--deploy-token-auth"]),
        &["✗ --token-auth and --deploy-token-auth cannot be set both.\n"],
    );
    refused(
        &world.arguments(&["--visibility=secret"]),
        &["✗ invalid argument \"secret\" for \"--visibility\" flag: unsupported visibility 'secret'\n"],
    );
    refused(
        &world.arguments(&["--repository=apps/fleet"]),
        &["✗ apps/fleet is an invalid project name for gitlab.\n", "--owner=ada/apps --repository=fleet"],
    );
    let line = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    refused(&line(&["bootstrap", "bitbucket-server"]), &["✗ invalid hostname \"\"\n", "--hostname"]);
    refused(
        &line(&["bootstrap", "gitea", "--ssh-signing-reuse-private-key"]),
        &["✗ --ssh-signing-reuse-private-key is not supported by 'bootstrap gitea'; "],
    );
    for (at, variable) in [("gitlab", "GITLAB"), ("gitea", "GITEA"), ("bitbucket-server", "BITBUCKET")] {
        let mut arguments = line(&["bootstrap", at, "--owner=ada", "--repository=fleet"]);
        arguments.push(format!("--hostname={}", world.forge.host()));
        let mut command = world.command(&arguments);
        let said = said(command.env_remove(format!("{variable}_TOKEN")).spawn().unwrap());
        said.failed_with(&["✗ could not read token: ", &format!("export {variable}_TOKEN=<token>")]);
    }
}

#[test]
fn a_key_file_logs_in_and_signs() {
    for at in ["gitlab", "bitbucket-server"] {
        let world = World::at(at);
        let (file, public) = super::signing::ssh_key(world.folder.path(), &["-t", "ed25519"], "");
        let key = format!("--private-key-file={}", file.display());
        let flags = [key.as_str(), "--ssh-signing-reuse-private-key", "--author-email=flux@example.com"];
        world.bootstrap(&flags).succeeded();
        world.is_complete(at);
        let bare = |key: &str| key.split_whitespace().nth(1).map(str::to_owned);
        assert_eq!(bare(&world.secret("identity.pub").unwrap()), bare(&public), "{at}");
        let commit = world.forge.git(&world.repository(), &["cat-file", "commit", "main"]).unwrap();
        assert!(commit.contains("-----BEGIN SSH SIGNATURE-----"), "{at}: {commit}");
    }
}
