//! Versions that cannot be set, and what comes in between.

use super::faults;
use super::versions::DEPLOYMENT;
use super::versions::IMAGES;
use super::versions::world;
use super::versions::world_with;
use super::world::REPOSITORY;
use super::world::SHOP;
use std::sync::Arc;
use testbed::forge::Action;
use testbed::forge::Fault;

const FILE: &str = "apps/shop/kustomization.yaml";
const LINE: &str = "set version ks/shop shop=1.3.0 --push";

#[track_caller]
fn refuses(files: &[(&str, Option<&str>)], line: &str, words: &[&str]) {
    world_with(files).refuses(line, words);
}

#[test]
fn name_and_version_in_one_word_are_told_the_form_that_is_wanted() {
    let digest = format!("sha256:{}", "0f".repeat(32));
    let by_digest = format!("set version ks/shop nginx@{digest} --push");
    let by_both = format!("set version ks/shop host:5000/a/nginx:1.28@{digest} --push");
    for (line, form) in [
        ("set version ks/shop nginx:1.28 --push", "nginx=1.28"),
        (&by_digest, &*format!("nginx={digest}")),
        (&by_both, &format!("host:5000/a/nginx=1.28@{digest}")),
        ("set version ks/shop nginx=library/nginx:1.28 --push", "nginx=1.28"),
        ("set version hr/cart -n web cart:6.7.1 --push", "chart=6.7.1"),
        ("set version hr/web -n web web:1.9.0 --push", "ref=1.9.0"),
        ("set version gitrepo/docs app:v1.2.0 --push", "ref=v1.2.0"),
    ] {
        let seen = world().run(line);
        assert!(seen.failed().contains(&format!("\nhint: write it as {form}\n")), "{line}: {}", seen.err);
    }
    // An argument without an image has no such form.
    let seen = world().run("set version ks/shop nginx=1.2/8 --push");
    assert!(!seen.failed().contains("write it as"), "{}", seen.err);
}

#[test]
fn an_object_that_is_declared_twice_or_nowhere_is_refused() {
    let twice = "declared more than once: clusters/one/copy.yaml, line 2; clusters/one/shop.yaml, line 2";
    refuses(&[("clusters/one/copy.yaml", Some(SHOP))], LINE, &[twice]);
    refuses(&[("clusters/one/shop.yaml", None)], LINE, &["is not declared in what the cluster applies"]);
    let gone = SHOP.replace("name: flux-system}", "name: elsewhere}");
    refuses(
        &[("clusters/one/shop.yaml", Some(&gone))],
        LINE,
        &["the files that Kustomization/flux-system/shop applies are not in this repository", "ref="],
    );
}

#[test]
fn what_an_edit_would_break_is_refused_with_file_and_line() {
    let told = "setting ghcr.io/acme/shop of Kustomization/flux-system/shop to 1.3.0: ";
    let encrypted = format!("{IMAGES}sops:\n  mac: ENC[x]\n");
    refuses(&[(FILE, Some(&encrypted))], LINE, &[told, "the file is encrypted by SOPS"]);
    let anchored = IMAGES.replace("\"1.2.0\"", "&tag \"1.2.0\"");
    refuses(
        &[(FILE, Some(&anchored))],
        LINE,
        &[told, "apps/shop/kustomization.yaml, line 8: .images[0].newTag has the anchor"],
    );
    let link = "resources: [../../../x.yaml]\n";
    refuses(&[(FILE, Some(link))], LINE, &["leads out of the tree of files", FILE]);
}

#[test]
fn a_variable_is_refused_with_the_place_where_it_is_set() {
    let images = IMAGES.replace("\"1.2.0\"", "${SHOP_TAG:=1.0}");
    let set = SHOP.replacen(
        "    prune: true # since March\n",
        "    prune: true # since March\n    postBuild:\n        substitute:\n            SHOP_TAG: 1.2.0\n",
        1,
    );
    let file = "clusters/one/shop.yaml";
    let told = "apps/shop/kustomization.yaml, line 8: \"${SHOP_TAG:=1.0}\" is a variable";
    let place = "Kustomization/flux-system/shop sets SHOP_TAG in spec.postBuild.substitute: clusters/one/shop.yaml, line 13";
    refuses(&[(FILE, Some(&images)), (file, Some(&set))], LINE, &[told, place]);
    let from = set.replace(
        "        substitute:\n            SHOP_TAG: 1.2.0\n",
        "        substituteFrom: [{kind: ConfigMap, name: tags}]\n",
    );
    let place = "takes SHOP_TAG from ConfigMap/flux-system/tags";
    refuses(&[(FILE, Some(&images)), (file, Some(&from))], LINE, &[told, place]);
    let manifest = DEPLOYMENT.replace("nginx:1.25", "nginx:${NGINX}");
    let line = "set version ks/shop nginx=1.27 --push";
    refuses(&[("apps/shop/shop.yaml", Some(&manifest))], line, &["\"${NGINX}\" is a variable"]);
}

#[test]
fn a_folder_that_two_kustomizations_build_is_not_edited_for_one() {
    let copy = SHOP
        .replace(": shop ", ": blue ")
        .replace(": cache", ": green")
        .replace("prune: true", "targetNamespace: blue");
    refuses(
        &[("clusters/one/blue.yaml", Some(&copy))],
        LINE,
        &[
            "apps/shop/kustomization.yaml is built by Kustomization/flux-system/shop and Kustomization/flux-system/blue",
            "spec.images",
        ],
    );
}

