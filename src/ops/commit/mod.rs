//! Commits: a change as a value, and its way onto a branch that others push to as well.

mod change;
mod publish;

pub(in crate::ops) use change::Absent;
pub(in crate::ops) use change::Change;
pub(in crate::ops) use change::FileChange;
pub(in crate::ops) use publish::Advice;
pub(in crate::ops) use publish::Publisher;
pub(in crate::ops) use publish::Pushed;
pub(in crate::ops) use publish::Writer;
