//! Pods behind Deployments, and what their containers write.

use super::explain;
use futures::AsyncBufReadExt;
use futures::Stream;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::ListParams;
use kube::api::LogParams;
use std::cmp::Ordering;
use std::cmp::Reverse;

/// The pods of a Deployment, by the labels of its template.
#[derive(Debug, Clone)]
pub struct PodsOf {
    namespace: String,
    selector: String,
}

/// The pod of which the log says most about its Deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingPod {
    pub namespace: String,
    pub name: String,
    /// How many containers it has.
    pub containers: usize,
}

/// Where in a log to begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct From {
    pub tail: Option<i64>,
    pub since_seconds: Option<i64>,
    pub since: Option<Timestamp>,
}

/// The Deployments with these labels, each by its pods.
///
/// # Errors
/// What the API server answers.
pub async fn deployments_with(
    client: &kube::Client,
    namespace: &str,
    labels: &str,
) -> anyhow::Result<Vec<PodsOf>> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), namespace);
    let listed = api.list(&ListParams::default().labels(labels)).await;
    let listed =
        listed.map_err(|error| explain(error, &format!("listing Deployments in \"{namespace}\"")))?;
    let templates = listed.items.into_iter().filter_map(|deployment| {
        let labels = deployment.spec?.template.metadata?.labels.unwrap_or_default();
        let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
        Some(PodsOf { namespace: namespace.to_owned(), selector: pairs.join(",") })
    });
    Ok(templates.collect())
}

impl PodsOf {
    /// The pod that runs, is ready, and has been so for longest; none when there is no pod.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn best(&self, client: &kube::Client) -> anyhow::Result<Option<LoggingPod>> {
        let api: Api<Pod> = Api::namespaced(client.clone(), &self.namespace);
        let listed = api.list(&ListParams::default().labels(&self.selector)).await;
        let doing = format!("listing pods in \"{}\"", self.namespace);
        let pods = listed.map_err(|error| explain(error, &doing))?.items;
        let best = pods.iter().min_by(|a, b| by_logging(a, b));
        Ok(best.map(|pod| LoggingPod {
            namespace: self.namespace.clone(),
            name: pod.metadata.name.clone().unwrap_or_default(),
            containers: pod.spec.as_ref().map_or(0, |spec| spec.containers.len()),
        }))
    }
}

/// The order in which kubectl prefers pods for their logs. (`ByLogging` of `k8s.io/kubectl`.)
fn by_logging(a: &Pod, b: &Pod) -> Ordering {
    let key = |pod: &Pod| {
        let status = pod.status.clone().unwrap_or_default();
        let is_assigned = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        let phase = match status.phase.as_deref() {
            Some("Pending") => 2,
            Some("Unknown") => 1,
            _ => 0,
        };
        let conditions = status.conditions.unwrap_or_default();
        let ready = conditions.iter().find(|one| one.type_ == "Ready" && one.status == "True");
        let since = ready.and_then(|ready| Some(ready.last_transition_time.as_ref()?.0));
        let restarts = status.container_statuses.iter().flatten().map(|one| one.restart_count).max();
        let created = pod.metadata.creation_timestamp.as_ref().map(|time| time.0);
        (
            !is_assigned,
            phase,
            ready.is_none(),
            // Those without a time come last.
            (since.is_none(), since),
            Reverse(restarts.unwrap_or_default()),
            (created.is_none(), created),
        )
    };
    key(a).cmp(&key(b))
}

impl LoggingPod {
    /// Opens the log. With `follow`, it goes on while the container runs, and every line begins with its time.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn log(
        &self,
        client: &kube::Client,
        container: Option<&str>,
        from: From,
        follow: bool,
    ) -> Result<impl Stream<Item = std::io::Result<String>> + use<>, kube::Error> {
        let api: Api<Pod> = Api::namespaced(client.clone(), &self.namespace);
        let parameters = LogParams {
            container: container.map(str::to_owned),
            follow,
            tail_lines: from.tail,
            since_seconds: from.since_seconds,
            since_time: from.since,
            timestamps: follow,
            ..LogParams::default()
        };
        let reader = api.log_stream(&self.name, &parameters).await?;
        Ok(futures::stream::unfold(Box::pin(reader), async |mut reader| {
            let mut bytes = Vec::new();
            let line = match reader.read_until(b'\n', &mut bytes).await {
                Ok(0) => return None,
                Ok(_) => Ok(String::from_utf8_lossy(bytes.trim_ascii_end()).into_owned()),
                Err(error) => Err(error),
            };
            Some((line, reader))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use serde_json::json;

    fn pod(name: &str, further: Value) -> Pod {
        let mut pod = json!({
            "metadata": {"name": name, "creationTimestamp": "2026-01-02T03:04:05Z"},
            "spec": {"nodeName": "node", "containers": []},
            "status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:05:00Z"},
            ]},
        });
        json_patch::merge(&mut pod, &further);
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn the_pod_that_has_been_ready_for_longest_is_asked_for_its_log() {
        let ready_at = |time: &str| json!({"status": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": time}]}});
        let mut pods = [
            pod("pending", json!({"status": {"phase": "Pending", "conditions": null}})),
            pod("unassigned", json!({"spec": {"nodeName": null}})),
            pod("not-ready", json!({"status": {"conditions": [{"type": "Ready", "status": "False"}]}})),
            pod("newer", json!({"metadata": {"creationTimestamp": "2026-01-02T03:04:30Z"}})),
            pod("older", json!({})),
            pod(
                "restarted",
                json!({"status": {"containerStatuses": [
                {"name": "manager", "restartCount": 3, "image": "", "imageID": "", "ready": true}]}}),
            ),
            pod("longest", ready_at("2026-01-02T03:04:59Z")),
            pod("shortest", ready_at("2026-01-02T03:06:00Z")),
        ];
        pods.sort_by(by_logging);
        let names: Vec<&str> = pods.iter().filter_map(|pod| pod.metadata.name.as_deref()).collect();
        let wanted =
            ["longest", "restarted", "older", "newer", "shortest", "not-ready", "pending", "unassigned"];
        assert_eq!(names, wanted);
    }
}
