//! The pods of a workload, and the warnings about them.

use super::causes::recognise;
use super::chain::Link;
use super::chain::LinkState;
use super::recogniser::Fact;
use super::step::Findings;
use super::step::Walk;
use super::step::fact_of;
use crate::api::ObjectId;
use crate::api::object;
use crate::api::object::text;
use crate::cluster;
use crate::cluster::Selection;
use crate::cluster::Status;
use crate::ops::events;
use serde_json::Value;

/// No more pods of a workload are shown; one that fails is like the others.
const SHOWN: usize = 3;

/// Causes about which the log of the pod says more.
const LOGGED: [&str; 2] = ["CrashLoop", "ProbeFailed"];

/// What the pods of a workload and the warnings about them say.
pub async fn of_workload(walk: &Walk<'_>, workload: &Value, depth: usize) -> Findings {
    let namespace = Some(object::namespace(workload).to_owned());
    let Some(labels) = labels_of(workload) else { return Findings::default() };
    let pods = cluster::POD.api_resource();
    let events = cluster::EVENT.api_resource();
    let of_pods = Selection { namespace: namespace.clone(), labels: Some(labels), ..Selection::default() };
    let warnings = Selection { namespace, fields: Some("type=Warning".to_owned()), ..Selection::default() };
    let (pods, warnings) = futures::future::join(
        cluster::list_resource(walk.client, &pods, &of_pods),
        cluster::list_resource(walk.client, &events, &warnings),
    )
    .await;
    let pods = pods.map(|(pods, _)| pods).unwrap_or_default();
    let warnings = warnings.map(|(warnings, _)| warnings).unwrap_or_default();
    judged(workload, &pods, warnings, depth, walk.program)
}

/// `key=value,…` of a workload's selector.
fn labels_of(workload: &Value) -> Option<String> {
    let labels = workload.pointer("/spec/selector/matchLabels")?.as_object()?;
    let pairs: Vec<String> =
        labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
    (!pairs.is_empty()).then(|| pairs.join(","))
}

/// The pods that are not ready with what is known about them, then the newest warning.
fn judged(workload: &Value, pods: &[Value], warnings: Vec<Value>, depth: usize, program: &str) -> Findings {
    let mut warnings: Vec<Value> =
        warnings.into_iter().filter(|warning| is_about(warning, workload, pods)).collect();
    warnings.sort_by_key(events::last_seen);
    warnings.reverse();
    let mut found = Findings::default();
    let bad: Vec<&Value> = pods.iter().filter(|pod| !is_ready(pod)).take(SHOWN).collect();
    for pod in &bad {
        let facts = facts_of(pod);
        let told: Vec<Fact<'_>> = warnings
            .iter()
            .filter(|warning| name_in(warning) == object::name(pod))
            .map(|warning| fact_of(pod, warning))
            .collect();
        let cause = recognise(&facts, program).or_else(|| recognise(&told, program));
        found.add(Findings::one(pod_link(pod, &facts, depth), cause));
    }
    let is_news = |warning: &&Value| found.links.iter().all(|link| link.message != text(warning, "/message"));
    if let Some(newest) = warnings.first().filter(is_news) {
        found.links.push(event_link(newest, depth));
    }
    if found.cause.is_none() {
        let told: Vec<Fact<'_>> = warnings.iter().map(|warning| fact_of(workload, warning)).collect();
        found.cause = recognise(&told, program);
    }
    if found.cause.is_none()
        && let Some(pod) = bad.first()
    {
        let message = found.links.first().map(|link| format!("{} {}", link.reason, link.message));
        let message = message.unwrap_or_default();
        let fact = Fact { object: pod, reason: "", message: message.trim() };
        let (says, next) = ("{it} is not ready: {message}", "kubectl -n {ns} describe pod {name}");
        found.cause = Some(fact.cause("PodNotReady", says, next, program));
    }
    if let Some(cause) = found.cause.as_mut().filter(|cause| LOGGED.contains(&cause.code.as_str()))
        && text(workload, "/metadata/labels/app.kubernetes.io~1part-of") == "flux"
    {
        cause.next = logs_of_controllers(&cause.id.namespace, program);
    }
    found
}

/// The command that shows what Flux's controllers complain of.
fn logs_of_controllers(namespace: &str, program: &str) -> String {
    let place = match namespace {
        "flux-system" => String::new(),
        other => format!(" --flux-namespace={other}"),
    };
    format!("{program} logs --all-namespaces --level=error{place}")
}

fn name_in(event: &Value) -> &str {
    text(event, "/involvedObject/name")
}

/// Whether a warning is about the workload, one of its pods, or what is between them.
fn is_about(warning: &Value, workload: &Value, pods: &[Value]) -> bool {
    let (kind, name) = (text(warning, "/involvedObject/kind"), name_in(warning));
    let own = object::name(workload);
    match kind {
        "Pod" => pods.iter().any(|pod| object::name(pod) == name),
        "ReplicaSet" => owns(own, name),
        _ => kind == text(workload, "/kind") && name == own,
    }
}

