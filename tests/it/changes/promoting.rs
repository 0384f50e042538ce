//! `promote`: one environment gets what another one runs.

use super::proposing;
use super::world::REPOSITORY;
use super::world::World;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;
use testbed::forge::Merge;

pub(super) const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  template:
    spec:
      containers:
        - {name: shop, image: ghcr.io/acme/shop}
        - {name: proxy, image: nginx:1.25}
";

const STAGING: &str = "\
namespace: staging
resources: [../base]
images:
- name: ghcr.io/acme/shop
  newTag: 1.3.0
- name: nginx
  newTag: \"1.27\"
";

const PRODUCTION: &str = "\
# Ask before you merge.
namespace: production
resources: [../base]
images:
- name: ghcr.io/acme/shop # ours
  newTag: 1.2.0
";

/// A Kustomization, a release, and sources of an environment.
fn cluster(name: &str, chart: &str, tag: &str, range: &str) -> String {
    format!(
        "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: apps, namespace: flux-system}}
spec:
  path: ./apps/{name}
  sourceRef: {{kind: GitRepository, name: flux-system}}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: cart, namespace: {name}}}
spec:
  chart:
    spec:
      chart: cart
      version: {chart} # of the shop
      sourceRef: {{kind: HelmRepository, name: acme}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {{name: policies, namespace: flux-system}}
spec:
  url: oci://ghcr.io/acme/policies
  ref: {{tag: {tag}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {{name: docs, namespace: flux-system}}
spec:
  url: oci://ghcr.io/acme/docs
  ref: {{semver: \"{range}\"}}
"
    )
}

pub(super) fn world_with(files: &[(&str, Option<&str>)]) -> World {
    let [staging, production] =
        [cluster("staging", "6.7.1", "v4", ">=1.0.0-0"), cluster("production", "6.5.0", "v3", ">=1.0.0")];
    let mut all = vec![
        ("clusters/staging/apps.yaml", Some(staging.as_str())),
        ("clusters/production/apps.yaml", Some(&production)),
        ("apps/base/kustomization.yaml", Some("resources: [shop.yaml]\n")),
        ("apps/base/shop.yaml", Some(BASE)),
        ("apps/staging/kustomization.yaml", Some(STAGING)),
        ("apps/production/kustomization.yaml", Some(PRODUCTION)),
    ];
    all.extend(files);
    World::with(&all)
}

pub(super) const LINE: &str = "promote --from=./clusters/staging --to=./clusters/production";
const TABLE: &str = "\
OBJECT                         NAME               FROM   TO
Kustomization/flux-system/apps ghcr.io/acme/shop  1.2.0  1.3.0
Kustomization/flux-system/apps nginx              1.25   1.27
HelmRelease/production/cart    chart              6.5.0  6.7.1
OCIRepository/flux-system/policies ref            v3     v4
";

/// Lines without their padding.
fn cells(table: &str) -> Vec<Vec<&str>> {
    table.lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn an_environment_gets_what_another_one_declares() {
    let world = world_with(&[]);
    let seen = world.run(&format!("{LINE} --push"));
    assert_eq!(cells(seen.succeeded()), cells(TABLE), "{}", seen.err);
    let range = "ref of OCIRepository/flux-system/docs is skipped: it follows the range >=1.0.0-0 there";
    assert!(seen.err.contains(range), "{}", seen.err);
    assert_eq!(world.touched(), ["M apps/production/kustomization.yaml", "M clusters/production/apps.yaml"]);
    assert_eq!(
        world.file("apps/production/kustomization.yaml").unwrap(),
        format!("{}- name: nginx\n  newTag: \"1.27\"\n", PRODUCTION.replace("1.2.0", "1.3.0"))
    );
    assert_eq!(
        world.file("clusters/production/apps.yaml").unwrap(),
        cluster("production", "6.7.1", "v4", ">=1.0.0")
    );
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    assert!(
        message.starts_with("Promote ./clusters/staging to ./clusters/production\n\n- ghcr.io/acme/shop of "),
        "{message}"
    );
    assert!(message.contains("- chart of HelmRelease/production/cart: 6.5.0 → 6.7.1"), "{message}");
    let again = world.run(&format!("{LINE} --push"));
    assert_eq!(again.succeeded(), "");
    assert!(again.err.ends_with("✔ nothing to do: the repository is up to date\n"), "{}", again.err);
    assert_eq!(world.commits().len(), 2);
    world.left_the_cluster_alone();
}

#[test]
fn folders_of_applications_are_environments_too() {
    let world = world_with(&[]);
    let seen = world.run("promote --from=apps/staging --to=apps/production --push --only=nginx");
    assert_eq!(cells(seen.succeeded())[1], ["./apps/production", "nginx", "1.25", "1.27"]);
    assert_eq!(world.touched(), ["M apps/production/kustomization.yaml"]);
}

#[test]
fn names_and_patterns_choose() {
    let world = world_with(&[]);
    let chosen = |flags: &str| {
        let seen = world.run(&format!("{LINE} --dry-run -o json {flags}"));
        let document: Value = serde_json::from_str(seen.succeeded()).unwrap_or_default();
        let changes = document["changes"].as_array().cloned().unwrap_or_default();
        changes.iter().map(|one| one["to"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(chosen("--only=cart,shop"), ["1.3.0", "6.7.1"]);
    assert_eq!(chosen("--only=*/acme/*"), ["1.3.0"]);
    assert_eq!(chosen("--only=HelmRelease/cart"), ["6.7.1"]);
    assert_eq!(chosen("--except=nginx --except=policies,cart"), ["1.3.0"]);
    assert_eq!(chosen("--only=apps --except=nginx"), ["1.3.0"]);
    let seen = world.run(&format!("{LINE} --dry-run --only=card"));
    assert!(
        seen.failed().contains("--only \"card\" matches no image and no object that has a version"),
        "{}",
        seen.err
    );
    assert_eq!(world.commits().len(), 1);
}

#[test]
fn a_program_reads_the_changes() {
    let world = world_with(&[]);
    let seen = world.run(&format!("{LINE} --push --only=nginx,cart -o json"));
    let document: Value = serde_json::from_str(seen.succeeded()).unwrap();
    assert_eq!(
        document,
        json!({"changes": [
            {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "name": "apps", "namespace": "flux-system",
                "version": "nginx", "from": "1.25", "to": "1.27", "files": ["apps/production/kustomization.yaml"]},
            {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "name": "cart", "namespace": "production",
                "version": "chart", "from": "6.5.0", "to": "6.7.1", "files": ["clusters/production/apps.yaml"]},
        ]})
    );
}

#[test]
fn older_versions_are_refused_all_at_once_unless_they_are_forced() {
    let world = world_with(&[]);
    let line = "promote --from=./clusters/production --to=./clusters/staging --push";
    let seen = world.run(line);
    for words in [
        "ghcr.io/acme/shop of Kustomization/flux-system/apps would go from 1.3.0 back to 1.2.0; nginx of ",
        "chart of HelmRelease/staging/cart would go from 6.7.1 back to 6.5.0",
        "from v4 back to v3",
        "hint: add --force",
    ] {
        assert!(seen.failed().contains(words), "{words}: {}", seen.err);
    }
    assert_eq!(world.commits().len(), 1);
    world.run(&format!("{line} --force")).succeeded();
    assert_eq!(
        world.file("apps/staging/kustomization.yaml").unwrap(),
        STAGING.replace("1.3.0", "1.2.0").replace("1.27", "1.25")
    );
}

#[test]
fn a_promotion_is_one_request_that_grows() {
    let world = world_with(&[]);
    let line = format!("{LINE} --pull-request");
    let seen = proposing::run(&world, &format!("{line} --only=nginx"));
    assert!(seen.err.contains("✔ opened pull request #1"), "{}", seen.err);
    let seen = proposing::run(&world, &line);
    assert!(seen.err.contains("pull request #1"), "{}", seen.err);
    let all = world.forge.pull_requests(REPOSITORY);
    assert_eq!(
        (all.len(), all[0].title.as_str()),
        (1, "Promote ./clusters/staging to ./clusters/production")
    );
    let line = "- `chart of HelmRelease/production/cart`: `6.5.0` → `6.7.1`\n";
    assert!(
        all[0].body.contains(line) && all[0].body.contains("- edit `clusters/production/apps.yaml`"),
        "{}",
        all[0].body
    );
    world.forge.merge_request(REPOSITORY, 1, Merge::Squash).unwrap();
    assert_eq!(
        world.file("clusters/production/apps.yaml").unwrap(),
        cluster("production", "6.7.1", "v4", ">=1.0.0")
    );
}

/// Another cluster, which runs newer versions.
pub(super) fn running() -> ApiServer {
    let api = ApiServer::with_flux();
    let mut release = flux_object(
        "HelmRelease",
        "cart",
        json!({"interval": "1h", "chart": {"spec": {"chart": "cart", "version": "6.x",
            "sourceRef": {"kind": "HelmRepository", "name": "acme"}}}}),
        ready(
            "True",
            "installed",
            json!({"history": [{"chartName": "cart", "chartVersion": "6.9.0", "status": "deployed"}]}),
        ),
    );
    release["metadata"]["namespace"] = json!("staging");
    api.put(release);
    let artifact = |revision: &str| ready("True", "stored", json!({"artifact": {"revision": revision}}));
    api.put(flux_object(
        "OCIRepository",
        "policies",
        json!({"interval": "1h", "url": "oci://ghcr.io/acme/policies", "ref": {"semver": "*"}}),
        artifact(&format!("v5@sha256:{}", "a".repeat(64))),
    ));
    for (kind, image) in [("Deployment", "ghcr.io/acme/shop:1.4.0"), ("DaemonSet", "nginx:1.28")] {
        api.put(json!({
            "apiVersion": "apps/v1", "kind": kind,
            "metadata": {"name": "shop", "namespace": "staging", "labels": {
                "kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}},
            "spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}},
        }));
    }
    api
}

/// Adds a context of this name to what the program knows.
pub(super) fn add_context(world: &World, api: &ApiServer, name: &str) {
    let mut config: Value = serde_json::from_str(&world.api.kubeconfig()).unwrap();
    let other: Value = serde_json::from_str(&api.kubeconfig()).unwrap();
    for (list, part) in [("clusters", "cluster"), ("users", "user"), ("contexts", "context")] {
        let mut entry = other[list][0].clone();
        entry["name"] = json!(name);
        if part == "context" {
            entry["context"]["cluster"] = json!(name);
            entry["context"]["user"] = json!(name);
        }
        config[list].as_array_mut().unwrap().push(entry);
    }
    std::fs::write(world.cli.home().join(".kube/config"), config.to_string()).unwrap();
}

#[test]
fn a_cluster_tells_what_it_runs() {
    let world = world_with(&[]);
    let staging = running();
    add_context(&world, &staging, "staging");
    let seen = world.run("promote --from=staging --to=clusters/production --push");
    let wanted =
        TABLE.replace("1.3.0", "1.4.0").replace("1.27", "1.28").replace("6.7.1", "6.9.0").replace("v4", "v5");
    assert_eq!(cells(seen.succeeded()), cells(&wanted), "{}", seen.err);
    assert_eq!(
        world.file("clusters/production/apps.yaml").unwrap(),
        cluster("production", "6.9.0", "v5", ">=1.0.0")
    );
    assert_eq!(world.commits()[0], "Promote staging to ./clusters/production");
    let writes: Vec<String> = staging.requests().into_iter().filter(|one| !one.starts_with("GET")).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn what_belongs_to_nothing_or_to_several_is_left_alone() {
    let more = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: policies, namespace: other}
spec: {url: \"oci://ghcr.io/acme/policies\", ref: {tag: v9}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: more, namespace: flux-system}
spec: {path: ./apps/more, sourceRef: {kind: GitRepository, name: flux-system}}
";
    let world = world_with(&[
        ("clusters/staging/more.yaml", Some(more)),
        (
            "apps/more/kustomization.yaml",
            Some("resources: [../base]\nimages: [{name: nginx, newTag: \"1.29\"}]\n"),
        ),
        ("apps/production/kustomization.yaml", Some("namespace: production\nresources: [../base]\n")),
        (
            "clusters/production/apps.yaml",
            Some(&cluster("production", "6.5.0", "v3", "1.x").replace("name: apps", "name: all")),
        ),
    ]);
    let seen = world.run(&format!("{LINE} --push --verbose"));
    let table = cells(seen.succeeded());
    assert_eq!(table.len(), 3, "{}", seen.out);
    for words in [
        "nginx of Kustomization/flux-system/all is skipped: it is 1.29 in Kustomization/flux-system/more, 1.27 in Kustomization/flux-system/apps",
        "ref of OCIRepository/other/policies exists only in --from",
    ] {
        assert!(seen.err.contains(words), "{words}: {}", seen.err);
    }
    assert!(!seen.err.contains("nginx of Kustomization/flux-system/apps exists only"), "{}", seen.err);
}

#[test]
fn what_is_missing_is_told() {
    for (line, words) in [
        ("promote --to=x --push", "--from is required"),
        ("promote --from=x --push", "--to is required"),
        ("promote --from=x --to=y", "no destination for the commit"),
        ("promote --from=x --to=y --fleet-path=z --push", "--fleet-path and --to exclude each other"),
    ] {
        let seen = Cli::new().run(&line.split(' ').collect::<Vec<_>>());
        assert!(seen.failed().contains(words), "{line}: {}", seen.err);
    }
    let world = world_with(&[]);
    let seen = world.run("promote --from=stagging --to=./clusters/production --push");
    assert!(
        seen.failed().contains("looking for \"stagging\"")
            && seen.err.contains("a context of the kubeconfig"),
        "{}",
        seen.err
    );
    let seen = world.run("promote --from=./clusters/staging --to=./clusters/prod --push");
    assert!(seen.failed().contains("there is no folder \"clusters/prod\""), "{}", seen.err);
    let seen = world.run("promote --from=clusters/staging --to=./clusters/staging --push");
    assert!(seen.failed().contains("are the same folder"), "{}", seen.err);
    let refusing = ApiServer::with_flux();
    refusing.fail("GET", "helmreleases", usize::MAX, Fault::Status(403));
    add_context(&world, &refusing, "staging");
    let seen = world.run("promote --from=staging --to=./clusters/production --push");
    assert!(
        seen.failed().contains("reading what the cluster of the context \"staging\" runs"),
        "{}",
        seen.err
    );
}
