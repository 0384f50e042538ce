//! What a pod of Flux asks for, and what that means on a host.

use k8s_openapi::api::core::v1::Container;
use k8s_openapi::api::core::v1::EnvVar;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::core::v1::PodSpec;
use std::path::Path;
use std::time::Duration;

/// The process behind a pod, as the pod's own specification has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) namespace: String,
    pub(super) pod: String,
    /// Tells a pod from a later one of the same name.
    pub(super) uid: String,
    /// The last part of the image's name: what would run in a real pod decides what runs here.
    pub(super) controller: String,
    pub(super) image: String,
    pub(super) service_account: String,
    pub(super) arguments: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
    /// How long its process may take to end once it is asked to.
    pub(super) grace: Duration,
}

/// Where a process listens on the host, each a port on 127.0.0.1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Addresses {
    pub(super) health: u16,
    pub(super) metrics: u16,
    /// Artifacts are served here.
    pub(super) storage: u16,
    /// notification-controller takes events here.
    pub(super) events: u16,
    /// notification-controller takes webhooks here.
    pub(super) receiver: u16,
}

impl Wanted {
    /// `None` if the pod is not on a node yet, is about to go, or has no container.
    pub(super) fn from_pod(pod: &Pod) -> Option<Self> {
        let metadata = &pod.metadata;
        let spec = pod.spec.as_ref()?;
        spec.node_name.as_ref()?;
        if metadata.deletion_timestamp.is_some() {
            return None;
        }
        let container = spec.containers.first()?;
        let image = container.image.clone()?;
        let namespace = metadata.namespace.clone()?;
        let name = metadata.name.clone()?;
        let environment = environment(container, &namespace, &name);
        let arguments = container.args.clone().unwrap_or_default();
        Some(Self {
            uid: metadata.uid.clone()?,
            controller: name_of_image(&image).to_owned(),
            service_account: spec.service_account_name.clone().unwrap_or_else(|| "default".to_owned()),
            arguments: arguments.iter().map(|argument| expand(argument, &environment)).collect(),
            namespace,
            pod: name,
            image,
            environment,
            grace: grace(spec),
        })
    }

    /// Whether only one of several such processes may work at a time.
    pub(super) fn elects_a_leader(&self) -> bool {
        self.arguments.iter().any(|argument| argument == "--enable-leader-election")
    }

    /// The arguments on the host: addresses and folders are replaced, what makes sense only in a cluster is left out, the rest stays.
    pub(super) fn host_arguments(&self, home: &Path, addresses: Addresses, relay: u16) -> Vec<String> {
        let data = home.join("data").display().to_string();
        let mut arguments = vec![
            format!("--metrics-addr=127.0.0.1:{}", addresses.metrics),
            format!("--health-addr=127.0.0.1:{}", addresses.health),
        ];
        for argument in &self.arguments {
            match argument.split('=').next().unwrap_or(argument) {
                // Without a cluster around it the process refuses to start with it; the testbed hands the lead over itself.
                "--enable-leader-election" => {}
                "--metrics-addr" | "--health-addr" | "--storage-addr" | "--receiverAddr" => {}
                "--events-addr" if argument != "--events-addr=" => {
                    arguments.push(format!("--events-addr=http://127.0.0.1:{relay}/"));
                }
                "--storage-path" => arguments.push(format!("--storage-path={data}")),
                "--storage-adv-addr" => {
                    arguments.push(format!("--storage-addr=127.0.0.1:{}", addresses.storage));
                    arguments.push(format!("--storage-adv-addr=127.0.0.1:{}", addresses.storage));
                }
                _ => arguments.push(argument.clone()),
            }
        }
        match self.controller.as_str() {
            "notification-controller" => {
                arguments.push(format!("--events-addr=127.0.0.1:{}", addresses.events));
                arguments.push(format!("--receiverAddr=127.0.0.1:{}", addresses.receiver));
            }
            // A new pod of source-controller has another port here, where a cluster's service keeps the address: an artifact that was
            // requested from the old one must not be retried there for minutes.
            "kustomize-controller" | "helm-controller" => arguments.push("--http-retry=1".to_owned()),
            "image-reflector-controller" => arguments.push(format!("--storage-path={data}")),
            _ => {}
        }
        arguments
    }

