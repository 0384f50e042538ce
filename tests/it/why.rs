//! `why` against the stand-in for an API server: shapes, exit codes, requests, and what is never shown.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

fn failing(reason: &str, message: &str) -> Value {
    let mut status = ready("False", message, json!({}));
    status["conditions"][0]["reason"] = json!(reason);
    status
}

fn source(status: Value) -> Value {
    let spec = json!({"url": "https://git.example.com/app", "interval": "1m0s", "ref": {"branch": "main"}});
    flux_object("GitRepository", "app", spec, status)
}

fn applied(status: Value) -> Value {
    let spec = json!({"interval": "5m0s", "prune": true, "path": "./deploy", "sourceRef": {"kind": "GitRepository", "name": "app"}});
    flux_object("Kustomization", "app", spec, status)
}

fn artifact(revision: &str) -> Value {
    ready("True", "stored artifact", json!({"artifact": {"revision": revision}}))
}

#[test]
fn a_source_that_fails_is_the_cause_of_what_is_applied_from_it() {
    let server = ApiServer::with_flux();
    let words = "failed to checkout: couldn't find remote ref \"refs/heads/main\"";
    server.put(source(failing("GitOperationFailed", words)));
    server.put(applied(failing("ArtifactFailed", "Source artifact not found, retrying in 30s")));
    let cli = Cli::against(&server);
    let seen = cli.run(&["why", "ks/app"]);
    let wanted = format!(
        "✗ Kustomization/flux-system/app: ArtifactFailed: Source artifact not found, retrying in 30s\n  \
         ✗ GitRepository/flux-system/app: GitOperationFailed: {words}\n\n\
         ✗ https://git.example.com/app has no branch \"main\" (ReferenceNotFound)\nnext: git ls-remote https://git.example.com/app\n"
    );
    assert_eq!((seen.code, seen.out.as_str(), seen.err.as_str()), (1, wanted.as_str(), ""));

    let seen = cli.run(&["why", "kustomization", "app", "-o", "json"]);
    assert_eq!(seen.code, 1);
    let answer: Value = serde_json::from_str(&seen.out).unwrap();
    let second = json!({"depth": 1, "kind": "GitRepository", "namespace": "flux-system", "name": "app", "state": "failed",
        "reason": "GitOperationFailed", "message": words});
    assert_eq!(answer["chain"][1], second);
    let cause = json!({"kind": "GitRepository", "namespace": "flux-system", "name": "app", "code": "ReferenceNotFound",
        "message": "https://git.example.com/app has no branch \"main\"", "next": "git ls-remote https://git.example.com/app"});
    assert_eq!(answer["cause"], cause);
    let seen = cli.run(&["why", "gitrepo/app", "-o", "yaml"]);
    let document = fluxr::testing::text::yaml::documents(&seen.out, "the answer").unwrap().remove(0);
    assert_eq!(document["cause"], cause);
}

#[test]
fn nothing_is_wrong_with_what_is_well_and_few_requests_tell() {
    let server = ApiServer::with_flux();
    server.put(source(artifact("main@sha1:abc")));
    let inventory = json!({"entries": [{"id": "flux-system_web_apps_Deployment", "v": "v1"}, {"id": "flux-system_x__ConfigMap", "v": "v1"}]});
    let status = ready(
        "True",
        "Applied revision",
        json!({"inventory": inventory, "lastAppliedRevision": "main@sha1:abc"}),
    );
    server.put(applied(status));
    let selector = json!({"matchLabels": {"app": "web"}});
    server.put(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "flux-system", "generation": 1},
        "spec": {"replicas": 1, "selector": selector}, "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1,
        "availableReplicas": 1, "readyReplicas": 1, "conditions": [{"type": "Available", "status": "True"}]}}));
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    let wanted = "✔ Kustomization/flux-system/app: Tested: Applied revision\n  ✔ GitRepository/flux-system/app: Tested: stored artifact\n    \
                  ✔ Artifact/flux-system/main@sha1:abc\n  ✔ Deployment/flux-system/web\n\n✔ nothing is wrong\n";
    assert_eq!(seen.succeeded(), wanted);
    let requests = server.requests();
    assert_eq!(requests.len(), 4, "{requests:#?}");
    let machine = Cli::against(&server).run(&["why", "ks/app", "-o", "json"]);
    let answer: Value = serde_json::from_str(machine.succeeded()).unwrap();
    assert_eq!(answer["cause"], Value::Null);
}

