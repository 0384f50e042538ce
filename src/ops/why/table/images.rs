//! Images: tags that are looked for, and commits of the automation.

use super::SHOW;
use super::row;
use crate::api::Role;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    row(
        "PushRefused",
        On::Role(Role::GitWriter),
        &[
            "failed to push&read only",
            "failed to push&read-only",
            "failed to push&write access",
            "failed to push&authorized to write",
            "failed to push&not allowed to push",
        ],
        "the key or token in the Secret of {url} may only read, so that {it} cannot push: {message}",
        "{program} bootstrap <forge> --read-write-key",
    ),
    row(
        "PushRefused",
        On::Role(Role::GitWriter),
        &["failed to push"],
        "{url} does not take what {it} pushes to it: {message}",
        SHOW,
    ),
    row(
        "ReferenceNotFound",
        On::Role(Role::GitWriter),
        &["couldn't find remote ref", "reference not found"],
        "{url} has no {ref}",
        SHOW,
    ),
    row(
        "TagNotFound",
        On::Any,
        &["unable to determine latest version from provided list", "version list argument cannot be empty"],
        "no tag that was found by {source} fits {it}: {message}",
        SHOW,
    ),
];
