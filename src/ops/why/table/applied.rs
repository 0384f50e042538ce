//! What is applied to the cluster.

use super::DESCRIBE;
use super::SHOW;
use super::row;
use crate::api::Role;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    row(
        "ImmutableField",
        On::Any,
        &[
            "field is immutable",
            "updates to statefulset spec for fields other than",
            "may not change once set",
        ],
        "a field that cannot be changed after creation was changed, so the object must be recreated: {message}",
        "kubectl get {object} -o yaml",
    ),
    row(
        "KindMissing",
        On::Any,
        &["no matches for kind", "could not find the requested resource", "resource mapping not found"],
        "the cluster does not know the kind {'no matches for kind \"}: its CustomResourceDefinition must come first",
        "kubectl get crds",
    ),
    row(
        "QuotaExceeded",
        On::Any,
        &["exceeded quota"],
        "a quota is used up: {message}",
        "kubectl -n {ns} describe resourcequota",
    ),
    row(
        "AdmissionDenied",
        On::Any,
        &["admission webhook&denied", "violates podsecurity", "validatingadmissionpolicy"],
        "a policy of the cluster refuses it: {message}",
        DESCRIBE,
    ),
    row(
        "WebhookFailed",
        On::Any,
        &["failed calling webhook"],
        "a webhook of the cluster does not answer: {message}",
        "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations",
    ),
    row(
        "RightsMissing",
        On::Any,
        &["is forbidden&cannot", "forbidden: user"],
        "the identity that applies {it} lacks a right: {message}",
        "kubectl auth can-i --list --as={'User \"} -n {ns}",
    ),
    row(
        "OwnedByAnother",
        On::Role(Role::Installer),
        &["invalid ownership metadata", "cannot be imported into the current release"],
        "an object of the chart is owned by another manager: {message}",
        DESCRIBE,
    ),
    row(
        "FieldConflict",
        On::Role(Role::Applier),
        &["apply failed with&conflict"],
        "another program owns a field that {it} sets: {message}",
        "kubectl get {object} -o yaml --show-managed-fields",
    ),
    row(
        "InvalidManifest",
        On::Any,
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
];
