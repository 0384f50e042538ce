//! What fluxr asks of GitHub, and what the testbed's forge answers, held against GitHub's own description of its API.

use crate::bootstrap::world::TOKEN;
use crate::bootstrap::world::World;
use crate::changes::apps::AppWorld;
use crate::changes::apps::ID;
use serde_json::json;
use testbed::forge::Action;
use testbed::forge::Fault;
use testbed::forge::Refusal;

const GIST_TOKEN: &str = "ghp_gist";

fn judged(world: World) -> World {
    world.forge.call_referee().unwrap();
    world
}

#[track_caller]
pub(super) fn is_clean(world: &World, at_least: usize) {
    assert_eq!(world.forge.violations(), [], "{:?}", world.forge.requests());
    let judged = world.forge.judged();
    assert!(judged >= at_least, "only {judged} exchanges were judged");
}

/// A user's repository: created, found again, its key replaced, its visibility changed.
pub(super) fn bootstrap_in_every_way(world: &World) {
    world.bootstrap(&[]).succeeded();
    world.bootstrap(&[]).succeeded();
    // Another kind of access, and a key that vanished: it is deleted and created again.
    world.bootstrap(&["--read-write-key"]).succeeded();
    world.bootstrap(&[]).succeeded();
    world.forge.remove_deploy_keys(&world.repository());
    world.bootstrap(&["--reconcile", "--private=false"]).succeeded();
    world.bootstrap(&["--token-auth"]).succeeded();
    world.bootstrap(&["--dry-run"]).succeeded();
}

#[test]
#[ignore = "needs the testbed"]
fn a_personal_bootstrap_asks_and_is_answered_as_github_describes() {
    let world = judged(World::new());
    bootstrap_in_every_way(&world);
    is_clean(&world, 22);
}

#[test]
#[ignore = "needs the testbed"]
fn an_organization_s_bootstrap_asks_and_is_answered_as_github_describes() {
    let world = judged(World::of_organization());
    world.bootstrap(&["--team=ops:admin,dev", "--private=false"]).succeeded();
    world.bootstrap(&["--team=ops:push,dev", "--reconcile"]).succeeded();
    is_clean(&world, 15);
}

#[test]
#[ignore = "needs the testbed"]
fn an_existing_repository_is_asked_for_as_github_describes() {
    let world = judged(World::new());
    world.forge.create_repository(&world.repository()).unwrap();
    world.forge.commit(&world.repository(), "main", &[("README.md", Some("x"))], "first").unwrap();
    world.bootstrap(&["--token-auth"]).succeeded();
    is_clean(&world, 1);
}

#[test]
#[ignore = "needs the testbed"]
fn every_refusal_of_the_forge_is_one_that_github_describes() {
    let world = judged(World::new());
    for refusal in Refusal::ALL {
        let met = match refusal {
            Refusal::NameTaken => [("POST", "/user/repos")].as_slice(),
            Refusal::KeyInUse | Refusal::DeployKeysDisabled => &[("POST", "/keys")],
            _ => &[("GET", "/repos/"), ("POST", "/user/repos"), ("GET", "/keys"), ("POST", "/keys")],
        };
        for (method, path) in met.iter().copied() {
            let before = world.forge.judged();
            let action = Action::Refuse(refusal);
            // Finding nothing yet is fine in the first request.
            let harmless = refusal == Refusal::NotFound && (method, path) == ("GET", "/repos/");
            let times = if harmless { 1 } else { 1000 };
            world.forge.inject(Fault { method, path, after: 0, times, action });
            let said = world.bootstrap(&["--timeout=6s"]);
            world.forge.heal();
            assert_eq!(said.code == 0, harmless, "{refusal:?} {method} {path}: {}", said.err);
            assert!(world.forge.judged() > before, "{refusal:?} {method} {path} was not judged");
            let _ = world.forge.delete_repository(&world.repository());
        }
    }
    is_clean(&world, 120);
}

