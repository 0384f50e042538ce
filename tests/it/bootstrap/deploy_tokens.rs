//! `bootstrap gitlab --deploy-token-auth`: a token that is made once, works, and is replaced when it does not.

use super::world::World;
use super::world::said;
use testbed::forge::Action;
use testbed::forge::Fault;

const FLAG: &str = "--deploy-token-auth";
const TITLE: &str = "flux-system-main-flux-system-./clusters/one";

/// The one token of the repository is that of the Secret.
#[track_caller]
fn is_complete(world: &World, what: &str) {
    let tokens = world.forge.deploy_tokens(&world.repository());
    assert_eq!(tokens.len(), 1, "{what}: {tokens:?}");
    let (name, username, token) = &tokens[0];
    assert_eq!(name, TITLE, "{what}");
    assert_eq!(world.secret("username").as_ref(), Some(username), "{what}");
    assert_eq!(world.secret("password").as_ref(), Some(token), "{what}");
    assert!(world.secret("ca.crt").is_some_and(|ca| ca.contains("BEGIN CERTIFICATE")), "{what}");
    assert_eq!(world.secret("identity"), None, "{what}");
    let source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
    let url = format!("https://{}/{}.git", world.forge.host(), world.repository());
    assert_eq!(source["spec"]["url"], url, "{what}");
}

#[test]
fn a_token_is_made_once_and_kept() {
    let world = World::of_group("gitlab");
    let plan = world.bootstrap(&[FLAG, "--dry-run"]);
    let line = format!("create the deploy token \"{TITLE}\"");
    assert!(plan.succeeded().out.contains(&line), "{}", plan.out);
    assert!(
        plan.out.contains("create Secret/flux-system/flux-system with ca.crt, password, username"),
        "{}",
        plan.out
    );
    let first = world.bootstrap(&[FLAG]);
    first.succeeded();
    let url = format!("https://{}/{}", world.forge.host(), world.repository());
    let lines = format!(
        "► checking to reconcile deploy token for source secret\n✔ configured deploy token \"{TITLE}\" for \"{url}\"\n\
         ► determining if source secret \"flux-system/flux-system\" exists\n► generating source secret\n\
         ► applying source secret \"flux-system/flux-system\"\n✔ reconciled source secret\n"
    );
    assert!(first.err.contains(&lines), "{}", first.err);
    is_complete(&world, "after the first run");
    let tokens = world.forge.deploy_tokens(&world.repository());
    let again = world.bootstrap(&[FLAG]);
    assert!(again.succeeded().err.contains("✔ source secret up to date\n"), "{}", again.err);
    assert_eq!(world.forge.deploy_tokens(&world.repository()), tokens);
    let plan = world.bootstrap(&[FLAG, "--dry-run"]);
    assert!(plan.succeeded().out.starts_with("nothing to do"), "{}", plan.out);
}

#[test]
fn a_token_that_is_gone_or_does_not_open_the_repository_is_replaced() {
    let world = World::of_group("gitlab");
    world.bootstrap(&[]).succeeded();
    world.bootstrap(&[FLAG]).succeeded();
    is_complete(&world, "after another way to log in");
    world.forge.remove_deploy_tokens(&world.repository());
    world.bootstrap(&[FLAG]).succeeded();
    is_complete(&world, "after the token was revoked");
    let mut secret = world.api.get("Secret", "flux-system", "flux-system").unwrap();
    secret["data"]["password"] = serde_json::json!("b3RoZXI=");
    world.api.put(secret);
    world.bootstrap(&[FLAG]).succeeded();
    is_complete(&world, "after the password was spoiled");
}

#[test]
fn lost_answers_and_runs_at_once_leave_one_token_that_works() {
    for action in [Action::Silence, Action::CutOff] {
        let world = World::of_group("gitlab");
        world.forge.inject(Fault { method: "POST", path: "/deploy_tokens", after: 0, times: 1, action });
        world.bootstrap(&[FLAG]).succeeded();
        is_complete(&world, "after a lost answer");
    }
    let world = World::of_group("gitlab");
    let start = || world.command(&world.arguments(&[FLAG])).spawn().unwrap();
    let (one, other) = (start(), start());
    let other = std::thread::spawn(move || said(other));
    said(one).succeeded();
    other.join().unwrap().succeeded();
    is_complete(&world, "after two runs at once");
}

#[test]
fn the_token_is_never_shown() {
    let world = World::of_group("gitlab");
    let mut shown = String::new();
    for flags in [&[FLAG, "--verbose", "--dry-run"][..], &[FLAG, "--verbose"], &[FLAG, "--verbose"]] {
        let said = world.bootstrap(flags);
        shown.push_str(&said.out);
        shown.push_str(&said.err);
    }
    let token = world.secret("password").unwrap();
    assert!(!shown.contains(&token) && !shown.contains(super::world::TOKEN), "{shown}");
}
