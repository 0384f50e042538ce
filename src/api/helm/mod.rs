//! Charts released from sources.

pub mod actions;
pub mod chart;
pub mod helm_release;
pub mod history;
