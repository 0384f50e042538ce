//! Pods and what runs in them.

use super::DESCRIBE;
use super::reason;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    reason(
        "OutOfMemory",
        On::Pods,
        &["OOMKilled"],
        "a container of {it} needs more memory than its limit allows",
        DESCRIBE,
    ),
    reason(
        "ImagePullFailed",
        On::Pods,
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
        On::Pods,
        &["CreateContainerConfigError", "CreateContainerError", "FailedMount"],
        "a container of {it} cannot be created: {message}",
        DESCRIBE,
    ),
    reason(
        "CrashLoop",
        On::Pods,
        &["CrashLoopBackOff", "RunContainerError", "StartError", "Error", "ContainerCannotRun"],
        "a container of {it} keeps crashing: {message}",
        "kubectl -n {ns} logs {name} --all-containers --previous",
    ),
    reason(
        "Unschedulable",
        On::Pods,
        &["Unschedulable", "FailedScheduling"],
        "{it} cannot be scheduled: {message}",
        DESCRIBE,
    ),
    reason(
        "ProbeFailed",
        On::Pods,
        &["Unhealthy", "ProbeWarning"],
        "a probe of {it} fails: {message}",
        "kubectl -n {ns} logs {name} --all-containers",
    ),
];
