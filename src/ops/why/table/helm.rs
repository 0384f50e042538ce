//! Charts and releases.

use super::SHOW;
use super::reason;
use super::row;
use crate::api::Role;
use crate::ops::why::recogniser::On;
use crate::ops::why::recogniser::Recogniser;

pub(super) static ROWS: &[Recogniser] = &[
    reason(
        "ValuesMissing",
        On::Role(Role::Installer),
        &["ValuesError"],
        "the values of {it} cannot be put together: {message}",
        SHOW,
    ),
    row(
        "InvalidValues",
        On::Role(Role::Installer),
        &["values don't meet the specifications of the schema"],
        "the chart \"{chart}\" refuses the values of {it}: {message}",
        SHOW,
    ),
    row(
        "RenderFailed",
        On::Role(Role::Installer),
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
];
