//! `trace` against the stand-in for an API server.

use crate::support::ApiServer;
use crate::support::Cli;
use crate::support::Fault;
use crate::support::flux_object;
use crate::support::ready;
use serde_json::Value;
use serde_json::json;

const KS: &str = "kustomize.toolkit.fluxcd.io";
const HR: &str = "helm.toolkit.fluxcd.io";

fn object(kind: &str, name: &str, group: &str, by: &str) -> Value {
    let api_version = if kind == "ConfigMap" { "v1" } else { "apps/v1" };
    let labels = json!({format!("{group}/name"): by, format!("{group}/namespace"): "flux-system"});
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "flux-system", "labels": labels}})
}

fn owned_by(kind: &str, name: &str, owner: (&str, &str)) -> Value {
    let mut object = object(kind, name, "nobody", "x");
    let owner = json!({"apiVersion": "apps/v1", "kind": owner.0, "name": owner.1, "uid": "x"});
    object["metadata"] = json!({"name": name, "namespace": "flux-system", "ownerReferences": [owner]});
    object
}

/// A Deployment with its ReplicaSet, applied by a Kustomization from a Git repository.
fn cluster() -> ApiServer {
    let server = ApiServer::with_flux();
    let artifact = json!({"artifact": {"revision": "main@sha1:abc"}});
    let spec = json!({"url": "https://git.example.com/fleet", "interval": "1m", "ref": {"branch": "main"}});
    server.put(flux_object("GitRepository", "fleet", spec, ready("False", "no route", artifact)));
    let spec = json!({"interval": "5m", "path": "./apps", "prune": true, "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    let applied = json!({"lastAppliedRevision": "main@sha1:abc"});
    server.put(flux_object("Kustomization", "apps", spec, ready("True", "Applied", applied)));
    server.put(object("Deployment", "web", KS, "apps"));
    server.put(owned_by("ReplicaSet", "web-1", ("Deployment", "web")));
    server
}

const REPORT: &str = "Status:          Managed by Flux
---
Kustomization:   apps
Namespace:       flux-system
Path:            ./apps
Revision:        main@sha1:abc
Status:          Last reconciled at 2026-01-02 03:04:05 +0000 UTC
Message:         Applied
---
GitRepository:   fleet
Namespace:       flux-system
URL:             https://git.example.com/fleet
Branch:          main
Revision:        main@sha1:abc
Status:          Last reconciliation failed at 2026-01-02 03:04:05 +0000 UTC
Message:         no route
";

#[test]
fn an_object_is_traced_through_its_owners_to_the_repository_without_discovery() {
    let server = cluster();
    let cli = Cli::against(&server);
    for (words, name) in [
        ("deployment web", "Deployment/web"),
        ("deploy/web", "Deployment/web"),
        ("rs web-1", "ReplicaSet/web-1"),
        ("replicasets.apps/web-1", "ReplicaSet/web-1"),
        ("web --kind=Deployment --api-version=apps/v1", "Deployment/web"),
        // As it was called, as the Flux CLI does.
        ("web --kind=deployment --api-version=apps/v1", "deployment/web"),
    ] {
        let words: Vec<&str> = ["trace"].into_iter().chain(words.split(' ')).collect();
        let seen = cli.run(&words);
        let head = format!("\nObject:          {name}\nNamespace:       flux-system\n");
        assert_eq!(seen.succeeded(), format!("{head}{REPORT}"), "{words:?}");
    }
    let own = ["trace", "apps", "--kind=kustomization", "--api-version=kustomize.toolkit.fluxcd.io/v1"];
    assert!(
        cli.run(&own).failed().starts_with("failed to trace kustomization/apps in namespace flux-system: ")
    );
    let asked = server.requests();
    assert!(
        !asked.iter().any(|request| request.ends_with("/apis") || request.ends_with("/api")),
        "{asked:?}"
    );
}

#[test]
fn a_release_is_traced_to_its_chart_and_repository() {
    let server = ApiServer::with_flux();
    let chart = json!({"spec": {"chart": "web", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}});
    let status = json!({"lastAttemptedRevision": "1.2.3", "helmChart": "flux-system/flux-system-web"});
    let spec = json!({"interval": "5m", "targetNamespace": "apps", "chart": chart});
    server.put(flux_object("HelmRelease", "web", spec, ready("True", "installed", status)));
    let spec = json!({"chart": "web", "version": "1.x", "interval": "1m", "sourceRef": {"kind": "HelmRepository", "name": "charts"}});
    server.put(flux_object("HelmChart", "flux-system-web", spec, json!({})));
    let spec = json!({"url": "https://charts.example.com", "interval": "1m"});
    server.put(flux_object("HelmRepository", "charts", spec, ready("False", "gone", json!({}))));
    server.put(object("ConfigMap", "settings", HR, "web"));
    let seen = Cli::against(&server).run(&["trace", "cm", "settings"]);
    let wanted = "
Object:         ConfigMap/settings
Namespace:      flux-system
Status:         Managed by Flux
---
HelmRelease:    web
Namespace:      flux-system
Target:         apps
Revision:       1.2.3
Status:         Last reconciled at 2026-01-02 03:04:05 +0000 UTC
Message:        installed
---
HelmChart:      flux-system-web
Namespace:      flux-system
Chart:          web
Version:        1.x
Status:         Unknown
---
HelmRepository: charts
Namespace:      flux-system
URL:            https://charts.example.com
Status:         Last reconciled at 2026-01-02 03:04:05 +0000 UTC
Message:        gone
";
    assert_eq!(seen.succeeded(), wanted);
}

#[test]
fn what_cannot_be_traced_fails_the_run_and_the_others_are_traced_still() {
    let server = cluster();
    server.put(object("ConfigMap", "alone", "nobody", "x"));
    server.put(object("ConfigMap", "orphan", KS, "gone"));
    let cli = Cli::against(&server);
    let seen = cli.run(&["trace", "cm/alone", "deploy/web", "cm/orphan"]);
    let said: Vec<&str> = seen.failed().lines().collect();
    assert_eq!(
        said[0],
        "failed to trace ConfigMap/alone in namespace flux-system: object not managed by Flux"
    );
    let missing =
        "failed to find kustomization: kustomizations.kustomize.toolkit.fluxcd.io \"gone\" not found";
    assert_eq!(said[1], format!("failed to trace ConfigMap/orphan in namespace flux-system: {missing}"));
    assert!(seen.out.starts_with("---\n\nObject:          Deployment/web\n"), "{}", seen.out);
    assert!(seen.out.ends_with("Message:         no route\n---\n"), "{}", seen.out);

    server.fail("GET", "/kustomizations/apps", 1, Fault::Status(403));
    let seen = cli.run(&["trace", "deploy", "web"]);
    assert!(
        seen.failed().contains("reading Kustomization \"flux-system/apps\": planned failure 403\nhint: "),
        "{seen:?}"
    );
    assert_eq!(seen.out, "");
}

#[test]
fn a_cycle_of_owners_has_an_end() {
    let server = ApiServer::with_flux();
    server.put(owned_by("ReplicaSet", "a", ("Deployment", "b")));
    server.put(owned_by("Deployment", "b", ("ReplicaSet", "a")));
    assert!(Cli::against(&server).run(&["trace", "rs", "a"]).failed().contains("object not managed by Flux"));
}

#[test]
fn kinds_that_only_the_server_knows_are_asked_for() {
    let server = cluster();
    let names = json!({"kind": "Widget", "plural": "widgets", "shortNames": ["wd"]});
    server.put(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [{"name": "v1"}]},
    }));
    let mut widget = object("ConfigMap", "app", KS, "apps");
    (widget["kind"], widget["apiVersion"]) = (json!("Widget"), json!("example.com/v1"));
    server.put(widget);
    let cli = Cli::against(&server);
    for words in ["widget", "widgets", "wd", "widgets.example.com", "widgets.v1.example.com", "Widget.exa"] {
        let seen = cli.run(&["trace", words, "app"]);
        assert!(seen.succeeded().starts_with("\nObject:          Widget/app\n"), "{words}: {seen:?}");
    }
    for kind in ["Widget", "widget"] {
        let seen = cli.run(&["trace", "app", "--kind", kind, "--api-version=example.com/v1"]);
        assert!(
            seen.succeeded().starts_with(&format!("\nObject:          {kind}/app\n")),
            "{kind}: {seen:?}"
        );
    }
    let as_a_document = ["trace", "app", "--kind=widget", "--api-version=example.com/v1", "-o", "name"];
    assert!(cli.run(&as_a_document).succeeded().starts_with("widget.example.com/app\n"));
    for (kind, version, words) in [
        ("widgets", "example.com/v1", "no matches for kind \"widgets\" in version \"example.com/v1\""),
        (
            "Widget",
            "example.com/v2",
            "unable to retrieve the complete list of server APIs: example.com/v2: no matches for example.com/v2, Resource=",
        ),
        (
            "Deployment",
            "apps/v9",
            "unable to retrieve the complete list of server APIs: apps/v9: no matches for apps/v9, Resource=",
        ),
        (
            "ConfigMap",
            "v9",
            "unable to retrieve the complete list of server APIs: v9: no matches for /v9, Resource=",
        ),
    ] {
        let seen = cli.run(&["trace", "app", "--kind", kind, "--api-version", version]);
        assert_eq!(seen.failed(), format!("✗ failed to find object: {words}\n"));
    }
    assert_eq!(
        cli.run(&["trace", "gadget", "app"]).failed(),
        "✗ the server doesn't have a resource type \"gadget\"\n"
    );
    assert_eq!(cli.run(&["trace", "cm", "none"]).failed(), "✗ x: configmaps \"none\" not found\n");
    assert_eq!(
        cli.run(&["trace", "cm", "none", "-n", "none"]).failed(),
        "✗ x: namespaces \"none\" not found\n"
    );
}
