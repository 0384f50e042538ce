//! Commits of a whole bootstrap that are signed, judged by `git verify-commit`; and what else of the source can be asked for.

use super::world::REPOSITORY;
use super::world::World;
use crate::git::server::try_git;
use crate::git::signing::Gpg;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

const E_MAIL: &str = "--author-email=flux@example.com";

/// A key of OpenSSH; gives its file and the line of its public half.
pub(super) fn ssh_key(folder: &Path, kind: &[&str], passphrase: &str) -> (PathBuf, String) {
    let file = folder.join("id_signing");
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-N", passphrase, "-C", "flux@example.com", "-f"]).arg(&file).args(kind);
    assert!(keygen.status().unwrap().success());
    let public = std::fs::read_to_string(file.with_extension("pub")).unwrap();
    (file, public)
}

/// What `git verify-commit` says about both commits of a bootstrap.
fn verified(world: &World, signers: Option<&str>, home: Option<&Path>) -> Result<(), String> {
    let file = world.folder.path().join("signers");
    std::fs::write(&file, format!("flux@example.com {}", signers.unwrap_or_default())).unwrap();
    let setting = format!("gpg.ssh.allowedSignersFile={}", file.display());
    let home = home.map(|home| home.display().to_string()).unwrap_or_default();
    for commit in ["main", "main~1"] {
        let arguments = ["-c", setting.as_str(), "verify-commit", commit];
        let (good, said) =
            try_git(&world.forge.repository_path(REPOSITORY), &arguments, &[("GNUPGHOME", home.as_str())]);
        if !good || !said.contains("Good") {
            return Err(format!("{commit}: {said}"));
        }
    }
    Ok(())
}

#[test]
fn both_commits_are_signed_with_an_openpgp_key() {
    let gpg = Gpg::new().unwrap();
    let other = gpg.generate("other@example.com", "ed25519", "open:sesame");
    let id = gpg.generate("flux@example.com", "rsa2048", "open:sesame");
    let ring = gpg.run(&["--passphrase", "open:sesame", "--armor", "--export-secret-keys"]);
    let world = World::new();
    let file = world.folder.path().join("ring.asc");
    std::fs::write(&file, ring).unwrap();
    let ring = format!("--gpg-key-ring={}", file.display());
    let wrong = world.bootstrap(&[E_MAIL, &ring, "--gpg-passphrase=open:barley"]);
    wrong
        .failed_with(&["✗ invalid GPG signing key: unable to decrypt GPG private key: ", "--gpg-passphrase"]);
    assert!(world.forge.requests().is_empty(), "the key was looked at late");
    let id = format!("--gpg-key-id=0x{id}");
    world.bootstrap(&[E_MAIL, &ring, "--gpg-passphrase=open:sesame", &id]).succeeded();
    world.is_complete("with signed commits");
    verified(&world, None, Some(gpg.home())).unwrap();
    let (_, said) = try_git(
        &world.forge.repository_path(REPOSITORY),
        &["verify-commit", "main"],
        &[("GNUPGHOME", gpg.home().to_str().unwrap())],
    );
    assert!(said.contains("flux@example.com") && !said.contains(&other), "{said}");
}

#[test]
fn both_commits_are_signed_with_an_ssh_key_also_when_others_push_in_between() {
    for kind in [&["-t", "ed25519"][..], &["-t", "ecdsa", "-b", "384"], &["-t", "rsa", "-b", "2048"]] {
        let world = World::new();
        let (file, public) = ssh_key(world.folder.path(), kind, "open:sesame");
        let key = format!("--ssh-signing-key-file={}", file.display());
        let wrong = world.bootstrap(&[E_MAIL, &key, "--ssh-signing-password=open:barley"]);
        wrong.failed_with(&[
            "✗ invalid SSH signing key: could not parse SSH signing key: ",
            "--ssh-signing-password",
        ]);
        assert!(world.forge.requests().is_empty(), "the key was looked at late");
        let bare = world.forge.repository_path(REPOSITORY);
        world.forge.inject(testbed::forge::Fault {
            method: "GET",
            path: "info/refs?service=git-receive-pack",
            after: 0,
            times: 1,
            action: testbed::forge::Action::Call(std::sync::Arc::new(move || {
                super::world::commit_in_between(&bare, "README.md");
            })),
        });
        world.bootstrap(&[E_MAIL, &key, "--ssh-signing-password=open:sesame"]).succeeded();
        verified(&world, Some(&public), None).unwrap();
        verified(
            &world,
            Some("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"),
            None,
        )
        .unwrap_err();
    }
}

#[test]
fn a_key_that_logs_in_signs_too() {
    let world = World::new();
    world.forge.create_repository(REPOSITORY).unwrap();
    let (file, public) = ssh_key(world.folder.path(), &["-t", "ed25519"], "open:sesame");
    world.forge.add_deploy_key(REPOSITORY, "by hand", &public, false);
    let url = format!("--url=ssh://git@{}/{REPOSITORY}", world.forge.ssh_host());
    let key = format!("--private-key-file={}", file.display());
    let fixed = ["bootstrap", "git", &url, &key, "--password=open:sesame", "--path=clusters/one"];
    let further = ["--ssh-signing-reuse-private-key", E_MAIL, "--silent", "--timeout=30s"];
    world
        .run(&[&fixed[..], &further[..]].concat().iter().map(|&a| a.to_owned()).collect::<Vec<_>>())
        .succeeded();
    verified(&world, Some(&public), None).unwrap();
    let registered = world.secret("identity.pub").unwrap();
    assert_eq!(registered.split_whitespace().nth(1), public.split_whitespace().nth(1));
}

#[test]
fn submodules_and_folders_are_asked_for_in_the_repository_and_in_the_cluster() {
    let world = World::new();
    world.bootstrap(&["--recurse-submodules", "--sparse-checkout=clusters/one,apps"]).succeeded();
    let source = || {
        let file = "main:clusters/one/flux-system/gotk-sync.yaml";
        let text = world.forge.git(REPOSITORY, &["show", file]).unwrap();
        let committed: serde_json::Value = text
            .split("---\n")
            .map(|document| serde_saphyr::from_str(document).unwrap_or_default())
            .find(|document: &serde_json::Value| document["kind"] == "GitRepository")
            .unwrap();
        let live = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
        (committed["spec"].clone(), live["spec"].clone())
    };
    let (committed, live) = source();
    assert_eq!(committed["recurseSubmodules"], true);
    assert_eq!(committed["sparseCheckout"], serde_json::json!(["clusters/one", "apps"]));
    assert_eq!(committed, live);
    // What is not asked for any more goes away.
    world.bootstrap(&[]).succeeded();
    let (committed, _) = source();
    assert_eq!((committed.get("recurseSubmodules"), committed.get("sparseCheckout")), (None, None));
}
