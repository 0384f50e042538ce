//! What cannot be edited, and what comes in between.

use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;
pub(super) use super::world::commit_file;

#[track_caller]
fn refuses(files: &[(&str, Option<&str>)], line: &str, words: &[&str]) {
    World::with(files).refuses(line, words);
}

#[test]
fn an_object_that_is_declared_twice_or_nowhere_is_refused_with_the_places() {
    let line = "suspend ks shop --push";
    refuses(
        &[("clusters/one/copy.yaml", Some(SHOP))],
        line,
        &[
            "declared more than once: clusters/one/copy.yaml, line 2; clusters/one/shop.yaml, line 2",
            "hint: ",
        ],
    );
    refuses(
        &[("clusters/one/shop.yaml", None)],
        line,
        &["is not declared in what the cluster applies", "--fleet-path"],
    );
    let generated = "configMapGenerator: [{name: shop, literals: [a=b]}]\nresources: [release.yaml]\n";
    refuses(
        &[("apps/shop/kustomization.yaml", Some(generated))],
        "delete hr other -n web --silent --push",
        &["what kustomize generates cannot be edited", "apps/shop/kustomization.yaml (configMapGenerator)"],
    );
}

#[test]
fn a_document_that_is_used_under_two_names_is_refused() {
    let copy = SHOP
        .replace("./apps/shop", "./apps/blue")
        .replace(": shop ", ": blue ")
        .replace(": cache", ": green");
    refuses(
        &[
            ("clusters/one/blue.yaml", Some(&copy)),
            ("apps/blue/kustomization.yaml", Some("namespace: blue\nresources: [../shop/release.yaml]\n")),
        ],
        "suspend hr web -n web --push",
        &["apps/shop/release.yaml, line 1 declares", "at once: an edit would change both"],
    );
}

#[test]
fn what_an_edit_would_break_is_refused_with_file_and_line() {
    let file = "clusters/one/shop.yaml";
    let line = "suspend ks shop --push";
    let anchored = SHOP.replacen("spec:\n", "spec: &shop\n", 1);
    refuses(&[(file, Some(&anchored))], line, &["clusters/one/shop.yaml, line 7: .spec has the anchor"]);
    let merged = SHOP.replacen("spec:\n", "spec:\n    <<: {a: b}\n", 1);
    refuses(&[(file, Some(&merged))], line, &["line 8: .spec is merged with other mappings"]);
    let variable = SHOP.replacen("    interval", "    suspend: ${SHOP_SUSPENDED}\n    interval", 1);
    refuses(&[(file, Some(&variable))], line, &["line 8: .spec.suspend is a variable or a template"]);
    let encrypted = format!("{SHOP}sops:\n    mac: ENC[x]\n");
    refuses(&[(file, Some(&encrypted))], line, &["the file is encrypted by SOPS"]);
    refuses(&[(file, Some("{{ if x }}\n"))], line, &["clusters/one/shop.yaml: not valid YAML"]);
}

#[test]
fn windows_line_ends_stay() {
    let windows = SHOP.replace('\n', "\r\n");
    let world = World::with(&[("clusters/one/shop.yaml", Some(&windows))]);
    world.run("suspend ks cache --push").succeeded();
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), format!("{windows}    suspend: true\r\n"));
}

#[test]
fn a_path_out_of_the_repository_is_not_read() {
    let out = "resources: [../../../x.yaml]\n";
    let world = World::with(&[("apps/shop/kustomization.yaml", Some(out))]);
    let seen = world.run("suspend ks shop --push");
    seen.succeeded();
    for said in ["leads out of the tree of files", "apps/shop/kustomization.yaml"] {
        assert!(seen.err.contains(said), "{}", seen.err);
    }
    let world = World::new();
    world.link(&[("clusters/one/etc", "/etc")]);
    let seen = world.run(
        "create kustomization blog --source=GitRepository/flux-system --push --manifest-file=clusters/one/etc/blog.yaml",
    );
    assert!(seen.failed().contains("\"clusters/one/etc\" is a link"), "{}", seen.err);
}

#[test]
fn a_branch_that_moves_between_clone_and_push_is_followed() {
    let world = World::new();
    let theirs = SHOP.replace("interval: 1h", "interval: 2h");
    world.moves_before_push("clusters/one/shop.yaml", &theirs);
    let seen = world.run("suspend ks cache --push");
    seen.succeeded();
    assert!(seen.err.contains("◎ git conflict detected, retrying with a fresh clone"), "{}", seen.err);
    assert_eq!(world.file("clusters/one/shop.yaml").unwrap(), format!("{theirs}    suspend: true\n"));
}

/// Has a repository refuse every push with a program.
fn refuse_pushes(world: &World, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    let hook = world.forge.repository_path(REPOSITORY).join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\n{script}\nexit 1\n")).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_declined_push_tells_only_what_says_something() {
    let gitea = "echo; printf 'error:\\nerror: Gitea: Not allowed to push\\nerror:\\n' >&2";
    let gitlab = "printf '\\n====\\n\\n\\033[31mGitLab: You are\\007 not allowed\\033[0m\\n\\n====\\n' >&2";
    for (script, words) in [
        (gitea, ": error: Gitea: Not allowed to push\n"),
        (gitlab, ": GitLab: You are not allowed\n"),
        ("true", "\n"),
    ] {
        let world = World::new();
        refuse_pushes(&world, script);
        let seen = world.run("suspend ks shop --push");
        let told = format!("push to \"main\" declined by the server: pre-receive hook declined{words}");
        assert!(seen.failed().contains(&told), "{}", seen.err);
    }
}

#[test]
fn a_push_that_is_declined_names_the_way_out() {
    let world = World::new();
    world.forge.protect_branch(REPOSITORY, "main").unwrap();
    let seen = world.run("suspend ks shop --push");
    assert!(seen.failed().contains("declined by the server"), "{}", seen.err);
    assert!(seen.err.contains("hint: propose the change with --pull-request"), "{}", seen.err);
}
