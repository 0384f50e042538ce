//! 409 and 422: something is there already, or is not accepted so. GitHub's own are in `faults` and `forge_refuses`.

use super::world::World;
use testbed::forge::Action;
use testbed::forge::Fault;

/// What the forge says.
const BODY: &str = r#"{"message": "this one is taken"}"#;

#[test]
fn a_conflict_names_what_was_being_done_and_the_next_run_continues() {
    for (at, create, key) in [
        ("gitlab", "/projects", "/deploy_keys"),
        ("gitea", "/user/repos", "/keys"),
        ("bitbucket-server", "/repos", "/ssh"),
    ] {
        let key_of = "flux-system-main-flux-system-./clusters/one";
        for (path, doing) in [(create, "creating the repository"), (key, key_of)] {
            for status in [409, 422] {
                let world = World::at(at);
                let headers = vec![("content-type", "application/json")];
                let action = Action::Answer(status, headers, BODY);
                world.forge.inject(Fault { method: "POST", path, after: 0, times: 1, action });
                let said = world.bootstrap(&["--timeout=25s"]);
                said.failed_with(&[doing, "ada/fleet"]);
                let told = ["this one is taken", "exists already", "already in use"];
                assert!(
                    told.iter().any(|told| said.err.contains(told)),
                    "{at} {path} {status}: {}",
                    said.err
                );
                assert_eq!(world.commits().is_empty(), path == create, "{at} {path} {status}");
                world.bootstrap(&[]).succeeded();
                world.is_complete(&format!("{at} {path} {status}"));
            }
        }
    }
}
