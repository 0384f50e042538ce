//! Images scanned, selected and updated.

pub mod image_policy;
pub mod image_repository;
pub mod image_update_automation;
