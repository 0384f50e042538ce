//! Versions that an environment sets with patches: in its `kustomization.yaml`, in files beside it, and in Flux Kustomizations.

use super::versions::DEPLOYMENT;
use super::world::SHOP;
use super::world::World;

/// What all environments have.
const BASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cart, namespace: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: cart
      version: 6.0.0
      sourceRef: {kind: HelmRepository, name: acme}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: policies, namespace: web}
spec:
  interval: 1h
  url: oci://ghcr.io/acme/policies
  ref: {semver: 1.x}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: docs, namespace: web}
spec:
  interval: 1h
  url: https://git.example.com/docs
  ref: {branch: main}
";

/// What one of them changes.
const PATCHES: &str = "\
# Production. Ask #web first.
resources:
  - ../base
patches:
  - patch: |-   # the cart
      apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      metadata:
          name: cart
          namespace: web

      spec:
          chart:
              spec:
                  version:   '6.5.0'   # tested in May
          values: {replicas: 3}
  - target: {kind: OCIRepository}
    patch: |
      # pinned
      - op: replace
        path: /spec/ref
        value: {tag: v3}   # by hand
      - {op: add, path: /spec/timeout, value: 2m}
  - target:
      kind: GitRepository
      name: docs
    patch: '[{\"op\": \"replace\", \"path\": \"/spec/ref/branch\", \"value\": \"stable\"}]'
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: shop}
      spec:
        template:
          spec:
            containers:
              - name: proxy
                image: nginx:1.26 # in front
              - {name: extra, image: 'ghcr.io/acme/extra:2.0'}
";

const FILE: &str = "apps/shop/kustomization.yaml";

fn world_with(patches: &str, files: &[(&str, Option<&str>)]) -> World {
    let mut all = vec![
        ("apps/base/kustomization.yaml", Some("resources: [base.yaml, shop.yaml]\n")),
        ("apps/base/base.yaml", Some(BASE)),
        ("apps/base/shop.yaml", Some(DEPLOYMENT)),
        (FILE, Some(patches)),
    ];
    all.extend(files);
    World::with(&all)
}

/// Runs a line, which replaces a text in one file and touches nothing else.
#[track_caller]
fn replaces(world: &World, line: &str, file: &str, (from, to): (&str, &str)) {
    let before = world.file(file).unwrap();
    assert_eq!(before.matches(from).count(), 1, "{from}");
    let seen = world.run(line);
    assert_eq!(seen.succeeded(), "", "{}", seen.err);
    assert!(!seen.err.contains("not verified"), "{}", seen.err);
    assert_eq!(world.file(file).unwrap(), before.replace(from, to), "{}", seen.err);
    assert_eq!(world.touched(), [format!("M {file}")]);
}

#[test]
fn a_version_in_a_patch_of_a_kustomization_is_changed_in_its_text() {
    let world = world_with(PATCHES, &[]);
    let run = |line: &str, change| replaces(&world, &format!("set version {line} --push"), FILE, change);
    run("hr/cart chart=6.7.0 -n web", ("'6.5.0'", "'6.7.0'"));
    run("ocirepository/policies v4 -n web", ("{tag: v3}", "{tag: v4}"));
    run("gitrepository/docs branch=next -n web", ("\"stable\"", "\"next\""));
    run("ks/shop nginx=1.27", ("nginx:1.26", "nginx:1.27"));
    run("ks/shop extra=2.1", ("extra:2.0", "extra:2.1"));
    let older = world.run("set version ks/shop nginx=1.26.5 --push");
    assert!(older.failed().contains("would go from 1.27 back to 1.26.5"), "{}", older.err);
}

#[test]
fn several_versions_in_one_patch_are_changed_at_once() {
    let patches = PATCHES.replace('\n', "\r\n");
    let world = world_with(&patches, &[]);
    let seen = world.run("set version ks/shop nginx=1.27 extra=2.1 --push");
    seen.succeeded();
    let told = "setting nginx of Kustomization/flux-system/shop from 1.26 to 1.27\n";
    assert!(seen.err.contains(told), "{}", seen.err);
    let wanted = patches.replace("nginx:1.26", "nginx:1.27").replace("extra:2.0", "extra:2.1");
    assert_eq!(world.file(FILE).unwrap(), wanted);
}

#[test]
fn an_image_in_a_file_of_patches_is_changed_there() {
    let patch = "\
- op: replace
  path: /spec/template/spec/containers/1/image
  value: nginx:1.26 # mirrored
";
    let kustomization =
        "resources: [../base]\npatches:\n- {path: proxy.yaml, target: {kind: Deployment, name: sh.p}}\n";
    let world = world_with(kustomization, &[("apps/shop/proxy.yaml", Some(patch))]);
    let change = ("nginx:1.26", "nginx:1.27");
    replaces(&world, "set version ks/shop nginx=1.27 --push", "apps/shop/proxy.yaml", change);
}

