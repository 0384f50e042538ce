//! What can go wrong on the way to the API server and back, on demand.

use std::time::Duration;

/// One way to fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// An answer with this status code and a `Status` object as its body.
    Status(u16),
    /// 429 with a `Retry-After` of so many seconds.
    TooManyRequests(u32),
    /// The answer comes, but late.
    Slow(Duration),
    /// The connection ends in the middle of the answer.
    Cut,
    /// 200 with a body that is not JSON.
    Garbage,
    /// 200 with this body instead of the true one.
    Instead(serde_json::Value),
}

/// A fault that waits for its request.
#[derive(Debug, Clone)]
pub struct Planned {
    /// `GET`, `PATCH`, …; `WATCH` for a watch.
    pub method: String,
    /// A part of path and query.
    pub part: String,
    /// How often it strikes.
    pub times: usize,
    pub fault: Fault,
}

/// Takes the first planned fault that fits the request.
pub fn strike(planned: &mut Vec<Planned>, method: &str, target: &str) -> Option<Fault> {
    let at = planned.iter().position(|plan| plan.method == method && target.contains(&plan.part))?;
    planned[at].times -= 1;
    if planned[at].times == 0 { Some(planned.remove(at).fault) } else { Some(planned[at].fault.clone()) }
}
