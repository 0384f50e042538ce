//! Every kind of source but Git, created by fluxr and fetched by source-controller: from an object store, from registries and from chart
//! repositories that ask for credentials. What is applied from them is traced back to them.

use super::charts;
use super::charts::Charts;
use super::charts::web;
use super::live::Cause;
use super::live::Live;
use crate::support::Cli;
use testbed::ObjectStore;
use testbed::registry::RealRegistry;

/// Who may read the chart repository.
const READER: (&str, &str) = ("grace", "s3cret-of-grace");

fn config_map(name: &str, value: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  value: {value}\n")
}

#[test]
#[ignore = "needs the testbed"]
fn sources_with_credentials_are_fetched_applied_and_traced() {
    let folder = tempfile::tempdir().unwrap();
    let store = ObjectStore::start(&folder.path().join("store")).unwrap();
    let registry = RealRegistry::start(&folder.path().join("registry"), true, true).unwrap();
    let charts = Charts::open(&[web("1.2.3"), web("1.3.0"), web("2.0.0")]);
    charts.require(READER);
    let live = Live::start("source-controller,kustomize-controller");
    let (_, of_store) = ObjectStore::KEY;
    for (file, text) in [
        ("key-of-store", of_store),
        ("of-registry", RealRegistry::LOGIN.1),
        ("of-charts", READER.1),
        ("wrong", "n0t-the-s3cret"),
    ] {
        live.write(file, text);
    }
    live.write("ca.crt", &std::fs::read_to_string(registry.ca_file()).unwrap());

    a_bucket(&live, &store);
    an_artifact(&live, &registry);
    a_chart_repository(&live, &charts);
    charts_in_a_registry(&live, &registry);

    let all = live.alike("get sources all");
    for (kind, names) in [
        ("bucket", &["app"][..]),
        ("ocirepository", &["app"]),
        ("helmrepository", &["charts", "registry"]),
        ("helmchart", &["web", "web-of-registry"]),
    ] {
        for name in names {
            let begin = format!("{kind}/{name}");
            let line = all.lines().find(|line| line.split_whitespace().next() == Some(&begin)).unwrap();
            assert!(line.contains("\tTrue"), "{line}");
        }
    }
    for kind in ["bucket", "oci", "helm", "chart"] {
        live.alike(&format!("get sources {kind}"));
        live.alike(&format!("export source {kind} --all"));
    }
}

/// A key that is refused is named; with the right one the bucket is fetched, and fetched again when it changes.
fn a_bucket(live: &Live, store: &ObjectStore) {
    store.create_bucket("app").unwrap();
    store.put("app", "deploy/map.yaml", &config_map("from-bucket", "first")).unwrap();
    let (access, _) = ObjectStore::KEY;
    let create = |bucket: &str, file: &str, limit: &str| {
        let host = store.host();
        let place = format!("--endpoint={host} --region={} --insecure --interval=1h", ObjectStore::REGION);
        let key = format!("--access-key={access} --secret-key-file={file}");
        format!("create source bucket {bucket} --bucket-name={bucket} {place} {key} --timeout={limit}")
    };
    live.fails(&create("app", "wrong", "3s"));
    let refused = Cause {
        code: "AuthenticationFailed",
        at: "Bucket/flux-system/app",
        says: "refuses the credentials in the Secret \"bucket-app\"",
    };
    live.is_because("bucket/app", refused);
    let said = live.does(&create("app", "key-of-store", "20s"));
    assert!(said.contains("✔ fetched revision: sha256:"), "{said}");

    live.fails(&create("gone", "key-of-store", "3s"));
    let missing = Cause {
        code: "BucketNotFound",
        at: "Bucket/flux-system/gone",
        says: "the bucket \"gone\" at 127.0.0.1:",
    };
    live.is_because("bucket/gone", missing);
    live.does("delete source bucket gone --silent");

    live.does("create kustomization of-bucket --source=Bucket/app --path=./deploy --prune --target-namespace=default --interval=1h");
    let traced = live.alike("trace configmap from-bucket -n default");
    // The Flux CLI does not tell of buckets there; `why` does.
    assert!(traced.contains("Kustomization:   of-bucket\n"), "{traced}");
    let answer = live.is_well("kustomization/of-bucket");
    assert!(answer.contains("✔ Bucket/flux-system/app: Succeeded: "), "{answer}");
    let tree = live.alike("tree kustomization of-bucket");
    assert!(tree.contains("ConfigMap/default/from-bucket"), "{tree}");

    store.put("app", "deploy/map.yaml", &config_map("from-bucket", "second")).unwrap();
    live.does("reconcile kustomization of-bucket --with-source");
    assert_eq!(live.kubectl("get configmap from-bucket -n default -o jsonpath={.data.value}"), "second");
}