#[test]
fn patches_in_the_spec_of_a_kustomization_and_in_components_are_changed_there() {
    let patch = "    patches: # of this cluster
        - target: {kind: HelmRelease}
          patch: |
              - op: replace
                path: /spec/chart/spec/version
                value: 6.5.0
";
    let shop = SHOP.replacen(
        "    sourceRef: {kind: GitRepository, name: flux-system}\n",
        &format!("    sourceRef: {{kind: GitRepository, name: flux-system}}\n{patch}"),
        1,
    );
    let component = "\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- patch: |
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata: {name: policies, namespace: web}
    spec:
      ref: {semver: 2.x}
";
    let world = world_with(
        "components: [../pinned]\nresources: [../base]\n",
        &[
            ("clusters/one/shop.yaml", Some(&shop)),
            ("clusters/two/shop.yaml", None),
            ("apps/pinned/kustomization.yaml", Some(component)),
        ],
    );
    let line = "set version hr/cart 6.7.0 -n web --push";
    replaces(&world, line, "clusters/one/shop.yaml", ("6.5.0", "6.7.0"));
    let line = "set version ocirepository/policies semver=3.x -n web --push";
    replaces(&world, line, "apps/pinned/kustomization.yaml", ("2.x", "3.x"));
}

#[test]
fn a_merge_patch_removes_the_range_that_its_base_brings() {
    let patch = |reference: &str| {
        format!(
            "\
resources: [../base]
patches:
- patch: |
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    metadata: {{name: policies, namespace: web}}
    spec:
      ref:{reference}
"
        )
    };
    for (before, line, after) in [
        // The base has a range, and a range is stronger than a tag.
        (
            " # pinned\n        semver: 2.x # tested",
            "tag=v3",
            " # pinned\n        semver: null # tested\n        tag: v3",
        ),
        (" {semver: 2.x}", "tag=v3", " {semver: null, tag: v3}"),
        ("\n        tag: v2", "v3", "\n        tag: v3\n        semver: null"),
        // It has no digest that would be in the way.
        (" {semver: null, tag: v3}", "semver=3.x", " {semver: 3.x}"),
        (" {tag: v2, $patch: replace}", "tag=v3", " {tag: v3, $patch: replace}"),
    ] {
        let world = world_with(&patch(before), &[]);
        let line = format!("set version ocirepository/policies {line} -n web --push");
        replaces(&world, &line, FILE, (before, after));
        let again = world.run(&line);
        again.succeeded();
        assert!(
            again.err.contains("nothing to change: ref of OCIRepository/web/policies is "),
            "{}",
            again.err
        );
    }
}

#[test]
fn an_operation_for_one_field_of_a_reference_sets_another_one_or_all_of_it() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let (policies, docs) = ("ocirepository/policies", "gitrepository/docs");
    for (object, before, wanted, after) in [
        // The base has a range, and a range is stronger than a tag.
        (
            policies,
            "- op: replace # ours\n      path: /spec/ref/semver\n      value: 2.x",
            "tag=v3",
            "- op: replace # ours\n      path: /spec/ref\n      value:\n        tag: v3",
        ),
        (
            policies,
            "- {op: add, path: /spec/ref/tag, value: v2} # ours",
            "tag=v3",
            "- {op: add, path: /spec/ref, value: {tag: v3}} # ours",
        ),
        // It has a branch, which is weaker than a tag.
        (
            docs,
            "- {op: add, path: \"/spec/ref/semver\", value: 2.x}",
            "tag=v3",
            "- {op: add, path: \"/spec/ref/tag\", value: v3}",
        ),
        (
            docs,
            "- {op: replace, path: /spec/ref/branch, value: stable}",
            "v1.2.0",
            "- {op: add, path: /spec/ref/tag, value: v1.2.0}",
        ),
        (
            docs,
            "- {op: add, path: /spec/ref/semver, value: 2.x}",
            "branch=next",
            "- {op: add, path: /spec/ref/branch, value: next}",
        ),
        // A commit stays on its branch.
        (
            docs,
            "- {op: replace, path: /spec/ref/branch, value: stable}",
            &format!("commit={commit}"),
            &format!("- {{op: replace, path: /spec/ref, value: {{branch: stable, commit: {commit}}}}}"),
        ),
    ] {
        let name = object.split_once('/').unwrap().1;
        let head = format!("resources: [../base]\npatches:\n- target: {{name: {name}}}\n  patch: |\n");
        let world = world_with(&format!("{head}    {before}\n"), &[]);
        let line = format!("set version {object} {wanted} -n web --push");
        replaces(&world, &line, FILE, (before, after));
        let again = world.run(&line);
        again.succeeded();
        assert!(again.err.contains("nothing to change: ref of "), "{}", again.err);
    }
    // The range of an operation before it stays.
    let two =
        "- {op: add, path: /spec/ref/semver, value: 2.x}\n    - {op: add, path: /spec/ref/tag, value: v2}";
    let world = world_with(
        &format!("resources: [../base]\npatches:\n- target: {{name: docs}}\n  patch: |\n    {two}\n"),
        &[],
    );
    let change = ("path: /spec/ref/tag, value: v2", "path: /spec/ref, value: {tag: v3}");
    replaces(&world, "set version gitrepository/docs tag=v3 -n web --push", FILE, change);
}

