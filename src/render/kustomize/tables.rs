//! kustomize's own tables: the fields that its transformers change without configuration.

use super::config;
use super::config::Config;
use super::config::NameReference;
use super::fieldspec;
use super::fieldspec::FieldSpec;
use super::table::Table;
use std::sync::Arc;
use std::sync::LazyLock;

/// A table that is listed, in kustomize's order, when it is first asked for.
macro_rules! table {
    ($name:ident: $of:ty = $fields:expr, $sort:path) => {
        static $name: LazyLock<Vec<$of>> = LazyLock::new(|| {
            let mut fields: Vec<$of> = $fields;
            $sort(&mut fields);
            fields
        });
    };
}

table!(NAMES: FieldSpec = vec![FieldSpec::new("", "", "", "metadata/name", false)], fieldspec::sort);
table!(NAMESPACES: FieldSpec = namespaces(), fieldspec::sort);
table!(COMMON_LABELS: FieldSpec = common_labels(), fieldspec::sort);
table!(TEMPLATE_LABELS: FieldSpec = template_labels(), fieldspec::sort);
table!(COMMON_ANNOTATIONS: FieldSpec = common_annotations(), fieldspec::sort);
table!(NAME_REFERENCES: NameReference = name_references(), config::sort);
table!(VAR_REFERENCES: FieldSpec = var_references(), fieldspec::sort);
table!(IMAGES: FieldSpec = images(), fieldspec::sort);
table!(REPLICAS: FieldSpec = replicas(), fieldspec::sort);

impl Config {
    /// What kustomize does without configuration.
    pub(super) fn standard() -> Arc<Self> {
        static STANDARD: LazyLock<Arc<Config>> = LazyLock::new(|| {
            Arc::new(Config {
                name_prefix: Table::Standard(&NAMES),
                name_suffix: Table::Standard(&NAMES),
                namespace: Table::Standard(&NAMESPACES),
                common_labels: Table::Standard(&COMMON_LABELS),
                labels: Table::default(),
                template_labels: Table::Standard(&TEMPLATE_LABELS),
                common_annotations: Table::Standard(&COMMON_ANNOTATIONS),
                name_reference: Table::Standard(&NAME_REFERENCES),
                var_reference: Table::Standard(&VAR_REFERENCES),
                images: Table::Standard(&IMAGES),
                replicas: Table::Standard(&REPLICAS),
            })
        });
        Arc::clone(&STANDARD)
    }
}

fn replicas() -> Vec<FieldSpec> {
    ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
        .map(|kind| FieldSpec::new("", "", kind, "spec/replicas", true))
        .to_vec()
}

fn namespaces() -> Vec<FieldSpec> {
    vec![
        FieldSpec::new("", "", "Namespace", "metadata/name", true),
        FieldSpec::new("apiregistration.k8s.io", "", "APIService", "spec/service/namespace", true),
        FieldSpec::new(
            "apiextensions.k8s.io",
            "",
            "CustomResourceDefinition",
            "spec/conversion/webhook/clientConfig/service/namespace",
            false,
        ),
    ]
}

/// Group, version and kind of what makes pods, and the path to the pod's template.
const TEMPLATES: [(&str, &str, &str, &str); 8] = [
    ("", "v1", "ReplicationController", "spec/template"),
    ("", "", "Deployment", "spec/template"),
    ("", "", "ReplicaSet", "spec/template"),
    ("", "", "DaemonSet", "spec/template"),
    ("", "", "StatefulSet", "spec/template"),
    ("batch", "", "Job", "spec/template"),
    ("batch", "", "CronJob", "spec/jobTemplate"),
    ("batch", "", "CronJob", "spec/jobTemplate/spec/template"),
];

fn common_annotations() -> Vec<FieldSpec> {
    let mut specs = vec![FieldSpec::new("", "", "", "metadata/annotations", true)];
    specs.extend(TEMPLATES.iter().map(|(group, version, kind, path)| {
        FieldSpec::new(group, version, *kind, format!("{path}/metadata/annotations"), true)
    }));
    specs
}

fn template_labels() -> Vec<FieldSpec> {
    let mut specs = vec![FieldSpec::new("", "", "", "metadata/labels", true)];
    for (group, version, kind, path) in TEMPLATES {
        let group = if kind == "StatefulSet" { "apps" } else { group };
        specs.push(FieldSpec::new(group, version, kind, format!("{path}/metadata/labels"), true));
    }
    let claims = "spec/volumeClaimTemplates[]/metadata/labels";
    specs.push(FieldSpec::new("apps", "", "StatefulSet", claims, true));
    specs
}

