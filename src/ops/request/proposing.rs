//! Where a change is proposed.

use crate::forge::Requests;
use crate::ops::commit::Publisher;
use std::time::Duration;

/// Where a change is proposed.
pub(in crate::ops) struct Proposing<'a> {
    /// Who commits to which repository.
    pub(in crate::ops) publisher: Publisher<'a>,
    /// The requests of the forge; `None` if only its Git is known.
    pub(in crate::ops) requests: Option<&'a dyn Requests>,
    /// The first pause between two checks of a request that is waited for.
    pub(in crate::ops) poll: Duration,
    /// What messages call the change, e.g. `component manifests`.
    pub(in crate::ops) what: &'a str,
}