#[test]
fn a_merge_patch_removes_what_the_patches_before_it_bring() {
    let spec = |reference: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: docs, namespace: web}}\n\
             spec:\n  ref: {reference}\n"
        )
    };
    let world = world_with(
        "resources: [../pinned]\npatches:\n- path: docs.yaml\n",
        &[
            ("apps/pinned/kustomization.yaml", Some("resources: [../base]\npatches: [{path: docs.yaml}]\n")),
            ("apps/pinned/docs.yaml", Some(&spec("{semver: 1.x, branch: null}"))),
            ("apps/shop/docs.yaml", Some(&spec("{semver: 2.x} # ours"))),
        ],
    );
    let line = "set version gitrepository/docs branch=next -n web --push";
    replaces(&world, line, "apps/shop/docs.yaml", ("{semver: 2.x}", "{semver: null, branch: next}"));
    let line = "set version gitrepository/docs tag=v2 -n web --push";
    replaces(&world, line, "apps/shop/docs.yaml", ("branch: next", "tag: v2"));
}

#[test]
fn versions_are_promoted_from_patch_to_patch() {
    let [staging, production] = ["staging", "shop"].map(|name| format!("apps/{name}/kustomization.yaml"));
    let newer = PATCHES.replace("6.5.0", "6.7.0").replace("v3", "v4").replace("nginx:1.26", "nginx:1.27");
    let sync = SHOP.replace("apps/shop", "apps/staging");
    let world = world_with(PATCHES, &[(&staging, Some(&newer)), ("clusters/two/shop.yaml", Some(&sync))]);
    let seen = world.run("promote --from=./clusters/two --to=./clusters/one --push");
    let table: Vec<String> = seen
        .succeeded()
        .lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        table,
        [
            "Kustomization/flux-system/shop nginx 1.26 1.27",
            "HelmRelease/web/cart chart 6.5.0 6.7.0",
            "OCIRepository/web/policies ref v3 v4",
        ],
        "{}",
        seen.err
    );
    assert_eq!(world.file(&production).unwrap(), newer);
    assert_eq!(world.touched(), [format!("M {production}")]);
}

#[test]
fn what_a_patch_cannot_take_is_refused_with_its_file_and_the_reason() {
    let two = BASE.split("---\n").next().unwrap().replace("name: cart", "name: docs");
    let refuses = |patches: &str, line: &str, words: &[&str]| {
        let base = [BASE, "---\n", &two].concat();
        let world = world_with(patches, &[("apps/base/base.yaml", Some(&base))]);
        let seen = world.run(&format!("set version {line} --push"));
        let said = seen.failed();
        words.iter().for_each(|word| assert!(said.contains(word), "{word}: {said}"));
        assert_eq!(world.commits().len(), 1);
    };
    let with = |target: &str, patch: &str| {
        format!("resources: [../base]\npatches:\n- target: {{{target}}}\n  patch: {patch}")
    };
    let version = "{op: replace, path: /spec/chart/spec/version, value: 6.5.0}";
    refuses(
        &with("kind: HelmRelease", &format!("|\n    - {version}\n")),
        "hr/cart 6.7.0 -n web",
        &[
            "a patch in apps/shop/kustomization.yaml is for HelmRelease/web/cart and HelmRelease/web/docs at once",
            "give the object a patch of its own",
        ],
    );
    refuses(
        &with("kind: HelmRelease, name: cart", &format!(">\n    - {version}\n")),
        "hr/cart 6.7.0 -n web",
        &["apps/shop/kustomization.yaml, line 4: .patches[0].patch is a folded or quoted text"],
    );
    refuses(
        &with(
            "kind: HelmRelease, name: cart",
            &format!("|\n    # chosen there\n    - {}\n", version.replace("6.5.0", "\"${cart}\"")),
        ),
        "hr/cart 6.7.0 -n web",
        &["apps/shop/kustomization.yaml, line 6: \"${cart}\" is a variable"],
    );
    refuses(
        &with(
            "kind: HelmRelease, name: cart",
            "|\n    - {op: copy, from: /metadata/name, path: /spec/chart/spec/version}\n",
        ),
        "hr/cart 6.7.0 -n web",
        &[
            "would still be cart, because a patch or replacement in apps/shop/kustomization.yaml (patches) overrides it",
        ],
    );
    let merged = "apiVersion: source.toolkit.fluxcd.io/v1\n    kind: OCIRepository\n    metadata: {name: policies, namespace: web}\n    spec: {ref: {tag: v3, semver: null}}\n";
    let copied = "- target: {kind: OCIRepository}\n  patch: |\n    - {op: copy, from: /metadata/name, path: /spec/ref/semver}\n";
    refuses(
        &format!("resources: [../base]\npatches:\n- patch: |\n    {merged}{copied}"),
        "ocirepository/policies tag=v4 -n web",
        &[
            "would still be semver policies, because a patch or replacement in apps/shop/kustomization.yaml (patches) overrides it",
            "semver decides before tag: by hand, let tag: v4 take its place there",
        ],
    );
}
