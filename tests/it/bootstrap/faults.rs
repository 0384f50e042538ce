//! What goes wrong, and what is reported about it: the thing by its name, and the next step.

use super::world::REPOSITORY;
use super::world::TOKEN;
use super::world::World;
use super::world::reconciled;
use serde_json::json;
use std::time::Duration;
use testbed::forge::Action;
use testbed::forge::Fault;

fn answers(world: &World, method: &'static str, path: &'static str, times: usize, action: Action) {
    world.forge.inject(Fault { method, path, after: 0, times, action });
}

#[test]
fn every_refusal_of_the_forge_names_its_cause_and_the_next_step() {
    let cases: [(&str, &str, Action, &[&str]); 6] = [
        (
            "GET",
            "/repos/",
            Action::Answer(401, vec![], r#"{"message":"Bad credentials"}"#),
            &["ada/fleet", "Bad credentials", "GITHUB_TOKEN"],
        ),
        (
            "POST",
            "/user/repos",
            Action::Answer(
                403,
                vec![("x-oauth-scopes", "gist"), ("x-accepted-oauth-scopes", "public_repo, repo")],
                r#"{"message":"Resource not accessible"}"#,
            ),
            &["ada/fleet", "lacks the scope repo", "gist"],
        ),
        (
            "GET",
            "/repos/",
            Action::Answer(
                403,
                vec![("x-github-sso", "required; url=https://example.com/sso")],
                r#"{"message":"Resource protected by organization SAML enforcement"}"#,
            ),
            &["single sign-on", "https://example.com/sso"],
        ),
        (
            "POST",
            "/keys",
            Action::Answer(422, vec![], r#"{"message":"Deploy keys are disabled for this repository"}"#),
            &["deploy keys are disabled", "--token-auth"],
        ),
        (
            "POST",
            "/keys",
            Action::Answer(
                422,
                vec![],
                r#"{"message":"Validation Failed","errors":[{"message":"key is already in use"}]}"#,
            ),
            &["key is already in use", "delete the source Secret"],
        ),
        (
            "GET",
            "/repos/",
            Action::Answer(200, vec![("content-type", "application/json")], r#"{"html_url": "https://x/a"#),
            &["unexpected response", "ada/fleet"],
        ),
    ];
    for (method, path, action, words) in cases {
        let world = World::new();
        answers(&world, method, path, 1000, action);
        world.bootstrap(&["--timeout=25s"]).failed_with(words);
    }
}

#[test]
fn a_rate_limit_and_a_failing_server_are_waited_out() {
    let world = World::new();
    let limited = Action::Answer(429, vec![("retry-after", "1")], r#"{"message":"slow down"}"#);
    answers(&world, "GET", "/repos/", 1, limited);
    answers(&world, "POST", "/user/repos", 2, Action::Answer(502, vec![], "<html>"));
    answers(&world, "GET", "git-upload-pack", 1, Action::Answer(503, vec![], "busy"));
    answers(&world, "GET", "git-receive-pack", 1, Action::Answer(503, vec![], "busy"));
    let begun = std::time::Instant::now();
    world.bootstrap(&[]).succeeded();
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After was not honoured");
    world.is_complete("after the troubles of the forge");
}

#[test]
fn a_limit_longer_than_the_deadline_is_reported_at_once() {
    let world = World::new();
    let limited = Action::Answer(403, vec![("retry-after", "3600")], r#"{"message":"secondary rate limit"}"#);
    answers(&world, "GET", "/repos/", 1000, limited);
    let begun = std::time::Instant::now();
    world.bootstrap(&[]).failed_with(&["rate limit"]);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_protected_branch_stops_the_run_before_the_cluster_is_touched() {
    let world = World::new();
    world.forge.create_repository(REPOSITORY).unwrap();
    world.forge.commit(REPOSITORY, "main", &[("README.md", Some("x"))], "first").unwrap();
    world.forge.protect_branch(REPOSITORY, "main").unwrap();
    world.bootstrap(&[]).failed_with(&["main", "declined", "--branch"]);
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
}

#[test]
fn a_branch_that_is_not_there_is_named_with_those_that_are() {
    let world = World::new();
    world.forge.create_repository(REPOSITORY).unwrap();
    world.forge.commit(REPOSITORY, "trunk", &[("README.md", Some("x"))], "first").unwrap();
    world.bootstrap(&[]).failed_with(&["\"main\" not found", "\"trunk\"", "--branch"]);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_refused_quickly() {
    let world = World::new();
    let mut arguments = world.arguments(&[]);
    arguments.retain(|argument| !argument.starts_with("--ca-file"));
    let begun = std::time::Instant::now();
    world.run(&arguments).failed_with(&["certificate", "--ca-file"]);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_token_of_someone_else_cannot_create_a_personal_repository() {
    let world = World::new();
    let mut arguments = world.arguments(&[]);
    arguments.retain(|argument| !argument.starts_with("--owner"));
    arguments.push("--owner=grace".to_owned());
    world.run(&arguments).failed_with(&["belongs to \"ada\"", "--owner=ada"]);
}

#[test]
fn an_object_that_never_gets_ready_is_shown_with_its_reason_at_the_deadline_only() {
    let world = World::new();
    world.api.without_kubelet();
    world.api.react(|object| {
        if object["kind"] != "GitRepository" {
            return None;
        }
        let mut next = object.clone();
        next["status"] = json!({
            "observedGeneration": object["metadata"]["generation"],
            "conditions": [{"type": "Ready", "status": "False", "reason": "GitOperationFailed", "message": "no route to host"}],
        });
        (next["status"] != object["status"]).then_some((Duration::from_millis(200), next))
    });
    let begun = std::time::Instant::now();
    let said = world.bootstrap(&["--timeout=20s"]);
    said.failed_with(&[
        "bootstrap failed with",
        "GitOperationFailed: no route to host",
        "\n◎ GitRepository/flux-system/flux-system: GitOperationFailed: no route to host\n",
        "`fluxr why gitrepository/flux-system` finds the cause",
    ]);
    assert!(begun.elapsed() >= Duration::from_secs(19), "the first failure was taken for the end");
}

#[test]
fn another_folder_is_refused_before_anything_is_written() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    let mut arguments = world.arguments(&[]);
    arguments.retain(|argument| !argument.starts_with("--path"));
    arguments.push("--path=clusters/two".to_owned());
    world.run(&arguments).failed_with(&["clusters/two", "./clusters/one"]);
    world.is_complete("after another folder was refused");
}

#[test]
fn no_secret_is_ever_shown() {
    let world = World::new();
    let mut shown = String::new();
    let mut keep = |said: super::world::Said| shown.push_str(&format!("{}{}", said.out, said.err));
    keep(world.bootstrap(&["--verbose", "--dry-run"]));
    keep(world.bootstrap(&["--verbose", "--registry-creds=robot:pa:ss/w0rd", "--image-pull-secret=pull"]));
    keep(world.bootstrap(&["--verbose", "--token-auth"]));
    let url = format!("--url=https://git:{TOKEN}@127.0.0.1:1/ada/fleet.git");
    let arguments = ["bootstrap", "git", &url, "--token-auth", "--verbose", "--timeout=3s"];
    keep(world.run(&arguments.map(str::to_owned)));
    let identity = world.secret("identity").unwrap_or_default();
    for secret in [TOKEN, "pa:ss/w0rd", "PRIVATE KEY"] {
        assert!(!shown.contains(secret), "{secret} was shown:\n{shown}");
    }
    assert!(identity.is_empty(), "the private key stayed after --token-auth");
    let left = std::fs::read_dir(world.scratch()).unwrap().count();
    assert_eq!(left, 0, "temporary files were left behind");
}

#[test]
fn no_token_is_shown_whatever_a_forge_answers() {
    for at in ["github", "gitlab", "gitea", "bitbucket-server"] {
        for (status, body) in [
            (401, r#"{"message": "ghp_t0ken-0f-ada has expired"}"#),
            (403, r#"{"errors": [{"message": "ghp_t0ken-0f-ada may not"}]}"#),
            (422, r#"{"message": "ghp_t0ken-0f-ada is of no use"}"#),
            (500, "<p>ghp_t0ken-0f-ada"),
            (200, "ghp_t0ken-0f-ada"),
        ] {
            let world = World::at(at);
            answers(&world, "GET", "/", 1000, Action::Answer(status, vec![], body));
            let said = world.bootstrap(&["--verbose", "--timeout=2s"]);
            assert_eq!(said.code, 1, "{at} {status}: {}", said.err);
            assert!(!format!("{}{}", said.out, said.err).contains(TOKEN), "{at} {status}: {}", said.err);
            assert_eq!(std::fs::read_dir(world.scratch()).unwrap().count(), 0, "{at} {status}");
        }
    }
}

#[test]
fn the_components_are_looked_at_when_the_time_is_over() {
    let world = World::without_controllers();
    let bare = world.forge.repository_path(&world.repository());
    world.api.react(move |object| {
        let next = (object["kind"] == "GitRepository").then(|| reconciled(&bare, object))??;
        (next["status"] != object["status"]).then_some((Duration::from_millis(10), next))
    });
    let said = world.bootstrap(&["--timeout=8s"]);
    said.failed_with(&["timed out waiting for Kustomization"]);
    assert!(said.err.contains("✔ source-controller: deployment ready\n"), "{}", said.err);
}
