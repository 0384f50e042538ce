//! Pods behind Deployments, and what their containers write.

use super::DEPLOYMENT;
use super::POD;
use super::Selection;
use super::explain;
use super::list_resource;
use crate::api::object;
use crate::api::object::list;
use crate::api::object::text;
use crate::api::object::text_if_set;
use futures::AsyncBufReadExt;
use futures::Stream;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::LogParams;
use serde_json::Value;
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
pub struct LogStart {
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
    let selection = Selection {
        namespace: Some(namespace.to_owned()),
        labels: Some(labels.to_owned()),
        ..Selection::default()
    };
    let resource = DEPLOYMENT.api_resource();
    let listed = list_resource(client, &resource, &selection).await;
    let (listed, _) =
        listed.map_err(|error| explain(error, &format!("listing Deployments in \"{namespace}\"")))?;
    let templates = listed.into_iter().filter_map(|deployment| {
        let labels = deployment.pointer("/spec/template/metadata")?.get("labels").and_then(Value::as_object);
        let pairs = labels.into_iter().flatten().map(|(key, value)| {
            let value = value.as_str().unwrap_or_default();
            format!("{key}={value}")
        });
        let selector = pairs.collect::<Vec<_>>().join(",");
        Some(PodsOf { namespace: namespace.to_owned(), selector })
    });
    Ok(templates.collect())
}

impl PodsOf {
    /// The pod that runs, is ready, and has been so for longest; `None` if there is no pod.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn best(&self, client: &kube::Client) -> anyhow::Result<Option<LoggingPod>> {
        let selection = Selection {
            namespace: Some(self.namespace.clone()),
            labels: Some(self.selector.clone()),
            ..Selection::default()
        };
        let resource = POD.api_resource();
        let listed = list_resource(client, &resource, &selection).await;
        let doing = format!("listing pods in \"{}\"", self.namespace);
        let (pods, _) = listed.map_err(|error| explain(error, &doing))?;
        let best = pods.iter().min_by(|a, b| by_logging(a, b));
        Ok(best.map(|pod| LoggingPod {
            namespace: self.namespace.clone(),
            name: object::name(pod).to_owned(),
            containers: list(pod, "/spec/containers").len(),
        }))
    }
}

/// The order in which kubectl prefers pods for their logs. (`ByLogging` of `k8s.io/kubectl`.)
fn by_logging(a: &Value, b: &Value) -> Ordering {
    let key = |pod: &Value| {
        let phase = match text(pod, "/status/phase") {
            "Pending" => 2,
            "Unknown" => 1,
            _ => 0,
        };
        let ready = object::condition_with(pod, "Ready", "True");
        // Times of the API server are of equal length, so that texts are in the order of times.
        let since = ready.and_then(|ready| text_if_set(ready, "/lastTransitionTime")).map(str::to_owned);
        let restarts = list(pod, "/status/containerStatuses")
            .iter()
            .filter_map(|one| one["restartCount"].as_i64())
            .max();
        let created = text_if_set(pod, "/metadata/creationTimestamp").map(str::to_owned);
        (
            text_if_set(pod, "/spec/nodeName").is_none(),
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
    /// Opens the log. With `follow`, it continues while the container runs, and every line begins with its time.
    ///
    /// # Errors
    /// What the API server answers.
    pub async fn log(
        &self,
        client: &kube::Client,
        container: Option<&str>,
        from: LogStart,
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
    use serde_json::json;

    fn pod(name: &str, further: Value) -> Value {
        let mut pod = json!({
            "metadata": {"name": name, "creationTimestamp": "2026-01-02T03:04:05Z"},
            "spec": {"nodeName": "node", "containers": []},
            "status": {"phase": "Running", "conditions": [
                {"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-02T03:05:00Z"},
            ]},
        });
        json_patch::merge(&mut pod, &further);
        pod
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
        let names: Vec<&str> = pods.iter().map(object::name).collect();
        let wanted =
            ["longest", "restarted", "older", "newer", "shortest", "not-ready", "pending", "unassigned"];
        assert_eq!(names, wanted);
    }
}