#[test]
#[ignore = "needs the testbed"]
fn what_the_forge_refuses_by_itself_is_refused_as_github_describes() {
    let world = judged(World::of_organization());
    world.forge.add_user("ada", GIST_TOKEN, "gist");
    world.bootstrap(&[]).failed_with(&["token was not accepted"]);
    world.forge.add_user("ada", TOKEN, "gist");
    world.bootstrap(&[]).failed_with(&["lacks the scope repo"]);
    world.forge.add_user("ada", TOKEN, "");
    world.bootstrap(&[]).failed_with(&["not allowed"]);
    world.forge.add_user("ada", TOKEN, "repo");
    world.forge.create_repository(&world.repository()).unwrap();
    world.forge.disable_deploy_keys(&world.repository());
    world.bootstrap(&[]).failed_with(&["deploy keys are disabled"]);
    is_clean(&world, 8);
}

#[test]
#[ignore = "needs the testbed"]
fn an_app_asks_and_is_answered_as_github_describes() {
    let app = AppWorld::new();
    let forge = &app.world.forge;
    forge.call_referee().unwrap();
    app.run("suspend ks shop --pull-request").succeeded();
    app.secret(&[("githubAppInstallationOwner", "ada")]);
    app.run("resume ks shop --dry-run").succeeded();
    forge.change_app(ID, |app| app.is_suspended = true);
    app.run("suspend ks shop --push").failed();
    app.secret(&[("githubAppInstallationOwner", "grace")]);
    app.run("suspend ks shop --push").failed();
    forge.set_clock_ahead(3600);
    app.run("suspend ks shop --push").failed();
    assert_eq!(forge.violations(), [], "{:?}", forge.requests());
    assert!(forge.judged() >= 10, "only {} exchanges were judged", forge.judged());
}

#[test]
#[ignore = "needs the testbed"]
fn an_answer_that_github_does_not_describe_is_noticed() {
    let world = judged(World::new());
    world.forge.create_repository(&world.repository()).unwrap();
    let wrong = r#"{"html_url": "https://127.0.0.1/ada/fleet", "private": true}"#;
    let action = Action::Answer(200, vec![("content-type", "application/json")], wrong);
    world.forge.inject(Fault { method: "GET", path: "/repos/", after: 0, times: 1, action });
    world.bootstrap(&["--token-auth"]).succeeded();
    let found = world.forge.violations();
    let named = found.iter().any(|found| {
        found.call == "GET /repos/ada/fleet"
            && found.place.starts_with("response")
            && found.message.contains("full_name")
    });
    assert!(named, "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn calls_that_only_people_make_are_answered_as_github_describes() {
    let world = judged(World::new());
    world.forge.create_public_repository(&world.repository()).unwrap();
    world.forge.add_deploy_key(&world.repository(), "flux", "ssh-ed25519 AAAA", true);
    let ca = reqwest::Certificate::from_pem(&std::fs::read(world.forge.ca_file()).unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    for (path, token, status) in [
        ("/rate_limit", TOKEN, 200),
        ("/user", TOKEN, 200),
        ("/user", "wrong", 401),
        ("/repos/ada/fleet", TOKEN, 200),
        ("/repos/ada/fleet/keys", TOKEN, 200),
        ("/repos/ada/nothing", TOKEN, 404),
        ("/repos/ada/nothing/keys", TOKEN, 404),
        ("/orgs/acme/teams/dev/repos/acme/fleet", TOKEN, 404),
    ] {
        let url = format!("https://{}/api/v3{path}", world.forge.host());
        let answer = client.get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    is_clean(&world, 8);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the testbed"]
async fn a_request_that_github_does_not_describe_is_noticed() {
    let world = judged(World::new());
    let ca = reqwest::Certificate::from_pem(&std::fs::read(world.forge.ca_file()).unwrap()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    let ask = |path: &str| {
        let url = format!("https://{}/api/v3{path}", world.forge.host());
        client.post(url).bearer_auth(TOKEN).json(&json!({"name": "fleet", "private": "yes"})).send()
    };
    assert_eq!(ask("/user/repos").await.unwrap().status(), 201);
    let found = world.forge.violations();
    let private = |call: &str, place: &str| found.iter().any(|one| one.call == call && one.place == place);
    assert!(private("POST /user/repos", "request.body.private"), "{found:?}");
    ask("/user/repositories").await.unwrap();
    let found = world.forge.violations();
    assert!(found.iter().any(|found| found.call == "POST /user/repositories"), "{found:?}");
}