#[test]
fn a_revision_that_is_not_applied_yet_is_named_unless_something_failed() {
    let server = ApiServer::with_flux();
    server.put(source(artifact("main@sha1:new")));
    let behind = |status: &str| ready(status, "old news", json!({"lastAppliedRevision": "main@sha1:old"}));
    server.put(applied(behind("True")));
    let cli = Cli::against(&server);
    let seen = cli.run(&["why", "ks/app"]);
    assert!(
        seen.out.contains("    ◎ Artifact/flux-system/main@sha1:new: applied is main@sha1:old\n"),
        "{}",
        seen.out
    );
    assert!(
        seen.out.contains("✗ Kustomization/flux-system/app has not applied main@sha1:new yet (InProgress)"),
        "{}",
        seen.out
    );
    server.put(applied(behind("False")));
    let seen = cli.run(&["why", "ks/app"]);
    assert!(seen.out.contains("(Tested)\nnext: fluxr events --for Kustomization/app\n"), "{}", seen.out);
}

#[test]
fn a_suspended_source_is_the_cause_of_what_waits_for_it() {
    let server = ApiServer::with_flux();
    let mut resting = source(json!({}));
    resting["spec"]["suspend"] = json!(true);
    server.put(resting);
    server.put(applied(failing("ArtifactFailed", "Source artifact not found")));
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    assert!(seen.out.ends_with("(Suspended)\nnext: fluxr resume source git app\n"), "{}", seen.out);
}

#[test]
fn an_object_that_is_not_there_and_a_line_that_names_none_are_errors() {
    let server = ApiServer::with_flux();
    let cli = Cli::against(&server);
    let seen = cli.run(&["why", "ks/app"]);
    assert!(seen.failed().contains("\"app\" not found\nhint: `fluxr get kustomizations -A`"), "{seen:?}");
    assert_eq!(seen.out, "");
    assert!(cli.run(&["why"]).failed().contains("<kind>/<name> is required"));
    assert!(cli.run(&["why", "pod/app"]).failed().contains("\"pod\" is not a kind of Flux"));
    assert!(
        cli.run(&["why", "ks/app", "-o", "xml"]).failed().contains("--output must be json or yaml, not xml")
    );
    server.fail("GET", "kustomizations", 1, Fault::Status(403));
    assert!(cli.run(&["why", "ks/app"]).failed().contains("reading Kustomization \"flux-system/app\""));
}

#[test]
fn what_may_not_be_read_is_left_out_and_the_rest_is_answered() {
    let server = ApiServer::with_flux();
    server.put(source(artifact("main@sha1:abc")));
    let mut object = applied(failing("BuildFailed", "kustomize build failed: no"));
    object["spec"]["decryption"] = json!({"provider": "sops", "secretRef": {"name": "keys"}});
    server.put(object);
    for part in ["secrets", "gitrepositories", "deployments", "events"] {
        server.fail("GET", part, 1, Fault::Status(403));
    }
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    assert_eq!(seen.code, 1);
    assert!(
        seen.out.contains("◎ GitRepository/flux-system/app: NotReadable: planned failure 403"),
        "{}",
        seen.out
    );
    assert!(seen.out.contains("(BuildFailed)\n"), "{}", seen.out);
}

