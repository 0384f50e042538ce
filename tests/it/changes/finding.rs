//! Where the repository is, and how one logs in.

use super::world::REPOSITORY;
use super::world::TOKEN;
use super::world::World;
use crate::bootstrap::world::git as git_in;
use crate::support::Cli;
use std::path::Path;

fn address(world: &World) -> String {
    format!("https://{}/{REPOSITORY}.git", world.forge.host())
}

/// The program without a cluster.
fn alone(world: &World) -> Cli {
    Cli::new()
        .env("GIT_SSL_CAINFO", world.forge.ca_file().to_str().unwrap())
        .env("GIT_PASSWORD", TOKEN)
        .env("USER", "ada")
}

#[test]
fn flags_name_the_repository_without_a_cluster() {
    let world = World::new();
    let url = format!("--fleet-url={}", address(&world));
    let words = ["suspend", "ks", "shop", "--push", &url, "--fleet-branch=main", "--fleet-path=clusters/two"];
    alone(&world).run(&words).succeeded();
    assert_eq!(world.touched(), ["M clusters/two/shop.yaml"]);
    assert_eq!(world.git(&["log", "-1", "--format=%an <%ae>", "main"]), "ada <>");
    let other = words.map(|word| if word.contains("branch") { "--fleet-branch=gone" } else { word });
    let seen = alone(&world).run(&other);
    assert!(
        seen.failed().contains("branch \"gone\" not found") && seen.err.contains("--fleet-branch"),
        "{}",
        seen.err
    );
}

/// A checkout of the repository, dirty, with its remote at the forge.
fn checkout(world: &World, folder: &Path) {
    let git = |arguments: &[&str]| git_in(folder, arguments).unwrap();
    std::fs::create_dir_all(folder).unwrap();
    git(&["clone", "--quiet", world.forge.repository_path(REPOSITORY).to_str().unwrap(), "."]);
    git(&["remote", "set-url", "origin", &address(world)]);
    std::fs::write(folder.join("clusters/one/shop.yaml"), "dirty\n").unwrap();
}