fn common_labels() -> Vec<FieldSpec> {
    let made = [
        ("", "v1", "Service", "spec/selector"),
        ("", "v1", "ReplicationController", "spec/selector"),
        ("", "", "Deployment", "spec/selector/matchLabels"),
        ("", "", "ReplicaSet", "spec/selector/matchLabels"),
        ("", "", "DaemonSet", "spec/selector/matchLabels"),
        ("apps", "", "StatefulSet", "spec/selector/matchLabels"),
    ];
    let found = [
        ("batch", "Job", "spec/selector/matchLabels"),
        ("batch", "CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
        ("policy", "PodDisruptionBudget", "spec/selector/matchLabels"),
        ("networking.k8s.io", "NetworkPolicy", "spec/podSelector/matchLabels"),
        ("networking.k8s.io", "NetworkPolicy", "spec/ingress/from/podSelector/matchLabels"),
        ("networking.k8s.io", "NetworkPolicy", "spec/egress/to/podSelector/matchLabels"),
    ];
    let in_templates = [
        "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        "topologySpreadConstraints/labelSelector/matchLabels",
    ];
    let mut specs: Vec<_> = made
        .iter()
        .map(|(group, version, kind, path)| FieldSpec::new(group, version, *kind, *path, true))
        .collect();
    specs.extend(found.iter().map(|(group, kind, path)| FieldSpec::new(group, "", *kind, *path, false)));
    for kind in ["Deployment", "StatefulSet"] {
        for path in in_templates {
            specs.push(FieldSpec::new("apps", "", kind, format!("spec/template/spec/{path}"), false));
        }
    }
    specs.extend(template_labels());
    specs
}

fn images() -> Vec<FieldSpec> {
    let mut specs = Vec::new();
    for pod in ["spec", "spec/template/spec"] {
        for path in ["containers[]/image", "initContainers[]/image", "volumes[]/image/reference"] {
            specs.push(FieldSpec::new("", "", "", format!("{pod}/{path}"), true));
        }
    }
    specs
}

/// The path to the pod in each kind that has one.
fn pod_of(kind: &str) -> &'static str {
    match kind {
        "Pod" => "spec",
        "PodTemplate" => "template/spec",
        "CronJob" => "spec/jobTemplate/spec/template/spec",
        _ => "spec/template/spec",
    }
}

