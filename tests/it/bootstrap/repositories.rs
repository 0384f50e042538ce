//! Repositories in every state, and places where nothing can be written: full ones, traps, other people's.

use super::world::REPOSITORY;
use super::world::World;
use super::world::git;
use super::world::said;
use crate::support::COMPONENTS_COMMIT;
use std::path::Path;
use std::process::Command;
use testbed::Forge;

const FOLDER: &str = "clusters/one/flux-system";

/// Commits a working tree as it is made by `fill`, links included.
fn commit_tree(forge: &Forge, repository: &str, fill: impl Fn(&Path)) {
    let work = tempfile::tempdir().unwrap();
    let bare = forge.repository_path(repository);
    git(work.path(), &["init", "--quiet", "--initial-branch=main", "."]).unwrap();
    fill(work.path());
    git(work.path(), &["add", "--all"]).unwrap();
    git(work.path(), &["commit", "--quiet", "--message", "theirs"]).unwrap();
    git(work.path(), &["push", "--quiet", bare.to_str().unwrap(), "main"]).unwrap();
}

#[test]
fn a_repository_with_files_keeps_them() {
    let world = World::new();
    world.forge.create_repository(REPOSITORY).unwrap();
    let files = [("README.md", Some("mine\n")), (".gitignore", Some("*.yaml\n"))];
    world.forge.commit(REPOSITORY, "main", &files, "first").unwrap();
    world.bootstrap(&[]).succeeded();
    let commits = ["Add Flux sync manifests", COMPONENTS_COMMIT.as_str(), "first"];
    assert_eq!(world.commits(), commits);
    assert_eq!(world.forge.git(REPOSITORY, &["show", "main:README.md"]).unwrap(), "mine");
    let listed =
        world.forge.git(REPOSITORY, &["ls-tree", "--name-only", "main", &format!("{FOLDER}/")]).unwrap();
    assert_eq!(listed.lines().count(), 3, "{listed}");
}

#[test]
fn a_repository_recreated_by_hand_gets_files_and_key_and_keeps_what_is_new_in_it() {
    let world = World::new();
    world.bootstrap(&[]).succeeded();
    let key = world.secret("identity.pub");
    world.forge.delete_repository(REPOSITORY).unwrap();
    world.forge.create_repository(REPOSITORY).unwrap();
    world.forge.commit(REPOSITORY, "main", &[("README.md", Some("x"))], "again").unwrap();
    world.bootstrap(&[]).succeeded();
    assert_eq!(world.secret("identity.pub"), key, "the key was replaced without need");
    let keys = world.forge.deploy_keys(REPOSITORY);
    assert_eq!(keys.len(), 1);
    assert_eq!(Some(keys[0].1.trim()), key.as_deref().map(str::trim));
    assert_eq!(world.commits().len(), 3, "{:?}", world.commits());
}

#[test]
fn an_absolute_path_is_one_below_the_repository() {
    let world = World::new();
    let mut arguments = world.arguments(&["--token-auth"]);
    arguments.retain(|argument| !argument.starts_with("--path"));
    arguments.push(format!("--path={}", world.folder.path().join("outside").display()));
    world.run(&arguments).succeeded();
    let files = world.forge.git(REPOSITORY, &["ls-tree", "-r", "--name-only", "main"]).unwrap();
    let inside = format!("{}/outside/flux-system/", world.folder.path().display());
    assert!(files.lines().all(|file| file.starts_with(inside.trim_start_matches('/'))), "{files}");
    assert!(!world.folder.path().join("outside").exists(), "something was written outside");
}

#[test]
fn a_path_into_the_repository_s_own_data_is_refused() {
    let world = World::new();
    let mut arguments = world.arguments(&["--token-auth"]);
    arguments.retain(|argument| !argument.starts_with("--path"));
    arguments.push("--path=.git/hooks".to_owned());
    world.run(&arguments).failed_with(&[".git", "--path"]);
    assert_eq!(world.commits(), Vec::<String>::new());
}

#[test]
fn a_link_in_the_place_of_a_manifest_is_neither_read_nor_written_through() {
    for file in ["gotk-components.yaml", "gotk-sync.yaml", "kustomization.yaml"] {
        let world = World::new();
        let outside = world.folder.path().join("outside.yaml");
        std::fs::write(&outside, "apiVersion: v1\nkind: Secret\n").unwrap();
        world.forge.create_repository(REPOSITORY).unwrap();
        commit_tree(&world.forge, REPOSITORY, |work| {
            std::fs::create_dir_all(work.join(FOLDER)).unwrap();
            std::os::unix::fs::symlink(&outside, work.join(FOLDER).join(file)).unwrap();
        });
        world.bootstrap(&["--token-auth"]).failed_with(&[file, "link", "--path"]);
        let kept = std::fs::read_to_string(&outside).unwrap();
        assert_eq!(kept, "apiVersion: v1\nkind: Secret\n", "{file}: written outside");
        assert_eq!(world.commits(), ["theirs"], "{file}: something was pushed");
    }
}

