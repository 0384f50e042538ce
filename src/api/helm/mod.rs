//! Charts released from sources.

pub mod helm_release;
