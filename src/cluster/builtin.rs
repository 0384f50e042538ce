//! The kinds that every API server has, so that none of them needs to be asked for: their URLs and the words people use for them.

use crate::api::api_resource;
use kube::core::ApiResource;

/// A kind of Kubernetes itself.
#[derive(Debug)]
pub struct BuiltIn {
    /// Empty for the core group.
    pub group: &'static str,
    /// The version that is requested by default.
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub short: &'static [&'static str],
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

impl BuiltIn {
    /// Group and version as `apiVersion` fields hold them.
    pub fn api_version(&self) -> String {
        api_version(self.group, self.version)
    }

    /// What kube needs to address objects of this kind without discovery.
    pub fn api_resource(&self) -> ApiResource {
        api_resource(&self.api_version(), self.kind, self.plural)
    }
}

pub(super) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") }
}

const fn of(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> BuiltIn {
    BuiltIn { group, version, kind, plural, short, namespaced }
}

const IN: bool = true;
const OUT: bool = false;

pub const EVENT: BuiltIn = of("", "v1", "Event", "events", &["ev"], IN);
pub const POD: BuiltIn = of("", "v1", "Pod", "pods", &["po"], IN);
pub const SERVICE: BuiltIn = of("", "v1", "Service", "services", &["svc"], IN);
pub const SERVICE_ACCOUNT: BuiltIn = of("", "v1", "ServiceAccount", "serviceaccounts", &["sa"], IN);
pub const DEPLOYMENT: BuiltIn = of("apps", "v1", "Deployment", "deployments", &["deploy"], IN);
pub const NETWORK_POLICY: BuiltIn =
    of("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", &["netpol"], IN);
pub const CLUSTER_ROLE_BINDING: BuiltIn =
    of("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", &[], OUT);
pub const CLUSTER_ROLE: BuiltIn =
    of("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", &[], OUT);
pub const CUSTOM_RESOURCE_DEFINITION: BuiltIn = of(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    &["crd", "crds"],
    OUT,
);

/// In the order in which an API server lists its groups, which decides where a word fits two kinds.
pub static BUILT_IN: [BuiltIn; 52] = [
    of("", "v1", "ConfigMap", "configmaps", &["cm"], IN),
    of("", "v1", "Endpoints", "endpoints", &["ep"], IN),
    EVENT,
    of("", "v1", "LimitRange", "limitranges", &["limits"], IN),
    of("", "v1", "Namespace", "namespaces", &["ns"], OUT),
    of("", "v1", "Node", "nodes", &["no"], OUT),
    of("", "v1", "PersistentVolume", "persistentvolumes", &["pv"], OUT),
    of("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", &["pvc"], IN),
    POD,
    of("", "v1", "PodTemplate", "podtemplates", &[], IN),
    of("", "v1", "ReplicationController", "replicationcontrollers", &["rc"], IN),
    of("", "v1", "ResourceQuota", "resourcequotas", &["quota"], IN),
    of("", "v1", "Secret", "secrets", &[], IN),
    SERVICE,
    SERVICE_ACCOUNT,
    of("apiregistration.k8s.io", "v1", "APIService", "apiservices", &[], OUT),
    of("apps", "v1", "ControllerRevision", "controllerrevisions", &[], IN),
    of("apps", "v1", "DaemonSet", "daemonsets", &["ds"], IN),
    DEPLOYMENT,
    of("apps", "v1", "ReplicaSet", "replicasets", &["rs"], IN),
    of("apps", "v1", "StatefulSet", "statefulsets", &["sts"], IN),
    of("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", &["hpa"], IN),
    of("batch", "v1", "CronJob", "cronjobs", &["cj"], IN),
    of("batch", "v1", "Job", "jobs", &[], IN),
    of("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", &["csr"], OUT),
    of("networking.k8s.io", "v1", "IngressClass", "ingressclasses", &[], OUT),
    of("networking.k8s.io", "v1", "Ingress", "ingresses", &["ing"], IN),
    of("networking.k8s.io", "v1", "IPAddress", "ipaddresses", &["ip"], OUT),
    NETWORK_POLICY,
    of("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", &[], OUT),
    of("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", &["pdb"], IN),
    CLUSTER_ROLE_BINDING,
    CLUSTER_ROLE,
    of("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", &[], IN),
    of("rbac.authorization.k8s.io", "v1", "Role", "roles", &[], IN),
    of("storage.k8s.io", "v1", "CSIDriver", "csidrivers", &[], OUT),
    of("storage.k8s.io", "v1", "CSINode", "csinodes", &[], OUT),
    of("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", &[], IN),
    of("storage.k8s.io", "v1", "StorageClass", "storageclasses", &["sc"], OUT),
    of("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", &[], OUT),
    of(ADMISSION, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", &[], OUT),
    of(ADMISSION, "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", &[], OUT),
    of(ADMISSION, "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", &[], OUT),
    of(ADMISSION, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", &[], OUT),
    CUSTOM_RESOURCE_DEFINITION,
    of("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", &["pc"], OUT),
    of("coordination.k8s.io", "v1", "Lease", "leases", &[], IN),
    of("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", &[], OUT),
    of("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", &[], IN),
    of("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", &[], OUT),
    of(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "PriorityLevelConfiguration",
        "prioritylevelconfigurations",
        &[],
        OUT,
    ),
    of("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", &[], IN),
];

const ADMISSION: &str = "admissionregistration.k8s.io";
