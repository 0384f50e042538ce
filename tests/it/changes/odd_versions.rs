//! Versions in repositories that are written in rare ways.

use super::odd::kustomization;
use super::versions::DEPLOYMENT;
use super::world::World;

const LISTED: &str = "namespace: web\nresources: [release.yaml, shop.yaml]\n";

/// The shop with a workload and this kustomization.
fn with(listed: &str, deployment: &str) -> World {
    World::with(&[("apps/shop/kustomization.yaml", Some(listed)), ("apps/shop/shop.yaml", Some(deployment))])
}

#[test]
fn a_folder_of_two_kustomizations_is_not_changed_for_one() {
    let second = kustomization("second", "./apps/shop", "  postBuild: {substitute: {a: b}}\n");
    let third = kustomization("third", "./apps/cache", "  timeout: 1m\n");
    let files = [
        ("clusters/one/second.yaml", Some(&*second)),
        ("clusters/one/third.yaml", Some(&*third)),
        ("apps/shop/kustomization.yaml", Some(LISTED)),
        ("apps/shop/shop.yaml", Some(DEPLOYMENT)),
        ("apps/cache/shop.yaml", Some(DEPLOYMENT)),
    ];
    let world = World::with(&files);
    for (one, file) in [
        ("shop", "apps/shop/kustomization.yaml"),
        ("second", "apps/shop/kustomization.yaml"),
        ("cache", "apps/cache/shop.yaml"),
        ("third", "apps/cache/shop.yaml"),
    ] {
        let line = format!("set version ks/{one} nginx=1.27 --push");
        world.refuses(
            &line,
            &[&format!("{file} is built by Kustomization/flux-system/"), "an edit would change both"],
        );
    }
}

#[test]
fn a_digest_keeps_the_comment_of_the_tag() {
    let images = "images:\n- name: nginx\n  newTag: \"1.25\" # tested by Ada\n";
    let world = with(&format!("{LISTED}{images}"), DEPLOYMENT);
    let digest = format!("sha256:{}", "a".repeat(64));
    let said = world.run(&format!("set version ks/shop nginx={digest} --push"));
    assert_eq!(said.code, 0, "{}", said.err);
    let wanted = images.replace("newTag: \"1.25\"", &format!("digest: \"{digest}\""));
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), format!("{LISTED}{wanted}"));
}

#[test]
fn new_images_come_last() {
    let listed = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [release.yaml, shop.yaml]\n";
    let world = with(listed, DEPLOYMENT);
    world.run("set version ks/shop nginx=1.27 --push").succeeded();
    let wanted = format!("{listed}images:\n- name: nginx\n  newTag: \"1.27\"\n");
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), wanted);
}

#[test]
fn images_are_found_under_a_name_in_another_case() {
    let world = with(&format!("{LISTED}Images:\n- name: nginx\n  newTag: \"1.25\"\n"), DEPLOYMENT);
    world.run("set version ks/shop nginx=1.27 --push").succeeded();
    let wanted = format!("{LISTED}Images:\n- name: nginx\n  newTag: \"1.27\"\n");
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), wanted);
}

#[test]
fn a_line_of_image_automation_that_an_entry_overrides_is_named() {
    let marked = DEPLOYMENT.replace("# in front", "# {\"$imagepolicy\": \"flux-system:nginx\"}");
    let world = with(LISTED, &marked);
    let said = world.run("set version ks/shop nginx=1.27 --push");
    let warning = "⚠️ apps/shop/shop.yaml: image automation writes nginx as ImagePolicy/flux-system/nginx selects, which the new entry in apps/shop/kustomization.yaml overrides\n";
    assert!(said.code == 0 && said.err.contains(warning), "{}", said.err);
    assert_eq!(world.touched(), ["M apps/shop/kustomization.yaml"]);
}

#[test]
fn a_name_with_a_variable_is_refused() {
    let deployment = DEPLOYMENT.replace("image: nginx:1.25", "image: \"${REG}/nginx:1.25\"");
    for listed in [LISTED, &LISTED.replace("namespace", "Namespace")] {
        let world = with(listed, &deployment);
        world.refuses(
            "set version ks/shop nginx=1.27 --push",
            &["\"${REG}/nginx\" is a variable", "apps/shop/"],
        );
    }
}
