//! The Deployment, the Services and the ServiceAccount of one controller.

use super::component::Component;
use super::options::ComponentOptions;
use super::templates::document;
use serde_json::Value;
use serde_json::json;

/// The objects of a controller besides its CRDs, without namespace and common labels.
pub fn objects(component: &Component, options: &ComponentOptions) -> Vec<Value> {
    let mut objects = vec![json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": component.name},
    })];
    for service in &component.services {
        objects.push(json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": service.name, "labels": {"control-plane": service.control_plane}},
            "spec": {
                "type": "ClusterIP",
                "selector": {"app": component.name},
                "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": service.port}],
            },
        }));
    }
    objects.push(deployment(component, options));
    objects
}

fn deployment(component: &Component, options: &ComponentOptions) -> Value {
    let mut deployment = document(options.release.templates.deployment);
    deployment["metadata"]["name"] = json!(component.name);
    let spec = &mut deployment["spec"];
    spec["selector"]["matchLabels"]["app"] = json!(component.name);
    if let Some(strategy) = &component.strategy {
        spec["strategy"] = json!({"type": strategy});
    }
    let template = &mut spec["template"];
    template["metadata"]["labels"]["app"] = json!(component.name);
    let pod = &mut template["spec"];
    pod["serviceAccountName"] = json!(component.name);
    pod["terminationGracePeriodSeconds"] = json!(component.grace_period_seconds);
    if component.critical {
        pod["priorityClassName"] = json!("system-cluster-critical");
    }
    if !options.image_pull_secret.is_empty() {
        pod["imagePullSecrets"] = json!([{"name": options.image_pull_secret}]);
    }
    if !options.toleration_keys.is_empty() {
        pod["tolerations"] = options.tolerations();
    }
    pod["volumes"] = volumes(component).map(|(name, _)| json!({"name": name, "emptyDir": {}})).collect();
    let container = &mut pod["containers"][0];
    container["image"] = json!(options.image_of(component));
    container["args"] = json!(arguments(component, options));
    container["resources"]["requests"]["cpu"] = json!(component.cpu);
    container["volumeMounts"] =
        volumes(component).map(|(name, path)| json!({"name": name, "mountPath": path})).collect();
    let mut ports: Vec<Value> =
        component.ports.iter().map(|port| container_port(&port.name, port.container_port)).collect();
    ports.push(container_port("http-prom", 8080));
    ports.push(container_port("healthz", 9440));
    container["ports"] = Value::Array(ports);
    if component.serves {
        container["readinessProbe"] = json!({"httpGet": {"path": "/", "port": "http"}});
    }
    if let Some(env) = container["env"].as_array_mut() {
        env.extend(component.env.iter().map(|(name, value)| json!({"name": name, "value": value})));
        env.push(json!({
            "name": "GOMEMLIMIT",
            "valueFrom": {"resourceFieldRef": {"containerName": "manager", "resource": "limits.memory"}},
        }));
    }
    deployment
}

/// Volumes in upstream's order: temporary files first where they are called `temp`, data first elsewhere.
fn volumes(component: &Component) -> impl Iterator<Item = (&String, &String)> {
    let mut volumes: Vec<_> = component.volumes.iter().collect();
    volumes.sort_by_key(|(name, _)| (*name != "temp", *name));
    volumes.into_iter()
}

fn container_port(name: &str, port: u16) -> Value {
    json!({"name": name, "containerPort": port, "protocol": "TCP"})
}

fn arguments(component: &Component, options: &ComponentOptions) -> Vec<String> {
    let mut arguments = Vec::new();
    for (flag, value) in options.chosen_arguments(component) {
        if flag == "--storage-adv-addr" {
            arguments.push("--storage-path=/data".to_owned());
        }
        arguments.push(format!("{flag}={value}"));
        if flag == "--log-level" {
            arguments.push("--log-encoding=json".to_owned());
            arguments.push("--enable-leader-election".to_owned());
        }
    }
    arguments
}
