//! Events in and out.

pub mod alert;
pub mod provider;
pub mod receiver;
