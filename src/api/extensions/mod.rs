//! Sources made of sources.

pub mod artifact_generator;
