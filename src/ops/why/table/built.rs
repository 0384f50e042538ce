//! What is built from a source.

use super::SHOW;
use super::reason;
use super::row;
use crate::api::Role;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    row(
        "PathNotFound",
        On::Role(Role::Builder),
        &["kustomization path not found", "no such file or directory&stat"],
        "{source} has no folder \"{path}\"",
        SHOW,
    ),
    row(
        "DecryptionFailed",
        On::Role(Role::Builder),
        &["decryption failed", "cannot get sops data key", "failed to decrypt"],
        "what {source} holds cannot be decrypted: {message}",
        "kubectl -n {ns} get kustomization {name} -o jsonpath={.spec.decryption}",
    ),
    row(
        "SubstitutionFailed",
        On::Role(Role::Builder),
        &["variable substitution failed", "envsubst error", "substitute from"],
        "the variables in the manifests of {source} cannot be substituted: {message}",
        SHOW,
    ),
    reason(
        "BuildFailed",
        On::Role(Role::Builder),
        &["BuildFailed"],
        "the folder \"{path}\" of {source} cannot be built: {message}",
        "kubectl -n {ns} get kustomization {name} -o jsonpath={.status.conditions}",
    ),
];
