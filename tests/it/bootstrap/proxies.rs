//! Forges and Git servers that are reached through a proxy, and certificate authorities that cannot be used.

use super::world::Said;
use super::world::World;
use super::world::said;
use crate::support::Proxy;

/// A run with further variables in its environment.
fn run_with(world: &World, variables: &[(&str, &str)]) -> Said {
    let arguments = world.arguments(&["--token-auth"]);
    said(world.command(&arguments).envs(variables.iter().copied()).spawn().unwrap())
}

#[test]
fn forge_and_git_server_are_reached_through_the_proxy() {
    let world = World::new();
    let proxy = Proxy::start();
    run_with(&world, &[("HTTPS_PROXY", &proxy.url)]).succeeded();
    let seen = proxy.seen();
    assert!(seen.len() > 1, "{seen:?}");
    let wanted = format!("CONNECT {}", world.forge.host());
    assert!(seen.iter().all(|target| *target == wanted), "{seen:?}");
}

#[test]
fn an_excepted_forge_is_reached_directly_and_any_other_is_not() {
    let world = World::new();
    // No one listens there.
    let dead = ("https_proxy", "http://127.0.0.1:9");
    let refused = run_with(&world, &[dead, ("NO_PROXY", "example.com")]);
    refused.failed_with(&["looking for the repository \"ada/fleet\": Connection refused"]);
    run_with(&world, &[dead, ("NO_PROXY", "127.0.0.1")]).succeeded();
}

#[test]
fn a_ca_file_without_a_certificate_is_worded_alike() {
    let world = World::new();
    let file = world.folder.path().join("empty.crt");
    std::fs::write(&file, "not a certificate").unwrap();
    let mut github = world.arguments(&["--token-auth"]);
    github.retain(|argument| !argument.starts_with("--ca-file"));
    github.push(format!("--ca-file={}", file.display()));
    let url = format!("--url=https://{}/ada/fleet.git", world.forge.host());
    let ca = format!("--ca-file={}", file.display());
    let git = ["bootstrap", "git", &url, &ca, "--token-auth"].map(str::to_owned);
    for arguments in [github, git.to_vec()] {
        let said = world.run(&arguments);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.ends_with("✗ the CA file holds no certificate in PEM form\n"), "{said:?}");
    }
}