/// A ReplicaSet is called like its Deployment, with a hash after a dash.
fn owns(deployment: &str, set: &str) -> bool {
    set.rsplit_once('-').is_some_and(|(name, _)| name == deployment)
}

fn is_ready(pod: &Value) -> bool {
    match cluster::status_of(pod) {
        // One that has ended badly is not ready, whatever it is to its owner.
        Status::Current => text(pod, "/status/phase") != "Failed",
        // One that makes place for another is not what is wrong.
        Status::Terminating => object::condition_with(pod, "Ready", "True").is_some(),
        _ => false,
    }
}

/// What the kubelet and the scheduler say about a pod: containers that wait, those that ended, then conditions.
fn facts_of(pod: &Value) -> Vec<Fact<'_>> {
    let states: Vec<&Value> = ["/status/initContainerStatuses", "/status/containerStatuses"]
        .into_iter()
        .flat_map(|pointer| object::list(pod, pointer))
        .collect();
    let of = |pointer: &str| -> Vec<Fact<'_>> {
        states.iter().filter_map(|state| state.pointer(pointer)).map(|said| fact_of(pod, said)).collect()
    };
    let mut facts = of("/lastState/terminated");
    facts.retain(|fact| fact.reason == "OOMKilled");
    facts.extend(of("/state/waiting"));
    facts.extend(of("/state/terminated"));
    let bad = object::conditions(pod).iter().filter(|condition| condition["status"] == "False");
    facts.extend(bad.map(|condition| fact_of(pod, condition)));
    facts
}

fn pod_link(pod: &Value, facts: &[Fact<'_>], depth: usize) -> Link {
    let said = facts.first();
    let is_ill = said.is_some_and(|fact| !["ContainerCreating", "PodInitializing"].contains(&fact.reason));
    Link {
        depth,
        id: ObjectId { kind: "Pod".to_owned(), ..ObjectId::of(pod) },
        state: if is_ill { LinkState::Failed } else { LinkState::Waiting },
        reason: said.map(|fact| fact.reason).unwrap_or_default().to_owned(),
        message: said.map(|fact| fact.message).unwrap_or_default().to_owned(),
    }
}

fn event_link(event: &Value, depth: usize) -> Link {
    let involved = format!("{}/{}", text(event, "/involvedObject/kind"), name_in(event));
    Link {
        depth,
        id: ObjectId::new("v1", "Event", text(event, "/involvedObject/namespace"), &involved),
        state: LinkState::Failed,
        reason: text(event, "/reason").to_owned(),
        message: text(event, "/message").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(state: Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1-a", "namespace": "team"}, "status": {
            "phase": "Pending",
            "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "containers with unready status"}],
            "containerStatuses": [{"name": "web", "state": state}]}})
    }

    fn workload() -> Value {
        json!({"kind": "Deployment", "metadata": {"name": "web", "namespace": "team"},
            "spec": {"selector": {"matchLabels": {"app": "web", "tier": "front"}}}})
    }

    #[test]
    fn a_pod_whose_image_cannot_be_pulled_is_the_cause_and_a_ready_one_is_not_shown() {
        let waiting =
            json!({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"web:9\""}});
        let mut ready = pod(json!({"running": {}}));
        ready["status"]["phase"] = json!("Running");
        ready["status"]["conditions"][0]["status"] = json!("True");
        let found = judged(&workload(), &[ready, pod(waiting)], Vec::new(), 2, "fluxr");
        assert_eq!(found.links.len(), 1);
        assert_eq!(found.cause.map(|cause| cause.code), Some("ImagePullFailed".to_owned()));
    }

    #[test]
    fn the_log_of_a_controller_of_flux_is_shown_by_the_program_itself() {
        let ending = pod(json!({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}));
        let next = |workload: &Value| {
            let found = judged(workload, std::slice::from_ref(&ending), Vec::new(), 1, "fluxr");
            found.cause.unwrap().next
        };
        let mut workload = workload();
        assert_eq!(next(&workload), "kubectl -n team logs web-1-a --all-containers --previous");
        workload["metadata"]["labels"] = json!({"app.kubernetes.io/part-of": "flux"});
        assert_eq!(next(&workload), "fluxr logs --all-namespaces --level=error --flux-namespace=team");
        assert_eq!(logs_of_controllers("flux-system", "flux"), "flux logs --all-namespaces --level=error");
    }

    #[test]
    fn a_warning_about_the_replica_set_of_another_workload_does_not_count() {
        let warning = |name: &str| {
            json!({"involvedObject": {"kind": "ReplicaSet", "name": name, "namespace": "team"}, "reason": "FailedCreate",
                "message": "pods \"x\" is forbidden: exceeded quota: small"})
        };
        let code = |name: &str| {
            judged(&workload(), &[], vec![warning(name)], 1, "fluxr").cause.map(|cause| cause.code)
        };
        assert_eq!(code("web-7d4b"), Some("QuotaExceeded".to_owned()));
        assert_eq!(code("web-front-7d4b"), None);
    }

    #[test]
    fn a_selector_is_written_as_the_api_server_takes_it() {
        assert_eq!(labels_of(&workload()).as_deref(), Some("app=web,tier=front"));
        assert_eq!(labels_of(&json!({})), None);
    }
}