/// The same fields in the pods of several kinds.
fn in_pods(kinds: &[&'static str], fields: &[&str]) -> Vec<FieldSpec> {
    kinds
        .iter()
        .flat_map(|kind| {
            fields
                .iter()
                .map(|field| FieldSpec::new("", "", *kind, format!("{}/{field}", pod_of(kind)), false))
        })
        .collect()
}

fn reference(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    field_specs: Vec<FieldSpec>,
) -> NameReference {
    NameReference { group: group.into(), version: version.into(), kind: kind.into(), field_specs }
}

/// Fields of single kinds: group, kind, path.
fn fields(of: &[(&'static str, &'static str, &'static str)]) -> Vec<FieldSpec> {
    of.iter().map(|(group, kind, path)| FieldSpec::new(group, "", *kind, *path, false)).collect()
}

/// Kinds whose pods may name ConfigMaps and Secrets.
const WITH_PODS: [&str; 8] =
    ["Pod", "PodTemplate", "Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "CronJob"];
/// Kinds whose pods may name accounts, claims and priorities.
const WORKLOADS: [&str; 7] =
    ["Pod", "StatefulSet", "Deployment", "ReplicationController", "CronJob", "Job", "DaemonSet"];

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

/// Where pods name objects of a kind that can be a volume and give variables.
fn named_by_pods(word: &str, volume: &str, further: &[&str]) -> Vec<FieldSpec> {
    let variables = [
        format!("containers/env/valueFrom/{word}KeyRef/name"),
        format!("initContainers/env/valueFrom/{word}KeyRef/name"),
        format!("containers/envFrom/{word}Ref/name"),
        format!("initContainers/envFrom/{word}Ref/name"),
    ];
    let projected = format!("volumes/projected/sources/{word}/name");
    let variables = variables.iter().map(String::as_str);
    let places: Vec<&str> =
        [volume].into_iter().chain(variables).chain(further.iter().copied()).chain([&*projected]).collect();
    in_pods(&WITH_PODS, &places)
}

fn config_map_fields() -> Vec<FieldSpec> {
    let mut specs = named_by_pods("configMap", "volumes/configMap/name", &[]);
    specs.extend(fields(&[
        ("", "Node", "spec/configSource/configMap"),
        ("", "Role", "rules/resourceNames"),
        ("", "ClusterRole", "rules/resourceNames"),
        ("", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
    ]));
    specs
}

fn secret_fields() -> Vec<FieldSpec> {
    let mut specs = named_by_pods("secret", "volumes/secret/secretName", &["imagePullSecrets/name"]);
    specs.extend(fields(&[
        ("", "Ingress", "spec/tls/secretName"),
        ("", "Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
        ("", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
        ("", "Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
        ("", "ServiceAccount", "imagePullSecrets/name"),
        ("", "StorageClass", "parameters/secretName"),
        ("", "StorageClass", "parameters/adminSecretName"),
        ("", "StorageClass", "parameters/userSecretName"),
        ("", "StorageClass", "parameters/secretRef"),
        ("", "Role", "rules/resourceNames"),
        ("", "ClusterRole", "rules/resourceNames"),
        ("", "PersistentVolume", "spec/azureFile/secretName"),
    ]));
    let knative = "spec/template/spec/containers/env/valueFrom/secretKeyRef/name";
    specs.push(FieldSpec::new("serving.knative.dev", "v1", "Service", knative, false));
    specs
}

fn service_fields() -> Vec<FieldSpec> {
    fields(&[
        ("apps", "StatefulSet", "spec/serviceName"),
        ("", "Ingress", "spec/rules/http/paths/backend/serviceName"),
        ("", "Ingress", "spec/backend/serviceName"),
        ("", "Ingress", "spec/rules/http/paths/backend/service/name"),
        ("", "Ingress", "spec/defaultBackend/service/name"),
        ("apiregistration.k8s.io", "APIService", "spec/service/name"),
        (ADMISSION, "ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
        (ADMISSION, "MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
    ])
}

fn name_references() -> Vec<NameReference> {
    let scaled = fields(&[("", "HorizontalPodAutoscaler", "spec/scaleTargetRef/name")]);
    let mut accounts = fields(&[(RBAC, "RoleBinding", "subjects"), (RBAC, "ClusterRoleBinding", "subjects")]);
    accounts.extend(in_pods(&WORKLOADS, &["serviceAccountName"]));
    let mut all: Vec<_> = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"]
        .map(|kind| reference("", "", kind, scaled.clone()))
        .into();
    all.extend([
        reference("", "v1", "ConfigMap", config_map_fields()),
        reference("", "v1", "Secret", secret_fields()),
        reference("", "v1", "Service", service_fields()),
        reference(RBAC, "", "Role", fields(&[(RBAC, "RoleBinding", "roleRef/name")])),
        reference(
            RBAC,
            "",
            "ClusterRole",
            fields(&[(RBAC, "RoleBinding", "roleRef/name"), (RBAC, "ClusterRoleBinding", "roleRef/name")]),
        ),
        reference("", "v1", "ServiceAccount", accounts),
        reference(
            "",
            "v1",
            "PersistentVolumeClaim",
            in_pods(&WORKLOADS, &["volumes/persistentVolumeClaim/claimName"]),
        ),
        reference(
            "",
            "v1",
            "PersistentVolume",
            fields(&[
                ("", "PersistentVolumeClaim", "spec/volumeName"),
                ("", "ClusterRole", "rules/resourceNames"),
            ]),
        ),
        reference(
            "storage.k8s.io",
            "v1",
            "StorageClass",
            fields(&[
                ("", "PersistentVolume", "spec/storageClassName"),
                ("", "PersistentVolumeClaim", "spec/storageClassName"),
                ("", "StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
            ]),
        ),
        reference("scheduling.k8s.io", "v1", "PriorityClass", in_pods(&WORKLOADS, &["priorityClassName"])),
        // An IngressClass is in kustomize's table with a group that no resource has, so its name is never followed.
        reference(
            ADMISSION,
            "",
            "ValidatingAdmissionPolicy",
            fields(&[(ADMISSION, "ValidatingAdmissionPolicyBinding", "spec/policyName")]),
        ),
    ]);
    all
}

/// The fields of pods in which `$(NAME)` is replaced.
const WITH_VARIABLES: [&str; 9] = [
    "containers/args",
    "containers/command",
    "containers/env/value",
    "containers/volumeMounts/mountPath",
    "initContainers/args",
    "initContainers/command",
    "initContainers/env/value",
    "initContainers/volumeMounts/mountPath",
    "volumes/nfs/server",
];

fn var_references() -> Vec<FieldSpec> {
    let kinds = ["DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet"];
    let mut specs = in_pods(&["CronJob"], &WITH_VARIABLES[..8]);
    // What kustomize has for CronJobs and StatefulSets is in no manifest, but it is in its table.
    specs.extend(fields(&[("", "CronJob", "spec/jobTemplate/spec/template/volumes/nfs/server")]));
    specs.extend(in_pods(&kinds, &WITH_VARIABLES));
    specs.extend(in_pods(&["StatefulSet"], &WITH_VARIABLES[..8]));
    specs.extend(fields(&[
        ("", "Deployment", "spec/template/metadata/annotations"),
        ("", "Ingress", "spec/rules/host"),
        ("", "Ingress", "spec/tls/hosts"),
        ("", "Ingress", "spec/tls/secretName"),
        ("", "Service", "spec/ports/port"),
        ("", "Service", "spec/ports/targetPort"),
        ("", "StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
        ("", "PersistentVolume", "spec/nfs/server"),
        ("", "", "metadata/labels"),
        ("", "", "metadata/annotations"),
    ]));
    specs
}
