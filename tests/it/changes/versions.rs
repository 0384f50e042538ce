//! `set version`: another version where it is declared.

use super::proposing;
use super::world::RELEASE;
use super::world::REPOSITORY;
use super::world::SHOP;
use super::world::World;
use crate::support::Cli;
use testbed::forge::Merge;

/// What the shop deploys, as people wrote it.
pub(super) const IMAGES: &str = "\
namespace: web
resources:
  - release.yaml # the shop itself
  - shop.yaml
images: # what runs
  - name: shop
    newName: ghcr.io/acme/shop
    newTag: \"1.2.0\" # since May
";

pub(super) const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      initContainers:
        - {name: wait, image: busybox:1.36}
      containers:
        - name: shop
          image: shop
        - name: proxy
          image: nginx:1.25 # in front
";

const RELEASES: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cart, namespace: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: cart
      version: '6.5.0' # tested
      sourceRef: {kind: HelmRepository, name: acme}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: docs, namespace: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: ./chart
      sourceRef: {kind: GitRepository, name: docs, namespace: flux-system}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: web, namespace: web}
spec:
  interval: 1h
  url: oci://ghcr.io/acme/web
  ref:
    semver: 1.x # the newest
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: docs, namespace: flux-system}
spec:
  interval: 1h
  url: https://git.example.com/docs
  ref: {branch: main}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: docs, namespace: flux-system}
spec:
  interval: 1h
  path: ./deploy
  sourceRef: {kind: GitRepository, name: docs}
  images:
  - {name: docs, newTag: v1}
";

/// A fleet with versions of every kind.
pub(super) fn world() -> World {
    world_with(&[])
}

pub(super) fn world_with(files: &[(&str, Option<&str>)]) -> World {
    let mut all = vec![
        ("apps/shop/kustomization.yaml", Some(IMAGES)),
        ("apps/shop/shop.yaml", Some(DEPLOYMENT)),
        ("clusters/one/releases.yaml", Some(RELEASES)),
    ];
    all.extend(files);
    World::with(&all)
}

/// Runs a line, and tells what it makes of a file.
#[track_caller]
fn becomes(world: &World, line: &str, file: &str) -> String {
    let seen = world.run(line);
    assert_eq!(seen.succeeded(), "", "{}", seen.err);
    world.file(file).unwrap()
}

#[test]
fn an_entry_of_a_kustomization_gets_another_tag_and_every_other_byte_stays() {
    let world = world();
    let file = "apps/shop/kustomization.yaml";
    let seen = world.run("set version ks/shop shop=1.3.0 --push");
    assert_eq!(seen.succeeded(), "");
    let told = "► setting ghcr.io/acme/shop of Kustomization/flux-system/shop from 1.2.0 to 1.3.0\n";
    assert!(seen.err.contains(told), "{}", seen.err);
    assert_eq!(world.file(file).unwrap(), IMAGES.replace("1.2.0", "1.3.0"));
    assert_eq!(world.touched(), [format!("M {file}")]);
    assert_eq!(world.commits()[0], "Set ghcr.io/acme/shop of Kustomization/flux-system/shop to 1.3.0");
    // A digest takes the place of a tag, and a tag that of a digest.
    let digest = format!("sha256:{}", "a".repeat(64));
    let pinned = becomes(&world, &format!("set version ks/shop ghcr.io/acme/shop={digest} --push"), file);
    assert!(pinned.contains(&format!("    digest: {digest}\n")) && !pinned.contains("newTag"), "{pinned}");
    let both = becomes(&world, &format!("set version ks/shop shop=1.4.0@{digest} --push"), file);
    assert!(both.contains("newTag: 1.4.0\n") && both.contains(&digest), "{both}");
    let tagged = becomes(&world, "set version ks/shop shop=2 --push", file);
    assert!(tagged.contains("newTag: \"2\"\n") && !tagged.contains("digest"), "{tagged}");
    world.left_the_cluster_alone();
}

