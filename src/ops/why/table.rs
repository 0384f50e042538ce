//! The failures that are known, the more telling ones first.

use super::causes::Recogniser;

const SHOW: &str = "{program} export {noun} {name} -n {ns}";
const DESCRIBE: &str = "kubectl -n {ns} describe {kind} {name}";
const SOURCES: &[&str] =
    &["GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket", "ImageRepository"];
const APPLIERS: &[&str] = &["Kustomization", "HelmRelease"];
const POD: &[&str] = &["Pod"];

/// A row in one line.
const fn row(
    code: &'static str,
    on: &'static [&'static str],
    words: &'static [&'static str],
    says: &'static str,
    next: &'static str,
) -> Recogniser {
    Recogniser { code, on, reasons: &[], words, says, next }
}

/// A row that is recognised by the reason.
const fn reason(
    code: &'static str,
    on: &'static [&'static str],
    reasons: &'static [&'static str],
    says: &'static str,
    next: &'static str,
) -> Recogniser {
    Recogniser { code, on, reasons, words: &[], says, next }
}

/// All rows; the first that fits one of an object's facts counts.
pub static RECOGNISERS: &[Recogniser] = &[
    // Everything that names another object which is not there.
    row(
        "NamespaceMissing",
        &[],
        &["namespaces \"&not found", "namespace not specified"],
        "{it} needs the namespace \"{'namespaces \"}\", which is not there",
        "kubectl create namespace {'namespaces \"}",
    ),
    row(
        "SecretMissing",
        &[],
        &["secrets \"&not found", "secret \"&not found"],
        "{it} needs the Secret \"{'secrets \"}\", which is not there",
        "kubectl -n {ns} get secrets",
    ),
    row(
        "ConfigMapMissing",
        &[],
        &["configmaps \"&not found", "configmap \"&not found"],
        "{it} needs the ConfigMap \"{'configmaps \"}\", which is not there",
        "kubectl -n {ns} get configmaps",
    ),
    // Sources.
    row(
        "HostKeyMismatch",
        &["GitRepository", "ImageUpdateAutomation"],
        &[
            "knownhosts: key mismatch",
            "host key mismatch",
            "hostkey could not be verified",
            "knownhosts: key is unknown",
            "unknown host key",
            "key is unknown",
        ],
        "the host of {url} shows a key that is not among the known_hosts in the Secret \"{secret}\"",
        "{program} create secret git {secret} -n {ns} --url={url} --private-key-file=<file>",
    ),
    row(
        "CertificateNotTrusted",
        SOURCES,
        &["x509:", "certificate signed by unknown authority", "tls: failed to verify"],
        "the certificate of {url} is not trusted: {end}",
        SHOW,
    ),
    row(
        "RepositoryNotFound",
        &["GitRepository", "ImageUpdateAutomation"],
        &["repository not found"],
        "there is no repository at {url}, or these credentials may not see it",
        "git ls-remote {url}",
    ),
    row(
        "AuthenticationFailed",
        SOURCES,
        &[
            "authentication required",
            "authorization failed",
            "unable to authenticate",
            "invalid credentials",
            "permission denied (publickey",
            "401 unauthorized",
            "403 forbidden",
            "unauthorized:",
            "denied:",
            "invalid username or",
            "invalid auth",
        ],
        "{url} refuses {credentials}: {end}",
        SHOW,
    ),
    row(
        "ReferenceNotFound",
        &["GitRepository"],
        &[
            "couldn't find remote ref",
            "reference not found",
            "remote branch&not found",
            "no match found for semver",
            "object not found",
            "failed to resolve ref",
            "unable to resolve",
        ],
        "{url} has no {ref}",
        "git ls-remote {url}",
    ),
    row(
        "ReferenceNotFound",
        &["OCIRepository"],
        &["manifest_unknown", "manifest unknown", "no match found for semver", "name_unknown"],
        "{url} has no {ref}",
        SHOW,
    ),
    row(
        "ChartVersionNotFound",
        &["HelmChart", "HelmRelease"],
        &["chart with version matching", "no chart version found"],
        "{source} has no version \"{version}\" of the chart \"{chart}\"",
        SHOW,
    ),
    row(
        "ChartNotFound",
        &["HelmChart", "HelmRelease"],
        &["no chart name found", "no '&' chart", "chart&not found in"],
        "{source} has no chart \"{chart}\"",
        SHOW,
    ),
    row(
        "HostUnknown",
        SOURCES,
        &["no such host", "server misbehaving", "name resolution"],
        "the name in {url} cannot be resolved: {end}",
        SHOW,
    ),
    row(
        "Unreachable",
        SOURCES,
        &[
            "connection refused",
            "i/o timeout",
            "no route to host",
            "connection reset",
            "network is unreachable",
            "context deadline exceeded",
        ],
        "{url} cannot be reached from the cluster: {end}",
        SHOW,
    ),
    row(
        "SignatureNotVerified",
        SOURCES,
        &["signature verification", "verification of&failed", "no matching signatures", "failed to verify"],
        "the signature of what {it} fetched cannot be verified: {message}",
        SHOW,
    ),
    row(
        "AddressNotFound",
        SOURCES,
        &["404 not found", "failed to fetch&404"],
        "there is nothing at {url}: {end}",
        SHOW,
    ),
    // What is built.
    row(
        "PathNotFound",
        &["Kustomization"],
        &["kustomization path not found", "no such file or directory&stat"],
        "{source} has no folder \"{path}\"",
        SHOW,
    ),
    row(
        "DecryptionFailed",
        &["Kustomization"],
        &["decryption failed", "cannot get sops data key", "failed to decrypt"],
        "what {source} holds cannot be decrypted: {message}",
        "kubectl -n {ns} get kustomization {name} -o jsonpath={.spec.decryption}",
    ),
    row(
        "SubstitutionFailed",
        &["Kustomization"],
        &["variable substitution failed", "envsubst error", "substitute from"],
        "the variables in the manifests of {source} cannot be substituted: {message}",
        SHOW,
    ),
    reason(
        "BuildFailed",
        &["Kustomization"],
        &["BuildFailed"],
        "the folder \"{path}\" of {source} cannot be built: {message}",
        "kubectl -n {ns} get kustomization {name} -o jsonpath={.status.conditions}",
    ),
    // What is applied.
    row(
        "ImmutableField",
        &[],
        &[
            "field is immutable",
            "updates to statefulset spec for fields other than",
            "may not change once set",
        ],
        "a field that cannot change on a living object was changed, so the object must be made anew: {message}",
        "kubectl get {object} -o yaml",
    ),
    row(
        "KindMissing",
        &[],
        &["no matches for kind", "could not find the requested resource", "resource mapping not found"],
        "the cluster does not know the kind {'no matches for kind \"}: its CustomResourceDefinition must come first",
        "kubectl get crds",
    ),
    row(
        "QuotaExceeded",
        &[],
        &["exceeded quota"],
        "a quota is used up: {message}",
        "kubectl -n {ns} describe resourcequota",
    ),
    row(
        "AdmissionDenied",
        &[],
        &["admission webhook&denied", "violates podsecurity", "validatingadmissionpolicy"],
        "a policy of the cluster refuses it: {message}",
        DESCRIBE,
    ),
    row(
        "WebhookFailed",
        &[],
        &["failed calling webhook"],
        "a webhook of the cluster does not answer: {message}",
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
    ),
    row(
        "RightsMissing",
        &[],
        &["is forbidden&cannot", "forbidden: user"],
        "the identity that applies {it} lacks a right: {message}",
        "kubectl auth can-i --list --as={'User \"} -n {ns}",
    ),
    row(
        "OwnedByAnother",
        &["HelmRelease"],
        &["invalid ownership metadata", "cannot be imported into the current release"],
        "an object of the chart belongs to somebody else: {message}",
        DESCRIBE,
    ),
    row(
        "FieldConflict",
        APPLIERS,
        &["apply failed with&conflict"],
        "another program owns a field that {it} sets: {message}",
        "kubectl get {object} -o yaml --show-managed-fields",
    ),
    row(
        "InvalidManifest",
        &[],
        &[
            "field not declared in schema",
            "strict decoding error",
            "unknown field",
            "is invalid:",
            "(invalid)",
            "validation failed",
            "is required",
        ],
        "the API server refuses a manifest: {message}",
        SHOW,
    ),
    // Helm.
    reason(
        "ValuesMissing",
        &["HelmRelease"],
        &["ValuesError"],
        "the values of {it} cannot be put together: {message}",
        SHOW,
    ),
    row(
        "InvalidValues",
        &["HelmRelease"],
        &["values don't meet the specifications of the schema"],
        "the chart \"{chart}\" refuses the values of {it}: {message}",
        SHOW,
    ),
    row(
        "RenderFailed",
        &["HelmRelease"],
        &[
            "execution error at",
            "error calling include",
            "parse error at",
            "yaml parse error on",
            "template:&executing",
        ],
        "the chart \"{chart}\" cannot be rendered: {message}",
        SHOW,
    ),
    // Pods.
    reason(
        "OutOfMemory",
        POD,
        &["OOMKilled"],
        "a container of {it} needs more memory than its limit allows",
        DESCRIBE,
    ),
    reason(
        "ImagePullFailed",
        POD,
        &[
            "ImagePullBackOff",
            "ErrImagePull",
            "InvalidImageName",
            "ErrImageNeverPull",
            "ImageInspectError",
            "RegistryUnavailable",
        ],
        "an image of {it} cannot be pulled: {message}",
        DESCRIBE,
    ),
    reason(
        "ConfigurationMissing",
        POD,
        &["CreateContainerConfigError", "CreateContainerError", "FailedMount"],
        "a container of {it} cannot be created: {message}",
        DESCRIBE,
    ),
    reason(
        "CrashLoop",
        POD,
        &["CrashLoopBackOff", "RunContainerError", "StartError", "Error", "ContainerCannotRun"],
        "a container of {it} ends again and again: {message}",
        "kubectl -n {ns} logs {name} --all-containers --previous",
    ),
    reason(
        "Unschedulable",
        POD,
        &["Unschedulable", "FailedScheduling"],
        "no node takes {it}: {message}",
        DESCRIBE,
    ),
    reason(
        "ProbeFailed",
        POD,
        &["Unhealthy", "ProbeWarning"],
        "a probe of {it} fails: {message}",
        "kubectl -n {ns} logs {name} --all-containers",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::causes::Fact;
    use super::super::causes::recognise;
    use super::*;
    use serde_json::json;

    /// Kind, reason, message and the code that they mean. The messages are those that controllers and kubelets were seen to write.
    const SEEN: &[(&str, &str, &str, &str)] = &[
        ("Kustomization", "ReconciliationFailed", "namespaces \"web\" not found", "NamespaceMissing"),
        (
            "GitRepository",
            "AuthenticationError",
            "failed to get secret 'a/login': secrets \"login\" not found",
            "SecretMissing",
        ),
        (
            "Kustomization",
            "BuildFailed",
            "substitute from 'ConfigMap/vars' error: configmaps \"vars\" not found",
            "ConfigMapMissing",
        ),
        (
            "GitRepository",
            "GitOperationFailed",
            "unable to clone: ssh: handshake failed: knownhosts: key mismatch",
            "HostKeyMismatch",
        ),
        (
            "HelmRepository",
            "Failed",
            "x509: certificate signed by unknown authority",
            "CertificateNotTrusted",
        ),
        (
            "GitRepository",
            "GitOperationFailed",
            "unable to clone: repository not found: x",
            "RepositoryNotFound",
        ),
        (
            "GitRepository",
            "GitOperationFailed",
            "unable to list remote: authentication required: y",
            "AuthenticationFailed",
        ),
        (
            "GitRepository",
            "GitOperationFailed",
            "unable to clone 'u': couldn't find remote ref \"refs/heads/x\"",
            "ReferenceNotFound",
        ),
        (
            "OCIRepository",
            "OCIPullFailed",
            "GET https://r/v2/a/manifests/9: MANIFEST_UNKNOWN: manifest unknown",
            "ReferenceNotFound",
        ),
        (
            "HelmChart",
            "InvalidChartReference",
            "no 'web' chart with version matching '9' found",
            "ChartVersionNotFound",
        ),
        ("HelmChart", "InvalidChartReference", "no chart name found", "ChartNotFound"),
        ("Bucket", "BucketOperationFailed", "dial tcp: lookup store: no such host", "HostUnknown"),
        ("HelmRepository", "Failed", "dial tcp 127.0.0.1:1: connect: connection refused", "Unreachable"),
        ("OCIRepository", "VerificationError", "no matching signatures", "SignatureNotVerified"),
        (
            "HelmRepository",
            "Failed",
            "failed to fetch https://c/index.yaml : 404 Not Found",
            "AddressNotFound",
        ),
        (
            "Kustomization",
            "ArtifactFailed",
            "kustomization path not found: stat /tmp/x/deploy: no such file or directory",
            "PathNotFound",
        ),
        (
            "Kustomization",
            "BuildFailed",
            "decryption failed for 'a.yaml': cannot get sops data key",
            "DecryptionFailed",
        ),
        (
            "Kustomization",
            "BuildFailed",
            "post build failed: envsubst error: missing closing brace",
            "SubstitutionFailed",
        ),
        (
            "Kustomization",
            "BuildFailed",
            "kustomize build failed: accumulating resources: yaml",
            "BuildFailed",
        ),
        (
            "Kustomization",
            "ReconciliationFailed",
            "Deployment/a/web dry-run failed (Invalid): spec.selector: field is immutable",
            "ImmutableField",
        ),
        (
            "Kustomization",
            "ReconciliationFailed",
            "Widget/a/w dry-run failed: no matches for kind \"Widget\" in version \"x/v1\"",
            "KindMissing",
        ),
        ("Deployment", "FailedCreate", "pods \"web\" is forbidden: exceeded quota: small", "QuotaExceeded"),
        (
            "Kustomization",
            "ReconciliationFailed",
            "admission webhook \"w\" denied the request: no",
            "AdmissionDenied",
        ),
        ("Kustomization", "ReconciliationFailed", "failed calling webhook \"w\": timeout", "WebhookFailed"),
        (
            "Kustomization",
            "ReconciliationFailed",
            "configmaps \"a\" is forbidden: User \"u\" cannot patch resource",
            "RightsMissing",
        ),
        (
            "HelmRelease",
            "InstallFailed",
            "invalid ownership metadata; label validation error",
            "OwnedByAnother",
        ),
        (
            "Kustomization",
            "ReconciliationFailed",
            "Apply failed with 1 conflict: conflict with \"x\"",
            "FieldConflict",
        ),
        (
            "Kustomization",
            "ReconciliationFailed",
            "dry-run failed: .spec.foo: field not declared in schema",
            "InvalidManifest",
        ),
        ("HelmRelease", "ValuesError", "could not resolve values", "ValuesMissing"),
        (
            "HelmRelease",
            "InstallFailed",
            "values don't meet the specifications of the schema(s)",
            "InvalidValues",
        ),
        ("HelmRelease", "InstallFailed", "execution error at (web/templates/a.yaml:1:4): no", "RenderFailed"),
        ("Pod", "OOMKilled", "", "OutOfMemory"),
        ("Pod", "ImagePullBackOff", "Back-off pulling image \"web:9\"", "ImagePullFailed"),
        ("Pod", "CreateContainerConfigError", "couldn't find key x in Secret a/b", "ConfigurationMissing"),
        ("Pod", "CrashLoopBackOff", "back-off 10s restarting failed container", "CrashLoop"),
        ("Pod", "Unschedulable", "0/1 nodes are available: 1 Insufficient cpu", "Unschedulable"),
        ("Pod", "Unhealthy", "Readiness probe failed: connection refused", "ProbeFailed"),
    ];

    #[test]
    fn every_row_recognises_what_it_is_for_and_no_earlier_row_takes_it() {
        for (kind, reason, message, code) in SEEN {
            let object = json!({"kind": kind, "metadata": {"name": "a", "namespace": "b"}});
            let found = recognise(&[Fact { object: &object, reason, message }], "fluxr");
            let found = found.unwrap_or_else(|| panic!("{kind}: {message}: nothing"));
            assert_eq!(&found.code, code, "{kind}: {message}");
        }
        let tested = |row: &Recogniser| SEEN.iter().any(|seen| seen.3 == row.code);
        let untested: Vec<_> = RECOGNISERS.iter().filter(|row| !tested(row)).map(|row| row.code).collect();
        assert_eq!(untested, Vec::<&str>::new());
    }

    #[test]
    fn every_code_is_documented() {
        let page = include_str!("../../../docs/why.md");
        let missing: Vec<_> = RECOGNISERS
            .iter()
            .map(|row| row.code)
            .filter(|code| !page.contains(&format!("`{code}`")))
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn every_place_in_the_table_is_known() {
        let object = json!({"kind": "Kustomization", "metadata": {"name": "a", "namespace": "b"}});
        for row in RECOGNISERS {
            let cause =
                Fact { object: &object, reason: "", message: "" }.cause(row.code, row.says, row.next, "p");
            let text =
                format!("{} {}", cause.message, cause.next.replace("{.spec", "").replace("{.status", ""));
            assert!(!text.contains('{'), "{}: {text}", row.code);
        }
    }

    #[test]
    fn what_is_not_known_is_not_recognised() {
        let object = json!({"kind": "Kustomization"});
        let fact = Fact { object: &object, reason: "HealthCheckFailed", message: "timeout waiting for: x" };
        assert_eq!(recognise(&[fact], "fluxr"), None);
        let pod = Fact { object: &object, reason: "CrashLoopBackOff", message: "" };
        assert_eq!(recognise(&[pod], "fluxr"), None);
    }
}