#[test]
fn secrets_are_asked_for_without_their_content() {
    let server = ApiServer::with_flux();
    let mut object = source(failing("AuthenticationError", "authentication required"));
    object["spec"]["secretRef"] = json!({"name": "login"});
    server.put(object);
    server.put(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "flux-system"},
        "data": {"password": "c2VjcmV0LXZhbHVl"}}));
    for output in ["", "json", "yaml"] {
        let seen = Cli::against(&server).run(&["why", "gitrepo/app", "-o", output]);
        assert_eq!(seen.code, 1);
        assert!(seen.out.contains("login") && seen.out.contains("AuthenticationFailed"), "{}", seen.out);
        assert!(!format!("{seen:?}").contains("c2VjcmV0"), "{seen:?}");
    }
}

#[test]
fn a_chain_of_dependencies_is_followed_to_its_end_and_a_crowd_is_not_read_one_by_one() {
    let server = ApiServer::with_flux();
    server.put(source(artifact("main@sha1:abc")));
    for number in 0..30 {
        let mut object = applied(failing("DependencyNotReady", "dependency is not ready"));
        object["metadata"]["name"] = json!(format!("app-{number}"));
        object["spec"]["dependsOn"] =
            (1..4).map(|next| json!({"name": format!("app-{}", number + next)})).collect();
        server.put(object);
    }
    let seen = Cli::against(&server).run(&["why", "ks/app-0"]);
    assert_eq!(seen.code, 1);
    let requests = server.requests().len();
    assert!(requests < 400, "{requests} requests");
}

