//! Objects of the built-in kinds that refer to each other, and of a type that is not known.

use super::random::Random;
use serde_json::Value;
use serde_json::json;

/// Names that objects have and refer to: few, so that many of them meet.
pub const NAMES: [&str; 4] = ["web", "db", "keys", "n-1"];
pub const NAMESPACES: [&str; 6] = ["", "", "", "shop", "default", "ops"];

/// The kinds, with the group and version of each.
pub const KINDS: [(&str, &str); 28] = [
    ("v1", "ConfigMap"),
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "ServiceAccount"),
    ("v1", "Service"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "PersistentVolume"),
    ("v1", "Namespace"),
    ("v1", "Pod"),
    ("storage.k8s.io/v1", "StorageClass"),
    ("scheduling.k8s.io/v1", "PriorityClass"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("networking.k8s.io/v1", "Ingress"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("example.com/v1", "Thing"),
];

const WITHOUT_NAMESPACE: [&str; 8] = [
    "PersistentVolume",
    "Namespace",
    "StorageClass",
    "PriorityClass",
    "ClusterRole",
    "ClusterRoleBinding",
    "ValidatingWebhookConfiguration",
    "CustomResourceDefinition",
];

fn name(random: &mut Random) -> Value {
    json!(random.choose(&NAMES))
}

fn namespace(random: &mut Random) -> &'static str {
    NAMESPACES[random.below(NAMESPACES.len())]
}

fn maybe(random: &mut Random, percent: usize, to: &mut Value, field: &str, make: fn(&mut Random) -> Value) {
    if random.percent(percent) {
        to[field] = make(random);
    }
}

fn labels(random: &mut Random) -> Value {
    json!({"app": random.choose(&NAMES), random.choose(&["team", "tier"]): random.choose(&["a", "b", "1", "true"])})
}

fn subjects(random: &mut Random) -> Value {
    Value::Array(random.some(3, |random| {
        let mut subject = json!({
            "kind": random.choose(&["ServiceAccount", "ServiceAccount", "User", "Group"]),
            "name": random.choose(&["default", "web", "db", "keys"]),
        });
        let namespace = namespace(random);
        if !namespace.is_empty() {
            subject["namespace"] = json!(namespace);
        }
        subject
    }))
}

fn variable(random: &mut Random) -> Value {
    let place = match random.below(4) {
        0 => json!({"value": random.choose(&["x", "$(V1)", "a-$(V2)-b", "1"])}),
        1 => json!({"valueFrom": {"configMapKeyRef": {"name": name(random), "key": "k"}}}),
        2 => json!({"valueFrom": {"secretKeyRef": {"name": name(random), "key": "k", "optional": true}}}),
        _ => json!({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
    };
    let mut variable = json!({"name": random.choose(&["A", "B", "C"])});
    place.as_object().unwrap().iter().for_each(|(field, value)| variable[field] = value.clone());
    variable
}

fn container(random: &mut Random) -> Value {
    let images = ["nginx:1", "nginx", "hub.example.com:5000/team/nginx:1.2", "busybox@sha256:abc", "redis:7"];
    let mut container =
        json!({"name": random.choose(&["main", "side", "proxy"]), "image": random.choose(&images)});
    maybe(random, 40, &mut container, "env", |random| Value::Array(random.some(2, variable)));
    maybe(random, 40, &mut container, "envFrom", |random| {
        let reference = random.choose(&["configMapRef", "secretRef"]);
        json!([{reference: {"name": name(random)}}])
    });
    maybe(
        random,
        25,
        &mut container,
        "ports",
        |random| json!([{"containerPort": 80 + random.below(2), "name": "http"}, {"containerPort": 53, "protocol": "UDP"}]),
    );
    maybe(random, 25, &mut container, "args", |random| {
        json!(["run", random.choose(&["--to=$(V1)", "$(V2)", "x"])])
    });
    container
}

fn volume(random: &mut Random) -> Value {
    let name = name(random);
    let mut volume = match random.below(5) {
        0 => json!({"configMap": {"name": name}}),
        1 => json!({"secret": {"secretName": name}}),
        2 => json!({"persistentVolumeClaim": {"claimName": name}}),
        3 => json!({"projected": {"sources": [{"configMap": {"name": name}}, {"secret": {"name": name}}]}}),
        _ => json!({"emptyDir": {}}),
    };
    volume["name"] = json!(random.choose(&["v", "w"]));
    volume
}

fn pod(random: &mut Random) -> Value {
    let mut spec = json!({"containers": random.some(2, container)});
    maybe(random, 20, &mut spec, "initContainers", |random| Value::Array(random.some(1, container)));
    maybe(random, 40, &mut spec, "volumes", |random| Value::Array(random.some(2, volume)));
    maybe(random, 30, &mut spec, "serviceAccountName", name);
    maybe(random, 20, &mut spec, "priorityClassName", name);
    maybe(random, 20, &mut spec, "imagePullSecrets", |random| json!([{"name": name(random)}]));
    maybe(random, 15, &mut spec, "nodeSelector", labels);
    spec
}

fn template(random: &mut Random) -> Value {
    let mut template = json!({"spec": pod(random)});
    maybe(random, 70, &mut template, "metadata", |random| json!({"labels": labels(random)}));
    template
}

fn workload(random: &mut Random, kind: &str) -> Value {
    let mut spec = json!({"template": template(random)});
    maybe(random, 60, &mut spec, "selector", |random| json!({"matchLabels": labels(random)}));
    if ["Deployment", "StatefulSet"].contains(&kind) {
        maybe(random, 60, &mut spec, "replicas", |random| json!(random.below(4)));
    }
    if kind == "StatefulSet" {
        maybe(random, 60, &mut spec, "serviceName", name);
        maybe(
            random,
            40,
            &mut spec,
            "volumeClaimTemplates",
            |random| json!([{"metadata": {"name": "v"}, "spec": {"storageClassName": name(random)}}]),
        );
    }
    spec
}

fn rules(random: &mut Random) -> Value {
    let resource = random.choose(&["configmaps", "secrets", "pods"]);
    json!([{"apiGroups": [""], "resources": [resource], "resourceNames": [name(random), "other"], "verbs": ["get"]}])
}

fn role(random: &mut Random, kind: &str) -> Value {
    json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name(random)})
}

