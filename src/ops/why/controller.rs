//! Whether the controller that does the work is there and runs.

use super::chain::Cause;
use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use crate::api::Kind;
use crate::api::ObjectId;
use crate::api::object;
use crate::cluster;
use crate::cluster::PART_OF;
use crate::cluster::Selection;
use serde_json::Value;

/// The Deployments of Flux in all namespaces; `None` if they may not be listed.
pub async fn controllers(client: &kube::Client) -> Option<Vec<Value>> {
    let resource = cluster::DEPLOYMENT.api_resource();
    let selection = Selection { labels: Some(PART_OF.to_owned()), ..Selection::default() };
    cluster::list_resource(client, &resource, &selection).await.ok().map(|(found, _)| found)
}

/// What is wrong with the controller of a kind; `None` if one runs, or if that cannot be known.
pub fn absence(
    found: Option<&[Value]>,
    kind: &Kind,
    object: &Value,
    depth: usize,
    program: &str,
) -> Option<(Link, Cause)> {
    let name = kind.controller;
    let works_on = |deployment: &&Value| {
        object::name(deployment) == name
            || object::label(deployment, "app.kubernetes.io/component") == Some(name)
    };
    let ours: Vec<&Value> = found?.iter().filter(works_on).collect();
    if ours.iter().any(|deployment| object::number(deployment, "/status/readyReplicas") > Some(0)) {
        return None;
    }
    let Some(deployment) = ours.first() else {
        // It may run elsewhere or under other labels: only an object that no controller has observed tells.
        let is_unobserved = object.pointer("/status/conditions").is_none();
        let says = format!("{name}, which reconciles {{it}}, is not installed");
        let next = format!("{program} check");
        let fact = Fact { object, reason: "", message: "" };
        let cause = fact.cause("ControllerMissing", &says, &next, program);
        let id = ObjectId::new("apps/v1", "Deployment", "", name);
        let link = Link::new(depth, id, LinkState::Missing).saying("it is not installed");
        return is_unobserved.then_some((link, cause));
    };
    let wanted = object::number(deployment, "/spec/replicas").unwrap_or(1);
    let message = format!("0 of {wanted} replicas are ready");
    let says = format!("{name} does not run ({{message}}), so nothing reconciles {}", object::kind(object));
    let next = if wanted == 0 {
        "kubectl -n {ns} scale deployment {name} --replicas=1"
    } else {
        "kubectl -n {ns} describe deployment {name}"
    };
    let fact = Fact { object: deployment, reason: "", message: &message };
    let link = Link::new(depth, ObjectId::of(deployment), LinkState::Failed).saying(message.as_str());
    Some((link, fact.cause("ControllerNotRunning", &says, next, program)))
}
