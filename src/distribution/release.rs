//! Releases of Flux as values: those of `templates/releases.yaml`, and those that are read as they were published.

use super::component::Component;
use super::templates;
use super::templates::Templates;
use serde::Deserialize;
use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../templates/releases.yaml");

/// The files of a release by name: `rbac.yaml`, `policies.yaml`, one per controller.
pub type Published = BTreeMap<String, String>;

/// The controllers that belong together, and where their manifests come from.
#[derive(Debug, Clone)]
pub struct Release {
    /// With its `v`.
    pub version: String,
    /// The oldest API server that it supports.
    pub kubernetes: semver::Version,
    /// In the order in which they are installed.
    pub components: Vec<Component>,
    pub(super) templates: &'static Templates,
    /// The files of a release that is not embedded; they take the place of the templates.
    pub(super) published: Option<Published>,
}

/// A row of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    version: String,
    /// The folder of `templates/`.
    manifests: String,
    kubernetes: String,
    components: BTreeMap<String, String>,
}

impl Release {
    /// The embedded release of this version.
    pub fn embedded(version: &str) -> Option<Self> {
        rows().into_iter().find(|row| row.version == version).map(Self::read)
    }

    /// The release that is installed when no other is asked for.
    pub fn current() -> Self {
        Self::read(rows().swap_remove(0))
    }

    /// All embedded releases, the current one first.
    pub fn all() -> Vec<Self> {
        rows().into_iter().map(Self::read).collect()
    }

    /// A release as it was published, with the controllers of this one.
    #[must_use]
    pub fn published_as(self, version: String, files: Published) -> Self {
        Self { version, published: Some(files), ..self }
    }

    fn read(row: Row) -> Self {
        let templates = Templates::named(&row.manifests).expect("every row names a folder of templates");
        let mut components: Vec<Component> =
            serde_json::from_value(templates::document(templates.controllers))
                .expect("the embedded controllers have their shape");
        for component in &mut components {
            component.version = row.components.get(&component.name).cloned().unwrap_or_default();
        }
        let kubernetes = row.kubernetes.parse().expect("every row names a version of Kubernetes");
        Self { version: row.version, kubernetes, components, templates, published: None }
    }

    /// The controllers installed by default, in their order.
    pub fn default_components(&self) -> Vec<String> {
        self.components
            .iter()
            .filter(|component| !component.extra)
            .map(|component| component.name.clone())
            .collect()
    }

    /// The controller of this name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }
}

fn rows() -> Vec<Row> {
    serde_json::from_value(templates::document(TABLE)).expect("the embedded table has its shape")
}

/// The version of [`Release::current`], for callers that need no more of it: one line of the table.
pub fn current_version() -> &'static str {
    TABLE.lines().find_map(|line| line.strip_prefix("- version: ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::ComponentOptions;
    use crate::distribution::render;

    #[test]
    fn the_first_row_of_the_table_is_the_current_release() {
        assert_eq!(current_version(), Release::current().version);
        assert_eq!(current_version(), Release::all()[0].version);
        assert!(current_version().starts_with('v'));
    }

    #[test]
    fn every_release_has_a_version_for_each_of_its_controllers() {
        for row in rows() {
            let versions = row.components.clone();
            let release = Release::read(row);
            assert_eq!(release.components.len(), versions.len(), "{}", release.version);
            for component in &release.components {
                assert!(component.version.starts_with('v'), "{} of {}", component.name, release.version);
            }
        }
    }

    #[test]
    fn two_releases_can_be_rendered_side_by_side() {
        let rendered: Vec<String> = Release::all()
            .into_iter()
            .map(|release| render(&ComponentOptions::of(release)).unwrap())
            .collect();
        for (release, text) in Release::all().iter().zip(&rendered) {
            assert!(text.contains(&format!("# Flux Version: {}\n", release.version)));
            for name in release.default_components() {
                let version = &release.component(&name).unwrap().version;
                assert!(text.contains(&format!("image: ghcr.io/fluxcd/{name}:{version}\n")), "{name}");
            }
        }
        assert_ne!(rendered[0], rendered[1]);
        assert!(Release::embedded("v0.0.1").is_none());
    }
}
