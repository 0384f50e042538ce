//! What names another object that does not exist.

use super::row;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    row(
        "NamespaceMissing",
        On::Any,
        &["namespaces \"&not found", "namespace not specified"],
        "{it} needs the namespace \"{'namespaces \"}\", which does not exist",
        "kubectl create namespace {'namespaces \"}",
    ),
    row(
        "SecretMissing",
        On::Any,
        &["secrets \"&not found", "secret \"&not found"],
        "{it} needs the Secret \"{'secrets \"}\", which does not exist",
        "kubectl -n {ns} get secrets",
    ),
    row(
        "ConfigMapMissing",
        On::Any,
        &["configmaps \"&not found", "configmap \"&not found"],
        "{it} needs the ConfigMap \"{'configmaps \"}\", which does not exist",
        "kubectl -n {ns} get configmaps",
    ),
];
