//! Objects as a cluster would hold them.

use serde_json::Value;
use serde_json::json;

/// An object of one of Flux's kinds, in `flux-system`, with the given spec and status.
pub fn flux_object(kind: &str, name: &str, spec: Value, status: Value) -> Value {
    let kind = fluxr::testing::kind::by_name(kind).expect("one of Flux's kinds");
    json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": spec,
        "status": status,
    })
}

/// An address where no server is, and where no test starts one.
pub const NOBODY: &str = "127.0.0.1:9";

/// A kubeconfig that leads to an address.
pub fn kubeconfig_of(address: &str) -> String {
    let server = format!("http://{address}");
    json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "here", "cluster": {"server": server}}],
        "users": [{"name": "tester", "user": {}}],
        "contexts": [{"name": "test", "context": {"cluster": "here", "user": "tester"}}],
    })
    .to_string()
}

/// A status whose Ready condition says this; further fields are merged in.
pub fn ready(status: &str, message: &str, further: Value) -> Value {
    let mut whole = json!({
        "observedGeneration": 1,
        "conditions": [{
            "type": "Ready", "status": status, "message": message, "reason": "Tested",
            "lastTransitionTime": "2026-01-02T03:04:05Z", "observedGeneration": 1,
        }],
    });
    json_patch::merge(&mut whole, &further);
    whole
}