#[test]
fn an_image_without_an_entry_gets_one() {
    let world = world();
    let file = "apps/shop/kustomization.yaml";
    let found = becomes(&world, "set version ks shop nginx=1.27 busybox=1.37.0 --push", file);
    let added = "  - name: nginx\n    newTag: \"1.27\"\n  - name: busybox\n    newTag: 1.37.0\n";
    assert_eq!(found, format!("{IMAGES}{added}"));
    assert_eq!(world.touched(), [format!("M {file}")], "the manifest stays");
    assert_eq!(
        world.commits()[0],
        "Set versions of Kustomization/flux-system/shop: nginx 1.27, busybox 1.37.0"
    );
    let again = world.run("set version ks shop nginx=1.27 --push");
    assert_eq!(again.succeeded(), "");
    assert!(
        again.err.contains("► nothing to change: nginx of Kustomization/flux-system/shop is 1.27 already\n"),
        "{}",
        again.err
    );
    assert_eq!(world.commits().len(), 2);
}

#[test]
fn without_a_kustomization_the_manifest_is_edited() {
    let manifest = DEPLOYMENT.replace("        - name: shop\n          image: shop\n", "");
    let world = world_with(&[("apps/cache/cache.yaml", Some(&manifest))]);
    let found = becomes(&world, "set version ks/cache nginx=1.27.1-alpine --push", "apps/cache/cache.yaml");
    assert_eq!(found, manifest.replace("nginx:1.25", "nginx:1.27.1-alpine"));
    let found = becomes(&world, "set version ks/cache busybox=1.37 --push", "apps/cache/cache.yaml");
    assert!(found.contains("{name: wait, image: busybox:1.37}"), "{found}");
}

#[test]
fn one_image_needs_no_name_and_several_are_listed() {
    let world = world();
    let seen = world.run("set version ks/shop 1.3.0 --push");
    let told = "deploys several images: ghcr.io/acme/shop, nginx, busybox";
    assert!(seen.failed().contains(told) && seen.err.contains("<image>=1.3.0"), "{}", seen.err);
    let seen = world.run("set version ks/shop apache=1 --push");
    assert!(
        seen.failed().contains("deploys no image \"apache\"") && seen.err.contains("nginx"),
        "{}",
        seen.err
    );
    let found = becomes(&world, "set version ks/docs v2 --push", "clusters/one/releases.yaml");
    assert_eq!(found, RELEASES.replace("newTag: v1", "newTag: v2"), "in spec.images");
}

#[test]
fn a_chart_gets_another_version() {
    let world = world();
    let file = "clusters/one/releases.yaml";
    let found = becomes(&world, "set version hr/cart chart=6.7.1 -n web --push", file);
    assert_eq!(found, RELEASES.replace("'6.5.0'", "'6.7.1'"));
    assert_eq!(world.commits()[0], "Set chart of HelmRelease/web/cart to 6.7.1");
    let found = becomes(&world, "set version helmrelease cart 6.8.0 -n web --push", file);
    assert_eq!(found, RELEASES.replace("'6.5.0'", "'6.8.0'"), "alone");
    // The chart of a reference is the artifact itself.
    let found = becomes(&world, "set version hr/web chart=1.9.0 -n web --push", file);
    assert!(found.contains("    semver: 1.9.0 # the newest\n"), "{found}");
    assert_eq!(world.file("apps/shop/release.yaml").unwrap(), RELEASE);
    let seen = world.run("set version hr/docs chart=1.0.0 -n web --push");
    let told = "the version of the chart of HelmRelease/web/docs is that of the files in GitRepository/flux-system/docs";
    assert!(seen.failed().contains(told) && seen.err.contains("ref="), "{}", seen.err);
}

#[test]
fn a_source_gets_another_reference_also_from_what_uses_it() {
    let world = world();
    let file = "clusters/one/releases.yaml";
    let found = becomes(&world, "set version ks/docs ref=v1.2.0 --push", file);
    assert_eq!(found, RELEASES.replace("{branch: main}", "{tag: v1.2.0}"), "a version is a tag");
    assert!(
        world.commits()[0].starts_with("Set ref of GitRepository/flux-system/docs"),
        "{:?}",
        world.commits()
    );
    let commit = "0123456789".repeat(4);
    let found = becomes(&world, &format!("set version gitrepo/docs {commit} --push"), file);
    assert_eq!(found, RELEASES.replace("{branch: main}", &format!("{{commit: \"{commit}\"}}")));
    let digest = format!("sha256:{}", "b".repeat(64));
    let found = becomes(&world, &format!("set version ocirepo/web -n web {digest} --push"), file);
    assert!(found.contains(&format!("  ref:\n    digest: {digest}\n")), "{found}");
    let seen = world.run("set version ocirepo/web branch=main -n web --push");
    assert!(
        seen.failed().contains("cannot be pinned to \"main\"") && seen.err.contains("digest, semver, tag"),
        "{}",
        seen.err
    );
    let seen = world.run("set version ks/shop ref=v1 --push");
    assert!(seen.failed().contains("is what the cluster itself follows"), "{}", seen.err);
}