#[test]
fn windows_line_ends_and_other_documents_stay() {
    let windows = IMAGES.replace('\n', "\r\n");
    let several = format!(
        "# first\n---\n{DEPLOYMENT}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}} # last"
    );
    let world = world_with(&[(FILE, Some(&windows)), ("apps/cache/cache.yaml", Some(&several))]);
    world.run(LINE).succeeded();
    assert_eq!(world.file(FILE).unwrap(), windows.replace("1.2.0", "1.3.0"));
    world.run("set version ks/shop nginx=1.27 --push").succeeded();
    let added = "  - name: nginx\r\n    newTag: \"1.27\"\r\n";
    assert_eq!(world.file(FILE).unwrap(), format!("{}{added}", windows.replace("1.2.0", "1.3.0")));
    world.run("set version ks/cache nginx=1.27 --push").succeeded();
    assert_eq!(world.file("apps/cache/cache.yaml").unwrap(), several.replace("nginx:1.25", "nginx:1.27"));
}

#[test]
fn a_branch_that_moves_between_look_and_push_is_followed() {
    let world = world();
    let bare = world.forge.repository_path(REPOSITORY);
    let theirs = IMAGES.replace("# since May", "# since June");
    let text = theirs.clone();
    world.forge.inject(Fault {
        method: "GET",
        path: "info/refs?service=git-receive-pack",
        after: 0,
        times: 1,
        action: Action::Call(Arc::new(move || faults::commit_file(&bare, FILE, &text))),
    });
    let seen = world.run(LINE);
    seen.succeeded();
    assert!(seen.err.contains("◎ git conflict detected"), "{}", seen.err);
    assert_eq!(seen.err.matches("► setting ").count(), 1, "{}", seen.err);
    assert_eq!(world.file(FILE).unwrap(), theirs.replace("1.2.0", "1.3.0"));
}

/// Another workload with another version of the proxy.
fn second() -> String {
    DEPLOYMENT.replace("name: shop}", "name: blog}").replace("nginx:1.25", "nginx:1.26")
}

#[test]
fn an_image_with_several_versions_gets_one_entry() {
    let images = IMAGES.replace("  - shop.yaml\n", "  - shop.yaml\n  - blog.yaml\n");
    let world = world_with(&[(FILE, Some(&images)), ("apps/shop/blog.yaml", Some(&second()))]);
    let seen = world.run("set version ks/shop nginx=1.27 --push");
    seen.succeeded();
    let told = "setting nginx of Kustomization/flux-system/shop from 1.25, 1.26 to 1.27\n";
    assert!(seen.err.contains(told), "{}", seen.err);
    let added = "  - name: nginx\n    newTag: \"1.27\"\n";
    assert_eq!(world.file(FILE).unwrap(), format!("{images}{added}"));
    // One of them is older than what is wanted, the other is not.
    let world = world_with(&[(FILE, Some(&images)), ("apps/shop/blog.yaml", Some(&second()))]);
    world.refuses("set version ks/shop nginx=1.25 --push", &["would go from 1.25, 1.26 back to 1.25"]);
    world.run("set version ks/shop nginx=1.25 --push --force").succeeded();
    assert_eq!(world.file(FILE).unwrap(), format!("{images}{}", added.replace("1.27", "1.25")));
}

/// Puts the digest of the proxy into an annotation, which fails where there is none.
const DIGEST_OF_PROXY: &str = "\
replacements:
- source: {kind: Deployment, name: shop, fieldPath: spec.template.spec.containers.1.image, options: {delimiter: \"@\", index: 1}}
  targets:
  - select: {kind: Deployment, name: shop}
    fieldPaths: [metadata.annotations.digest]
    options: {create: true}
";

#[test]
fn a_folder_that_cannot_be_built_with_the_change_is_not_changed() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let images = format!("{IMAGES}  - name: nginx\n    digest: {digest}\n{DIGEST_OF_PROXY}");
    refuses(
        &[(FILE, Some(&images))],
        "set version ks/shop nginx=1.27 --push",
        &["Kustomization/flux-system/shop cannot be built with this change: ", "has no part 1"],
    );
    let other = format!("sha256:{}", "b".repeat(64));
    let world = world_with(&[(FILE, Some(&images))]);
    let seen = world.run(&format!("set version ks/shop nginx={other} --push"));
    seen.succeeded();
    assert!(!seen.err.contains("not verified"), "{}", seen.err);
}

#[test]
fn a_folder_that_cannot_be_built_here_at_all_is_changed_with_a_warning() {
    let images =
        IMAGES.replace("  - shop.yaml\n", "  - shop.yaml\n  - https://git.example.com/base?ref=v1\n");
    let world = world_with(&[(FILE, Some(&images))]);
    let seen = world.run(LINE);
    seen.succeeded();
    let told = "not verified: Kustomization/flux-system/shop cannot be built here: ";
    assert_eq!(seen.err.matches(told).count(), 1, "{}", seen.err);
    assert_eq!(world.file(FILE).unwrap(), images.replace("1.2.0", "1.3.0"));
}