#[test]
fn the_checkout_of_the_run_names_it_and_is_left_alone() {
    let world = World::new();
    let cli = alone(&world);
    let folder = cli.home().join("fleet");
    checkout(&world, &folder);
    let run = |words: &[&str], at: &str| {
        let output = cli.command(words).current_dir(folder.join(at)).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let suspend = ["suspend", "ks", "shop", "--push"];
    let (code, told) = run(&suspend, "clusters/two");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(world.touched(), ["M clusters/two/shop.yaml"]);
    assert_eq!(std::fs::read_to_string(folder.join("clusters/one/shop.yaml")).unwrap(), "dirty\n");
    let status = git_in(&folder, &["status", "--porcelain"]).unwrap();
    assert_eq!(status, "M clusters/one/shop.yaml");
    git_in(&folder, &["checkout", "--quiet", "--detach"]).unwrap();
    let (code, told) = run(&suspend, "clusters/one");
    assert_eq!(code, Some(1));
    assert!(
        told.contains("the branch of the repository is not known") && told.contains("--fleet-branch"),
        "{told}"
    );
    let (code, told) = run(&["suspend", "ks", "shop", "--push", "--fleet-branch=main"], "clusters/one");
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(world.touched(), ["M clusters/one/shop.yaml"]);
}

#[test]
fn a_path_that_does_not_stay_in_the_repository_is_refused_with_its_flag() {
    let world = World::new();
    let create = "create kustomization blog --source=GitRepository/flux-system --push";
    for (line, told) in [
        ("suspend ks shop --push --fleet-path=../..", "--fleet-path \"../..\" leads out of the repository"),
        ("suspend ks shop --push --fleet-path=/clusters/one", "--fleet-path \"/clusters/one\" is absolute"),
        (&*format!("{create} --manifest-file=../x.yaml"), "--manifest-file \"../x.yaml\" leads out"),
        (&*format!("{create} --manifest-file=/tmp/x.yaml"), "--manifest-file \"/tmp/x.yaml\" is absolute"),
        ("promote --from=./clusters/two --to=../.. --push", "--to \"../..\" leads out of the repository"),
        ("promote --from=../two --to=clusters/one --push", "--from \"../two\" leads out of the repository"),
    ] {
        world.refuses(line, &[told, "hint: write the path from the root of the repository"]);
    }
    world.run("suspend ks shop --push --fleet-path=./clusters/x/../one/").succeeded();
}

#[test]
fn an_address_alone_is_completed_by_the_checkout_of_that_repository() {
    let world = World::new();
    let cli = alone(&world);
    let folder = cli.home().join("fleet");
    checkout(&world, &folder);
    let url = format!("--fleet-url={}", address(&world));
    let run = |words: &[&str], at: &Path| {
        let words = [&["suspend", "ks", "shop", "--push"], words].concat();
        super::world::said(cli.command(&words).current_dir(at).output().unwrap())
    };
    run(&[&url], &folder.join("clusters/two")).succeeded();
    assert_eq!(world.touched(), ["M clusters/two/shop.yaml"]);
    // Branch and folder of another repository say nothing about this one.
    let other = url.replace("fleet.git", "other.git");
    for (url, at) in [(&url, cli.home()), (&other, &folder.join("clusters/two"))] {
        let seen = run(&[url], at);
        let told = "the branch of the repository and the folder of the cluster are not known: ";
        assert!(seen.failed().contains(told), "{}", seen.err);
        assert!(seen.err.contains("hint: pass --fleet-branch and --fleet-path\n"), "{}", seen.err);
    }
    let seen = run(&[&url, "--fleet-branch=main"], cli.home());
    assert!(seen.failed().contains("the folder of the cluster is not known: "), "{}", seen.err);
    for folder in ["file:///srv/fleet", "/srv/fleet", "../fleet"] {
        let seen = run(&[&format!("--fleet-url={folder}")], cli.home());
        assert!(seen.failed().contains("✗ --fleet-url: "), "{}", seen.err);
        assert!(seen.err.contains("not a folder of this machine"), "{}", seen.err);
    }
}

#[test]
fn without_cluster_checkout_and_flags_the_error_names_all_three() {
    let seen = Cli::new().run(&["suspend", "ks", "shop", "--push"]);
    let told = seen.failed();
    assert!(told.contains("finding the repository that the cluster follows"), "{told}");
    assert!(
        told.contains("hint: run the command in a checkout of the repository, or pass --fleet-url"),
        "{told}"
    );
}

#[test]
fn a_cluster_that_follows_no_branch_is_told_apart() {
    let world = World::new();
    let mut source = world.api.get("GitRepository", "flux-system", "flux-system").unwrap();
    source["spec"]["ref"] = serde_json::json!({"tag": "v1"});
    world.api.put(source);
    let seen = world.run("suspend ks shop --push");
    assert!(seen.failed().contains("follows {\"tag\":\"v1\"}, not a branch"), "{}", seen.err);
    let mut sync = world.api.get("Kustomization", "flux-system", "flux-system").unwrap();
    sync["spec"]["sourceRef"]["kind"] = serde_json::json!("OCIRepository");
    world.api.put(sync);
    let seen = world.run("suspend ks shop --push");
    assert!(seen.failed().contains("follows OCIRepository/flux-system/flux-system"), "{}", seen.err);
}

#[test]
fn stored_credentials_of_git_are_used_and_none_are_named() {
    let world = World::new();
    let seen = world.cli.run(&["suspend", "ks", "shop", "--push"]);
    assert!(seen.failed().contains("authentication failed"), "{}", seen.err);
    assert!(
        seen.err.contains("hint: nothing was sent to 127.0.0.1 to log in with: name its forge with --forge"),
        "{}",
        seen.err
    );
    let home = world.cli.home();
    std::fs::write(home.join(".gitconfig"), "[credential]\n\thelper = store\n[user]\n\tname = Stored\n")
        .unwrap();
    let stored = format!("https://ada:{TOKEN}@{}\n", world.forge.host().replace(':', "%3a"));
    std::fs::write(home.join(".git-credentials"), stored).unwrap();
    let seen = world.cli.run(&["suspend", "ks", "shop", "--push"]);
    seen.succeeded();
    assert!(!seen.err.contains(TOKEN), "{}", seen.err);
}

#[test]
fn commits_are_signed_as_the_configuration_of_git_wants_it() {
    let world = World::new();
    let home = world.cli.home();
    let key = home.join("key");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "ada", "-f", key.to_str().unwrap()])
        .status()
        .unwrap();
    assert!(made.success());
    let config = |format: &str| {
        let text = format!(
            "[commit]\n\tgpgSign = true\n[gpg]\n\tformat = {format}\n[user]\n\tsigningKey = {}.pub\n",
            key.display()
        );
        std::fs::write(home.join(".gitconfig"), text).unwrap();
    };
    config("ssh");
    world.run("suspend ks shop --push").succeeded();
    assert!(world.git(&["cat-file", "commit", "main"]).contains("gpgsig -----BEGIN SSH SIGNATURE-----"));
    config("openpgp");
    let seen = world.run("resume ks shop --push");
    assert!(seen.failed().contains("only an SSH key can sign these commits"), "{}", seen.err);
}
