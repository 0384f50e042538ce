//! Refusals that the forge itself gives, for a reason it knows: tokens, rights, rules, limits. And connections that break.

use super::signing::ssh_key;
use super::world::TOKEN;
use super::world::World;
use std::time::Duration;
use std::time::Instant;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Refusal;

fn inject(world: &World, method: &'static str, path: &'static str, times: usize, action: Action) {
    world.forge.inject(Fault { method, path, after: 0, times, action });
}

/// Nothing is in the repository or in the cluster.
#[track_caller]
fn is_untouched(world: &World) {
    assert_eq!(world.commits(), Vec::<String>::new());
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
    let left = std::fs::read_dir(world.scratch()).unwrap().count();
    assert_eq!(left, 0, "temporary files were left behind");
}

#[test]
fn a_token_that_was_revoked_touches_nothing_and_a_new_one_continues() {
    let world = World::new();
    world.forge.add_user("ada", "ghp_another", "repo");
    world.bootstrap(&[]).failed_with(&[
        "ada/fleet",
        "token was not accepted",
        "Bad credentials",
        "export it as GITHUB_TOKEN",
    ]);
    is_untouched(&world);
    world.forge.add_user("ada", TOKEN, "repo");
    world.bootstrap(&[]).succeeded();
    world.is_complete("after the token was renewed");
}

#[test]
fn a_token_without_the_right_to_create_is_told_what_it_lacks() {
    let world = World::new();
    world.forge.add_user("ada", TOKEN, "gist");
    world.bootstrap(&[]).failed_with(&["creating", "ada/fleet", "lacks the scope repo", "add the scope"]);
    is_untouched(&world);
    world.forge.add_user("ada", TOKEN, "");
    world.bootstrap(&[]).failed_with(&["creating", "ada/fleet", "not allowed", "read and write"]);
    is_untouched(&world);
}

#[test]
fn a_token_that_may_only_read_is_refused_at_the_push() {
    let world = World::new();
    world.forge.create_repository(&world.repository()).unwrap();
    world.forge.commit(&world.repository(), "main", &[("README.md", Some("x"))], "first").unwrap();
    world.forge.add_user("ada", TOKEN, "");
    world.bootstrap(&["--token-auth"]).failed_with(&["ada/fleet", "denied", "write access"]);
    assert_eq!(world.commits(), ["first"]);
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
}

#[test]
fn a_private_repository_of_someone_else_is_as_if_it_were_not_there() {
    let world = World::new();
    world.forge.add_user("grace", "ghp_of_grace", "repo");
    world.forge.create_repository("grace/fleet").unwrap();
    let mut arguments = world.arguments(&["--token-auth"]);
    arguments.retain(|argument| !argument.starts_with("--owner"));
    arguments.push("--owner=grace".to_owned());
    world.run(&arguments).failed_with(&["belongs to \"ada\"", "grace", "--owner=ada"]);
    is_untouched(&world);
}

#[test]
fn single_sign_on_leads_to_the_page_that_authorises_the_token() {
    let world = World::new();
    inject(&world, "GET", "/repos/", 1000, Action::Refuse(Refusal::SingleSignOn));
    world.bootstrap(&[]).failed_with(&[
        "ada/fleet",
        "single sign-on",
        "https://github.example.com/orgs/acme/sso",
    ]);
    is_untouched(&world);
}

#[test]
fn where_deploy_keys_are_disabled_the_run_continues_once_they_are_allowed() {
    let world = World::new();
    world.forge.create_repository(&world.repository()).unwrap();
    world.forge.disable_deploy_keys(&world.repository());
    let said = world.bootstrap(&[]);
    said.failed_with(&[
        "flux-system-main-flux-system-./clusters/one",
        "ada/fleet",
        "disabled",
        "--token-auth",
    ]);
    for kind in ["GitRepository", "Kustomization"] {
        assert!(world.api.get(kind, "flux-system", "flux-system").is_none(), "{kind} without access");
    }
    // The key that was created is no longer needed: the next run authenticates differently, and removes it.
    world.bootstrap(&["--token-auth"]).succeeded();
    assert_eq!(world.secret("identity"), None);
    assert_eq!(world.secret("password").as_deref(), Some(TOKEN));
}

#[test]
fn a_key_that_opens_another_repository_is_not_removed_from_it() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    // As when a cluster's Secret was copied into another one.
    let public = world.secret("identity.pub").unwrap();
    world.forge.delete_repository(&world.repository()).unwrap();
    world.forge.create_repository("ada/other").unwrap();
    world.forge.add_deploy_key("ada/other", "theirs", &public, true);
    world.bootstrap(&[]).failed_with(&[
        "flux-system-main-flux-system-./clusters/one",
        "ada/fleet",
        "already in use",
        "delete the source Secret",
    ]);
    assert_eq!(world.forge.deploy_keys("ada/other").len(), 1);
}