#[test]
fn a_kustomization_cannot_fetch_files_from_outside_the_repository() {
    for trap in ["../../../../outside.yaml", "/outside.yaml", "linked.yaml"] {
        let world = World::new();
        let outside = world.folder.path().join("outside.yaml");
        let content = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: taken\n  namespace: default\n";
        std::fs::write(&outside, content).unwrap();
        // A clone is a folder below the scratch folder, so that `../../../../` leads here.
        assert_eq!(world.scratch().parent(), Some(world.folder.path()));
        let given = if trap.starts_with('/') { outside.display().to_string() } else { trap.to_owned() };
        world.forge.create_repository(REPOSITORY).unwrap();
        commit_tree(&world.forge, REPOSITORY, |work| {
            let folder = work.join(FOLDER);
            std::fs::create_dir_all(&folder).unwrap();
            std::os::unix::fs::symlink(&outside, folder.join("linked.yaml")).unwrap();
            let text = format!(
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-components.yaml\n- {given}\n"
            );
            std::fs::write(folder.join("kustomization.yaml"), text).unwrap();
        });
        let said = world.bootstrap(&["--token-auth"]);
        said.failed_with(&[FOLDER, "kustomization.yaml"]);
        assert!(world.api.get("ConfigMap", "default", "taken").is_none(), "{trap}: taken from outside");
    }
}

#[test]
fn a_full_disk_stops_the_run_before_anything_is_pushed_or_applied() {
    // The limit is met by the components, or already by the clone of a large repository.
    for large in [false, true] {
        let world = World::new();
        world.forge.create_repository(REPOSITORY).unwrap();
        if large {
            let noise: String =
                (0..60_000_u64).map(|n| format!("{:x}\n", n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
            world.forge.commit(REPOSITORY, "main", &[("large", Some(noise.as_str()))], "first").unwrap();
        }
        let limited = world.command(&world.arguments(&["--token-auth"]));
        // 16 KiB a file; a program that is told so by the system, and not killed.
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" \"$@\""])
            .arg(limited.get_program())
            .args(limited.get_args())
            .env_clear()
            .envs(limited.get_envs().filter_map(|(name, value)| Some((name, value?))))
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let said = said(shell.spawn().unwrap());
        let what = if large { "clone" } else { "gotk-components.yaml" };
        said.failed_with(&[what, "TMPDIR"]);
        let expected: &[&str] = if large { &["first"] } else { &[] };
        assert_eq!(world.commits(), expected);
        assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
        assert_eq!(std::fs::read_dir(world.scratch()).unwrap().count(), 0, "files were left behind");
        world.bootstrap(&["--token-auth"]).succeeded();
    }
}

#[test]
fn another_authority_than_the_forge_s_is_refused() {
    let world = World::new();
    let other = Forge::start(&world.folder.path().join("other")).unwrap();
    let mut arguments = world.arguments(&[]);
    arguments.retain(|argument| !argument.starts_with("--ca-file"));
    arguments.push(format!("--ca-file={}", other.ca_file().display()));
    let said = world.run(&arguments);
    said.failed_with(&["ada/fleet", "certificate", "--ca-file"]);
    assert!(world.forge.requests().is_empty(), "the token was sent to a stranger");
    // The same for a Git server that has no API.
    world.forge.create_repository(REPOSITORY).unwrap();
    let url = format!("--url=https://{}/{REPOSITORY}.git", world.forge.host());
    let ca = format!("--ca-file={}", other.ca_file().display());
    let arguments = ["bootstrap", "git", &url, &ca, "--token-auth", "--path=clusters/one", "--timeout=20s"];
    world.run(&arguments.map(str::to_owned)).failed_with(&[REPOSITORY, "TLS", "--ca-file"]);
    assert!(world.forge.requests().is_empty(), "the password was sent to a stranger");
}

#[test]
fn a_host_key_that_is_not_the_known_one_is_refused_before_anything_is_sent() {
    let world = World::new();
    world.forge.create_repository(REPOSITORY).unwrap();
    let made = world.folder.path().join("other");
    let keygen = ["-q", "-t", "ed25519", "-N", "", "-f"];
    assert!(Command::new("ssh-keygen").args(keygen).arg(&made).status().unwrap().success());
    let stranger = std::fs::read_to_string(made.with_extension("pub")).unwrap();
    let (host, port) =
        world.forge.ssh_host().split_once(':').map(|(h, p)| (h.to_owned(), p.to_owned())).unwrap();
    let home = world.folder.path().join(".ssh");
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join("known_hosts"), format!("[{host}]:{port} {stranger}")).unwrap();
    let url = format!("--url=ssh://git@{}/{REPOSITORY}", world.forge.ssh_host());
    let arguments = ["bootstrap", "git", &url, "--path=clusters/one", "--silent", "--timeout=20s"];
    world.run(&arguments.map(str::to_owned)).failed_with(&[
        &world.forge.ssh_host(),
        "host key",
        "known_hosts",
    ]);
    assert!(world.api.get("Namespace", "", "flux-system").is_none(), "the cluster was touched");
}
