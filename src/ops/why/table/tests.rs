//! Every row, with a message that controllers and kubelets were seen to write.

use super::*;
use crate::ops::why::causes::recognise;
use crate::ops::why::recogniser::Fact;
use serde_json::json;

/// The code, then kind, reason and message of what means it. The messages are those that controllers and kubelets were seen to write.
const SEEN: &str = r#"
NamespaceMissing Kustomization ReconciliationFailed namespaces "web" not found
SecretMissing GitRepository AuthenticationError failed to get secret 'a/login': secrets "login" not found
ConfigMapMissing Kustomization BuildFailed substitute from 'ConfigMap/vars' error: configmaps "vars" not found
HostKeyMismatch GitRepository GitOperationFailed unable to clone: ssh: handshake failed: knownhosts: key mismatch
CertificateNotTrusted HelmRepository Failed x509: certificate signed by unknown authority
ClientCertificateRefused OCIRepository OCIArtifactPullFailed failed to determine artifact digest: Get "https://r/v2/": remote error: tls: certificate required
RepositoryNotFound GitRepository GitOperationFailed unable to clone: repository not found: x
BucketNotFound Bucket BucketOperationFailed bucket 'app' not found
AuthenticationFailed GitRepository GitOperationFailed unable to list remote: authentication required: y
AuthenticationFailed Bucket BucketOperationFailed failed to confirm existence of 'app' bucket: Access Denied.
ReferenceNotFound GitRepository GitOperationFailed unable to clone 'u': couldn't find remote ref "refs/heads/x"
ReferenceNotFound OCIRepository OCIPullFailed GET https://r/v2/a/manifests/9: MANIFEST_UNKNOWN: manifest unknown
RepositoryNotFound ImageRepository ReadOperationFailed scan failed: GET http://r/v2/a/tags/list?n=1000: NAME_UNKNOWN: repository name not known to registry
ReferenceNotFound ImageUpdateAutomation GitOperationFailed failed to checkout source: unable to clone 'u': couldn't find remote ref "refs/heads/x"
PushRefused ImageUpdateAutomation GitOperationFailed failed to update source: failed to push to remote: unknown error: ERROR: The key you are authenticating with has been marked as read only.
PushRefused ImageUpdateAutomation GitOperationFailed failed to update source: failed to push to remote: command error on refs/heads/main: hook declined
TagNotFound ImagePolicy Failure unable to determine latest version from provided list
TagNotFound ImagePolicy Failure version list argument cannot be empty
ChartVersionNotFound HelmChart InvalidChartReference no 'web' chart with version matching '9' found
ChartNotFound HelmChart InvalidChartReference no chart name found
HostUnknown Bucket BucketOperationFailed dial tcp: lookup store: no such host
Unreachable HelmRepository Failed dial tcp 127.0.0.1:1: connect: connection refused
SignatureNotVerified OCIRepository VerificationError no matching signatures
AddressNotFound HelmRepository Failed failed to fetch https://c/index.yaml : 404 Not Found
PathNotFound Kustomization ArtifactFailed kustomization path not found: stat /tmp/x/deploy: no such file or directory
DecryptionFailed Kustomization BuildFailed decryption failed for 'a.yaml': cannot get sops data key
SubstitutionFailed Kustomization BuildFailed post build failed: envsubst error: missing closing brace
BuildFailed Kustomization BuildFailed kustomize build failed: accumulating resources: yaml
ImmutableField Kustomization ReconciliationFailed Deployment/a/web dry-run failed (Invalid): spec.selector: field is immutable
KindMissing Kustomization ReconciliationFailed Widget/a/w dry-run failed: no matches for kind "Widget" in version "x/v1"
QuotaExceeded Deployment FailedCreate pods "web" is forbidden: exceeded quota: small
AdmissionDenied Kustomization ReconciliationFailed admission webhook "w" denied the request: no
WebhookFailed Kustomization ReconciliationFailed failed calling webhook "w": timeout
RightsMissing Kustomization ReconciliationFailed configmaps "a" is forbidden: User "u" cannot patch resource
OwnedByAnother HelmRelease InstallFailed invalid ownership metadata; label validation error
FieldConflict Kustomization ReconciliationFailed Apply failed with 1 conflict: conflict with "x"
InvalidManifest Kustomization ReconciliationFailed dry-run failed: .spec.foo: field not declared in schema
ValuesMissing HelmRelease ValuesError could not resolve values
InvalidValues HelmRelease InstallFailed values don't meet the specifications of the schema(s)
RenderFailed HelmRelease InstallFailed execution error at (web/templates/a.yaml:1:4): no
OutOfMemory Pod OOMKilled
ImagePullFailed Pod ImagePullBackOff Back-off pulling image "web:9"
ConfigurationMissing Pod CreateContainerConfigError couldn't find key x in Secret a/b
CrashLoop Pod CrashLoopBackOff back-off 10s restarting failed container
Unschedulable Pod Unschedulable 0/1 nodes are available: 1 Insufficient cpu
ProbeFailed Pod Unhealthy Readiness probe failed: connection refused
"#;

/// Code, kind, reason and message of each line.
fn seen() -> impl Iterator<Item = [&'static str; 4]> {
    SEEN.trim().lines().map(|line| {
        let mut parts = line.splitn(4, ' ');
        std::array::from_fn(|_| parts.next().unwrap_or_default())
    })
}

#[test]
fn every_row_recognises_what_it_is_for_and_no_earlier_row_takes_it() {
    for [code, kind, reason, message] in seen() {
        let object = json!({"kind": kind, "metadata": {"name": "a", "namespace": "b"}});
        let found = recognise(&[Fact { object: &object, reason, message }], "fluxr");
        let found = found.unwrap_or_else(|| panic!("{kind}: {message}: nothing"));
        assert_eq!(found.code, code, "{kind}: {message}");
    }
    let tested = |row: &Recogniser| seen().any(|[code, ..]| code == row.code);
    let untested: Vec<_> = recognisers().filter(|row| !tested(row)).map(|row| row.code).collect();
    assert_eq!(untested, Vec::<&str>::new());
}

#[test]
fn every_code_is_documented() {
    let page = include_str!("../../../../docs/why.md");
    let missing: Vec<_> =
        recognisers().map(|row| row.code).filter(|code| !page.contains(&format!("`{code}`"))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

#[test]
fn every_place_in_the_table_is_known() {
    let object = json!({"kind": "Kustomization", "metadata": {"name": "a", "namespace": "b"}});
    for row in recognisers() {
        let cause =
            Fact { object: &object, reason: "", message: "" }.cause(row.code, row.says, row.next, "p");
        let text = format!("{} {}", cause.message, cause.next.replace("{.spec", "").replace("{.status", ""));
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
