//! `check`, `version` and `uninstall` against an installation of their own making.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use fluxr::testing::distribution::current_version;
use serde_json::Value;
use serde_json::json;

fn installed() -> (ApiServer, Cli) {
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

fn taken_away(server: &ApiServer) -> bool {
    ["Deployment", "Service", "ServiceAccount"]
        .iter()
        .all(|kind| server.get(kind, "flux-system", "source-controller").is_none())
}

fn with_finalizer(server: &ApiServer) {
    server.put(json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "ExternalArtifact",
        "metadata": {"name": "app", "namespace": "default", "finalizers": ["finalizers.fluxcd.io"]}, "spec": {},
    }));
}

#[test]
fn an_uninstallation_says_every_object_and_leaves_nothing_of_flux() {
    let (server, cli) = installed();
    with_finalizer(&server);
    let planned = cli.run(&["uninstall", "--dry-run"]);
    assert_eq!(planned.succeeded(), "");
    assert!(
        planned.err.contains("✔ Deployment/flux-system/source-controller deleted (dry run)\n"),
        "{}",
        planned.err
    );
    assert!(server.get("Deployment", "flux-system", "source-controller").is_some());

    let run = cli.run(&["uninstall", "--silent"]);
    run.succeeded();
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines[0], "► deleting components in flux-system namespace");
    assert_eq!(lines[1], "✔ Deployment/flux-system/helm-controller deleted ");
    assert!(lines.contains(&"✔ ClusterRoleBinding/cluster-reconciler-flux-system deleted "), "{}", run.err);
    assert!(lines.contains(&"✔ ExternalArtifact/default/app finalizers deleted "), "{}", run.err);
    assert_eq!(lines[lines.len() - 2..], ["✔ Namespace/flux-system deleted ", "✔ uninstall finished"]);
    assert!(taken_away(&server));
    assert!(
        server
            .get("ExternalArtifact", "default", "app")
            .is_none_or(|found| found["metadata"].get("finalizers").is_none())
    );
}

#[test]
fn the_namespace_stays_when_it_is_wanted() {
    let (server, cli) = installed();
    let run = cli.run(&["uninstall", "--silent", "--keep-namespace"]);
    run.succeeded();
    assert!(!run.err.contains("Namespace/"), "{}", run.err);
    assert!(server.get("Namespace", "", "flux-system").is_some());
}

#[test]
fn a_deletion_that_fails_is_named_the_others_go_on_and_the_exit_code_tells() {
    let (server, cli) = installed();
    server.fail("DELETE", "services/webhook-receiver", 1, Fault::Status(403));
    let run = cli.run(&["uninstall", "--silent"]);
    let shown = run.failed();
    assert!(shown.contains("✗ Service/flux-system/webhook-receiver deletion failed: "), "{shown}");
    assert!(shown.ends_with("✗ uninstall is not complete: 1 failure, see above\n"), "{shown}");
    assert!(taken_away(&server));
}

#[test]
fn without_a_terminal_the_question_names_the_flag_that_answers() {
    let (server, cli) = installed();
    let run = cli.run(&["uninstall"]);
    assert!(run.failed().contains("; pass --silent to continue"), "{}", run.err);
    assert!(server.get("Deployment", "flux-system", "source-controller").is_some());
}

#[test]
fn a_pipe_answers_the_question() {
    let (server, cli) = installed();
    for refusal in ["n\n", "yes\n", "\n"] {
        let run = cli.answer(&["uninstall"], refusal);
        assert!(run.failed().ends_with("definitions? [y/N]\n✗ aborting\n"), "{refusal:?}: {}", run.err);
        assert!(server.get("Deployment", "flux-system", "source-controller").is_some());
    }
    cli.answer(&["uninstall"], "y\n").succeeded();
    assert!(taken_away(&server));
}

#[test]
fn a_namespace_that_does_not_exist_is_not_said_to_be_deleted() {
    let server = ApiServer::empty();
    let cli = Cli::against(&server);
    for more in [&["--dry-run"][..], &["--silent"]] {
        let run = cli.run(&[&["uninstall", "-n", "nowhere"], more].concat());
        run.succeeded();
        assert!(!run.err.contains("Namespace/nowhere"), "{}", run.err);
    }
}

#[test]
fn another_installation_and_what_all_share_are_left_alone() {
    let (server, cli) = installed();
    let wrong = cli.run(&["uninstall", "--silent", "-n", "default"]);
    assert!(
        wrong.failed().contains("not installed in the namespace \"default\", but in \"flux-system\""),
        "{}",
        wrong.err
    );
    assert!(server.get("Namespace", "", "default").is_some());

    cli.run(&["install", "-n", "second"]).succeeded();
    let run = cli.run(&["uninstall", "--silent", "-n", "second"]);
    run.succeeded();
    assert!(run.err.contains("⚠️ Flux also runs in the namespace \"flux-system\""), "{}", run.err);
    assert!(server.get("Deployment", "second", "source-controller").is_none());
    assert!(server.get("ClusterRole", "", "crd-controller-second").is_none());
    assert!(server.get("ClusterRole", "", "crd-controller-flux-system").is_some());
    assert!(server.get("Deployment", "flux-system", "source-controller").is_some());
    assert!(
        server.get("CustomResourceDefinition", "", "kustomizations.kustomize.toolkit.fluxcd.io").is_some()
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
