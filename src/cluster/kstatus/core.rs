//! The rules for Kubernetes' own kinds that run nothing, or run once: pods, claims, services, definitions.

use super::status::Explanation;
use super::status::Status;
use crate::api::object::condition_with;
use crate::api::object::conditions;
use crate::api::object::list;
use crate::api::object::text;
use serde_json::Value;

/// What exists is ready.
pub(super) fn as_it_is(_: &Value) -> Status {
    Status::Current
}

pub(super) fn claim(object: &Value) -> Status {
    match text(object, "/status/phase") {
        "Bound" => Status::Current,
        "" => Status::Working(Explanation::plain("waiting for the claim to be bound")),
        phase => Status::Working(Explanation::plain(format!("the claim is {phase}"))),
    }
}

pub(super) fn service(object: &Value) -> Status {
    let is_balanced = text(object, "/spec/type") == "LoadBalancer";
    if is_balanced && text(object, "/spec/clusterIP").is_empty() {
        return Status::Working(Explanation::plain("waiting for the address in the cluster"));
    }
    Status::Current
}

/// A pod that has ended is as it should be, however it ended: kstatus leaves that to its owner.
pub(super) fn pod(object: &Value) -> Status {
    match text(object, "/status/phase") {
        "Succeeded" | "Failed" => Status::Current,
        "Running" if condition_with(object, "Ready", "True").is_some() => Status::Current,
        "Running" => match crashing(object) {
            Some(told) => Status::Stalled(told),
            None => Status::Working(Explanation::plain("the Pod runs, but is not ready")),
        },
        "Pending" => {
            let waits = condition_with(object, "PodScheduled", "False");
            match waits.filter(|waits| waits["reason"] == "Unschedulable") {
                Some(waits) => Status::Stalled(Explanation::by(waits)),
                None => Status::Working(Explanation::plain("the Pod is pending")),
            }
        }
        "" => Status::Working(Explanation::plain("waiting for the Pod to be observed")),
        phase => Status::Working(Explanation::plain(format!("the phase of the Pod is {phase}"))),
    }
}

/// What the first container that keeps crashing says.
fn crashing(pod: &Value) -> Option<Explanation> {
    let waits = list(pod, "/status/containerStatuses").iter().filter_map(|one| one.pointer("/state/waiting"));
    let mut crashes = waits.filter(|waits| waits["reason"] == "CrashLoopBackOff");
    crashes.next().map(Explanation::by)
}

/// In the order of the conditions, as kstatus reads them.
pub(super) fn definition(object: &Value) -> Status {
    let judged = conditions(object).iter().find_map(|one| match (text(one, "/type"), text(one, "/status")) {
        ("NamesAccepted", "False") => Some(Status::Stalled(Explanation::by(one))),
        ("Established", "False") if one["reason"] != "Installing" => {
            Some(Status::Stalled(Explanation::by(one)))
        }
        ("Established", "True") => Some(Status::Current),
        _ => None,
    });
    judged.unwrap_or_else(|| {
        Status::Working(Explanation::plain("waiting for the definition to be established"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::status_of;
    use serde_json::json;

    fn of(api_version: &str, kind: &str, spec: Value, status: Value) -> Status {
        status_of(&json!({"apiVersion": api_version, "kind": kind, "spec": spec, "status": status}))
    }

    #[test]
    fn what_only_exists_is_ready() {
        for (api_version, kind) in [
            ("v1", "ConfigMap"),
            ("v1", "Secret"),
            ("batch/v1", "CronJob"),
            ("policy/v1", "PodDisruptionBudget"),
        ] {
            assert_eq!(of(api_version, kind, json!({}), json!({})), Status::Current, "{kind}");
        }
    }

    #[test]
    fn a_claim_is_ready_when_it_is_bound() {
        let claim = |status: Value| of("v1", "PersistentVolumeClaim", json!({}), status);
        assert_eq!(claim(json!({"phase": "Bound"})), Status::Current);
        assert_eq!(claim(json!({"phase": "Lost"})).reason(), "the claim is Lost");
        assert_eq!(claim(json!({})).reason(), "waiting for the claim to be bound");
    }

    #[test]
    fn a_load_balancer_needs_an_address_in_the_cluster() {
        let service = |spec: Value| of("v1", "Service", spec, json!({}));
        assert_eq!(service(json!({})), Status::Current);
        assert_eq!(service(json!({"type": "LoadBalancer", "clusterIP": "10.0.0.1"})), Status::Current);
        let waiting = service(json!({"type": "LoadBalancer"}));
        assert_eq!(waiting.reason(), "waiting for the address in the cluster");
        // A kind of the same name in another group has other rules.
        let other = json!({"apiVersion": "serving.knative.dev/v1", "kind": "Service"});
        assert_eq!(status_of(&other), Status::Silent);
    }

    #[test]
    fn a_pod_is_ready_when_it_says_so_or_has_ended() {
        let pod = |status: Value| of("v1", "Pod", json!({}), status);
        for phase in ["Succeeded", "Failed"] {
            assert_eq!(pod(json!({"phase": phase})), Status::Current);
        }
        let ready = json!([{"type": "Ready", "status": "True"}]);
        assert_eq!(pod(json!({"phase": "Running", "conditions": ready})), Status::Current);
        let state = |reason: &str| json!([{"name": "a"}, {"name": "b", "state": {"waiting": {"reason": reason, "message": "again"}}}]);
        let running = |reason: &str| pod(json!({"phase": "Running", "containerStatuses": state(reason)}));
        assert_eq!(running("ContainerCreating").reason(), "the Pod runs, but is not ready");
        let crashing = Explanation { reason: "CrashLoopBackOff".into(), message: "again".into() };
        assert_eq!(running("CrashLoopBackOff"), Status::Stalled(crashing));
        let scheduled = |reason: &str| json!([{"type": "PodScheduled", "status": "False", "reason": reason, "message": "no node"}]);
        let pending = |reason: &str| pod(json!({"phase": "Pending", "conditions": scheduled(reason)}));
        let unschedulable = Explanation { reason: "Unschedulable".into(), message: "no node".into() };
        assert_eq!(pending("Unschedulable"), Status::Stalled(unschedulable));
        assert_eq!(pending("SchedulingGated").reason(), "the Pod is pending");
        assert_eq!(pod(json!({})).reason(), "waiting for the Pod to be observed");
        assert_eq!(pod(json!({"phase": "Unknown"})).reason(), "the phase of the Pod is Unknown");
    }

    #[test]
    fn a_definition_is_ready_when_it_is_established() {
        let definition = |conditions: Value| {
            let status = json!({"conditions": conditions});
            of("apiextensions.k8s.io/v1", "CustomResourceDefinition", json!({}), status)
        };
        let one = |name: &str, status: &str, reason: &str| json!({"type": name, "status": status, "reason": reason, "message": "m"});
        let accepted = one("NamesAccepted", "True", "NoConflicts");
        assert_eq!(definition(json!([accepted, one("Established", "True", "")])), Status::Current);
        let waiting = "waiting for the definition to be established";
        assert_eq!(definition(json!([])).reason(), waiting);
        assert_eq!(definition(json!([one("Established", "False", "Installing")])).reason(), waiting);
        let failed =
            |reason: &str| Status::Stalled(Explanation { reason: reason.into(), message: "m".into() });
        assert_eq!(definition(json!([one("NamesAccepted", "False", "Conflict")])), failed("Conflict"));
        assert_eq!(definition(json!([one("Established", "False", "NotAccepted")])), failed("NotAccepted"));
    }
}
