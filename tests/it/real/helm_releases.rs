//! Helm releases from every place that a chart can come from: created by fluxr, installed and upgraded by helm-controller, seen through fluxr.

use super::charts::Chart;
use super::charts::Charts;
use super::charts::web;
use super::live::Cause;
use super::live::Live;
use testbed::Forge;
use testbed::registry::RealRegistry;

#[test]
#[ignore = "needs the testbed"]
fn releases_are_installed_upgraded_rolled_back_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let registry = RealRegistry::start(&folder.path().join("registry"), false, false).unwrap();
    let forge = Forge::start(&folder.path().join("forge")).unwrap();
    let charts = Charts::open(&[web("1.2.3"), frozen("1.0.0", "first")]);
    forge.create_public_repository("ada/app").unwrap();
    let in_git = web("0.1.0");
    let files: Vec<_> =
        in_git.files.iter().map(|(path, text)| (format!("charts/web/{path}"), text.clone())).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
    forge.commit("ada/app", "main", &files, "Add the chart").unwrap();

    let live = Live::start("source-controller,kustomize-controller,helm-controller");
    live.does(&format!("create source helm charts --url={} --interval=1h", charts.url()));
    live.does(&format!(
        "create source git app --url={} --branch=main --interval=1h",
        forge.public_url("ada/app")
    ));
    live.write("values.yaml", "colour: green\nsize: 2\n");
    live.write("more.yaml", "size: 3\n");
    live.kubectl(
        "create secret generic web-values -n flux-system '--from-literal=values.yaml=colour: secret-blue'",
    );

    from_a_repository(&live);
    from_a_registry(&live, &registry);
    from_git(&live);
    let all = live.alike("get helmreleases");
    assert_eq!(
        all.matches("Helm install succeeded").count() + all.matches("Helm upgrade succeeded").count(),
        3,
        "{all}"
    );
    live.alike("get helmreleases --status-selector ready=false");
    an_upgrade_that_fails(&live, &forge, &charts);
}

/// The chart `frozen`, whose ConfigMap cannot be changed once it is there.
fn frozen(version: &str, value: &str) -> Chart {
    let template = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{{{ .Release.Name }}}}-frozen\nimmutable: true\ndata:\n  value: {value}\n"
    );
    Chart::new("frozen", version).with("templates/map.yaml", template)
}