#[test]
fn an_older_version_is_refused_unless_it_is_forced() {
    let world = world();
    let line = "set version ks/shop shop=1.1.9 nginx=1.24 --push";
    let seen = world.run(line);
    let told = "ghcr.io/acme/shop of Kustomization/flux-system/shop would go from 1.2.0 back to 1.1.9; nginx of Kustomization/flux-system/shop would go from 1.25 back to 1.24";
    assert!(seen.failed().contains(told) && seen.err.contains("hint: add --force"), "{}", seen.err);
    assert_eq!(world.commits().len(), 1);
    world.run(&format!("{line} --force")).succeeded();
    assert_eq!(world.commits().len(), 2);
}

#[test]
fn what_image_automation_writes_is_warned_of() {
    let images = IMAGES.replace("# since May", "# {\"$imagepolicy\": \"flux-system:shop:tag\"}");
    let world = world_with(&[("apps/shop/kustomization.yaml", Some(&images))]);
    let seen = world.run("set version ks/shop shop=1.3.0 --push");
    seen.succeeded();
    let told = "image automation will overwrite ghcr.io/acme/shop as ImagePolicy/flux-system/shop selects";
    assert!(seen.err.contains(told), "{}", seen.err);
    assert_eq!(world.file("apps/shop/kustomization.yaml").unwrap(), images.replace("1.2.0", "1.3.0"));
}

#[test]
fn the_patch_of_an_environment_is_what_says_its_version() {
    let base = RELEASES.split("---\n").next().unwrap();
    let patch = "kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nmetadata: {name: cart, namespace: web}\nspec:\n  chart: {spec: {version: 6.6.0}} # here\n";
    let shop = "namespace: web\nresources: [../base]\npatches:\n- path: cart.yaml\n";
    let world = World::with(&[
        ("apps/base/kustomization.yaml", Some("resources: [cart.yaml]\n")),
        ("apps/base/cart.yaml", Some(base)),
        ("apps/shop/kustomization.yaml", Some(shop)),
        ("apps/shop/cart.yaml", Some(patch)),
    ]);
    let found = becomes(&world, "set version hr/cart 6.7.0 -n web --push", "apps/shop/cart.yaml");
    assert_eq!(found, patch.replace("6.6.0", "6.7.0"));
    assert_eq!(world.file("apps/base/cart.yaml").unwrap(), base);
}

#[test]
fn a_change_without_an_effect_is_refused() {
    let replaced = "\
replacements:
- source: {kind: Deployment, name: shop, fieldPath: spec.template.spec.initContainers.0.image}
  targets:
  - select: {kind: Deployment, name: shop}
    fieldPaths: [spec.template.spec.containers.1.image]
";
    let world = world_with(&[("apps/shop/kustomization.yaml", Some(&format!("{IMAGES}{replaced}")))]);
    let seen = world.run("set version ks/shop busybox=1.37 --dry-run");
    seen.succeeded();
    let patch = "patches:\n- target: {kind: Deployment, name: shop}\n  patch: |\n    - {op: replace, path: /spec/template/spec/containers/1/image, value: \"nginx:1.26\"}\n";
    let late =
        "resources: [release.yaml, shop]\nnamespace: web\nimages:\n- {name: nginx, newTag: \"1.25\"}\n";
    let world = world_with(&[
        ("apps/shop/kustomization.yaml", Some(&format!("{late}{patch}transformers: [late.yaml]\n"))),
        ("apps/shop/shop/kustomization.yaml", Some("resources: [shop.yaml]\n")),
        ("apps/shop/shop/shop.yaml", Some(DEPLOYMENT)),
        (
            "apps/shop/late.yaml",
            Some(
                "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {name: late}\nimageTag: {name: nginx, newTag: \"1.20\"}\n",
            ),
        ),
    ]);
    let seen = world.run("set version ks/shop nginx=1.27 --push");
    assert!(
        seen.failed().contains(
            "the change has no effect: nginx of Kustomization/flux-system/shop would still be nginx:1.20 in Deployment/web/shop, \
             because a patch or replacement in apps/shop/kustomization.yaml (patches, transformers) overrides it"
        ),
        "{}",
        seen.err
    );
    assert_eq!(world.commits().len(), 1);
}