    /// The ports that this process listens on, by purpose.
    pub(super) fn listens(&self, addresses: Addresses) -> Vec<(&'static str, u16)> {
        let mut ports = vec![("health", addresses.health), ("metrics", addresses.metrics)];
        match self.controller.as_str() {
            "source-controller" | "source-watcher" => ports.push(("storage", addresses.storage)),
            "notification-controller" => {
                ports.push(("events", addresses.events));
                ports.push(("receiver", addresses.receiver));
            }
            _ => {}
        }
        ports
    }
}

fn grace(spec: &PodSpec) -> Duration {
    let seconds = spec.termination_grace_period_seconds.and_then(|seconds| u64::try_from(seconds).ok());
    Duration::from_secs(seconds.unwrap_or(30))
}

/// `ghcr.io/fluxcd/source-controller:v1.0.0@sha256:…` is `source-controller`.
fn name_of_image(image: &str) -> &str {
    let path = image.split('@').next().unwrap_or(image);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split(':').next().unwrap_or(last)
}

/// Literal values, and the two fields of the pod that controllers ask for. Limits of resources mean nothing here.
fn environment(container: &Container, namespace: &str, pod: &str) -> Vec<(String, String)> {
    let value_of = |variable: &EnvVar| {
        if let Some(value) = &variable.value {
            return Some(value.clone());
        }
        match variable.value_from.as_ref()?.field_ref.as_ref()?.field_path.as_str() {
            "metadata.namespace" => Some(namespace.to_owned()),
            "metadata.name" => Some(pod.to_owned()),
            _ => None,
        }
    };
    let variables = container.env.iter().flatten();
    variables.filter_map(|variable| Some((variable.name.clone(), value_of(variable)?))).collect()
}

/// Fills in `$(NAME)`, as a kubelet does.
fn expand(text: &str, environment: &[(String, String)]) -> String {
    let fill = |text: String, (name, value): &(String, String)| text.replace(&format!("$({name})"), value);
    environment.iter().fold(text.to_owned(), fill)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pod(image: &str, arguments: &[&str]) -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": "one", "namespace": "flux-system", "uid": "u"},
            "spec": {
                "nodeName": "testbed",
                "serviceAccountName": "agent",
                "containers": [{
                    "name": "manager",
                    "image": image,
                    "args": arguments,
                    "env": [
                        {"name": "RUNTIME_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
                        {"name": "GOMEMLIMIT", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
                    ],
                }],
            },
        }))
        .unwrap()
    }

    const ADDRESSES: Addresses = Addresses { health: 1, metrics: 2, storage: 3, events: 4, receiver: 5 };

    #[test]
    fn the_image_decides_what_runs() {
        for image in
            ["source-controller", "r.example:5000/x/source-controller:v1", "a/source-controller@sha256:0"]
        {
            assert_eq!(Wanted::from_pod(&pod(image, &[])).unwrap().controller, "source-controller");
        }
    }

    #[test]
    fn a_pod_that_is_not_scheduled_or_is_about_to_go_wants_nothing() {
        let mut waiting = pod("a/source-controller:v1", &[]);
        waiting.spec.as_mut().unwrap().node_name = None;
        assert_eq!(Wanted::from_pod(&waiting), None);
        let mut going = pod("a/source-controller:v1", &[]);
        going.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(Wanted::from_pod(&going), None);
    }

    #[test]
    fn addresses_and_folders_move_to_the_host_and_other_flags_stay() {
        let given = [
            "--events-addr=http://notification-controller.$(RUNTIME_NAMESPACE).svc.cluster.local./",
            "--watch-all-namespaces=true",
            "--enable-leader-election",
            "--storage-path=/data",
            "--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.",
            "--note=$(RUNTIME_NAMESPACE)",
        ];
        let wanted = Wanted::from_pod(&pod("a/source-controller:v1", &given)).unwrap();
        assert_eq!(
            wanted.host_arguments(Path::new("/home"), ADDRESSES, 9),
            [
                "--metrics-addr=127.0.0.1:2",
                "--health-addr=127.0.0.1:1",
                "--events-addr=http://127.0.0.1:9/",
                "--watch-all-namespaces=true",
                "--storage-path=/home/data",
                "--storage-addr=127.0.0.1:3",
                "--storage-adv-addr=127.0.0.1:3",
                "--note=flux-system",
            ]
        );
    }

    #[test]
    fn an_empty_address_for_events_stays_empty() {
        let wanted = Wanted::from_pod(&pod("a/helm-controller:v1", &["--events-addr="])).unwrap();
        assert!(wanted.host_arguments(Path::new("/"), ADDRESSES, 9).contains(&"--events-addr=".to_owned()));
    }
}