/// Values come from files and from a Secret; what the files say counts more.
fn from_a_repository(live: &Live) {
    live.does(
        "create helmrelease of-repository --source=HelmRepository/charts --chart=web --chart-version=1.x --interval=1h \
         --values=values.yaml,more.yaml --target-namespace=apps --create-target-namespace",
    );
    let map = "get configmap apps-of-repository-web -n apps -o jsonpath={.data}";
    assert_eq!(live.kubectl(map), r#"{"colour":"green","size":"3"}"#);
    // Values of the object itself count more than those of a Secret.
    live.does(
        "create helmrelease of-repository --source=HelmRepository/charts --chart=web --chart-version=1.x --interval=1h \
         --values=more.yaml --values-from=Secret/web-values --target-namespace=apps --create-target-namespace",
    );
    assert_eq!(live.kubectl(map), r#"{"colour":"secret-blue","size":"3"}"#);
    let values = live.alike("debug helmrelease of-repository --show-values");
    assert_eq!(values, "colour: secret-blue\nsize: 3\n");
    let status = live.alike("debug helmrelease of-repository --show-status");
    assert!(status.contains("chartVersion: 1.2.3"), "{status}");

    let traced = live.alike("trace configmap apps-of-repository-web -n apps");
    assert!(traced.contains("HelmRepository: charts"), "{traced}");
    let events = live.alike("events --for HelmRelease/of-repository");
    assert!(events.contains("UpgradeSucceeded"), "{events}");

    // Nothing has changed, but it is upgraded.
    let revision = || {
        let history = live.alike("debug helmrelease of-repository --show-history");
        let versions = history.lines().filter_map(|line| line.trim().strip_prefix("version: "));
        versions.filter_map(|version| version.parse::<u32>().ok()).max().unwrap()
    };
    let before = revision();
    live.does("reconcile helmrelease of-repository");
    assert_eq!(revision(), before);
    live.does("reconcile helmrelease of-repository --force --reset");
    assert_eq!(revision(), before + 1);
    live.is_well("helmrelease/of-repository");
}

/// `push artifact` takes the packed chart as it is.
fn from_a_registry(live: &Live, registry: &RealRegistry) {
    let host = registry.host();
    std::fs::write(live.cli.home().join("web.tgz"), web("1.2.3").packed()).unwrap();
    live.does(&format!(
        "push artifact oci://{host}/charts/web:1.2.3 --path=web.tgz --source=none --revision=1.2.3"
    ));
    live.does(&format!(
        "create source oci web --url=oci://{host}/charts/web --tag=1.2.3 --insecure --interval=1h \
         --layer-selector=application/vnd.cncf.flux.content.v1.tar+gzip:copy"
    ));
    live.does(
        "create helmrelease of-registry --chart-ref=OCIRepository/web --interval=1h --values=values.yaml",
    );
    assert_eq!(
        live.kubectl("get configmap of-registry-web -n flux-system -o jsonpath={.data}"),
        r#"{"colour":"green","size":"2"}"#
    );
    let traced = live.alike("trace configmap of-registry-web");
    assert!(traced.contains("OCIRepository: web"), "{traced}");
    live.is_well("helmrelease/of-registry");
}

fn from_git(live: &Live) {
    live.does("create helmrelease of-git --source=GitRepository/app --chart=./charts/web --interval=1h");
    assert_eq!(
        live.kubectl("get configmap of-git-web -n flux-system -o jsonpath={.data}"),
        r#"{"colour":"red","size":"1"}"#
    );
    let traced = live.alike("trace configmap of-git-web");
    assert!(traced.contains("GitRepository: app"), "{traced}");
    live.is_well("helmrelease/of-git");
}

/// The release is delivered from Git, where it is told to roll back; the version after the broken one is installed.
fn an_upgrade_that_fails(live: &Live, forge: &Forge, charts: &Charts) {
    let release = live.does(
        "create helmrelease frozen --source=HelmRepository/charts --chart=frozen --chart-version=>=1.0.0 --interval=1h --export",
    );
    let patch = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: frozen\nspec:\n  upgrade:\n    \
                 remediation:\n      retries: 1\n      remediateLastFailure: true\n      strategy: rollback\n";
    let kustomization = "resources: [release.yaml]\npatches:\n- path: patch.yaml\n";
    let files = [
        ("releases/release.yaml", Some(release.as_str())),
        ("releases/patch.yaml", Some(patch)),
        ("releases/kustomization.yaml", Some(kustomization)),
    ];
    forge.commit("ada/app", "main", &files, "Release what is frozen").unwrap();
    live.does("reconcile source git app");
    live.does("create kustomization releases --source=GitRepository/app --path=./releases --prune --wait --interval=1h");
    let map = "get configmap frozen-frozen -n flux-system -o jsonpath={.data.value}";
    assert_eq!(live.kubectl(map), "first");
    let tree = live.alike("tree kustomization releases");
    let (above, below) = ("HelmRelease/flux-system/frozen\n", "ConfigMap/flux-system/frozen-frozen\n");
    assert!(tree.split_once(above).is_some_and(|(_, rest)| rest.ends_with(below)), "{tree}");

    charts.publish(frozen("1.1.0", "second"));
    live.does("reconcile source helm charts");
    live.sees("events --for HelmRelease/frozen", "RollbackSucceeded");
    let broken =
        Cause { code: "ImmutableField", at: "HelmRelease/flux-system/frozen", says: "field is immutable" };
    let (_, next) = live.is_because("helmrelease/frozen", broken);
    assert_eq!(next, "kubectl get -n flux-system ConfigMap/frozen-frozen -o yaml");
    assert_eq!(live.kubectl(map), "first");
    live.alike("get helmreleases frozen");
    live.alike("debug helmrelease frozen --show-history");

    charts.publish(frozen("1.2.0", "first"));
    live.does("reconcile source helm charts");
    live.sees("get helmreleases frozen", "frozen@1.2.0");
    live.is_well("helmrelease/frozen");
    live.is_well("kustomization/releases");
}