#[test]
fn a_dry_run_shows_the_line_and_a_request_is_found_again() {
    let world = world();
    let seen = world.run("set version ks/shop nginx=1.27 --dry-run");
    assert!(seen.succeeded().contains("\n+  - name: nginx\n+    newTag: \"1.27\"\n"), "{}", seen.out);
    assert_eq!(world.commits().len(), 1);
    let line = "set version ks/shop shop=1.3.0 --pull-request";
    assert!(proposing::run(&world, line).err.contains("✔ opened pull request #1"));
    assert!(proposing::run(&world, line).err.contains("✔ pull request #1 is up to date"));
    world.forge.merge_request(REPOSITORY, 1, Merge::Squash).unwrap();
    let merged = proposing::run(&world, line);
    merged.succeeded();
    assert!(merged.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", merged.err);
}

#[test]
fn what_is_missing_or_cannot_be_is_told_before_anything_is_done() {
    let cli = Cli::new();
    for (line, words) in [
        ("set version ks/shop shop=1", "no destination for the commit"),
        ("set version ks/shop --push", "specify a version after the object"),
        ("set version shop --push", "<kind>/<name>"),
        ("set version alert/x 1 --push", "Alert objects have no version"),
        ("set version ks/shop shop= --push", "names no version"),
        ("set version ks/shop shop=1 --message=x", "--message is about a commit"),
    ] {
        let seen = cli.run(&line.split(' ').collect::<Vec<_>>());
        assert!(seen.failed().contains(words), "{line}: {}", seen.err);
    }
    let world = world();
    for (line, words) in [
        ("set version ks/shop shop=a:b --push", "\"a:b\" is not a tag"),
        ("set version ks/shop shop=1 shop=2 --push", "is given twice: 1 and 2"),
        ("set version hr/cart latest -n web --push", "neither a version nor a range"),
        ("set version hr/cart nginx=1 -n web --push", "deploys no images by itself"),
        ("set version gitrepo/docs commit=abc --push", "is not a commit"),
        ("set version ks/none 1 --push", "is not declared in what the cluster applies"),
    ] {
        let seen = world.run(line);
        assert!(seen.failed().contains(words), "{line}: {}", seen.err);
    }
    assert_eq!(world.commits().len(), 1);
}

#[test]
fn an_image_is_set_through_another_source_of_the_same_repository_and_branch() {
    let source = |name: &str, url: &str, reference: &str| {
        format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\n\
             metadata: {{name: {name}, namespace: flux-system}}\nspec: {{url: {url}, ref: {reference}}}\n"
        )
    };
    let own = source("flux-system", "https://git.example.com/ada/fleet", "{branch: main}");
    let shop = SHOP.replace("name: flux-system}", "name: again}");
    let other = |reference: &str| {
        [shop.as_str(), &own, &source("again", "ssh://git@git.example.com/ada/fleet.git", reference)].concat()
    };
    let world = world_with(&[("clusters/one/shop.yaml", Some(&other("{name: refs/heads/main}")))]);
    let after = becomes(&world, "set version ks/shop nginx=1.27 --push", "apps/shop/kustomization.yaml");
    assert!(after.contains("1.27"), "{after}");
    let world = world_with(&[("clusters/one/shop.yaml", Some(&other("{tag: v1}")))]);
    let seen = world.run("set version ks/shop nginx=1.27 --push");
    let why = "the files that Kustomization/flux-system/shop applies are not in this repository";
    assert!(seen.failed().contains(why), "{}", seen.err);
}
