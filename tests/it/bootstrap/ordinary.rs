//! What happens when nothing goes wrong.

use super::world::REPOSITORY;
use super::world::TOKEN;
use super::world::World;
use super::world::git;
use super::world::reconciled;
use crate::support::ApiServer;
use crate::support::COMPONENTS_COMMIT;
use fluxr::testing::distribution::Release;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

/// Lines with what differs from run to run taken out.
fn stable(text: &str) -> Vec<String> {
    let commit = regex::Regex::new("[0-9a-f]{40}").unwrap();
    let port = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
    let key = regex::Regex::new("public key: .*").unwrap();
    text.lines()
        .map(|line| {
            let line = commit.replace_all(line, "<commit>");
            let line = port.replace_all(&line, "<host>");
            key.replace_all(&line, "public key: <key>").into_owned()
        })
        .collect()
}

#[test]
fn a_repository_is_created_filled_and_followed() {
    let world = World::new();
    let said = world.bootstrap(&[]);
    said.succeeded();
    assert_eq!(said.out, "");
    let expected = "\
► connecting to <host>
✔ repository \"https://<host>/ada/fleet\" created
► cloning branch \"main\" from Git repository \"https://<host>/ada/fleet.git\"
✔ cloned repository
► generating component manifests
✔ generated component manifests
✔ committed component manifests to \"main\" (\"<commit>\")
► pushing component manifests to \"https://<host>/ada/fleet.git\"
► installing components in \"flux-system\" namespace
✔ installed components
✔ reconciled components
► determining if source secret \"flux-system/flux-system\" exists
► generating source secret
✔ public key: <key>
► applying source secret \"flux-system/flux-system\"
✔ reconciled source secret
✔ configured deploy key \"flux-system-main-flux-system-./clusters/one\" for \"https://<host>/ada/fleet\"
► generating sync manifests
✔ generated sync manifests
✔ committed sync manifests to \"main\" (\"<commit>\")
► pushing sync manifests to \"https://<host>/ada/fleet.git\"
► applying sync manifests
✔ reconciled sync configuration
◎ waiting for GitRepository \"flux-system/flux-system\" to be reconciled
✔ GitRepository reconciled successfully
◎ waiting for Kustomization \"flux-system/flux-system\" to be reconciled
✔ Kustomization reconciled successfully
► confirming components are healthy
✔ helm-controller: deployment ready
✔ kustomize-controller: deployment ready
✔ notification-controller: deployment ready
✔ source-controller: deployment ready
✔ all components are healthy";
    assert_eq!(stable(&said.err).join("\n"), expected);
    world.is_complete("after an ordinary run");
    let files = world.forge.git(REPOSITORY, &["ls-tree", "-r", "--name-only", "main"]).unwrap();
    let folder = "clusters/one/flux-system";
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        ["gotk-components.yaml", "gotk-sync.yaml", "kustomization.yaml"]
            .map(|file| format!("{folder}/{file}"))
    );
    let author = world.forge.git(REPOSITORY, &["log", "-1", "--format=%an <%ae>", "main"]).unwrap();
    assert_eq!(author, "Flux <>");
    assert_eq!(std::fs::read_dir(world.scratch()).unwrap().count(), 0, "a clone was left behind");
}