/// A kind that is not Flux's, one object of it, and a Kustomization that waits for it.
fn waiting_for_a_certificate(server: &ApiServer, owner: &str, certificate: Value) {
    let names = json!({"plural": "certificates", "kind": "Certificate"});
    let spec = json!({"group": "pki.example.com", "names": names, "scope": "Namespaced",
        "versions": [{"name": "v1beta2", "served": true}]});
    let name = json!({"name": "certificates.pki.example.com"});
    server.put(json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": name, "spec": spec}));
    server.put(json!({"apiVersion": "pki.example.com/v1beta2", "kind": "Certificate",
        "metadata": {"name": "web", "namespace": "team", "generation": 1}, "status": certificate}));
    let status = |is_ready: &str, reason: &str, message: &str| {
        let entries = json!([{"id": "team_web_pki.example.com_Certificate", "v": "v1beta2"}]);
        let mut status = ready(is_ready, message, json!({"inventory": {"entries": entries}}));
        status["conditions"][0]["reason"] = json!(reason);
        status
    };
    let complaint = "timeout waiting for: [Certificate/team/web status: 'InProgress']";
    server.put(applied(match owner {
        "failed" => status("False", "HealthCheckFailed", complaint),
        "waiting" => status("Unknown", "Progressing", "Running health checks"),
        _ => status("True", "ReconciliationSucceeded", "Applied revision"),
    }));
    server.put(source(artifact("main@sha1:abc")));
}

#[test]
fn a_custom_resource_that_is_not_ready_is_the_cause_of_a_failed_health_check() {
    let refused = json!({"conditions": [{"type": "Ready", "status": "False", "reason": "Denied", "message": "no such issuer: letters"}]});
    for owner in ["failed", "waiting"] {
        let server = ApiServer::with_flux();
        waiting_for_a_certificate(&server, owner, refused.clone());
        let seen = Cli::against(&server).run(&["why", "ks/app"]);
        let wanted = "  ✗ Certificate/team/web: Denied: no such issuer: letters\n\n\
                      ✗ Certificate/team/web is not ready: no such issuer: letters (ResourceNotReady)\n\
                      next: kubectl -n team describe certificate.pki.example.com web\n";
        assert!(seen.out.ends_with(wanted), "{owner}: {}", seen.out);
        assert_eq!((seen.code, seen.err.as_str()), (1, ""));
    }
}

#[test]
fn a_custom_resource_on_its_way_is_the_cause_only_when_its_owner_has_given_up() {
    let issuing = json!({"conditions": [{"type": "Ready", "status": "Unknown", "reason": "Issuing", "message": "asked the issuer"}]});
    for (owner, code) in [("failed", "ResourceNotReady"), ("waiting", "InProgress")] {
        let server = ApiServer::with_flux();
        waiting_for_a_certificate(&server, owner, issuing.clone());
        let seen = Cli::against(&server).run(&["why", "ks/app", "-o", "json"]);
        let answer: Value = serde_json::from_str(&seen.out).unwrap();
        assert_eq!(answer["cause"]["code"], code, "{answer:#}");
        let links = answer["chain"].as_array().unwrap();
        let link = links.iter().find(|link| link["kind"] == "Certificate").unwrap();
        assert_eq!((&link["state"], &link["message"]), (&json!("waiting"), &json!("asked the issuer")));
    }
}

#[test]
fn custom_resources_of_what_is_well_are_not_read_and_what_is_gone_or_forbidden_does_no_harm() {
    let certificates =
        |server: &ApiServer| server.requests().iter().filter(|line| line.contains("certificates")).count();
    let server = ApiServer::with_flux();
    waiting_for_a_certificate(&server, "ready", json!({}));
    Cli::against(&server).run(&["why", "ks/app"]).succeeded();
    assert_eq!(certificates(&server), 0);

    let server = ApiServer::with_flux();
    waiting_for_a_certificate(&server, "failed", json!({}));
    server.remove("Certificate", "team", "web");
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    assert!(
        seen.out.contains("✗ Certificate/team/web: it is in the inventory, but does not exist\n"),
        "{}",
        seen.out
    );

    let server = ApiServer::with_flux();
    waiting_for_a_certificate(&server, "failed", json!({}));
    server.fail("GET", "certificates", 5, Fault::Status(403));
    let seen = Cli::against(&server).run(&["why", "ks/app"]);
    assert!(!seen.out.contains("  ✗ Certificate"), "{}", seen.out);
    assert!(seen.out.contains("(HealthCheckFailed)"), "{}", seen.out);
}

#[test]
fn a_chart_that_is_refused_names_the_address_and_the_secret_of_its_repository() {
    let server = ApiServer::with_flux();
    let repository =
        json!({"url": "oci://registry.example.com/charts", "type": "oci", "secretRef": {"name": "login"}});
    server.put(flux_object("HelmRepository", "acme", repository, json!({})));
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "login", "namespace": "flux-system"}});
    server.put(secret);
    let chart =
        json!({"chart": "web", "interval": "1m0s", "sourceRef": {"kind": "HelmRepository", "name": "acme"}});
    let words = "failed to get chart version for remote reference: could not fetch tags: unauthorized: authentication required";
    server.put(flux_object("HelmChart", "web", chart, failing("ChartPullError", words)));
    let seen = Cli::against(&server).run(&["why", "helmchart/web"]);
    let wanted = "✗ oci://registry.example.com/charts refuses the credentials in the Secret \"login\": ";
    assert!(seen.out.contains(wanted) && seen.out.contains("(AuthenticationFailed)"), "{}", seen.out);
}

#[test]
fn warnings_about_an_earlier_object_of_the_same_name_are_not_listened_to() {
    let server = ApiServer::with_flux();
    let mut failed = source(failing("GitOperationFailed", "something unheard of"));
    failed["metadata"]["uid"] = json!("second");
    server.put(failed);
    let warn = |uid: &str| {
        let of = json!({"kind": "GitRepository", "name": "app", "namespace": "flux-system", "uid": uid});
        server.put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("app.{uid}"), "namespace": "flux-system"},
            "involvedObject": of, "type": "Warning", "reason": "GitOperationFailed", "message": "authentication required",
            "lastTimestamp": "2026-01-02T03:04:05Z"}));
    };
    warn("first");
    let ask = || Cli::against(&server).run(&["why", "gitrepo/app"]).out;
    assert!(ask().contains("(GitOperationFailed)"), "{}", ask());
    warn("second");
    assert!(ask().contains("(AuthenticationFailed)"), "{}", ask());
}

