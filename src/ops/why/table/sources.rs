//! Sources: forges, registries and buckets.

use super::SHOW;
use super::row;
use crate::api::Role;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    row(
        "HostKeyMismatch",
        On::Role(Role::GitClient),
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
        On::Role(Role::Fetcher),
        &["x509:", "certificate signed by unknown authority", "tls: failed to verify"],
        "the certificate of {url} is not trusted: {end}",
        SHOW,
    ),
    row(
        "RepositoryNotFound",
        On::Role(Role::GitClient),
        &["repository not found"],
        "there is no repository at {url}, or these credentials may not see it",
        "git ls-remote {url}",
    ),
    row(
        "AuthenticationFailed",
        On::Role(Role::Fetcher),
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
        On::Role(Role::GitSource),
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
        On::Role(Role::OciSource),
        &["manifest_unknown", "manifest unknown", "no match found for semver", "name_unknown"],
        "{url} has no {ref}",
        SHOW,
    ),
    row(
        "RepositoryNotFound",
        On::Role(Role::Fetcher),
        &["name_unknown"],
        "the registry has no repository {url}, or these credentials may not see it",
        SHOW,
    ),
    row(
        "ChartVersionNotFound",
        On::Role(Role::ChartFinder),
        &["chart with version matching", "no chart version found"],
        "{source} has no version \"{version}\" of the chart \"{chart}\"",
        SHOW,
    ),
    row(
        "ChartNotFound",
        On::Role(Role::ChartFinder),
        &["no chart name found", "no '&' chart", "chart&not found in"],
        "{source} has no chart \"{chart}\"",
        SHOW,
    ),
    row(
        "HostUnknown",
        On::Role(Role::Fetcher),
        &["no such host", "server misbehaving", "name resolution"],
        "the name in {url} cannot be resolved: {end}",
        SHOW,
    ),
    row(
        "Unreachable",
        On::Role(Role::Fetcher),
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
        On::Role(Role::Fetcher),
        &["signature verification", "verification of&failed", "no matching signatures", "failed to verify"],
        "the signature of what {it} fetched cannot be verified: {message}",
        SHOW,
    ),
    row(
        "AddressNotFound",
        On::Role(Role::Fetcher),
        &["404 not found", "failed to fetch&404"],
        "there is nothing at {url}: {end}",
        SHOW,
    ),
];
