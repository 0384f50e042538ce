//! Manifests applied from sources.

pub mod kustomization;
