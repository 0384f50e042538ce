//! Credentials that a server or a forge refuses: where they come from, and what to do.

use super::world::FORGES;
use super::world::World;
use super::world::said;
use crate::support::Output;
use testbed::forge::Action;
use testbed::forge::Fault;

const WRONG: &str = "not-the-t0ken";

fn variable(at: &str) -> &'static str {
    match at {
        "github" => "GITHUB_TOKEN",
        "gitlab" => "GITLAB_TOKEN",
        "gitea" => "GITEA_TOKEN",
        _ => "BITBUCKET_TOKEN",
    }
}

/// Runs a line with these variables.
fn run(world: &World, line: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = world.cli.command(&line.split_whitespace().collect::<Vec<_>>());
    said(command.envs(variables.iter().copied()).output().unwrap())
}

/// It fails with these words, and shows no secret.
#[track_caller]
fn fails(seen: &Output, words: &[&str]) {
    for word in words {
        assert!(seen.failed().contains(word), "no \"{word}\" in {}", seen.err);
    }
    assert!(!seen.err.contains(WRONG), "{}", seen.err);
}

#[test]
fn a_token_that_is_refused_is_named_with_what_sent_it() {
    for at in FORGES {
        let world = World::at(at, &[]);
        let told = format!(
            "\nhint: 127.0.0.1 refused the token in {0}, which --forge={at} sends there: create another one and export it as {0}, \
             or correct --forge if it is another forge (",
            variable(at)
        );
        for to in ["--push", "--pull-request"] {
            let line = format!("suspend ks shop {to} --forge={at}");
            fails(&run(&world, &line, &[(variable(at), WRONG)]), &["authentication failed", &told]);
        }
        // Git takes the token, the API does not.
        let path = match at {
            "gitlab" => "/merge_requests",
            "bitbucket-server" => "/pull-requests",
            _ => "/pulls",
        };
        let body = r#"{"message":"Bad credentials"}"#;
        let action = Action::Answer(401, vec![("content-type", "application/json")], body);
        world.forge.inject(Fault { method: "GET", path, after: 0, times: 1, action });
        fails(&world.ask("suspend ks shop --pull-request"), &["the token was not accepted", &told]);
    }
}

#[test]
fn what_was_not_sent_is_told_from_what_was_refused() {
    let world = World::new();
    let line = "suspend ks shop --push";
    let nothing = "\nhint: nothing was sent to 127.0.0.1 to log in with: ";
    let seen = run(&world, line, &[]);
    fails(&seen, &[nothing, "name its forge with --forge (github, gitlab, gitea, bitbucket-server)"]);
    let seen = run(&world, line, &[("GITEA_TOKEN", WRONG)]);
    fails(
        &seen,
        &[nothing, "pass --forge=gitea if that is its forge, to send the token in GITEA_TOKEN there"],
    );
    let seen = run(&world, "suspend ks shop --push --forge=gitlab", &[("GITEA_TOKEN", WRONG)]);
    fails(&seen, &[nothing, "export a token as GITLAB_TOKEN"]);
    let seen = run(&world, line, &[("GIT_PASSWORD", WRONG), ("GITHUB_TOKEN", WRONG)]);
    fails(&seen, &["\nhint: 127.0.0.1 refused the password in GIT_PASSWORD: ", "pass --forge=github"]);
    let helper =
        format!("[credential]\n\thelper = \"!f() {{ echo username=ada; echo password={WRONG}; }}; f\"\n");
    std::fs::write(world.cli.home().join(".gitconfig"), helper).unwrap();
    let seen = run(&world, line, &[]);
    fails(&seen, &["\nhint: 127.0.0.1 refused the password that a credential helper of Git has for it"]);
    assert_eq!(world.commits(), ["the fleet"]);
}

#[test]
fn a_forge_that_is_not_known_is_refused_with_those_that_are() {
    let world = World::new();
    let all = "must be one of: github, gitlab, gitea, bitbucket-server\n";
    for (given, told) in [
        (
            "githb",
            format!(
                "✗ invalid argument \"githb\" for \"--forge\" flag: forge 'githb' is not supported, {all}"
            ),
        ),
        ("", format!("✗ invalid argument \"\" for \"--forge\" flag: no forge given, {all}")),
    ] {
        let seen = run(&world, &format!("suspend ks shop --push --forge={given}"), &[]);
        assert_eq!((seen.code, seen.err), (1, told));
    }
    assert!(world.forge.requests().is_empty(), "something was asked");
}