/// The object, as soon as it is there and as wanted.
fn seen(api: &ApiServer, kind: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..2000 {
        match api.get(kind, "flux-system", "flux-system") {
            Some(object) if is_wanted(&object) => return object,
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    panic!("{kind} is not as wanted: {:?}", api.get(kind, "flux-system", "flux-system"));
}

#[test]
fn a_controller_that_has_only_taken_up_the_source_is_asked_to_continue() {
    let world = World::without_controllers();
    let bare = world.forge.repository_path(REPOSITORY);
    let asked = |object: &Value| object["metadata"]["annotations"]["reconcile.fluxcd.io/requestedAt"].clone();
    std::thread::scope(|scope| {
        let running = scope.spawn(|| world.bootstrap(&[]));
        // The request that follows the push comes before the controller has started.
        let mut source = seen(&world.api, "GitRepository", |object| asked(object).is_string());
        let before = asked(&source);
        source["metadata"]["finalizers"] = json!(["finalizers.fluxcd.io"]);
        world.api.put(source);
        let source = seen(&world.api, "GitRepository", |object| asked(object) != before);
        world.api.put(reconciled(&bare, &source).unwrap());
        let sync = seen(&world.api, "Kustomization", |object| asked(object).is_string());
        world.api.put(reconciled(&bare, &sync).unwrap());
        running.join().unwrap().succeeded();
    });
}

#[test]
fn another_embedded_release_is_bootstrapped_and_upgraded_by_the_next_run() {
    let world = World::new();
    let earlier = Release::all().pop().unwrap();
    let version = format!("--version={}", earlier.version);
    world.bootstrap(&[&version]).succeeded();
    let commit = format!("Add Flux {} component manifests", earlier.version);
    assert_eq!(world.commits(), ["Add Flux sync manifests", commit.as_str()]);
    world.bootstrap(&[]).succeeded();
    assert_eq!(world.commits(), [COMPONENTS_COMMIT.as_str(), "Add Flux sync manifests", commit.as_str()]);
}

#[test]
fn a_second_run_changes_nothing() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    let (commits, key) = (world.commits(), world.secret("identity.pub"));
    let said = world.bootstrap(&[]);
    said.succeeded();
    for line in
        ["component manifests are up to date", "source secret up to date", "sync manifests are up to date"]
    {
        assert!(said.err.contains(&format!("✔ {line}")), "{}", said.err);
    }
    assert_eq!((world.commits(), world.secret("identity.pub")), (commits, key));
    let plan = world.bootstrap(&["--dry-run"]);
    assert!(plan.succeeded().out.starts_with("nothing to do"), "{}", plan.out);
}

#[test]
fn a_dry_run_says_everything_and_touches_nothing() {
    let world = World::new();
    let said = world.bootstrap(&["--dry-run"]);
    said.succeeded();
    for part in [
        "create the private repository",
        &format!("commit \"{}\"", *COMPONENTS_COMMIT),
        "create Secret/flux-system/flux-system with a new SSH key",
        "configure the deploy key",
        "apply GitRepository/flux-system/flux-system",
        "+++ b/clusters/one/flux-system/gotk-sync.yaml",
    ] {
        assert!(said.out.contains(part), "no \"{part}\" in:\n{}", said.out);
    }
    assert!(
        world.forge.requests().iter().all(|request| request.method == "GET"),
        "{:?}",
        world.forge.requests()
    );
    let writes = |request: &String| !request.starts_with("GET") && !request.starts_with("WATCH");
    assert!(!world.api.requests().iter().any(writes), "{:?}", world.api.requests());
}

#[test]
fn token_authentication_needs_no_deploy_key_and_replaces_the_fields_of_ssh() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    assert!(world.secret("identity").is_some());
    world.bootstrap(&["--token-auth"]).succeeded();
    assert_eq!(world.secret("username").as_deref(), Some("git"));
    assert_eq!(world.secret("password").as_deref(), Some(TOKEN));
    assert!(world.secret("ca.crt").is_some_and(|ca| ca.contains("BEGIN CERTIFICATE")));
    // The private key of the other mode would stay in the cluster for ever.
    for key in ["identity", "identity.pub", "known_hosts"] {
        assert_eq!(world.secret(key), None, "{key} stayed");
    }
    let url = world.api.get("GitRepository", "flux-system", "flux-system").unwrap()["spec"]["url"].clone();
    assert_eq!(url, format!("https://{}/ada/fleet.git", world.forge.host()));
}

#[test]
fn a_users_kustomization_and_files_survive() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    let own = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n# mine\nresources:\n- gotk-components.yaml\n- gotk-sync.yaml\n";
    let path = "clusters/one/flux-system/kustomization.yaml";
    world.forge.commit(REPOSITORY, "main", &[(path, Some(own))], "mine").unwrap();
    world.bootstrap(&["--interval=2m"]).succeeded();
    let kept = world.forge.git(REPOSITORY, &["show", &format!("main:{path}")]).unwrap();
    assert_eq!(kept, own.trim());
    assert_eq!(world.commits().len(), 4, "{:?}", world.commits());
}

