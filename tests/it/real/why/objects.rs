//! The objects that the failures are made of, in the namespace `stage`.

use serde_json::Value;
use serde_json::json;

pub(super) fn object(api_version: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "stage"}, "spec": spec})
}

pub(super) fn with(mut spec: Value, further: &Value) -> Value {
    json_patch::merge(&mut spec, further);
    spec
}

pub(super) fn git(name: &str, url: &str, further: Value) -> Value {
    let spec = json!({"interval": "10m", "timeout": "20s", "url": url, "ref": {"branch": "main"}});
    object("source.toolkit.fluxcd.io/v1", "GitRepository", name, with(spec, &further))
}

/// A Kustomization of the source `fleet`, from the folder of its name.
pub(super) fn kustomization(name: &str, further: Value) -> Value {
    let spec = json!({"interval": "10m", "retryInterval": "1m", "timeout": "10s", "prune": true, "wait": true, "path": format!("./{name}"),
        "targetNamespace": "stage", "sourceRef": {"kind": "GitRepository", "name": "fleet"}});
    object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, with(spec, &further))
}

pub(super) fn repository(name: &str, url: &str) -> Value {
    object(
        "source.toolkit.fluxcd.io/v1",
        "HelmRepository",
        name,
        json!({"interval": "10m", "timeout": "10s", "url": url}),
    )
}

/// A release of the chart `web` from the repository `charts`.
pub(super) fn release(name: &str, further: Value) -> Value {
    let spec = json!({"interval": "10m", "timeout": "10s",
        "chart": {"spec": {"chart": "web", "version": "1.0.0", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}});
    object("helm.toolkit.fluxcd.io/v2", "HelmRelease", name, with(spec, &further))
}

pub(super) fn secret(name: &str, data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "stage"}, "stringData": data})
}

pub(super) fn account(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "stage"}})
}

/// The kind Certificate. No controller works on its objects: the status that they are made with says that they cannot be had.
pub(super) fn definition() -> Value {
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let refused = json!({"type": "Ready", "status": "False", "reason": "Denied", "message": "there is no issuer letters"});
    let status = with(any.clone(), &json!({"default": {"conditions": [refused]}}));
    let schema =
        json!({"openAPIV3Schema": {"type": "object", "properties": {"spec": any, "status": status}}});
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "certificates.pki.example.com"},
        "spec": {"group": "pki.example.com", "scope": "Namespaced",
            "names": {"kind": "Certificate", "plural": "certificates", "singular": "certificate", "listKind": "CertificateList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": schema}]}})
}
