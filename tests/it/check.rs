//! `check` and `version` against an installation of their own making.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use fluxr::testing::distribution::current_version;
use serde_json::Value;
use serde_json::json;

/// A cluster with Flux in it.
pub(crate) fn installed() -> (ApiServer, Cli) {
    let server = ApiServer::empty();
    let cli = Cli::against(&server);
    cli.run(&["install"]).succeeded();
    (server, cli)
}

#[test]
fn a_good_installation_passes_the_check() {
    let (_server, cli) = installed();
    let run = cli.run(&["check"]);
    assert_eq!(run.succeeded(), "");
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines[0], "► checking prerequisites");
    assert!(lines[1].starts_with("✔ Kubernetes 1.") && lines[1].ends_with(" >=1.33.0-0"), "{}", lines[1]);
    assert_eq!(
        lines[2..7],
        [
            "► checking version in cluster",
            format!("✔ distribution: flux-{}", current_version()).as_str(),
            "✔ bootstrapped: false",
            "► checking controllers",
            "✔ helm-controller: deployment ready",
        ]
    );
    assert!(lines[7].starts_with("► ghcr.io/fluxcd/helm-controller:v"), "{}", lines[7]);
    assert!(run.err.contains("✔ kustomizations.kustomize.toolkit.fluxcd.io/"), "{}", run.err);
    assert_eq!(lines.last(), Some(&"✔ all checks passed"));
}

#[test]
fn an_empty_cluster_passes_the_prerequisites_and_fails_the_rest() {
    let server = ApiServer::empty();
    let cli = Cli::against(&server);
    let pre = cli.run(&["check", "--pre"]);
    pre.succeeded();
    assert!(pre.err.ends_with("✔ prerequisites checks passed\n"), "{}", pre.err);
    let run = cli.run(&["check"]);
    let shown = run.failed();
    assert!(
        shown.contains("gitrepositories.source.toolkit.fluxcd.io\" not found\nhint: Flux is not installed"),
        "{shown}"
    );
    assert!(shown.contains("✗ no controllers found in the 'flux-system' namespace"), "{shown}");
    assert!(shown.contains("✗ no crds found"), "{shown}");
    assert!(shown.ends_with("✗ check failed\n"), "{shown}");
}

#[test]
fn a_list_that_is_refused_fails_the_check() {
    let (server, cli) = installed();
    server.fail("GET", "deployments?", 1, Fault::Status(403));
    assert!(cli.run(&["check"]).failed().contains("✗ listing Deployments: "));
}

#[test]
fn a_server_that_is_not_there_is_named_once() {
    let mut server = ApiServer::empty();
    let cli = Cli::against(&server);
    let address = server.url();
    server.stop();
    for arguments in
        [&["check"][..], &["check", "--pre"], &["version"], &["install"], &["uninstall", "--silent"]]
    {
        let run = cli.run(arguments);
        let shown = run.failed();
        assert_eq!(
            shown.matches(&format!("cannot reach the API server {address}")).count(),
            1,
            "{arguments:?}: {shown}"
        );
        assert!(shown.contains("\nhint: is the API server up?"), "{arguments:?}: {shown}");
        assert!(!shown.contains("a-token-for-tests"), "{shown}");
    }
}

#[test]
fn versions_are_listed_in_both_formats() {
    let (_server, cli) = installed();
    let flux = cli.called("flux");
    let release = current_version();
    let yaml = flux.run(&["version"]);
    assert!(
        yaml.succeeded()
            .starts_with(&format!("flux: {release}\ndistribution: flux-{release}\nhelm-controller: v")),
        "{}",
        yaml.out
    );
    let json: Value = serde_json::from_str(flux.run(&["version", "-o", "json"]).succeeded()).unwrap();
    assert_eq!(json.as_object().unwrap().len(), 6);
    assert_eq!(flux.run(&["version", "--client"]).succeeded(), format!("flux: {release}\n"));
    assert!(flux.run(&["version", "-o", "xml"]).failed().contains("--output"));
    assert!(
        flux.run(&["version", "-n", "default"])
            .failed()
            .contains("no deployments found in default namespace")
    );
}

#[test]
fn an_api_server_older_than_supported_is_named_with_the_version_that_is_needed() {
    for (version, is_supported) in [
        ("v1.32.9", false),
        ("v1.33.0", true),
        ("v1.33.0-rc.1", true),
        ("v1.34.1+k3s1", true),
        ("v1.35.2-eks-1a2b3c", true),
        ("v2.0.0", true),
    ] {
        let server = ApiServer::empty();
        server.fail(
            "GET",
            "/version",
            1,
            Fault::Instead(json!({"major": "1", "minor": "", "gitVersion": version})),
        );
        let run = Cli::against(&server).run(&["check", "--pre"]);
        assert_eq!(run.code == 0, is_supported, "{version}: {}", run.err);
        let shown = version.trim_start_matches('v');
        if is_supported {
            assert!(run.err.contains(&format!("✔ Kubernetes {shown} >=1.33.0-0\n")), "{}", run.err);
        } else {
            assert!(
                run.err.contains(&format!(
                    "✗ Kubernetes version {shown} does not match >=1.33.0-0\nhint: upgrade"
                ))
            );
        }
    }
    let server = ApiServer::empty();
    server.fail(
        "GET",
        "/version",
        1,
        Fault::Instead(json!({"major": "1", "minor": "", "gitVersion": "main"})),
    );
    let run = Cli::against(&server).run(&["check", "--pre"]);
    assert!(run.failed().contains("✗ Kubernetes version main can't be determined\n"), "{}", run.err);
}