#[test]
fn a_path_stays_inside_the_repository() {
    let world = World::new();
    let mut arguments = world.arguments(&["--token-auth"]);
    arguments.retain(|argument| !argument.starts_with("--path"));
    arguments.push("--path=../../../../etc/clusters".to_owned());
    world.run(&arguments).succeeded();
    let files = world.forge.git(REPOSITORY, &["ls-tree", "-r", "--name-only", "main"]).unwrap();
    assert!(files.lines().all(|file| file.starts_with("etc/clusters/flux-system/")), "{files}");
    let outside = world.folder.path().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    let other = World::new();
    other.forge.create_repository(REPOSITORY).unwrap();
    let work = tempfile::tempdir().unwrap();
    let bare = other.forge.repository_path(REPOSITORY);
    git(work.path(), &["init", "--quiet", "--initial-branch=main", "."]).unwrap();
    std::os::unix::fs::symlink(&outside, work.path().join("clusters")).unwrap();
    git(work.path(), &["add", "--all"]).unwrap();
    git(work.path(), &["commit", "--quiet", "--message", "a trap"]).unwrap();
    git(work.path(), &["push", "--quiet", bare.to_str().unwrap(), "main"]).unwrap();
    other.bootstrap(&["--token-auth"]).failed_with(&["clusters", "link"]);
    assert_eq!(std::fs::read_dir(outside).unwrap().count(), 0, "something was written outside");
}

#[test]
fn commits_carry_the_given_author_and_appendix() {
    let world = World::new();
    let flags = ["--token-auth", "--author-name=Grace", "--author-email=g@example.com"];
    let appendix = ["--commit-message-appendix=[skip ci]"];
    world.bootstrap(&[&flags[..], &appendix[..]].concat()).succeeded();
    let shown = world.forge.git(REPOSITORY, &["log", "-1", "--format=%an|%ae|%cn|%B", "main"]).unwrap();
    assert_eq!(shown, "Grace|g@example.com|Grace|Add Flux sync manifests\n\n[skip ci]");
}

#[test]
fn teams_get_their_permission_in_an_organization() {
    let world = World::of_organization();
    let said = world.bootstrap(&["--token-auth", "--team=ops:admin,dev"]);
    said.succeeded();
    for line in
        ["✔ granted \"admin\" permissions to \"ops\"", "✔ granted \"maintain\" permissions to \"dev\""]
    {
        assert!(said.err.contains(line), "{}", said.err);
    }
    let given = world.forge.team_permissions("acme/fleet");
    let wanted =
        [("dev", "maintain"), ("ops", "admin")].map(|(team, word)| (team.to_owned(), word.to_owned()));
    assert_eq!(given, wanted);
}

#[test]
fn a_team_that_is_not_there_is_named_and_keeps_no_one_from_the_rest() {
    let world = World::of_organization();
    let said = world.bootstrap(&["--token-auth", "--team=nobody:push,dev"]);
    said.succeeded();
    let failed =
        "✗ failed to grant \"push\" permissions to \"nobody\": giving team \"nobody\" access: not found";
    assert!(said.err.contains(failed), "{}", said.err);
    let given = world.forge.team_permissions(&world.repository());
    assert_eq!(given, [("dev".to_owned(), "maintain".to_owned())]);
}

#[test]
fn manifests_of_ones_own_are_built_committed_and_installed() {
    let world = World::new();
    let own = world.folder.path().join("own");
    std::fs::create_dir(&own).unwrap();
    let exported = world.run(&["install", "--export"].map(str::to_owned));
    std::fs::write(own.join("all.yaml"), &exported.succeeded().out).unwrap();
    std::fs::write(
        own.join("kustomization.yaml"),
        "resources: [all.yaml]\ncommonAnnotations: {example.com/team: platform}\n",
    )
    .unwrap();
    world.bootstrap(&[&format!("--manifests={}", own.display())]).succeeded();
    let show = ["show", "main:clusters/one/flux-system/gotk-components.yaml"];
    let committed = world.forge.git(REPOSITORY, &show).unwrap();
    assert!(committed.contains("\n    example.com/team: platform\n"), "it was not built");
    let deployment = world.api.get("Deployment", "flux-system", "source-controller").unwrap();
    assert_eq!(deployment["metadata"]["annotations"]["example.com/team"], "platform");
    world.is_complete("with manifests of one's own");
}
