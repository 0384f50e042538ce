//! `distribution`: takes a release of Flux into the table of releases, or lists what keeps it out.

use crate::distribution;
use crate::places;
use crate::say;
use anyhow::Context;
use fluxr::testing::distribution::Release;
use std::collections::BTreeMap;

/// Compares a release with what fluxr generates for it, and adds its row to `templates/releases.yaml` if nothing differs.
///
/// # Errors
/// Something that the release publishes is different or missing here; a module that cannot be downloaded.
pub fn distribution(version: &str) -> anyhow::Result<()> {
    let version = format!("v{}", version.trim_start_matches('v'));
    let files = distribution::published(&version)?;
    let images = distribution::images(&files)?;
    let embedded = Release::embedded(&version);
    let is_new = embedded.is_none();
    let release = embedded.unwrap_or_else(|| candidate(&version, &images));

    let mut comparison = distribution::compare(&release, &files)?;
    let ours = distribution::Definitions::of(&release)?;
    for (name, tag) in &images {
        match distribution::of_controller(name, tag) {
            Ok(theirs) => {
                say::answer(&format!("{name} {tag}: {} definitions in its module", theirs.len()));
                for theirs in &theirs {
                    ours.compare(theirs, &mut comparison);
                }
            }
            Err(error) => {
                let reason = format!("{error:#}");
                let reason = reason.lines().find_map(|line| line.trim().strip_prefix("\"Error\": "));
                let reason = reason.map_or("not available", |reason| reason.trim_matches([',', '"']));
                say::answer(&format!(
                    "{name} {tag}: its definitions are those of the release only ({reason})"
                ));
            }
        }
    }
    for difference in &comparison.differences {
        say::answer(&format!("  {difference}"));
    }
    let (objects, missing) = (comparison.objects, comparison.differences.len());
    anyhow::ensure!(
        missing == 0,
        "Flux {version}: {missing} differences in {objects} objects; a release with other manifests needs a folder in \
         templates/, an entry in src/distribution/templates.rs and a row in templates/releases.yaml"
    );
    if is_new {
        let path = places::checkout().join("templates/releases.yaml");
        let table = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let row = distribution::row(&table, &version, &images)?;
        std::fs::write(&path, distribution::with_row(&table, &row))?;
        say::answer(&format!("added Flux {version} to {}", path.display()));
    }
    say::answer(&format!("✔ Flux {version}: {objects} objects, no differences"));
    Ok(())
}

/// A release that is not in the table: the controllers of the current one, at the published versions.
fn candidate(version: &str, images: &BTreeMap<String, String>) -> Release {
    let mut release = Release::current();
    version.clone_into(&mut release.version);
    for component in &mut release.components {
        component.version = images.get(&component.name).cloned().unwrap_or_default();
    }
    release
}