#[test]
fn an_alert_whose_provider_lacks_its_secret_is_not_well_although_both_say_so() {
    let server = ApiServer::with_flux();
    let spec = json!({"type": "slack", "secretRef": {"name": "hook"}});
    server.put(flux_object("Provider", "chat", spec, json!({})));
    let spec =
        json!({"providerRef": {"name": "chat"}, "eventSources": [{"kind": "Kustomization", "name": "*"}]});
    server.put(flux_object("Alert", "app", spec, json!({})));
    let cli = Cli::against(&server);
    let seen = cli.run(&["why", "alert/app"]);
    let wanted = "  ✔ Provider/flux-system/chat: Provider is Ready\n    ✗ Secret/flux-system/hook: it does not exist\n\n\
                  ✗ Provider/flux-system/chat needs Secret/flux-system/hook, which does not exist (SecretMissing)\n\
                  next: kubectl -n flux-system create secret generic hook\n";
    assert_eq!((seen.code, seen.err.as_str()), (1, ""));
    assert!(
        seen.out.starts_with("✔ Alert/flux-system/app: Alert is Ready\n") && seen.out.ends_with(wanted),
        "{}",
        seen.out
    );
    server.put(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook", "namespace": "flux-system"}}));
    assert!(cli.run(&["why", "alert/app"]).succeeded().ends_with("\n✔ nothing is wrong\n"));
}

#[test]
fn an_alert_that_was_not_delivered_says_when_and_why() {
    let server = ApiServer::with_flux();
    server.put(flux_object(
        "Provider",
        "chat",
        json!({"type": "generic", "address": "http://chat"}),
        json!({}),
    ));
    let spec =
        json!({"providerRef": {"name": "chat"}, "eventSources": [{"kind": "Kustomization", "name": "*"}]});
    server.put(flux_object("Alert", "app", spec, json!({})));
    let now = jiff::Timestamp::now();
    for (name, seconds, message) in [("a", 200, "an older one"), ("b", 65, "failed to send: 403 Forbidden")] {
        let at = (now - jiff::SignedDuration::from_secs(seconds)).to_string();
        server.put(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "flux-system"},
            "type": "Warning", "reason": "NotificationDispatchFailed", "message": message, "lastTimestamp": at,
            "involvedObject": {"kind": "Alert", "namespace": "flux-system", "name": "app"}}));
    }
    let seen = Cli::against(&server).run(&["why", "alert/app"]);
    assert_eq!(seen.code, 1, "{seen:?}");
    let cause = "s ago Alert/flux-system/app failed: failed to send: 403 Forbidden (NotificationDispatchFailed)\n\
                 next: fluxr events --for Alert/app\n";
    assert!(seen.out.ends_with(cause), "{}", seen.out);
}

#[test]
fn a_receiver_that_triggers_nothing_is_not_well_although_it_says_so() {
    let server = ApiServer::with_flux();
    let resources = json!([{"kind": "GitRepository", "name": "app"}, {"kind": "Bucket", "name": "*"}]);
    let spec = json!({"type": "generic", "resources": resources});
    server.put(flux_object("Receiver", "push", spec, ready("True", "Receiver initialized", json!({}))));
    let cli = Cli::against(&server);
    let seen = cli.run(&["why", "receiver/push"]);
    let wanted = "✔ Receiver/flux-system/push: Tested: Receiver initialized\n  ✗ GitRepository/flux-system/app: it does not exist\n\n\
                  ✗ Receiver/flux-system/push triggers GitRepository/flux-system/app, which does not exist (ResourceMissing)\n\
                  next: fluxr get sources git\n";
    assert_eq!((seen.code, seen.out.as_str(), seen.err.as_str()), (1, wanted, ""));
    server.put(source(artifact("main@sha1:abc")));
    assert!(cli.run(&["why", "receiver/push"]).succeeded().ends_with("/app\n\n✔ nothing is wrong\n"));
}
