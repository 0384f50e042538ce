//! Which kinds are served, for clients that ask.

use super::store::Served;
use serde_json::Value;
use serde_json::json;

/// The answer to a discovery path; `None` for other paths.
pub fn answer(served: &[Served], path: &str, accept: &str) -> Option<Value> {
    match path {
        "/apis" if accept.contains("as=APIGroupDiscoveryList") => return Some(aggregated(served)),
        "/version" => {
            return Some(
                json!({"major": "1", "minor": "36", "gitVersion": "v1.36.4", "gitCommit": "", "gitTreeState": "clean",
                "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.26", "compiler": "gc", "platform": "linux/amd64"}),
            );
        }
        "/api" => {
            return Some(
                json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
            );
        }
        "/apis" => return Some(groups(served)),
        // Every client is the user of the kubeconfig.
        "/apis/authentication.k8s.io/v1/selfsubjectreviews" => {
            return Some(json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview",
                "metadata": {}, "status": {"userInfo": {"username": "tester"}}}));
        }
        _ => {}
    }
    let (group, version) = match path.strip_prefix("/apis/") {
        Some(rest) => rest.split_once('/')?,
        None => ("", path.strip_prefix("/api/")?),
    };
    let resources: Vec<Value> = served
        .iter()
        .filter(|one| one.group == group && one.version == version)
        .map(|one| {
            json!({"name": one.plural, "singularName": one.kind.to_lowercase(), "namespaced": one.namespaced, "kind": one.kind,
                "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]})
        })
        .collect();
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    let known = !version.contains('/') && !resources.is_empty();
    known.then(|| json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}))
}

/// All groups with all their kinds in one answer.
fn aggregated(served: &[Served]) -> Value {
    let mut groups: Vec<Value> = Vec::new();
    for one in served.iter().filter(|one| !one.group.is_empty()) {
        let resource = json!({
            "resource": one.plural, "singularResource": one.kind.to_lowercase(), "shortNames": one.short,
            "responseKind": {"group": one.group, "version": one.version, "kind": one.kind},
            "scope": if one.namespaced { "Namespaced" } else { "Cluster" }, "verbs": ["get", "list"],
        });
        groups.push(json!({
            "metadata": {"name": one.group}, "versions": [{"version": one.version, "resources": [resource]}],
        }));
    }
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "items": groups})
}

fn groups(served: &[Served]) -> Value {
    let mut names: Vec<(&str, &str)> = served
        .iter()
        .filter(|one| !one.group.is_empty())
        .map(|one| (one.group.as_str(), one.version.as_str()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut groups: Vec<Value> = Vec::new();
    for (group, version) in names {
        let one = json!({"groupVersion": format!("{group}/{version}"), "version": version});
        match groups.iter_mut().find(|known| known["name"] == group) {
            Some(known) => known["versions"].as_array_mut().into_iter().for_each(|all| all.push(one.clone())),
            None => groups.push(json!({"name": group, "versions": [one.clone()], "preferredVersion": one})),
        }
    }
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}