/// The registry asks for a login and has a certificate of its own.
fn an_artifact(live: &Live, registry: &RealRegistry) {
    let host = registry.host();
    let (user, password) = RealRegistry::LOGIN;
    let pusher = Cli::new().env("SSL_CERT_FILE", registry.ca_file().to_str().unwrap());
    let push = |value: &str| {
        std::fs::write(pusher.home().join("map.yaml"), config_map("from-registry", value)).unwrap();
        let url = format!("oci://{host}/org/app:latest");
        let (creds, revision) = (format!("--creds={user}:{password}"), format!("main@sha1:{value}"));
        let origin = ["--source=https://git.example.com/app", "--revision", &revision];
        let words = [&["push", "artifact", &url, "--path=map.yaml", &creds], &origin[..]].concat();
        pusher.run(&words).succeeded();
    };
    push("first");
    live.does("create secret tls authority --ca-crt-file=ca.crt");
    let login = format!("create secret oci login --url={host} --username={user}");
    live.does(&format!("{login} --password-file=wrong"));
    let create = format!(
        "create source oci app --url=oci://{host}/org/app --tag=latest --interval=1h --cert-ref=authority \
         --secret-ref=login"
    );
    live.fails(&format!("{create} --timeout=3s"));
    let refused = Cause {
        code: "AuthenticationFailed",
        at: "OCIRepository/flux-system/app",
        says: "refuses the credentials in the Secret \"login\"",
    };
    live.is_because("ocirepository/app", refused);
    live.does(&format!("{login} --password-file=of-registry"));
    let said = live.does(&create);
    assert!(said.contains("✔ fetched revision: latest@sha256:"), "{said}");

    live.does("create kustomization of-registry --source=OCIRepository/app --prune --target-namespace=default --interval=1h");
    let traced = live.alike("trace configmap from-registry -n default");
    for part in ["oci://", "Origin Revision: main@sha1:first", "Origin Source:   https://git.example.com/app"]
    {
        assert!(traced.contains(part), "{traced}");
    }
    push("second");
    live.does("reconcile kustomization of-registry --with-source");
    let traced = live.alike("trace configmap from-registry -n default");
    assert!(traced.contains("main@sha1:second"), "{traced}");
    live.is_well("kustomization/of-registry");
}

fn a_chart_repository(live: &Live, charts: &Charts) {
    let (user, _) = READER;
    let create = |file: &str, limit: &str| {
        let url = charts.url();
        let login = format!("--username={user} --password-file={file}");
        format!("create source helm charts --url={url} {login} --interval=1h --timeout={limit}")
    };
    live.fails(&create("wrong", "3s"));
    let refused = Cause {
        code: "AuthenticationFailed",
        at: "HelmRepository/flux-system/charts",
        says: "refuses the credentials in the Secret \"helm-charts\"",
    };
    live.is_because("helmrepository/charts", refused);
    let said = live.does(&create("of-charts", "20s"));
    assert!(said.contains("✔ fetched revision: sha256:"), "{said}");
    // Credentials are tried at once, also if they are all that changes.
    live.fails(&create("wrong", "5s"));
    live.is_because("helmrepository/charts", refused);
    let said = live.does(&create("of-charts", "20s"));
    assert!(said.contains("✔ fetched revision: sha256:"), "{said}");
    let chart = "create source chart web --source=HelmRepository/charts --chart=web --interval=1h";
    let said = live.does(&format!("{chart} --chart-version=1.x"));
    assert!(said.contains("✔ fetched revision: 1.3.0\n"), "{said}");
    live.fails(&format!("{chart} --chart-version=9.x --timeout=3s"));
    let missing = Cause {
        code: "ChartVersionNotFound",
        at: "HelmChart/flux-system/web",
        says: "HelmRepository/flux-system/charts has no version \"9.x\" of the chart \"web\"",
    };
    live.is_because("helmchart/web", missing);
    let said = live.does(&format!("{chart} --chart-version=>=2.0.0"));
    assert!(said.contains("✔ fetched revision: 2.0.0\n"), "{said}");
}

/// A repository in a registry is fetched only chart by chart.
fn charts_in_a_registry(live: &Live, registry: &RealRegistry) {
    charts::push(registry, true, "charts/web", &web("1.2.3"));
    charts::push(registry, true, "charts/web", &web("1.3.0"));
    let (host, (user, _)) = (registry.host(), RealRegistry::LOGIN);
    let create = |file: &str| {
        let login = format!("--username={user} --password-file={file} --ca-file=ca.crt");
        format!("create source helm registry --url=oci://{host}/charts {login} --interval=1h --timeout=20s")
    };
    live.does(&create("wrong"));
    let chart = "create source chart web-of-registry --source=HelmRepository/registry --chart=web \
                 --chart-version=1.x --interval=1h";
    live.fails(&format!("{chart} --timeout=3s"));
    let refused = Cause {
        code: "AuthenticationFailed",
        at: "HelmChart/flux-system/web-of-registry",
        says: "refuses the credentials in the Secret \"helm-registry\"",
    };
    live.is_because("helmchart/web-of-registry", refused);
    live.does(&create("of-registry"));
    let said = live.does(chart);
    assert!(said.contains("✔ fetched revision: 1.3.0\n"), "{said}");
}
