//! Secrets, ConfigMaps and ServiceAccounts that an object refers to. Only whether they are there is asked: their content is never read.

use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use super::step::Findings;
use super::step::Walk;
use crate::api::ObjectId;
use crate::api::Role;
use crate::api::object;
use crate::cluster;
use crate::kind;
use futures::future::join_all;
use serde_json::Value;
use serde_json::json;

/// Where a name is, and the kind of what it names.
const NAMES: [(&str, &str); 9] = [
    ("/spec/secretRef/name", "Secret"),
    ("/spec/certSecretRef/name", "Secret"),
    ("/spec/proxySecretRef/name", "Secret"),
    ("/spec/verify/secretRef/name", "Secret"),
    ("/spec/decryption/secretRef/name", "Secret"),
    ("/spec/kubeConfig/secretRef/name", "Secret"),
    ("/spec/kubeConfig/configMapRef/name", "ConfigMap"),
    ("/spec/serviceAccountName", "ServiceAccount"),
    ("/spec/git/commit/signingKey/secretRef/name", "Secret"),
];
/// Where references with a kind are; those that are optional may be missing.
const LISTS: [&str; 2] = ["/spec/postBuild/substituteFrom", "/spec/valuesFrom"];

/// Looks for everything that is referred to; what may not be read is left out.
pub async fn missing(walk: &Walk<'_>, object: &Value, depth: usize) -> Findings {
    let wanted = referred(object);
    let looks = wanted.iter().map(|(kind, name)| look(walk, object, kind, name, depth));
    let mut found = Findings::default();
    join_all(looks).await.into_iter().flatten().for_each(|one| found.add(one));
    found
}

/// Kind and name of what an object in the same namespace refers to, each once.
fn referred(object: &Value) -> Vec<(String, String)> {
    let name_at = |(pointer, kind): &(&str, &str)| {
        Some(((*kind).to_owned(), object::text_if_set(object, pointer)?.to_owned()))
    };
    let mut found: Vec<(String, String)> = Vec::new();
    let lists = LISTS.iter().flat_map(|pointer| object::list(object, pointer));
    let listed = lists.filter(|entry| entry["optional"] != true).filter_map(|entry| {
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        Some((text("kind")?, text("name")?))
    });
    for one in NAMES.iter().filter_map(name_at).chain(listed) {
        if !one.1.is_empty() && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

async fn look(walk: &Walk<'_>, object: &Value, kind: &str, name: &str, depth: usize) -> Option<Findings> {
    let namespace = object::namespace(object);
    let address = json!({"apiVersion": "v1", "kind": kind, "metadata": {"namespace": namespace}});
    let api = cluster::api_for(walk.client, &address).await.ok()?;
    let is_there = api.get_metadata_opt(name).await.ok()?.is_some();
    let id = ObjectId::new("v1", kind, namespace, name);
    if is_there {
        return Some(Findings::one(Link::new(depth, id, LinkState::Ok), None));
    }
    let says = format!("{{it}} needs {id}, which does not exist");
    let link = Link::new(depth, id, LinkState::Missing).saying("it does not exist");
    let referring = kind::by_name(object::kind(object));
    let next = match kind {
        "Secret" if referring.is_some_and(|kind| kind.has(Role::GitSource)) => {
            format!("{{program}} create secret git {name} -n {namespace} --url={{url}}")
        }
        "Secret" => format!("kubectl -n {namespace} create secret generic {name}"),
        _ => format!("kubectl -n {namespace} create {} {name}", kind.to_lowercase()),
    };
    let fact = Fact { object, reason: "", message: "" };
    let cause = fact.cause(&format!("{kind}Missing"), &says, &next, walk.program);
    Some(Findings::one(link, Some(cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_is_found_once_and_optional_things_may_be_missing() {
        let object = json!({"spec": {
            "secretRef": {"name": "login"},
            "proxySecretRef": {"name": "login"},
            "serviceAccountName": "deployer",
            "valuesFrom": [
                {"kind": "ConfigMap", "name": "values"},
                {"kind": "Secret", "name": "extra", "optional": true},
            ],
        }});
        let wanted = [("Secret", "login"), ("ServiceAccount", "deployer"), ("ConfigMap", "values")];
        assert_eq!(referred(&object), wanted.map(|(kind, name)| (kind.to_owned(), name.to_owned())));
    }
}