#[test]
fn a_limit_is_waited_out_until_the_time_it_names() {
    for refusal in [
        Refusal::PrimaryLimit { reset: 1 },
        Refusal::SecondaryLimit { after: 1 },
        Refusal::TooMany { after: 1 },
    ] {
        let world = World::new();
        inject(&world, "POST", "/keys", 1, Action::Refuse(refusal));
        let begun = Instant::now();
        world.bootstrap(&[]).succeeded();
        assert!(begun.elapsed() >= Duration::from_secs(1), "{refusal:?} was not waited out");
        world.is_complete("after a limit");
    }
}

#[test]
fn a_limit_beyond_the_deadline_is_reported_at_once_with_its_end() {
    let world = World::new();
    inject(&world, "GET", "/repos/", 1000, Action::Refuse(Refusal::PrimaryLimit { reset: 1800 }));
    let begun = Instant::now();
    let said = world.bootstrap(&[]);
    said.failed_with(&["ada/fleet", "rate limit", "--timeout"]);
    assert!(said.err.contains("again in 30m") || said.err.contains("again in 29m"), "{}", said.err);
    assert!(begun.elapsed() < Duration::from_secs(10));
    is_untouched(&world);
}

#[test]
fn answers_that_break_off_or_never_come_do_no_harm() {
    // Each of these is obeyed by the forge: asking again must not do it twice.
    for (method, path, action) in [
        ("POST", "/user/repos", Action::CutOff),
        ("POST", "/user/repos", Action::Silence),
        ("GET", "/keys", Action::CutOff),
        ("POST", "/keys", Action::CutOff),
        ("POST", "/keys", Action::Silence),
        ("POST", "/keys", Action::Delay(Duration::from_millis(1500))),
        ("GET", "git-upload-pack", Action::CutOff),
        ("GET", "git-receive-pack", Action::Silence),
        ("POST", "git-receive-pack", Action::CutOff),
        ("POST", "git-receive-pack", Action::Silence),
    ] {
        let world = World::new();
        inject(&world, method, path, 1, action);
        let said = world.bootstrap(&[]);
        assert_eq!(said.code, 0, "{method} {path}: {}", said.err);
        world.is_complete(&format!("{method} {path}"));
    }
}

#[test]
fn a_forge_that_is_broken_for_good_is_named_with_its_status() {
    for status in [500, 502, 503] {
        let world = World::new();
        inject(&world, "GET", "/repos/", 1000, Action::Refuse(Refusal::Broken { status }));
        world.bootstrap(&["--timeout=25s"]).failed_with(&["ada/fleet", &status.to_string(), "status page"]);
        is_untouched(&world);
    }
}

#[test]
fn a_forge_that_does_not_answer_is_given_up_at_the_deadline() {
    let world = World::new();
    inject(&world, "GET", "/repos/", 1000, Action::Delay(Duration::from_secs(60)));
    let begun = Instant::now();
    world.bootstrap(&["--timeout=2s"]).failed_with(&["127.0.0.1", "timed out"]);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    is_untouched(&world);
}

#[test]
fn a_forge_that_is_not_there_is_named_with_host_and_port() {
    let world = World::new();
    let mut arguments = world.arguments(&[]);
    arguments.retain(|argument| !argument.starts_with("--hostname"));
    // Nothing listens on the port of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    arguments.push(format!("--hostname={gone}"));
    world.run(&arguments).failed_with(&[&gone.to_string(), "ada/fleet", "--hostname"]);
    is_untouched(&world);
}

#[test]
fn a_repository_that_was_renamed_is_named_with_its_new_address() {
    let world = World::new();
    let location = [("location", "https://api.github.example.com/repositories/7")].to_vec();
    let body = r#"{"message":"Moved Permanently","url":"https://api.github.example.com/repositories/7"}"#;
    inject(&world, "GET", "/repos/", 1000, Action::Answer(301, location, body));
    world.bootstrap(&[]).failed_with(&["ada/fleet", "moved to", "repositories/7", "--repository"]);
    is_untouched(&world);
}

#[test]
fn a_deploy_key_that_may_not_do_it_is_refused_in_the_words_of_the_forge() {
    for (repository, words) in [
        ("ada/fleet", &["ada/fleet", "read only", "write access"][..]),
        ("ada/other", &["ada/fleet", "not found"]),
    ] {
        let world = World::new();
        for full_name in ["ada/fleet", "ada/other"] {
            world.forge.create_repository(full_name).unwrap();
            world.forge.commit(full_name, "main", &[("README.md", Some("x"))], "first").unwrap();
        }
        let (file, public) = ssh_key(world.folder.path(), &["-t", "ed25519"], TOKEN);
        world.forge.add_deploy_key(repository, "by hand", &public, true);
        let url = format!("--url=ssh://git@{}/ada/fleet", world.forge.ssh_host());
        let key = format!("--private-key-file={}", file.display());
        let arguments = ["bootstrap", "git", &url, &key, "--path=clusters/one", "--silent", "--timeout=20s"];
        world.run(&arguments.map(str::to_owned)).failed_with(words);
        assert_eq!(world.commits(), ["first"]);
        assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
    }
}
