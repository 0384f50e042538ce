//! `uninstall` of an installation of its own making.

use crate::check::installed;
use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use serde_json::json;

fn is_removed(server: &ApiServer) -> bool {
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
fn an_uninstallation_names_every_object_and_leaves_nothing_of_flux() {
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
    assert!(is_removed(&server));
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
fn a_failed_deletion_is_named_the_others_are_done_and_the_exit_code_is_1() {
    let (server, cli) = installed();
    server.fail("DELETE", "services/webhook-receiver", 1, Fault::Status(403));
    let run = cli.run(&["uninstall", "--silent"]);
    let shown = run.failed();
    assert!(shown.contains("✗ Service/flux-system/webhook-receiver deletion failed: "), "{shown}");
    assert!(shown.ends_with("✗ uninstall is not complete: 1 failure, see above\n"), "{shown}");
    assert!(is_removed(&server));
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
    assert!(is_removed(&server));
}

#[test]
fn a_namespace_that_does_not_exist_is_not_reported_as_deleted() {
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