fn fill(random: &mut Random, object: &mut Value, kind: &str) {
    match kind {
        "ConfigMap" => {
            object["data"] =
                json!({"k": random.choose(&["v", "$(V1)", "{\"a\": 1}", "1", "a/b/c"]), "host": "h:80"})
        }
        "Secret" => object["stringData"] = json!({"k": "v"}),
        "ServiceAccount" => maybe(random, 50, object, "secrets", |random| json!([{"name": name(random)}])),
        "Service" => {
            object["spec"] = json!({"ports": [{"port": 80, "name": "http"}, {"port": 443}]});
            maybe(random, 60, &mut object["spec"], "selector", labels);
        }
        "PersistentVolumeClaim" => {
            object["spec"] = json!({"storageClassName": name(random), "volumeName": name(random)})
        }
        "PersistentVolume" => {
            object["spec"] = json!({"storageClassName": name(random), "claimRef": {"name": name(random), "namespace": random.choose(&["shop", "default"])}});
        }
        "StorageClass" => object["parameters"] = json!({"secretName": name(random)}),
        "Pod" => object["spec"] = pod(random),
        "Deployment" | "StatefulSet" | "DaemonSet" | "Job" => object["spec"] = workload(random, kind),
        "CronJob" => {
            object["spec"] =
                json!({"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template(random)}}})
        }
        "HorizontalPodAutoscaler" => {
            let kind = random.choose(&["Deployment", "StatefulSet"]);
            object["spec"] =
                json!({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name(random)}});
        }
        "Ingress" => {
            let backend = json!({"service": {"name": name(random), "port": {"number": 80}}});
            object["spec"] = json!({"rules": [{"http": {"paths": [{"path": "/", "backend": backend}]}}], "tls": [{"secretName": name(random)}]});
        }
        "NetworkPolicy" => {
            object["spec"] = json!({"podSelector": {"matchLabels": labels(random)}, "ingress": [{"from": [{"podSelector": {"matchLabels": labels(random)}}]}]});
        }
        "PodDisruptionBudget" => object["spec"] = json!({"selector": {"matchLabels": labels(random)}}),
        "Role" | "ClusterRole" => object["rules"] = rules(random),
        "RoleBinding" => {
            let kind = random.choose(&["Role", "ClusterRole"]);
            object["roleRef"] = role(random, kind);
            object["subjects"] = subjects(random);
        }
        "ClusterRoleBinding" => {
            object["roleRef"] = role(random, "ClusterRole");
            object["subjects"] = subjects(random);
        }
        "ValidatingWebhookConfiguration" => {
            object["webhooks"] = json!([{"name": "a.example.com", "clientConfig": {"service": {"name": name(random), "namespace": random.choose(&["shop", "default"])}}}]);
        }
        "CustomResourceDefinition" => {
            object["spec"] = json!({"group": "example.com", "names": {"kind": "Thing"}})
        }
        "Thing" => {
            object["spec"] = json!({
                "a": random.choose(&["x", "1", "$(V1)"]),
                "list": [{"name": "one", "value": 1}, {"name": "two", "value": "2"}],
                "map": {"k.l": true, "none": null, "deep": {"er": 1.5}},
            });
        }
        _ => {}
    }
}

/// An object of any kind.
pub fn object(random: &mut Random) -> Value {
    let (api_version, kind) = KINDS[random.below(KINDS.len())];
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name(random)}});
    let namespace = namespace(random);
    if !namespace.is_empty() && !WITHOUT_NAMESPACE.contains(&kind) {
        object["metadata"]["namespace"] = json!(namespace);
    }
    maybe(random, 40, &mut object["metadata"], "labels", labels);
    maybe(
        random,
        25,
        &mut object["metadata"],
        "annotations",
        |random| json!({"note": random.choose(&["x", "$(V1)", "true"])}),
    );
    fill(random, &mut object, kind);
    object
}
